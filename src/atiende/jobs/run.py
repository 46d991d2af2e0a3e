"""The worker: claims due jobs and runs each in one transaction. What runs is a table."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import asyncpg
import structlog

from atiende import cases
from atiende.core.problem import Problem
from atiende.routing import Q as ROUTING
from atiende.store import (
    Bus,
    Change,
    Connection,
    Database,
    Job,
    claim,
    enqueue,
    ensure_partitions,
    finish,
    put_back,
)

log = structlog.get_logger("jobs")
LOOK_S = 1.0
Runner = Callable[[Connection, Job, datetime], Awaitable[list[Change]]]


async def _close_ripe(conn: Connection, _: Job, now: datetime) -> list[Change]:
    return await cases.close_ripe(conn, now)


async def _end_idle(conn: Connection, _: Job, now: datetime) -> list[Change]:
    return await cases.end_idle(conn, now)


async def _partitions(conn: Connection, _: Job, now: datetime) -> list[Change]:
    await ensure_partitions(conn, now)
    return []


async def _sweep(conn: Connection, _: Job, now: datetime) -> list[Change]:
    """Answered commands older than a week, and reports of processes that are gone."""
    await conn.execute(
        "delete from commands where result is not null and at < $1", now - timedelta(days=7)
    )
    await conn.execute(ROUTING["forget_reports"], now - timedelta(minutes=10))
    return []


RUNNERS: dict[str, Runner] = {
    "close_ripe": _close_ripe,
    "end_idle": _end_idle,
    "partitions": _partitions,
    "sweep": _sweep,
}
#: What runs by itself, and how often in seconds.
SCHEDULE = {"close_ripe": 300, "end_idle": 300, "partitions": 3600 * 6, "sweep": 3600}


async def run_jobs(db: Database, bus: Bus, clock: Callable[[], float] = time.time) -> None:
    """Plants the schedule, then works for ever."""
    now = datetime.fromtimestamp(clock(), UTC)
    async with db.transaction() as conn:
        for kind, every_s in SCHEDULE.items():
            await enqueue(conn, kind, now, key="schedule", every_s=every_s)
    while True:
        worked = await work_once(db, bus, datetime.fromtimestamp(clock(), UTC))
        if not worked:
            await asyncio.sleep(LOOK_S)


async def work_once(db: Database, bus: Bus, now: datetime) -> int:
    """Runs what is due now; returns how many jobs were taken."""
    async with db.transaction() as conn:
        jobs = await claim(conn, now)
    for job in jobs:
        await _run(db, bus, job, now)
    return len(jobs)


async def _run(db: Database, bus: Bus, job: Job, now: datetime) -> None:
    runner = RUNNERS.get(job.kind)
    try:
        if runner is None:
            raise Problem(500, "job_unknown")
        async with db.transaction() as conn:
            changes = await runner(conn, job, now)
            await finish(conn, job, now)
    except (Problem, asyncpg.PostgresError) as error:
        name = type(error).__name__
        async with db.transaction() as conn:
            dead = await put_back(conn, job, name, now)
        log.error("job failed", kind=job.kind, error=name, dead=dead)
        return
    bus.changed(changes)
    if changes:
        bus.wake("commands")
