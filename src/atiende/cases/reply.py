"""An agent writes: answers to the customer and private notes, each exactly once per client id."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from atiende.cases.receive import Q, need_own
from atiende.channels import channels
from atiende.core.problem import Problem
from atiende.store import Change, Connection, changes_of


@dataclass(frozen=True, slots=True)
class Reply:
    """What an agent sends. `client_id` is made by the screen: the same one is the same message."""

    conversation_id: UUID
    client_id: str
    author_id: UUID
    body: str
    attachments: Sequence[UUID] = ()
    #: A supervisor may write into a case that somebody else attends.
    takes_part: bool = False


async def reply(
    conn: Connection, message: Reply, now: datetime
) -> tuple[dict[str, Any], list[Change]]:
    """(message as screens hold it, changes). Problem 409 `conversation_ended`, `not_yours`,
    `channel_no_text`."""
    if not message.body.strip() and not message.attachments:
        raise Problem(422, "message_empty")
    if not message.body.strip():
        owner = f"user:{message.author_id}"
        place = (message.conversation_id, message.client_id)
        await need_own(conn, message.attachments, owner, *place)
    row = await conn.fetchrow(
        Q["reply"],
        message.conversation_id,
        message.client_id,
        message.author_id,
        message.body,
        now,
        list(message.attachments),
        {},
        message.takes_part,
        _writable(),
    )
    if row is None:
        return await _known_or_refused(conn, message), []
    changes = [
        Change("conversation", message.conversation_id, row["rev"], "message.sent"),
        Change("case", row["case_id"], row["case_rev"], "case.message_sent"),
    ]
    return await conn.fetchval(Q["message"], row["id"]), changes


def _writable() -> list[str]:
    """The channels that take text: a call is spoken to."""
    return [each.code for each in channels().values() if "text" in each.capabilities]


async def sent_before(
    conn: Connection, conversation: UUID, client_id: str, author: UUID
) -> dict[str, Any] | None:
    """The message that this author sent with this client id, if he did."""
    place = await conn.fetchrow(Q["conversation_place"], conversation)
    if place is None or place["case_id"] is None:
        return None
    known = await conn.fetchrow(Q["message_by_client_id"], place["case_id"], client_id)
    if known is None or known["author_id"] != author:
        return None
    state: dict[str, Any] = await conn.fetchval(Q["message"], known["id"])
    return state


async def _known_or_refused(conn: Connection, message: Reply) -> dict[str, Any]:
    place = await conn.fetchrow(Q["conversation_place"], message.conversation_id)
    if place is None or place["case_id"] is None:
        raise Problem(404, "conversation_not_found")
    known = await sent_before(conn, message.conversation_id, message.client_id, message.author_id)
    if known is not None:
        return known
    if place["state"] == "blocked":
        raise Problem(409, "conversation_blocked")
    if place["channel"] not in _writable():
        raise Problem(409, "channel_no_text")
    raise Problem(409, "conversation_ended" if place["interaction_id"] is None else "not_yours")


async def add_note(
    conn: Connection, case: UUID, client_id: str, author: UUID, body: str, now: datetime
) -> tuple[dict[str, Any], list[Change]]:
    """A private note in the case; the customer never sees it."""
    if not body.strip():
        raise Problem(422, "message_empty")
    row = await conn.fetchrow(Q["add_note"], case, client_id, author, body, now)
    if row is None:
        known = await conn.fetchrow(Q["message_by_client_id"], case, client_id)
        if known is None:
            raise Problem(404, "case_not_found")
        return await conn.fetchval(Q["message"], known["id"]), []
    return await conn.fetchval(Q["message"], row["id"]), [
        Change("case", case, row["case_rev"], "case.note_added")
    ]


async def mark_read(conn: Connection, conversation: UUID, rev: int) -> list[Change]:
    """The agent has seen everything up to `rev`."""
    return changes_of(await conn.fetch(Q["read_by_agent"], conversation, rev))
