"""A customer writes: from the visitor's words to a message in a case, with its events.

The common step is one SQL statement (`receive_message`). Only the first message of an episode takes
the longer road: which case, a new interaction, work for the router.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from atiende.channels import channels
from atiende.core.grouping import Candidate, group
from atiende.core.problem import Problem
from atiende.store import Change, Connection, Database, Row, fetch_one, load_queries, log_event

Q = load_queries("atiende.cases")


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a message: its place, and what changed (nothing when it was known)."""

    message_id: UUID
    rev: int
    duplicate: bool
    changes: tuple[Change, ...] = ()
    work: bool = False  # the router has something to do


@dataclass(frozen=True, slots=True)
class Incoming:
    """A customer's message as a channel's parse told it."""

    conversation_id: UUID
    client_id: str
    body: str
    attachments: tuple[UUID, ...] = ()


async def open_conversation(
    conn: Connection,
    account: UUID,
    identity: UUID,
    customer: UUID,
    visitor: Mapping[str, Any],
    thread: str = "",
) -> UUID:
    """The durable thread of an identity on an account; what the page tells is merged into it."""
    of = (account, identity, customer)
    row = await fetch_one(conn, Q["open_conversation"], *of, dict(visitor), thread)
    conversation: UUID = row["id"]
    return conversation


async def receive(db: Database, incoming: Incoming, now: datetime) -> Received:
    """Stores a customer's message exactly once; the same client id again changes nothing."""

    async def store(conn: Connection) -> Received:
        return await _receive(conn, incoming, now)

    return await db.retrying(store)


async def need_own(
    conn: Connection, files: Sequence[UUID], owner: str, conversation: UUID, client_id: str
) -> None:
    """A message of nothing but files that are not its author's is no message. Problem 422
    `message_empty`."""
    if not await conn.fetchval(Q["own_files"], list(files), owner, conversation, client_id):
        raise Problem(422, "message_empty")


async def _receive(conn: Connection, incoming: Incoming, now: datetime) -> Received:
    if not incoming.body:
        owner = f"visitor:{incoming.conversation_id}"
        place = (incoming.conversation_id, incoming.client_id)
        await need_own(conn, incoming.attachments, owner, *place)
    row = await _insert(conn, incoming, now)
    changes: list[Change] = []
    opened = False
    if row is None:
        known = await conn.fetchrow(
            Q["known_message"], incoming.conversation_id, incoming.client_id
        )
        if known is not None:
            return Received(known["id"], known["rev"], duplicate=True)
        changes = await open_episode(conn, incoming.conversation_id, now)
        opened = bool(changes)
        row = await _insert(conn, incoming, now)
    if row is None:
        raise BlockedError
    changes += [
        Change("conversation", incoming.conversation_id, row["rev"], "message.received"),
        Change("case", row["case_id"], row["case_rev"], "case.message_received"),
    ]
    return Received(row["id"], row["rev"], False, tuple(changes), opened or row["resumed"])


class BlockedError(Exception):
    """The conversation is blocked: the visitor is told so, nothing is stored."""


async def _insert(conn: Connection, incoming: Incoming, now: datetime) -> Row | None:
    return await conn.fetchrow(
        Q["receive_message"],
        incoming.conversation_id,
        incoming.client_id,
        incoming.body,
        now,
        list(incoming.attachments),
    )


async def open_episode(
    conn: Connection, conversation: UUID, now: datetime, *, queued: bool = True, full: bool = False
) -> list[Change]:
    """A new interaction in the right case, with work for the router (unless it comes out of hours
    and nobody is to be asked); with ``full`` in the queue that takes what this one does not hold.
    Nothing when one lives."""
    row = await fetch_one(conn, Q["lock_episode"], conversation)
    if row["interaction_id"] is not None:
        return []
    queue = await _queue_with_room(conn, row, full=full)
    case, changes = await choose_case(conn, row, queue, now)
    interaction = await conn.fetchval(
        Q["create_interaction"],
        case,
        conversation,
        row["channel"],
        row["account_id"],
        row["identity_id"],
        queue,
        now,
    )
    version = await conn.fetchval(Q["attach_interaction"], conversation, case, interaction)
    begun = Change("conversation", conversation, version, "conversation.begun")
    await log_event(conn, begun, "customer", {"interaction_id": str(interaction)})
    changes.append(begun)
    if queued:
        changes.append(await _work(conn, row, queue, case, interaction, now))
    return changes


