"""Which cases somebody may touch: asked at every read and write of one case."""

from uuid import UUID

from atiende.accounts import Context
from atiende.cases.read import Search, case_row, find_cases, place_of
from atiende.core.problem import Problem
from atiende.store import Connection, Row


async def seen_case(ctx: Context, conn: Connection, case: UUID, permission: str) -> Row:
    """The case, if the permission reaches it; else 404, so that nothing tells it exists."""
    row = await case_row(conn, case)
    if not ctx.may(permission, place_of(row)):
        raise Problem(404, "case_not_found")
    return row


async def readable_case(ctx: Context, conn: Connection, case: UUID) -> Row:
    """A case one may read: by scope, or because one has attended it before (history)."""
    row = await case_row(conn, case)
    place = place_of(row)
    if ctx.may("cases.read", place) or ctx.may("cases.search", place):
        return row
    found, _ = await find_cases(
        conn,
        Search(text=str(row["state"]["number"]), limit=1),
        ctx.reach("cases.search") if ctx.holds("cases.search") else ctx.reach("cases.read"),
    )
    shared = await conn.fetchval(
        "select exists (select 1 from live_cases l join cases c on c.id = l.id"
        " where c.customer_id = $1 and $2 = any(l.agents))",
        UUID(row["state"]["customer"]["id"]),
        ctx.actor.user_id,
    )
    if not shared and not any(f["id"] == case for f in found):
        raise Problem(404, "case_not_found")
    return row
