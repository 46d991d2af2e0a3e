"""`down`, `status` and `restart`: talk to the program that runs with a data folder.

Called by the command line, from another terminal or from systemd. They start nothing.
"""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable

import httpx

from atiende.core.problem import Problem
from atiende.engines import adopt, end_orphan, living_pid
from atiende.house import state
from atiende.house.words import speaker
from atiende.settings import Settings

DOWN_S = 60.0
RESTART_S = 90.0
LOOK_S = 0.05


def down(settings: Settings) -> int:
    """Stop the program, and a database or an exchange that outlived one."""
    say = speaker(settings.language)
    note = state.running(settings)
    if note is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(note.pid, signal.SIGTERM)
        if not _wait(lambda: state.running(settings) is None, DOWN_S):
            raise Problem(504, "down_slow", pid=note.pid, seconds=int(DOWN_S))
    orphan = asyncio.run(_stop_orphan(settings))
    if note is None and not orphan:
        say("down.nothing", path=settings.data_dir)
        return 0
    say("down.done")
    return 0


def status(settings: Settings) -> int:
    """Say whether it runs; exit 0 when it does, 3 when it does not (as init scripts do)."""
    say = speaker(settings.language)
    note = state.running(settings)
    engine = asyncio.run(adopt(settings))
    if note is None:
        if engine is not None:
            say("status.orphan", pid=engine.pid)
        if (exchange := living_pid(settings)) != 0:
            say("status.orphan_calls", pid=exchange)
        if engine is None and exchange == 0:
            say("status.down", path=settings.data_dir)
        return 3
    database = engine.pid if engine is not None else "DATABASE_URL"
    say(
        "status.up",
        url=note.url,
        pid=note.pid,
        database=database,
        version=note.version,
        since=note.started,
    )
    for name, value in _components(note).items():
        say("status.component", name=name, state=value)
    return 0


def restart(settings: Settings) -> int:
    """Have the program start anew in place; its database, its calls and its socket stay."""
    before = state.running(settings)
    if before is None or before.pid == 0:
        raise Problem(404, "not_up", path=str(settings.data_dir))
    os.kill(before.pid, signal.SIGHUP)

    def back() -> bool:
        now = state.running(settings)
        return now is not None and now.ready and now.started != before.started

    if not _wait(back, RESTART_S):
        raise Problem(504, "restart_slow", seconds=int(RESTART_S))
    after = state.running(settings)
    speaker(settings.language)("restart.done", url=after.url if after else before.url)
    return 0


async def _stop_orphan(settings: Settings) -> bool:
    calls = await end_orphan(settings)
    engine = await adopt(settings)
    if engine is None:
        return calls
    await engine.stop()
    return True


def _components(note: state.Note) -> dict[str, str]:
    """What /healthz says about each part. Our own address, so its certificate is not judged."""
    scheme = note.url.partition(":")[0]
    url = f"{scheme}://127.0.0.1:{note.port}/healthz"
    try:
        answer = httpx.get(url, timeout=3, verify=False)  # noqa: S501
        parts = answer.json().get("components", {})
    except (httpx.HTTPError, ValueError):
        return {}
    return {str(name): str(part["status"]) for name, part in parts.items()}


def _wait(done: Callable[[], bool], limit_s: float) -> bool:
    until = time.monotonic() + limit_s
    while not done():
        if time.monotonic() > until:
            return False
        time.sleep(LOOK_S)
    return True
