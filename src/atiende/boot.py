"""The only file that imports everything: wires the product together and serves it.

Called by `atiende.house.run`, which gives the settings (with the listening socket), the address
of a ready database, and `announce`: "ready" once requests are answered, else a key of what
the terminal says, with its values. It serves until it is cancelled, then ends its work in hand
and returns.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from starlette.routing import BaseRoute

import atiende
from atiende.accounts import first_link, link_url, refresh_builtin_roles, unreadable_secrets
from atiende.calls import run_voice
from atiende.engines import Voice, serve_app
from atiende.jobs import run_forever, run_jobs
from atiende.recordings import Keeper, run_recordings
from atiende.routing import is_led, run_router
from atiende.settings import Settings
from atiende.store import Blobs, Bus, Database, fault, migrate, open_database
from atiende.web.app import build_app, run_beat_loop, run_lag_loop, run_push_loop
from atiende.web.state import Web

Loop = Callable[[], Awaitable[None]]
#: Looks, 50 ms apart, for the first router.
LED_PATIENCE = 60


def ui_folder(settings: Settings) -> Path:
    """The built screens: as set, else inside the package, else in the checkout."""
    if settings.ui_dir is not None:
        return settings.ui_dir
    package = Path(atiende.__file__).parent
    inside = package / "ui"
    return inside if inside.is_dir() else package.parent.parent / "ui" / "dist"


async def serve(
    settings: Settings, dsn: str, announce: Callable[..., None], voice: Voice | None = None
) -> None:
    """Migrate, start the loops of this process's roles, serve until cancelled.

    `voice` is the exchange of calls, which may still be coming up (`await voice.ready()`).
    """
    fault.arm(settings.fault if settings.testing else None)
    await migrate(dsn)
    db = await open_database(dsn)
    bus = Bus()
    web = Web(settings, db, bus, Blobs(settings.blobs_dir))
    if voice is not None:
        web.voice_state = lambda: voice.state
        web.sip_url = lambda: voice.exchange.sip_ws_url if voice.exchange else None
        web.sip_address = lambda: voice.address
    loops: dict[str, Loop] = {}
    if "router" in settings.roles:
        loops["router"] = partial(run_router, dsn, bus)
    if "jobs" in settings.roles:
        loops["jobs"] = partial(run_jobs, db, bus)
        places = (settings.key_file, settings.tracks_dir)
        keeper = Keeper(db, web.blobs, bus, *places, web.clock)
        loops["recordings"] = partial(run_recordings, keeper)
    if voice is not None and settings.runs_voice:
        loops["calls"] = partial(_calls, web, voice)
    try:
        async with db.transaction() as conn:
            await refresh_builtin_roles(conn)
        if "demo" in settings.roles or (settings.demo and "web" in settings.roles):
            loops["demo"] = await _demo(web, dsn, voice)
        if "web" in settings.roles:
            async with _trials(web, voice):
                await _serve_web(web, loops, announce)
        else:
            await _run(loops, announce)
    finally:
        await db.close()


async def _calls(web: Web, voice: Voice) -> None:
    """Every call, once there is an exchange; without one there is nothing to do."""
    exchange = await voice.ready()
    if exchange is None:
        await asyncio.Event().wait()
    else:
        await run_voice(web.settings, web.db, web.bus, exchange, web.clock)


@asynccontextmanager
async def _trials(web: Web, voice: Voice | None) -> AsyncIterator[None]:
    """The virtual people that an administrator may ask to come; they go with the program."""
    from atiende.demo import Trials

    web.trials = people = Trials(web.settings, lambda: voice.exchange if voice else None)
    try:
        yield
    finally:
        await people.close()


async def _demo(web: Web, dsn: str, voice: Voice | None) -> Loop:
    """The demo's company, made at the first start; returns the loop of its virtual people."""
    from atiende.demo import Phones, run_people, seed_demo

    await seed_demo(web.settings, dsn, web.now())
    if voice is None or not web.settings.runs_voice:
        return partial(run_people, web.settings)
    wake = partial(web.bus.wake, "calls")
    phones = Phones(web.db, web.settings.key_file, voice.ready, wake)
    return partial(run_people, web.settings, phones=phones)


def _shop(settings: Settings) -> Sequence[BaseRoute]:
    if not settings.demo:
        return ()
    from atiende.demo import site_routes

    return site_routes()


async def _run(loops: dict[str, Loop], announce: Callable[..., None]) -> None:
    announce("ready")
    async with asyncio.TaskGroup() as group:
        for name, loop in loops.items():
            group.create_task(run_forever(name, loop))


async def _until_led(db: Database) -> None:
    """Whoever is told "ready" finds a router: `/healthz` says 200. Bounded, as a router that
    hangs elsewhere keeps the lock for some seconds."""
    for _ in range(LED_PATIENCE):
        async with db.connection() as conn:
            if await is_led(conn):
                return
        await asyncio.sleep(0.05)


async def _serve_web(web: Web, loops: dict[str, Loop], announce: Callable[..., None]) -> None:
    app = build_app(web, ui_folder(web.settings), _shop(web.settings))
    loops["push"] = partial(run_push_loop, app)
    loops["beat"] = partial(run_beat_loop, app)
    loops["lag"] = partial(run_lag_loop, app)
    link = await first_link(web.db, web.now())
    async with web.db.connection() as conn:
        sealed = await unreadable_secrets(conn, web.settings.key_file)
    tasks = [asyncio.create_task(run_forever(name, loop)) for name, loop in loops.items()]

    def ready() -> None:
        announce("ready")
        if sealed:
            announce("up.key_missing", key=web.settings.key_file, n=sealed)
        if link is not None:
            url = link_url(web.base_url, link)
            announce("up.first_link", url=url)
        if web.settings.demo:
            logins = web.settings.data_dir / "demo-logins.txt"
            announce("up.demo", path=logins, shop=f"{web.base_url}/demo/site")

    try:
        if "router" in web.settings.roles:
            await _until_led(web.db)
        await serve_app(app, web.settings, ready)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
