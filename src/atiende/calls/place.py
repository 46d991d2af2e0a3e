"""Where a caller stands in his queue, and how long it will take: read from the rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from atiende.calls.lane import Lane
from atiende.channels.voice.call import AskPlace, Place
from atiende.core.wait import Gauge, estimate
from atiende.store import Connection, Database, fetch_one, load_queries

Q = load_queries("atiende.calls", "place_queries.sql")
#: How far back what was handled still tells something.
RECENT = timedelta(days=7)


async def tell_place(db: Database, lane: Lane, asked: AskPlace, now: datetime) -> None:
    """Answers what a call's words ask for. Nothing when the call is in no queue any more."""
    async with db.connection() as conn:
        row = await conn.fetchrow(Q["place"], UUID(lane.call.id))
        if row is None:
            return
        wait = None
        if row["position"] and row["announce_s"] is not None:
            # Who is free and was not given this caller will not be given him soon.
            wait = estimate(await gauge(conn, row["queue_id"], now, free=False), row["position"])
    lane.put(Place(asked.n, row["position"], wait, row["announce_s"]))


async def gauge(conn: Connection, queue: UUID, now: datetime, *, free: bool = True) -> Gauge:
    """How a queue stands now; with ``free``, agents who have nothing count too."""
    handles = await conn.fetch(Q["handles"], queue, now - RECENT)
    serving = [row["since_s"] for row in await conn.fetch(Q["serving"], queue, now)]
    left = await conn.fetchval(Q["left"], queue, now - RECENT)
    return Gauge(
        tuple(row["handle_s"] for row in handles),
        tuple(each for each in serving if each is not None),
        serving.count(None) if free else 0,
        left or 0.0,
    )


@dataclass(frozen=True, slots=True)
class Room:
    """Whether one more call may wait in a queue; ``elsewhere``: the queue that takes what it does
    not hold."""

    full: bool = False
    elsewhere: bool = False


async def room_in(conn: Connection, queue: UUID, now: datetime) -> Room:
    """Full: as many wait as may, or who comes now would wait longer than the queue allows."""
    row = await fetch_one(conn, Q["limits"], queue)
    elsewhere = row["overflow_queue_id"] is not None
    if row["max_len"] is not None and row["waiting"] >= row["max_len"]:
        return Room(True, elsewhere)
    if row["max_estimate_s"] is None:
        return Room(False, elsewhere)
    wait = estimate(await gauge(conn, queue, now), row["waiting"] + 1)
    return Room(wait is not None and wait > row["max_estimate_s"], elsewhere)
