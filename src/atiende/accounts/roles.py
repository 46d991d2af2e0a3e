"""From the rows of a person's roles to the grants that ``core.permissions`` judges.

A role is given inside a scope.  In a built-in role the permissions that have the role's own
scope follow the scope it was given in ("supervisor" of two queues watches those two); the others
keep theirs (every agent may look up any customer).  In a role made here all follow.  The desk is
always one's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from atiende.core.permissions import (
    DEFAULT_ROLES,
    PERMISSIONS,
    SCOPES,
    Grant,
    Membership,
    Place,
    Scope,
    holds,
    may,
)
from atiende.core.problem import Problem
from atiende.store import Connection, load_queries

Q = load_queries("atiende.accounts")

#: The scope each built-in role is meant for.
NATIVE: Mapping[str, Scope] = {
    "agent": "own",
    "supervisor": "team",
    "quality": "all",
    "administrator": "all",
    "auditor": "all",
}
DESK = "desk.use"
ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Held:
    """A role as one person holds it."""

    code: str
    builtin: bool
    permissions: tuple[str, ...]
    scope: Scope
    scope_ids: frozenset[UUID] = frozenset()


def held_from(rows: Iterable[Mapping[str, Any]]) -> tuple[Held, ...]:
    """Roles as the session's query and the people's list give them (JSON objects)."""
    found = []
    for row in rows:
        scope = next(s for s in SCOPES if s == row["scope"])
        found.append(
            Held(
                str(row["code"]),
                bool(row["builtin"]),
                tuple(row["permissions"]),
                scope,
                frozenset(UUID(str(i)) for i in row["scope_ids"]),
            )
        )
    return tuple(found)


def grants_of(roles: Iterable[Held], who: Membership) -> tuple[Grant, ...]:
    """What the roles allow, each permission once per scope, the ids of all of them together."""
    found: dict[tuple[str, Scope], frozenset[object]] = {}
    for role in roles:
        for permission, scope in _scoped(role):
            key = (permission, scope)
            found[key] = found.get(key, frozenset()) | _ids(scope, role, who)
    return tuple(
        Grant(permission, scope, ids)
        for (permission, scope), ids in sorted(
            found.items(), key=lambda item: (item[0][0], SCOPES.index(item[0][1]))
        )
    )


def _scoped(role: Held) -> Iterable[tuple[str, Scope]]:
    default = DEFAULT_ROLES.get(role.code) if role.builtin else None
    if default is None:
        for name in role.permissions:
            if name in PERMISSIONS:
                yield name, "own" if name == DESK else role.scope
        return
    for name, scope in default.items():
        follows = scope == NATIVE[role.code] and name != DESK
        yield name, role.scope if follows else scope


def _ids(scope: Scope, role: Held, who: Membership) -> frozenset[object]:
    given: frozenset[object] = frozenset(role.scope_ids) if scope == role.scope else frozenset()
    match scope:
        case "own":
            return frozenset({who.user})
        case "team":
            return given or frozenset(who.teams)
        case "queues":
            return given or frozenset(who.queues)
        case "campaign":
            return given or frozenset(who.campaigns)
        case "all":
            return frozenset()


def covers(mine: Iterable[Grant], theirs: Iterable[Grant]) -> bool:
    """True when whoever holds ``mine`` may give (or overrule) ``theirs``: nobody grants more
    than he holds.  The desk, and a person's power over his own work, take only the permission
    itself; an administrator who is no agent may make agents."""
    mine = tuple(mine)
    return all(_covers(mine, grant) for grant in theirs)


def _covers(mine: tuple[Grant, ...], grant: Grant) -> bool:
    if grant.permission == DESK:
        return True
    if grant.scope == "own":
        return holds(mine, grant.permission)
    if may(mine, grant.permission):
        return True
    held: set[object] = set()
    for own in mine:
        if own.permission == grant.permission and own.scope == grant.scope:
            held |= own.ids
    return grant.scope != "all" and grant.ids <= held


def need_cover(mine: Iterable[Grant], theirs: Iterable[Grant]) -> None:
    """Refuse to give, or to touch who holds, more than one's own."""
    if not covers(mine, theirs):
        raise Problem(403, "more_than_own")


def place_of(user_id: UUID, team_id: UUID | None, queues: Iterable[UUID] = ()) -> Place:
    """Where a person stands, for ``ctx.need("users.manage", …)``."""
    return Place(
        owners=frozenset({user_id}),
        teams=frozenset() if team_id is None else frozenset({team_id}),
        queues=frozenset(queues),
    )


async def refresh_builtin_roles(conn: Connection) -> None:
    """At each start: the built-in roles are what the code says.  Their names on screen come
    from the catalogues (role.<code>); the column keeps the code."""
    for code, role in DEFAULT_ROLES.items():
        await conn.execute(Q["role_refresh"], code, sorted(role))


async def keep_an_administrator(conn: Connection, leaving: UUID) -> None:
    """Refuse what would leave nobody in charge.  Locks the role, so that two administrators
    cannot dismiss each other at the same moment; call it before the change."""
    await conn.execute(Q["administrators_lock"])
    if await conn.fetchval(Q["administrators_besides"], leaving) == 0:
        raise Problem(409, "last_administrator")
