"""Which cases somebody may touch: asked at every read and write of one case."""

from uuid import UUID

from atiende.accounts import Context
from atiende.cases.read import case_row, place_of
from atiende.core.problem import Problem
from atiende.store import Connection, Row


async def seen_case(ctx: Context, conn: Connection, case: UUID, permission: str) -> Row:
    """The case, if the permission reaches it; else 404, so that nothing tells it exists."""
    row = await case_row(conn, case)
    if not ctx.may(permission, place_of(row)):
        raise Problem(404, "case_not_found")
    return row
