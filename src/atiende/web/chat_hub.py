"""The visitors' sockets of this process: what each has been sent, and the state it was told.

Fed by push.py with the conversations and cases that changed; a visitor's own actions come from
chat_live.py.
"""

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from atiende.cases import visitor_messages, visitor_states
from atiende.channels.webchat import render
from atiende.core.hours import Hours, is_open, next_opening
from atiende.store import Connection
from atiende.web.state import Web

MAX_WAITING = 500
MAX_SOCKETS = 20_000
MAX_PER_ADDRESS = 1_000  # a shopping centre behind one address, not a flood
DEAD_S = 60.0
FORGET_S = 120.0  # longer than any window of a limit


@dataclass(eq=False)
class Visitor:
    """One socket of a visitor."""

    conversation: UUID
    hours: Hours | None
    out: "asyncio.Queue[str | None]" = field(default_factory=lambda: asyncio.Queue(MAX_WAITING))
    rev: int = 0
    ready: bool = False
    case: UUID | None = None
    told: dict[str, Any] | None = None
    read_told: int = 0
    over: asyncio.Event = field(default_factory=asyncio.Event)  # whoever does not read ends too
    pong_at: float = 0.0

    def send(self, text: str) -> None:
        try:
            self.out.put_nowait(text)
        except asyncio.QueueFull:
            self.out = asyncio.Queue(MAX_WAITING)
            self.end()

    def end(self) -> None:
        if not self.out.full():
            self.out.put_nowait(None)
        self.over.set()


class ChatHub:
    """All visitors' sockets of this process, by conversation."""

    def __init__(self, web: Web) -> None:
        self.web = web
        self._addresses: Counter[str] = Counter()
        self.total = 0
        #: When each conversation's last messages and files came: its sockets share the limit.
        self.rates: dict[UUID, deque[float]] = defaultdict(deque)
        self.uploads: dict[UUID, deque[float]] = defaultdict(deque)
        self._of: dict[UUID, set[Visitor]] = defaultdict(set)
        self._by_case: dict[UUID, set[UUID]] = defaultdict(set)
        web.bus.subscribe("read", self._on_read)
        web.bus.subscribe("agent_typing", self._on_typing)

    def enter(self, address: str) -> bool:
        """Counts a socket before it has said anything; False when it is one too many."""
        if self.total >= MAX_SOCKETS or self._addresses[address] >= MAX_PER_ADDRESS:
            return False
        self.total += 1
        self._addresses[address] += 1
        return True

    def exit(self, address: str) -> None:
        self.total -= 1
        self._addresses[address] -= 1
        if not self._addresses[address]:
            del self._addresses[address]

    def sockets(self, conversation: UUID) -> int:
        return len(self._of.get(conversation, ()))

    def __len__(self) -> int:
        return sum(len(v) for v in self._of.values())

    def join(self, visitor: Visitor) -> None:
        self._of[visitor.conversation].add(visitor)

    def leave(self, visitor: Visitor) -> None:
        others = self._of.get(visitor.conversation, set())
        others.discard(visitor)
        if not others:
            self._of.pop(visitor.conversation, None)
            self._forget_case(visitor)

    def _forget_case(self, visitor: Visitor) -> None:
        if visitor.case is None:
            return
        conversations = self._by_case.get(visitor.case, set())
        conversations.discard(visitor.conversation)
        if not conversations:
            self._by_case.pop(visitor.case, None)

    def _on_read(self, told: tuple[UUID, int]) -> None:
        conversation, rev = told
        for visitor in tuple(self._of.get(conversation, ())):
            if rev > visitor.read_told:
                visitor.read_told = rev
                visitor.send(render.read(rev))

    def _on_typing(self, told: tuple[UUID, str, bool]) -> None:
        conversation, name, on = told
        for visitor in tuple(self._of.get(conversation, ())):
            visitor.send(render.typing(on, name))

    async def changed(
        self, conn: Connection, conversations: Iterable[UUID], cases: Iterable[UUID]
    ) -> None:
        """New messages go to whoever has the conversation open; who attends, the place in line and
        the end of it too."""
        here = {c for c in conversations if c in self._of}
        for conversation in here:
            await self.catch_up(conn, conversation)
        here |= {c for case in cases for c in self._by_case.get(case, ())}
        await self.refresh(conn, here)

    async def catch_up(self, conn: Connection, conversation: UUID) -> None:
        visitors = [v for v in self._of.get(conversation, ()) if v.ready]
        if not visitors:
            return
        rows = await visitor_messages(conn, conversation, min(v.rev for v in visitors))
        for visitor in visitors:
            fresh = [r for r in rows if r["rev"] > visitor.rev]
            if fresh:
                visitor.rev = max(r["rev"] for r in fresh)
                visitor.send(render.changed(visitor.rev, fresh))

    async def refresh(self, conn: Connection, conversations: Iterable[UUID]) -> None:
        """Tells the state of conversations to their sockets, where it differs from the last."""
        wanted = [c for c in conversations if c in self._of]
        if not wanted:
            return
        states = await visitor_states(conn, wanted)
        for conversation, row in states.items():
            for visitor in tuple(self._of.get(conversation, ())):
                if not visitor.ready:
                    continue
                self.note_case(visitor, row["case_id"])
                state = self.state_of(visitor, row)
                if state != visitor.told:
                    visitor.told = state
                    visitor.send(render.state_frame(state))
                if row["read_by_agent"] > visitor.read_told:
                    visitor.read_told = row["read_by_agent"]
                    visitor.send(render.read(row["read_by_agent"]))

    def note_case(self, visitor: Visitor, case: UUID | None) -> None:
        if visitor.case != case:
            self._forget_case(visitor)
        visitor.case = case
        if case is not None:
            self._by_case[case].add(visitor.conversation)

    def state_of(self, visitor: Visitor, row: dict[str, Any]) -> dict[str, Any]:
        now = self.web.now()
        opened = visitor.hours is None or is_open(visitor.hours, now)
        opening = None if opened or visitor.hours is None else next_opening(visitor.hours, now)
        return render.state(
            row["phase"],
            position=row["position"],
            agent=row["agent"],
            open=opened,
            opens_at=opening.isoformat() if opening else None,
        )

    async def positions(self) -> None:
        """Each second: the place in line of those who wait."""
        waiting = [
            c
            for c, visitors in self._of.items()
            if any(v.told and v.told["phase"] == "waiting" for v in visitors)
        ]
        if waiting:
            async with self.web.db.connection() as conn:
                await self.refresh(conn, waiting)

    def ping(self, now: float) -> None:
        for kept in (self.rates, self.uploads):
            for conversation in [c for c, at in kept.items() if not at or at[-1] < now - FORGET_S]:
                del kept[conversation]
        for visitors in tuple(self._of.values()):
            for visitor in tuple(visitors):
                if now - visitor.pong_at > DEAD_S:
                    visitor.end()
                else:
                    visitor.send(render.ping())
