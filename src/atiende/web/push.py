"""From the log to the screens: one reader a process takes changes and hands the hubs fresh rows.

Best effort after commit, plus a safety net: each second the log is read again from the place it had
ten seconds before, and what was not pushed is pushed now (live.md, Push).
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import structlog

from atiende.store import AWAY, Change, Connection, load_queries
from atiende.web.chat_hub import ChatHub
from atiende.web.hub import PERMISSION, Hub, Key
from atiende.web.state import Web

log = structlog.get_logger("push")
Q = load_queries("atiende.web")
OVERLAP_S = 10.0
FORGET_S = 60.0
GAP_S = 60.0


@dataclass
class Span:
    """Versions of one entity that wait to be pushed: from `first` to `last`."""

    first: int
    last: int


@dataclass
class Push:
    """What waits, and what has been pushed lately."""

    web: Web
    hub: Hub
    chats: ChatHub
    waiting: dict[Key, Span] = field(default_factory=dict)
    pushed: dict[Key, tuple[int, float]] = field(default_factory=dict)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    heads: deque[tuple[float, int]] = field(default_factory=deque)

    def heard(self, changes: Sequence[Change]) -> None:
        """Notes changes; called by the bus on the loop, so it only notes."""
        for change in changes:
            self._note((change.topic, change.id), change.version, change.version)
        self.wake.set()

    def _note(self, key: Key, first: int, last: int) -> None:
        span = self.waiting.get(key)
        if span is None:
            self.waiting[key] = Span(first, last)
        else:
            span.first = min(span.first, first)
            span.last = max(span.last, last)


async def run_push(push: Push) -> None:
    """Pushes what is heard, as it is heard. What a failed round held, the safety net finds."""
    stop = push.web.bus.subscribe("changes", push.heard)
    try:
        while True:
            await push.wake.wait()
            push.wake.clear()
            try:
                await flush(push)
            except AWAY as error:
                log.warning("database away", error=type(error).__name__)
    finally:
        stop()


async def flush(push: Push) -> None:
    """One round: every entity that waits is read once and delivered."""
    batch, push.waiting = push.waiting, {}
    if not batch:
        return
    by_topic: dict[str, dict[UUID, Span]] = {}
    for (topic, entity), span in batch.items():
        by_topic.setdefault(topic, {})[entity] = span
    async with push.web.db.connection() as conn:
        for topic, spans in by_topic.items():
            if topic in PERMISSION and push.hub.desks:
                await _deliver(conn, push, topic, spans)
        await push.chats.changed(conn, by_topic.get("conversation", {}), by_topic.get("case", {}))
    at = push.web.clock()
    for key, span in batch.items():
        push.pushed[key] = (span.last, at)


async def _deliver(conn: Connection, push: Push, topic: str, spans: dict[UUID, Span]) -> None:
    rows = await conn.fetch(Q[f"live_{topic}"], list(spans))
    messages: dict[UUID, list[dict[str, object]]] | None = None
    if topic == "case":
        messages = {entity: [] for entity in spans}
        found = await conn.fetch(Q["messages_from"], list(spans), [s.first for s in spans.values()])
        for row in found:
            messages[row["case_id"]].append(row["state"])
    customers: set[UUID] = set()
    for row in rows:
        of_case = None if messages is None else messages[row["id"]]
        moved = push.hub.deliver(topic, row, spans[row["id"]].first - 1, of_case)
        if moved and topic == "case":
            customers.add(UUID(row["state"]["customer"]["id"]))
    for entity in set(spans) - {row["id"] for row in rows}:
        push.hub.gone(topic, entity)
    if customers:
        # Who attends a case begins, and who left it ceases, to see its customer too.
        for row in await conn.fetch(Q["live_customer"], list(customers)):
            push.hub.deliver("customer", row, 0)


async def look_again(push: Push) -> None:
    """The safety net, once a second: the log since ten seconds ago, less what was pushed."""
    web, now = push.web, push.web.clock()
    async with web.db.connection() as conn:
        head = await conn.fetchval(Q["log_head"])
        since = _since(push)
        rows = await conn.fetch(Q["log_after"], since, web.now() - timedelta(days=1))
    push.heads.append((now, head))
    for row in rows:
        key = (row["topic"], row["id"])
        known = push.pushed.get(key)
        if known is None or known[0] < row["version"]:
            first = row["base"] if known is None else known[0] + 1
            push._note(key, first, row["version"])
    if push.waiting:
        push.wake.set()
    for key in [k for k, (_, at) in push.pushed.items() if now - at > FORGET_S]:
        del push.pushed[key]


def _since(push: Push) -> int:
    """The log's head as it was ten seconds before the last good look."""
    while len(push.heads) > 1 and push.heads[1][0] <= push.heads[-1][0] - OVERLAP_S:
        push.heads.popleft()
    return push.heads[0][1] if push.heads else 2**62


def missed_a_minute(push: Push) -> bool:
    """After a gap of a minute every socket resumes instead."""
    return bool(push.heads) and push.web.clock() - push.heads[-1][0] > GAP_S
