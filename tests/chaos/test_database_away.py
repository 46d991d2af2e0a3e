"""PostgreSQL killed in mid-traffic, under `up`: 503 meanwhile, back by itself, nothing lost."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

from atiende.engines import dsn_of
from tests.chaos.conftest import Founded, Make
from tests.chaos.parts import Part, column, findings
from tests.chaos.writers import Answerer, Writer
from tests.product import Guest, Person, person

VISITORS, KILLS = 5, 2
BOUND_S = 10.0
#: As in production: committed means flushed.
DURABLE = {"ATIENDE_TEST_FSYNC_OFF": ""}


@dataclass
class Probe:
    """Asks for who one is, again and again: what was answered, and since when it is well."""

    someone: Person
    statuses: set[int] = field(default_factory=set)
    away_s: list[float] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    async def run(self) -> None:
        fell = None
        while True:
            try:
                status = (await self.someone.http.get("/api/drafts")).status_code
            except httpx.TransportError as error:
                status = 0
                self.broken.append(repr(error))
            self.statuses.add(status)
            if status != 200 and fell is None:
                fell = time.monotonic()
            elif status == 200 and fell is not None:
                self.away_s.append(time.monotonic() - fell)
                fell = None
            await asyncio.sleep(0.02)


@dataclass
class Traffic:
    """Everybody who writes while the database dies."""

    part: Part
    dsn: str
    writers: list[Writer]
    answerer: Answerer
    probe: Probe


@asynccontextmanager
async def traffic(part: Part, made: dict[str, str]) -> AsyncIterator[Traffic]:
    await part.up()
    dsn = dsn_of(part.settings)
    assert dsn is not None
    async with person(part.edge, "ana@nogal.example") as ana:
        await ana.open()
        await ana.presence("available")
        writers = []
        for n in range(VISITORS):
            guest = Guest(part.edge, made["key"])
            await guest.start(name=f"Visitante {n}")
            writers.append(Writer(guest))
        await writers[0].say("hola")
        case = await ana.take()
        answerer = Answerer(ana, ana.conversation(case))
        probe = Probe(ana)
        tasks = [asyncio.create_task(w.write(f"v{n}")) for n, w in enumerate(writers)]
        tasks += [asyncio.create_task(answerer.write("a")), asyncio.create_task(probe.run())]
        try:
            yield Traffic(part, dsn, writers, answerer, probe)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for writer in writers:
                await writer.end()


async def kill_database(t: Traffic) -> float:
    """SIGKILL of the postmaster; how long until a request is answered again."""
    before, away = t.part.database_pid(), len(t.probe.away_s)
    began = time.monotonic()
    os.kill(before, signal.SIGKILL)
    while len(t.probe.away_s) == away:
        assert time.monotonic() - began < 30, t.part.text
        await asyncio.sleep(0.02)
    assert t.part.database_pid() != before
    return time.monotonic() - began


async def lost_of(t: Traffic) -> set[str]:
    """Acknowledged, and not in the database."""
    acked = {made for w in t.writers for made in w.acked} | set(t.answerer.acked)  # before asking
    stored = set(await column(t.dsn, "select client_id from messages where client_id is not null"))
    return acked - {str(s) for s in stored}


async def test_the_database_is_killed_in_mid_traffic_and_nothing_acknowledged_is_lost(
    company: Founded, part: Make
) -> None:
    took = []
    async with traffic(part(company.data, **DURABLE), company.made) as t:
        for _ in range(KILLS):
            await asyncio.sleep(1.5)
            took.append(await kill_database(t))
        acked = sum(len(w.acked) for w in t.writers)
        await until(lambda: sum(len(w.acked) for w in t.writers) >= acked + VISITORS, "they write")
        answered = len(t.answerer.acked)
        await until(lambda: len(t.answerer.acked) > answered, "the agent answers")
        await led_again(t)
        assert await lost_of(t) == set()
        assert t.probe.broken == []
        assert t.probe.statuses | t.answerer.statuses <= {200, 503}
        assert 503 in t.probe.statuses
        refused = {key for w in t.writers for key in w.refused}
        assert refused <= {"database_away"}
        print(
            "answered again after",
            [round(s, 2) for s in took],
            "s; acknowledged",
            sum(len(w.acked) for w in t.writers),
            "and",
            len(t.answerer.acked),
        )
    assert await findings(t.dsn, company.data / "blobs") == []
    assert max(took) <= BOUND_S


async def test_the_control_acknowledges_before_it_commits_and_loses_some(
    company: Founded, part: Make
) -> None:
    broken = part(company.data, FAULT="ack_before_commit", **DURABLE)
    async with traffic(broken, company.made) as t:
        with contextlib.suppress(AssertionError):
            for _ in range(4):
                await asyncio.sleep(0.8)
                await kill_database(t)
                assert not await lost_of(t)
        assert await lost_of(t) != set()


async def led_again(t: Traffic) -> None:
    """The router leads again: new contacts are offered."""

    async def well() -> bool:
        return (await t.answerer.person.http.get("/healthz")).status_code == 200

    began = time.monotonic()
    while not await well():
        assert time.monotonic() - began < BOUND_S
        await asyncio.sleep(0.1)


async def until(met: "object", what: str, bound_s: float = 20) -> None:
    began = time.monotonic()
    while not met():  # type: ignore[operator]
        assert time.monotonic() - began < bound_s, f"waited in vain until {what}"
        await asyncio.sleep(0.05)