async def _queue_with_room(conn: Connection, row: Row, *, full: bool) -> UUID:
    queue: UUID = row["queue_id"]
    if row["overflow_queue_id"] is None or (row["max_len"] is None and not full):
        return queue
    full = full or await conn.fetchval(Q["queue_length"], queue) >= row["max_len"]
    overflow: UUID = row["overflow_queue_id"]
    return overflow if full else queue


async def choose_case(
    conn: Connection, row: Row, queue: UUID, now: datetime
) -> tuple[UUID, list[Change]]:
    """The case that a contact belongs to: joined, opened again, or new."""
    rows = await conn.fetch(Q["recent_cases"], row["customer_id"], row["campaign_id"])
    seen = [
        Candidate(
            r["id"],
            row["customer_id"],
            r["campaign_id"],
            r["state"],
            r["opened_at"].timestamp(),
            r["resolved_at"].timestamp() if r["resolved_at"] else None,
        )
        for r in rows
    ]
    choice = group(
        row["customer_id"], row["campaign_id"], seen, now.timestamp(), row["reopen_h"] * 3600.0
    )
    if choice.case is None:
        topic = str(row["visitor"].get("topic", ""))[:80]
        made = await fetch_one(
            conn, Q["create_case"], row["customer_id"], row["campaign_id"], queue, topic, now
        )
        change = Change("case", made["id"], made["version"], "case.opened")
    elif choice.action == "join":
        version = await conn.fetchval(Q["bump_case"], choice.case)
        change = Change("case", UUID(str(choice.case)), version, "case.interaction_joined")
    else:
        version = await conn.fetchval(Q["reopen_case"], choice.case, queue)
        change = Change("case", UUID(str(choice.case)), version, "case.reopened")
    await log_event(conn, change, "customer", {"queue_id": str(queue)})
    return change.id, [change]


async def _work(
    conn: Connection, row: Row, queue: UUID, case: UUID, interaction: UUID, now: datetime
) -> Change:
    preferred = await conn.fetchval(Q["last_agent"], row["customer_id"], now)
    until = now + timedelta(seconds=row["preferred_agent_s"]) if preferred else None
    made = await fetch_one(
        conn,
        Q["create_work"],
        interaction,
        case,
        row["customer_id"],
        queue,
        channels()[row["channel"]].media,
        int(row["tier_boost"].get(row["tier"], 0)),
        now,
        preferred,
        until,
    )
    return Change("work", made["id"], made["version"], "work.queued")


async def visitor_states(
    conn: Connection, conversations: Sequence[UUID]
) -> dict[UUID, dict[str, Any]]:
    """Per conversation: phase (none, waiting, active, ended), position, agent, read marks."""
    rows = await conn.fetch(Q["visitor_state"], list(conversations))
    return {r["id"]: {**dict(r), "phase": _phase(r)} for r in rows}


def _phase(row: Row) -> str:
    if row["case_id"] is None:
        return "none"
    if not row["live"]:
        return "ended"
    return "active" if row["agent"] else "waiting"


async def read_by_customer(conn: Connection, conversation: UUID, rev: int) -> list[Change]:
    """The visitor has seen everything up to `rev`."""
    rows = await conn.fetch(Q["read_by_customer"], conversation, rev)
    return [Change(r["topic"], r["id"], r["version"], r["kind"]) for r in rows]
