"""The router: one active leader per domain that holds the floor in memory and drains commands.

Theory of operation. A candidate takes an advisory lock on a connection of its own, raises the
epoch and rebuilds the floor from rows. Each turn reads the commands that have no result, turns
them into facts, lets the floor decide, and writes rows, events and results in one transaction that
first locks the epoch's row: a leader that was replaced finds another epoch, or its connection gone,
and stops. The connection has `idle_session_timeout = 5s`, so a leader that hangs loses the lock
(live.md).

A turn that cannot be written leaves the floor ahead of the rows: it is rebuilt, and the commands
run again one by one; the one that fails alone gets the result `failed`.
"""

import asyncio
import gc
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import structlog

from atiende.core import effects, facts
from atiende.core.effects import Effect
from atiende.core.facts import Fact
from atiende.core.floor import Floor
from atiende.core.problem import Problem
from atiende.routing.commands import facts_of
from atiende.routing.rows import Q, load_floor
from atiende.routing.write import NOT_BEGUN, OvertakenError, set_waiting, write_effects
from atiende.store import AWAY, Bus, Change, Connection, Row, connect, fault, wake_event

log = structlog.get_logger("routing")

DOMAIN = "main"
LOCK = 7_240_002
LED = """
select count(*) from pg_locks where locktype = 'advisory' and objid = $1 and granted
"""
BATCH = 200
POLL_S = 1.0
SILENT_S = 14.0  # one ping and its slack without a pong
REPORTS_S = 120.0
ANSWERED_LONG_AGO_S = 15 * 60.0
SLOW_LOOK_S = 15.0
STANDBY_S = 0.5
#: A leader that hangs, between its transactions or inside of one, loses the lock this soon.
LEASES = {
    "idle_session_timeout": "5s",
    "idle_in_transaction_session_timeout": "5s",
    "transaction_timeout": "20s",
}
Result = dict[str, object]


class DeposedError(Exception):
    """Another router leads: nothing more is written by this one."""


@dataclass
class Router:
    """What a leader holds between turns."""

    conn: "asyncpg.Connection[asyncpg.Record]"
    bus: Bus
    epoch: int
    floor: Floor
    clock: Callable[[], float]
    started: float
    #: When each agent who is not offline last gave a sign of life, and who is told silent.
    met: dict[UUID, float] = field(default_factory=dict)
    silent: set[UUID] = field(default_factory=set)
    #: Last pongs, as processes tell them that live since we lead.
    heard: dict[UUID, float] = field(default_factory=dict)
    looked_at: float = 0.0
    looked_slowly_at: float = 0.0


async def is_led(conn: Connection) -> bool:
    """Whether some router leads now, in this process or in another."""
    return bool(await conn.fetchval(LED, LOCK))


async def run_router(dsn: str, bus: Bus, clock: Callable[[], float] = time.time) -> None:
    """Stands by, leads, and stands by again, for ever. Ends only by cancellation."""
    while True:
        try:
            await _candidate(dsn, bus, clock)
        except DeposedError:
            log.warning("another router leads")
        except AWAY as error:
            log.warning("database away", error=type(error).__name__)
        await asyncio.sleep(STANDBY_S)


async def _candidate(dsn: str, bus: Bus, clock: Callable[[], float]) -> None:
    conn = await connect(dsn, **LEASES)
    try:
        while not await conn.fetchval(  # noqa: ASYNC110 - only PostgreSQL knows
            "select pg_try_advisory_lock($1)", LOCK
        ):
            await asyncio.sleep(STANDBY_S)
        await _lead(conn, bus, clock)
    finally:
        conn.terminate()


async def _lead(
    conn: "asyncpg.Connection[asyncpg.Record]", bus: Bus, clock: Callable[[], float]
) -> None:
    now = clock()
    name = f"{os.uname().nodename}:{os.getpid()}"
    epoch = await conn.fetchval(Q["take_epoch"], DOMAIN, name, when(now))
    wake = wake_event(bus, "commands")
    floor, wanted, present = await _load(conn, now)
    router = Router(conn, bus, epoch, floor, clock, now)
    _meet(router, present)
    await _write(router, wanted, [])
    log.info("router leads", epoch=epoch)
    while True:
        await turn(router)
        await _wait(router, wake)


