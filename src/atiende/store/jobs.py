"""Background work and schedules in one table, by lease: a killed worker's job comes back by itself.

Claiming moves `run_at` a minute ahead (the lease); done deletes the row or sets its next time.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from atiende.store.database import Connection

LEASE = timedelta(seconds=60)
FIRST_RETRY_S = 5
LONGEST_RETRY_S = 3600
_ENQUEUE = """
insert into jobs (kind, key, args, run_at, every_s) values ($1, $2, $3, $4, $5)
on conflict (kind, key) do update set every_s = excluded.every_s
"""
_CLAIM = """
update jobs set run_at = $2, attempts = attempts + 1
where id in (select id from jobs where run_at <= $1 and not dead order by run_at limit $3
             for update skip locked)
returning id, kind, args, attempts, max_attempts, every_s
"""
_AGAIN = "update jobs set run_at = $2, attempts = 0, error = null where id = $1"
_DELETE = "delete from jobs where id = $1"
_FAILED = "update jobs set run_at = $2, error = $3, dead = $4 where id = $1"


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed job; `attempts` counts this one."""

    id: int
    kind: str
    args: dict[str, Any]
    attempts: int
    max_attempts: int
    every_s: int | None


async def enqueue(
    conn: Connection,
    kind: str,
    run_at: datetime,
    args: dict[str, Any] | None = None,
    key: str | None = None,
    every_s: int | None = None,
) -> None:
    """Adds work, in the caller's transaction. One row for each (kind, key)."""
    await conn.execute(_ENQUEUE, kind, key, args or {}, run_at, every_s)


async def claim(conn: Connection, now: datetime, limit: int = 10) -> list[Job]:
    """Leases what is due."""
    return [Job(**dict(row)) for row in await conn.fetch(_CLAIM, now, now + LEASE, limit)]


async def finish(conn: Connection, job: Job, now: datetime) -> None:
    """Done: a schedule gets its next time, anything else goes."""
    if job.every_s is None:
        await conn.execute(_DELETE, job.id)
    else:
        await conn.execute(_AGAIN, job.id, now + timedelta(seconds=job.every_s))


async def put_back(conn: Connection, job: Job, error: str, now: datetime) -> bool:
    """Failed: tried again later and later, dead after the last attempt. True when it died."""
    wait = min(FIRST_RETRY_S * 2 ** (job.attempts - 1), LONGEST_RETRY_S)
    dead = job.every_s is None and job.attempts >= job.max_attempts
    await conn.execute(_FAILED, job.id, now + timedelta(seconds=wait), error[:500], dead)
    return dead
