"""The two sides that bench/calls.py compares, each a process with an Asterisk of its own.

`subject`: the product itself (boot.serve with voice) on a database given. `bare`: a program of the
same parts (Asterisk, our line to it, asyncpg) that commits one row a call and has the next phone
rung, with nothing of ours in between: no customer, no case, no router, no screens.

Each prints one JSON line when it is ready: Asterisk's process and SIP port.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import uvloop

from atiende import boot
from atiende.calls.pushed import CARRIER, KINDS, PHONE
from atiende.channels.voice import effects as do
from atiende.channels.voice import facts as has
from atiende.channels.voice.ari import Access, Ari
from atiende.channels.voice.parse import parse
from atiende.channels.voice.render import render
from atiende.engines import Exchange, Voice
from atiende.settings import Settings, read_settings

RING_S = 20
#: Our output as it was when we were started.
STARTER = os.dup(sys.stdout.fileno()) if __name__ == "__main__" else -1
TABLE = "create table if not exists bare_calls (id text, number text)"


def settings_of(port: int, folder: Path, sound: str, environ: dict[str, str]) -> Settings:
    """With an Asterisk as a person's, on free ports; `sound` is its range."""
    kept = ("ATIENDE_HOME", "ATIENDE_ASTERISK", "ATIENDE_ASTERISK_DIR", "ATIENDE_ASTERISK_PACKAGES")
    fixed = {
        "ATIENDE_DATA": str(folder),
        "ATIENDE_PORT": str(port),
        "ATIENDE_VOICE": "on",
        "ATIENDE_SIP_PORT": "0",
        "ATIENDE_RTP_PORTS": sound,
        "ATIENDE_TEST": "1",
        "ATIENDE_TEST_FAST_PASSWORDS": "1",
    }
    return read_settings({}, {**{k: environ[k] for k in kept if k in environ}, **fixed})


def ready(exchange: Exchange) -> None:
    """Said once to who started us; our own output is a log by then."""
    told = {"asterisk": exchange.pid, "sip": exchange.sip_port}
    os.write(STARTER, json.dumps(told).encode() + b"\n")


def log_to(path: Path) -> None:
    with path.open("ab") as log:
        os.dup2(log.fileno(), sys.stdout.fileno())


async def subject(settings: Settings, dsn: str) -> None:
    voice = Voice(settings, lambda *_, **__: None)
    await voice.start()
    exchange = voice.exchange
    assert exchange is not None
    try:
        await boot.serve(settings, dsn, lambda *_, **__: ready(exchange), voice)
    finally:
        await voice.close(keep=False)


async def bare(settings: Settings, dsn: str, phones: list[tuple[str, str]]) -> None:
    voice = Voice(settings, lambda *_, **__: None)
    await voice.start()
    exchange = voice.exchange
    assert exchange is not None
    pool = await asyncpg.create_pool(dsn, min_size=2, max_size=12)
    await pool.execute(TABLE)
    try:
        access = Access(exchange.ari_url, exchange.ari_user, exchange.ari_password)
        async with Ari(access) as ari, asyncio.TaskGroup() as group:
            await ari.wait_ready(30)
            await _push(ari, phones)
            ready(exchange)
            here = _Bare(ari, pool, itertools.cycle(name for name, _ in phones))
            async for event in ari.events():
                group.create_task(here.heard(parse(event)))
    finally:
        await pool.close()
        await voice.close(keep=False)


class _Bare:
    """Two legs and a bridge a call, all named by the caller's."""

    def __init__(self, ari: Ari, pool: asyncpg.Pool, phones: Iterator[str]) -> None:
        self.ari, self.pool, self.phones = ari, pool, phones

    async def heard(self, fact: has.Fact | None) -> None:
        if isinstance(fact, has.CallArrived):
            await self._ask(do.Answer(fact.call))
            row = "insert into bare_calls values ($1, $2)"
            await self.pool.execute(row, fact.call, fact.caller)
            leg, call = f"leg:{fact.call}", fact.call
            await self._ask(do.RingAgent(leg, next(self.phones), call, fact.caller, "", RING_S))
        elif isinstance(fact, has.LegAnswered):
            bridge = f"b-{fact.call}"
            await self._ask(do.OpenBridge(bridge), do.Connect(bridge, (fact.call, fact.leg)))
        elif isinstance(fact, has.CallEnded):
            await self._ask(do.Hangup(f"leg:{fact.call}"), do.CloseBridge(f"b-{fact.call}"))

    async def _ask(self, *effects: do.Effect) -> None:
        for effect in effects:
            await self.ari.request(render(effect))


async def _push(ari: Ari, phones: list[tuple[str, str]]) -> None:
    own = {"aors": "trunk-bare", "transport": "t-udp"}
    parts = [
        do.PutObject("aor", "trunk-bare", {"contact": "sip:127.0.0.1:9"}),
        do.PutObject("endpoint", "trunk-bare", {**CARRIER, **own}),
        do.PutObject("identify", "trunk-bare", {"endpoint": "trunk-bare", "match": "127.0.0.1"}),
    ]
    for name, password in phones:
        auth = {"auth_type": "userpass", "username": name, "password": password}
        own = {**PHONE, **KINDS["plain"], "auth": name, "aors": name}
        parts += [
            do.PutObject("auth", name, auth),
            do.PutObject("aor", name, {"max_contacts": "1", "remove_existing": "yes"}),
            do.PutObject("endpoint", name, own),
        ]
    for part in parts:
        await ari.request(render(part))


async def main(told: dict[str, object], environ: dict[str, str]) -> None:
    port, sound = int(str(told["port"])), str(told["sound"])
    settings = settings_of(port, Path(str(told["folder"])), sound, environ)
    log_to(settings.data_dir / "bench.log")
    dsn, phones = str(told["dsn"]), told.get("phones")
    if isinstance(phones, list):
        await bare(settings, dsn, [(str(name), str(password)) for name, password in phones])
    else:
        await subject(settings, dsn)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        uvloop.run(main(json.loads(sys.stdin.readline()), dict(os.environ)))
