"""What the demo's past is written in: events first, then the rows that those events explain.

Theory of operation
-------------------
A story (history.py) logs each fact at its moment. When all is told, `number` sorts the facts by
time and gives each the next version of its entity, as the product does when it lives; only then
do rows take their versions and messages their places. So the past holds every invariant of the
present: versions without gaps, one event for each, in the order of time.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from atiende.store import Connection, load_queries

Q = load_queries("atiende.demo")
Values = tuple[Any, ...]
#: Tables in the order in which they may name each other.
TABLES = (
    "customer",
    "identity",
    "case",
    "conversation",
    "interaction",
    "message",
    "line",
    "call",
    "work",
    "offer",
    "assignment",
)


@dataclass(slots=True)
class Event:
    """One fact; its version is known once everything is told."""

    at: datetime
    topic: str
    entity: UUID
    kind: str
    cause: str
    payload: Mapping[str, object]
    version: int = 0


@dataclass
class Chronicle:
    """All that happened, and the rows to write when it is numbered."""

    rng: random.Random
    events: list[Event] = field(default_factory=list)
    rows: dict[str, list[Values]] = field(default_factory=lambda: {t: [] for t in TABLES})
    #: Versions that entities have before the first event told here.
    versions: dict[UUID, int] = field(default_factory=dict)
    #: What makes the rows that hold versions.
    number_later: list[Callable[[], None]] = field(default_factory=list)

    def log(
        self,
        at: datetime,
        topic: str,
        entity: UUID,
        kind: str,
        cause: str,
        **payload: object,
    ) -> Event:
        event = Event(at, topic, entity, f"{topic}.{kind}", cause, payload)
        self.events.append(event)
        return event

    def rename(self, event: Event, kind: str) -> Event:
        """For kinds that do not begin with their topic (message.received of a conversation)."""
        event.kind = kind
        return event

    def number(self) -> None:
        self.events.sort(key=lambda event: event.at)
        for event in self.events:
            event.version = self.versions.get(event.entity, 0) + 1
            self.versions[event.entity] = event.version
        for make_rows in self.number_later:
            make_rows()

    def new_id(self, at: datetime) -> UUID:
        """A UUID of version 7 as made at that moment."""
        stamp = int(at.timestamp() * 1000) << 80
        value = stamp | (0x7 << 76) | (self.rng.getrandbits(12) << 64)
        return UUID(int=value | (0x2 << 62) | self.rng.getrandbits(62))

    async def write(self, conn: Connection) -> None:
        """Everything, in the caller's transaction."""
        for table in TABLES:
            await conn.executemany(Q[f"add_{table}"], self.rows[table])
        rows = [
            (e.at, e.topic, e.entity, e.version, e.kind, e.cause, e.payload) for e in self.events
        ]
        await conn.executemany(Q["add_event"], rows)
