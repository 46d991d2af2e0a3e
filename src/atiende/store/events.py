"""The log of facts, and what a writer hands to the bus after its commit.

Every change of a live entity raises its version and logs one event in the same transaction
(live.md). `Change` is the little that travels: readers fetch the entity itself.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from atiende.store.database import Connection, Row

_INSERT = """
insert into events (topic, entity, version, kind, cause, payload) values ($1, $2, $3, $4, $5, $6)
"""
_PARTITION = "select ensure_events_partition(($1::date + make_interval(months => $2))::date)"


class Change(NamedTuple):
    """One entity reached a new version."""

    topic: str
    id: UUID
    version: int
    kind: str


async def log_event(
    conn: Connection,
    change: Change,
    cause: str = "",
    payload: dict[str, object] | None = None,
) -> Change:
    """Logs a change; call it after the entity's own update, in the same transaction."""
    await conn.execute(_INSERT, *change, cause, payload or {})
    return change


def changes_of(rows: list[Row]) -> list[Change]:
    """Changes from rows `(topic, id, version, kind)`, as the one-statement writers return them."""
    return [Change(r["topic"], r["id"], r["version"], r["kind"]) for r in rows]


async def events_after(conn: Connection, since: datetime) -> list[Change]:
    """What the log holds since a moment: the safety net of the push."""
    rows = await conn.fetch(
        "select topic, entity as id, max(version) as version, max(kind) as kind from events"
        " where at >= $1 group by topic, entity",
        since,
    )
    return changes_of(rows)


async def ensure_partitions(conn: Connection, at: datetime) -> None:
    """This month's partition and the next two; the default one takes what comes without."""
    for months in range(3):
        await conn.execute(_PARTITION, at.date(), months)
