"""Calls that the platform cut: whom to call back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from atiende.accounts import Ctx
from atiende.cases import place_of
from atiende.store import load_queries

Q = load_queries("atiende.calls", "cut_queries.sql")
#: Who was not called back in so long is not waiting for it any more.
LISTED_FOR = timedelta(days=3)


async def get_cut(ctx: Ctx) -> dict[str, Any]:
    """Inside one's scope, the newest first; who was spoken with since is not in it."""
    async with ctx.db.connection() as conn:
        rows = await conn.fetch(Q["cut_calls"], ctx.now - LISTED_FOR)
    return {"calls": [r["cut"] for r in rows if ctx.may("cases.read", place_of(r))]}
