"""API of roles and of the record of acts.  Registered in web/routes.py."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import Field

from atiende.accounts import items
from atiende.accounts.context import Context, Ctx
from atiende.accounts.items import Kind
from atiende.accounts.roles import DESK
from atiende.accounts.shapes import Code, Empty, In, Item, Out, Patch, ShortName, Time
from atiende.core.permissions import PERMISSIONS, SCOPES, unknown_permissions
from atiende.core.problem import Problem
from atiende.store import load_queries

Q = load_queries("atiende.accounts")

ROLE = Kind(
    "role",
    "roles.manage",
    ("code", "name", "permissions"),
    Q,
    {"roles_code_key": "code"},
    guarded=True,
)
PAGE = 50


class RoleOut(Item):
    code: str
    name: str
    permissions: list[str]
    builtin: bool


class RolesOut(Out):
    """The roles, and the catalogue of what a role may hold."""

    items: list[RoleOut]
    permissions: list[str]
    scopes: list[str]


Names = Annotated[list[Annotated[str, Field(max_length=60)]], Field(max_length=200)]


class NewRole(In):
    code: Code
    name: ShortName
    permissions: Names


class RolePatch(Patch):
    name: ShortName | None = None
    permissions: Names | None = None


async def list_roles(ctx: Ctx) -> RolesOut:
    rows = await items.all_of(ctx, ROLE)
    return RolesOut(
        items=[RoleOut(**dict(row)) for row in rows],
        permissions=sorted(PERMISSIONS),
        scopes=list(SCOPES),
    )


async def create_role(ctx: Ctx, body: NewRole) -> RoleOut:
    values = {**body.model_dump(), "permissions": _allowed(ctx, body.permissions)}
    return RoleOut(**dict(await items.create(ctx, ROLE, values)))


async def change_role(ctx: Ctx, id: UUID, body: RolePatch) -> RoleOut:
    await _own_made(ctx, id)
    given = body.given()
    if body.permissions is not None:
        given["permissions"] = _allowed(ctx, body.permissions)
    return RoleOut(**dict(await items.change_values(ctx, ROLE, id, body.version, given)))


async def archive_role(ctx: Ctx, id: UUID) -> Empty:
    await _own_made(ctx, id)
    await items.archive(ctx, ROLE, id)
    return Empty()


async def _own_made(ctx: Context, role_id: UUID) -> None:
    """Built-in roles are what the code says; and a role that holds more than its editor's own
    is not his to change."""
    ctx.need(ROLE.permission)
    async with ctx.db.transaction() as conn:
        row = await items.current(conn, ROLE, role_id, None)
    if row["builtin"]:
        raise Problem(409, "builtin_kept")
    _allowed(ctx, row["permissions"])


def _allowed(ctx: Context, names: list[str]) -> list[str]:
    """Known permissions that the editor himself holds over everything."""
    if unknown_permissions(names):
        raise Problem(422, "unknown_permission", fields={"permissions": "unknown"})
    if any(name != DESK and not ctx.may(name) for name in names):
        raise Problem(403, "more_than_own")
    return sorted(set(names))


class ActOut(Out):
    seq: int
    at: Time
    actor_id: UUID | None
    actor: str
    action: str
    object_kind: str
    object_id: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    address: str | None


class AuditOut(Out):
    items: list[ActOut]
    cursor: int | None


async def audit(
    ctx: Ctx,
    cursor: Annotated[int | None, Query(ge=1)] = None,
    actor: UUID | None = None,
    action: Annotated[str | None, Query(pattern=r"^[a-z_.]{1,60}$")] = None,
) -> AuditOut:
    """Who changed what, newest first; ``action`` is a beginning ("queue.")."""
    ctx.need("audit.read")
    async with ctx.db.connection() as conn:
        rows = await conn.fetch(Q["audit_page"], cursor, actor, action, PAGE + 1)
    shown = [ActOut(**dict(row)) for row in rows[:PAGE]]
    return AuditOut(items=shown, cursor=shown[-1].seq if len(rows) > PAGE else None)
