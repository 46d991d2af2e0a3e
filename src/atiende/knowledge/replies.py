"""The quick replies in use, for the desk's reference data."""

from __future__ import annotations

from atiende.store import Connection, Row, load_queries

Q = load_queries("atiende.knowledge")


async def quick_replies(conn: Connection) -> list[Row]:
    """(id, version, shortcut, title, body), by shortcut."""
    return await conn.fetch(Q["quick_reply_list"])
