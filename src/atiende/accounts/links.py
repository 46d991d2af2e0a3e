"""One-time links: the first administrator, an invitation, a new password.  They need no mail:
whoever makes one is shown it, and hands it over.

A link's token stands in the fragment of the address, so it reaches no log; only its hash is
kept.  A link dies when used, when it expires, and when the same person gets another.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from atiende.accounts.sessions import new_token, token_hash
from atiende.core.problem import Problem
from atiende.store import Connection, Database, Row, load_queries

Q = load_queries("atiende.accounts")

LIFE = {
    "setup": timedelta(hours=24),
    "invite": timedelta(days=7),
    "reset": timedelta(hours=24),
}


async def first_link(db: Database, now: datetime) -> str | None:
    """At each start, while nobody administers: a fresh link's token (older ones die)."""
    async with db.transaction() as conn:
        if not await setup_needed(conn):
            return None
        return await make_link(conn, "setup", None, None, now)


async def setup_needed(conn: Connection) -> bool:
    return not await conn.fetchval(Q["administrators_besides"], None)


async def make_link(
    conn: Connection, purpose: str, user_id: UUID | None, by: UUID | None, now: datetime
) -> str:
    """A new link's token; the person's older links die."""
    token = new_token()
    await conn.execute(Q["links_void"], user_id, now)
    expires = now + LIFE[purpose]
    await conn.execute(Q["link_insert"], token_hash(token), user_id, purpose, by, expires)
    return token


async def open_link(conn: Connection, token: str, now: datetime) -> Row:
    """The link and whose it is, locked for whoever uses it; 410 `link_expired`."""
    row = await conn.fetchrow(Q["link_find"], token_hash(token), now)
    if row is None or row["state"] == "disabled":
        raise Problem(410, "link_expired")
    return row


async def use_up(conn: Connection, link_id: UUID, now: datetime) -> None:
    await conn.execute(Q["link_used"], link_id, now)


def link_url(base: str, token: str) -> str:
    """The address to hand over."""
    return f"{base.rstrip('/')}/#/enlace/{token}"