def when(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


async def _wait(router: Router, wake: asyncio.Event) -> None:
    timer = router.floor.next_timer()
    limit = POLL_S if timer is None else max(0.0, min(POLL_S, timer - router.clock()))
    try:
        await asyncio.wait_for(wake.wait(), limit)
    except TimeoutError:
        return
    finally:
        wake.clear()


async def turn(router: Router) -> int:
    """One look at everything that waits; returns how many commands were answered."""
    rows = await router.conn.fetch(Q["waiting_commands"], BATCH)
    extra = await _presence_facts(router) + await _slot_facts(router)
    timer = router.floor.next_timer()
    if not rows and not extra and (timer is None or timer > router.clock()):
        return 0
    try:
        await _run_batch(router, rows, extra)
    except AWAY:
        raise
    except (asyncpg.PostgresError, OvertakenError) as error:
        log.warning("a batch failed", error=type(error).__name__, commands=len(rows))
        await _one_by_one(router, rows)
    return len(rows)


async def _run_batch(router: Router, rows: Sequence[Row], extra: Sequence[Fact]) -> None:
    """People first, then who is silent, then the clock: what came in time counts even when the
    router was late."""
    now = router.clock()
    wanted: list[Effect] = []
    answers: list[tuple[Row, Result]] = []
    for row in rows:
        done, answer = await _step(router, row, now)
        wanted += done
        answers.append((row, answer))
    for fact in (*extra, facts.TimePassed()):
        wanted += router.floor.step(fact, now)
    await _write(router, wanted, answers)


async def _step(router: Router, row: Row, now: float) -> tuple[list[Effect], Result]:
    """A command's facts through the floor: its effects, and its answer."""
    try:
        found = await facts_of(router.conn, row)
    except Problem as problem:
        return [], {"key": problem.key, "values": problem.values}
    done: list[Effect] = []
    for fact in found:
        done += router.floor.step(fact, now)
    refused = next((e for e in done if isinstance(e, effects.Refuse)), None)
    if refused is not None:
        if row["kind"] == "begin":
            done += _never_begun(router, UUID(row["args"]["work_id"]), now)
        return done, {"key": refused.key, "values": refused.values}
    return done, {"ok": True}


def _never_begun(router: Router, work: UUID, now: float) -> list[Effect]:
    """What was to begin in somebody's hands and did not: nobody else is to have it."""
    done = router.floor.step(facts.WorkCanceled(work, NOT_BEGUN), now)
    known: list[Effect] = [effect for effect in done if not isinstance(effect, effects.Refuse)]
    return known or [effects.CloseWork(work, NOT_BEGUN)]


async def _write(
    router: Router, wanted: Sequence[Effect], answers: Sequence[tuple[Row, Result]]
) -> None:
    """Rows, events and results in one transaction under the epoch; then tells who listens."""
    now = when(router.clock())
    async with router.conn.transaction():
        await _fence(router)
        changes = await write_effects(router.conn, wanted, now)
        for row, _ in answers:
            if row["kind"] == "resumed":
                changes += await set_waiting(router.conn, UUID(row["args"]["work_id"]), None)
        if answers:
            ids = [row["id"] for row, _ in answers]
            await router.conn.execute(Q["answer_commands"], ids, [a for _, a in answers])
    _note_presence(router, wanted)
    _tell(router.bus, changes, answers)


async def _fence(router: Router) -> None:
    """Inside the transaction, before anything is written: still the leader?"""
    mine = await router.conn.fetchval(Q["fence"], DOMAIN, router.epoch)
    if mine is None and not fault.on("skip_fence"):
        raise DeposedError


def _tell(bus: Bus, changes: Sequence[Change], answers: Sequence[tuple[Row, Result]]) -> None:
    bus.changed(changes)
    bus.publish("results", {row["id"]: answer for row, answer in answers})


async def _one_by_one(router: Router, rows: Sequence[Row]) -> None:
    """Rebuilds the floor and finds the culprit of a batch that could not be written."""
    await _rebuild(router)
    for row in rows:
        try:
            now = router.clock()
            done, answer = await _step(router, row, now)
            await _write(router, done, [(row, answer)])
        except AWAY:
            raise
        except OvertakenError:
            await _rebuild(router)
            await _write(router, [], [(row, {"key": "offer_gone", "values": {}})])
        except asyncpg.PostgresError as error:
            log.error("a command failed", kind=row["kind"], error=type(error).__name__)
            await _rebuild(router)
            await _write(router, [], [(row, {"key": "failed", "values": {}})])


async def _rebuild(router: Router) -> None:
    router.floor = Floor()  # the old one is garbage before the new one is frozen
    router.floor, wanted, present = await _load(router.conn, router.clock())
    router.started = router.clock()
    _meet(router, present)
    await _write(router, wanted, [])


async def _load(
    conn: "asyncpg.Connection[asyncpg.Record]", now: float
) -> tuple[Floor, list[Effect], set[UUID]]:
    """The floor from rows, kept out of the collector's rounds: with 100,000 waiting each full
    round would hold the router for a third of a second, only to find that all of it is in use.
    Work leaves the floor by its reference count; a floor given up is one big cycle, so before
    another is loaded everything is handed back."""
    gc.unfreeze()
    loaded = await load_floor(conn, now)
    gc.collect()  # what is garbage now must not be frozen with the rest
    gc.freeze()
    return loaded


def _meet(router: Router, present: set[UUID]) -> None:
    """After a (re)build everybody who is not offline counts as silent from now (live.md)."""
    router.met = dict.fromkeys(present, router.started)
    router.silent = set(present)


def _note_presence(router: Router, wanted: Sequence[Effect]) -> None:
    for effect in wanted:
        if isinstance(effect, effects.SetPresence) and isinstance(effect.agent, UUID):
            if effect.presence == "offline":
                router.met.pop(effect.agent, None)
                router.silent.discard(effect.agent)
            else:
                router.met[effect.agent] = router.clock()


async def _presence_facts(router: Router) -> list[Fact]:
    """Who is heard and who is not, by what the web processes report each second."""
    now = router.clock()
    if now - router.looked_at < POLL_S:
        return []
    router.looked_at = now
    for report in await router.conn.fetch(Q["reports"], when(now - REPORTS_S)):
        lives = report["at"].timestamp() > router.started
        for agent, at in report["heard"].items():
            key = UUID(agent)
            if key in router.met:
                router.met[key] = max(router.met[key], float(at))
                if lives:
                    router.heard[key] = max(router.heard.get(key, 0.0), float(at))
    found: list[Fact] = []
    for agent, at in sorted(router.met.items()):
        silent = now - at > SILENT_S
        if silent and agent not in router.silent:
            router.silent.add(agent)
            found.append(facts.AgentSilent(agent, at))
        elif not silent and agent in router.silent and _seen(router, agent, at, now):
            router.silent.discard(agent)
            found.append(facts.AgentSeen(agent))
    return found


def _seen(router: Router, agent: UUID, at: float, now: float) -> bool:
    """Since we lead, or shortly before, as a process says that lives now: nobody waits for the
    next ping after a change of leader."""
    return at > router.started or now - router.heard.get(agent, 0.0) <= SILENT_S


async def _slot_facts(router: Router) -> list[Fact]:
    """Work whose customer was answered a quarter of an hour ago holds no slot."""
    now = router.clock()
    if now - router.looked_slowly_at < SLOW_LOOK_S:
        return []
    router.looked_slowly_at = now
    limit = when(now) - timedelta(seconds=ANSWERED_LONG_AGO_S)
    found: list[Fact] = []
    for row in await router.conn.fetch(Q["answered_long_ago"], limit):
        async with router.conn.transaction():
            await _fence(router)
            changes = await set_waiting(router.conn, row["id"], row["since"])
        router.bus.changed(changes)
        found.append(facts.WorkWaiting(row["id"], row["since"].timestamp()))
    return found
