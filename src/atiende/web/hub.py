"""The desk's sockets of this process: who listens, what each may see and holds, what is sent.

Theory of operation. A writer publishes `Change`s after its commit; `push.py` reads the entities as
they are now and calls `deliver` with the rows. A row goes to the sockets that may see it; a socket
that held it and may no longer is told `gone`. Each socket has its own outgoing queue and writer, so
that a slow network never delays the others; one that does not keep up is closed, and resumes.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec

from atiende.accounts import Actor
from atiende.cases import place_of
from atiende.core import permissions
from atiende.store import Row

Key = tuple[str, UUID]
#: What a role needs to see an entity that is not its own.
PERMISSION = {
    "case": "cases.read",
    "agent": "floor.watch",
    "work": "floor.watch",
    "queue": "floor.watch",
    "customer": "customers.read",
}
MAX_WAITING = 2000
SOCKETS_A_PERSON = 8
MAX_SOCKETS = 20_000
encode = msgspec.json.Encoder().encode


@dataclass(eq=False)
class Desk:
    """One socket of a person: what it holds and watches, and what waits to be sent."""

    actor: Actor
    out: "asyncio.Queue[str | None]" = field(default_factory=lambda: asyncio.Queue(MAX_WAITING))
    held: set[Key] = field(default_factory=set)
    watched: set[UUID] = field(default_factory=set)
    backlog: list[str] | None = field(default_factory=list)  # None once the snapshot is out
    floor: bool = False
    pong_at: float = 0.0
    farewell: str | None = None
    over: asyncio.Event = field(default_factory=asyncio.Event)  # whoever does not read ends too

    def send(self, frame: dict[str, Any]) -> None:
        self.send_text(encode(frame).decode())

    def send_text(self, text: str) -> None:
        if self.backlog is not None:
            self.backlog.append(text)
            return
        self._put(text)

    def _put(self, text: str | None) -> None:
        try:
            self.out.put_nowait(text)
        except asyncio.QueueFull:
            self.farewell = "too_slow"
            self.out = asyncio.Queue(MAX_WAITING)
            self.out.put_nowait(None)
            self.over.set()

    def begin(self, frame: dict[str, Any]) -> None:
        """The snapshot goes first, then what queued meanwhile."""
        waiting, self.backlog = self.backlog or [], None
        self.send(frame)
        for text in waiting:
            self._put(text)

    def close(self, key: str) -> None:
        self.farewell = self.farewell or key
        self.backlog = None
        self._put(None)
        self.over.set()

    def may_see(self, topic: str, row: Row) -> bool:
        """In scope, or one's own."""
        if self.actor.user_id in (row["agents"] or ()):
            return True
        if topic == "customer":
            return False  # others ask by HTTP: a customer is live only for who attends him
        return permissions.may(self.actor.grants, PERMISSION[topic], place_of(row))

    def follows(self, row: Row) -> bool:
        """True when the case's messages go to this socket too."""
        return row["id"] in self.watched or self.actor.user_id in (row["agents"] or ())


class Hub:
    """All desk sockets of this process."""

    def __init__(self) -> None:
        self._entered: dict[UUID, set[Desk]] = defaultdict(set)
        self.total = 0
        self.desks: set[Desk] = set()
        self._by_user: dict[UUID, set[Desk]] = defaultdict(set)
        self._wide: set[Desk] = set()
        self._holders: dict[Key, set[Desk]] = defaultdict(set)
        self.heard: dict[UUID, float] = {}

    def enter(self, desk: Desk) -> bool:
        """Counts a socket before it says hello; False when it is one too many."""
        mine = self._entered.get(desk.actor.user_id, ())
        if len(mine) >= SOCKETS_A_PERSON or self.total >= MAX_SOCKETS:
            return False
        self._entered[desk.actor.user_id].add(desk)
        self.total += 1
        return True

    def join(self, desk: Desk) -> None:
        self.desks.add(desk)
        self._by_user[desk.actor.user_id].add(desk)
        if any(g.scope != "own" and g.permission in _WIDE for g in desk.actor.grants):
            self._wide.add(desk)

    def leave(self, desk: Desk) -> None:
        entered = self._entered.get(desk.actor.user_id, set())
        if desk in entered:
            entered.discard(desk)
            self.total -= 1
        if not entered:
            self._entered.pop(desk.actor.user_id, None)
        self.desks.discard(desk)
        self._wide.discard(desk)
        mine = self._by_user.get(desk.actor.user_id, set())
        mine.discard(desk)
        if not mine:
            self._by_user.pop(desk.actor.user_id, None)
        for key in desk.held:
            self._drop_holder(key, desk)

    def hold(self, desk: Desk, keys: Iterable[Key]) -> None:
        for key in keys:
            desk.held.add(key)
            self._holders[key].add(desk)

    def _drop_holder(self, key: Key, desk: Desk) -> None:
        holders = self._holders.get(key)
        if holders is not None:
            holders.discard(desk)
            if not holders:
                del self._holders[key]

    def of_user(self, user: UUID) -> tuple[Desk, ...]:
        return tuple(self._by_user.get(user, ()))

    def holders(self, key: Key) -> tuple[Desk, ...]:
        return tuple(self._holders.get(key, ()))

    def deliver(
        self, topic: str, row: Row, base: int, messages: list[dict[str, Any]] | None = None
    ) -> bool:
        """Sends an entity as it is now to everybody who may see it, `gone` to who no longer may.
        True when who sees it changed."""
        key = (topic, row["id"])
        before = set(self.holders(key))
        bare = {"topic": topic, "id": row["id"], "v": row["version"], "state": row["state"]}
        plain = full = ""
        viewers: set[Desk] = set()
        for desk in self._candidates(key, row):
            if not desk.may_see(topic, row):
                continue
            viewers.add(desk)
            if topic == "case" and messages is not None and desk.follows(row):
                full = full or _events({**bare, "base": base, "messages": messages})
                desk.send_text(full)
            else:
                plain = plain or _events(bare)
                desk.send_text(plain)
            self.hold(desk, (key,))
        self._tell_gone(key, before - viewers)
        return before != viewers

    def _candidates(self, key: Key, row: Row) -> set[Desk]:
        found = set(self._wide) if key[0] != "customer" else set()
        found |= self._holders.get(key, set())
        for agent in row["agents"] or ():
            found |= self._by_user.get(agent, set())
        return found

    def gone(self, topic: str, entity: UUID) -> None:
        """The entity is no more (or no longer live): whoever held it is told."""
        self._tell_gone((topic, entity), set(self.holders((topic, entity))))

    def _tell_gone(self, key: Key, desks: set[Desk]) -> None:
        for desk in desks:
            desk.send_text(_events({"topic": key[0], "id": key[1], "gone": True}))
            desk.held.discard(key)
            self._drop_holder(key, desk)

    def typing(self, case: UUID, frame: dict[str, Any]) -> None:
        """Ephemeral: to the sockets that follow the case."""
        text = encode(frame).decode()
        for desk in self.holders(("case", case)):
            if case in desk.watched or not desk.floor:
                desk.send_text(text)


_WIDE = frozenset(PERMISSION.values()) - {"customers.read"}


def _events(*entities: dict[str, Any]) -> str:
    return encode({"t": "events", "e": entities}).decode()
