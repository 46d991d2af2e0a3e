"""Drafts on the server: what an agent has written and not sent, per case and mode."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from atiende.cases.receive import Q
from atiende.core.problem import Problem
from atiende.store import Connection

MAX_DRAFT = 40_000


@dataclass(frozen=True, slots=True)
class Draft:
    """What one agent wrote in one case. `mode`: 'reply.<conversation>', 'note', 'disposition'.
    `base_rev` = the revision its writer saw; -1 overwrites whatever is there."""

    user: UUID
    case: UUID
    mode: str
    body: str
    base_rev: int


async def put_draft(conn: Connection, draft: Draft, now: datetime) -> int:
    """Stores a draft over the revision its writer saw and returns the new one (0 = deleted).

    An older base is refused with the newer text, so that nothing is overwritten unseen.
    """
    key = (draft.user, draft.case, draft.mode)
    if len(draft.body) > MAX_DRAFT:
        raise Problem(413, "draft_too_long")
    if not draft.body:
        await conn.execute(Q["delete_draft"], *key)
        return 0
    rev = await conn.fetchval(Q["put_draft"], *key, draft.body, draft.base_rev, now)
    if rev is None:
        newer = await conn.fetchrow(Q["draft"], *key)
        body, at = (newer["body"], newer["rev"]) if newer else ("", 0)
        raise Problem(409, "draft_newer", body=body, rev=at)
    stored: int = rev
    return stored


async def drafts(conn: Connection, user: UUID) -> list[dict[str, Any]]:
    return [dict(r) for r in await conn.fetch(Q["drafts"], user)]
