"""People: made by an invitation, given roles inside scopes, disabled, unlocked.

Every function here works inside the caller's transaction and answers what it did, so that
routing.admin (which adds what a person is as an agent) writes one record and one event.  The two
rules that hold everywhere: nobody gives, or touches who holds, more than his own; somebody must
remain in charge.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from atiende.accounts import lock
from atiende.accounts.context import Context
from atiende.accounts.links import link_url, make_link
from atiende.accounts.roles import (
    ADMINISTRATOR,
    Held,
    grants_of,
    held_from,
    keep_an_administrator,
    need_cover,
    place_of,
)
from atiende.accounts.sessions import end_sessions, send_offline
from atiende.core.permissions import Membership, Place, Scope
from atiende.core.problem import Problem
from atiende.store import Change, Connection, Row, changes_of, load_queries

Q = load_queries("atiende.accounts")

MANAGE = "users.manage"


@dataclass(frozen=True, slots=True)
class RoleGiven:
    """A role given to a person, in a scope.  No ids = the person's own team or queues."""

    role_id: UUID
    scope: Scope
    scope_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """A person's own columns."""

    email: str
    name: str
    team_id: UUID | None = None
    site_id: UUID | None = None
    locale: str = "es"


@dataclass(frozen=True, slots=True)
class Known:
    """A person as read, locked, with what he holds."""

    row: Row
    roles: tuple[Held, ...] = field(default_factory=tuple)

    @property
    def membership(self) -> Membership:
        team = self.row["team_id"]
        teams = frozenset() if team is None else frozenset({team})
        return Membership(self.row["id"], teams, frozenset(self.row["queues"]))

    @property
    def in_charge(self) -> bool:
        return self.row["state"] == "active" and any(
            role.code == ADMINISTRATOR and role.scope == "all" for role in self.roles
        )

    def values(self) -> dict[str, Any]:
        """For the record."""
        names = ("email", "name", "state", "team_id", "site_id", "locale")
        return {**{n: self.row[n] for n in names}, "roles": self.row["roles"]}


async def list_people(conn: Connection, ctx: Context) -> list[Row]:
    """Those the permission reaches, by name."""
    reach = ctx.reach(MANAGE)
    if reach is None:
        return await conn.fetch(Q["people_list"], None, [], [], ctx.now, None)
    teams, owners, queues = list(reach.teams), list(reach.owners), list(reach.queues)
    return await conn.fetch(Q["people_list"], teams, owners, queues, ctx.now, None)


async def one_of_list(conn: Connection, user_id: UUID, now: datetime) -> Row | None:
    """One person as the list shows him."""
    return await conn.fetchrow(Q["people_list"], None, [], [], now, user_id)


async def read_person(conn: Connection, ctx: Context, user_id: UUID) -> Known:
    """The person, locked; 404 also for one out of reach, so that ids tell nothing."""
    row = await conn.fetchrow(Q["person_get"], user_id)
    if row is None:
        raise Problem(404, "not_found")
    if not ctx.may(MANAGE, place_of(row["id"], row["team_id"], row["queues"])):
        raise Problem(404, "not_found")
    return Known(row, held_from(row["roles"]))


async def name_shown(conn: Connection, user_id: UUID) -> list[Change]:
    """A new name is seen inside the live cases he holds; the caller touches the agent."""
    return changes_of(await conn.fetch(Q["person_touch_cases"], user_id))


async def touchable(conn: Connection, ctx: Context, user_id: UUID, version: int | None) -> Known:
    """``read_person`` for a change: the version read, and no more powerful than who changes."""
    known = await read_person(conn, ctx, user_id)
    if version is not None and known.row["version"] != version:
        raise Problem(409, "changed_meanwhile")
    need_cover(ctx.actor.grants, grants_of(known.roles, known.membership))
    return known


async def add_person(
    conn: Connection, ctx: Context, person: Person, roles: Sequence[RoleGiven]
) -> UUID:
    """A new person, invited: no password until the invitation is used."""
    teams = frozenset() if person.team_id is None else frozenset({person.team_id})
    ctx.need(MANAGE, Place(teams=teams))
    user_id: UUID = await conn.fetchval(
        Q["user_insert"],
        person.email,
        person.name,
        "invited",
        person.team_id,
        person.site_id,
        person.locale,
    )
    await _give(conn, ctx, user_id, roles)
    return user_id


async def change_person(conn: Connection, ctx: Context, known: Known, person: Person) -> None:
    """New columns; both the place a person leaves and the one he comes to must be in reach."""
    row = known.row
    ctx.need(MANAGE, place_of(row["id"], person.team_id, row["queues"]))
    await conn.execute(
        Q["person_update"],
        row["id"],
        person.email,
        person.name,
        person.team_id,
        person.site_id,
        person.locale,
    )


async def change_roles(
    conn: Connection, ctx: Context, known: Known, roles: Sequence[RoleGiven]
) -> None:
    """Replaces a person's roles."""
    if known.in_charge:
        await keep_an_administrator(conn, known.row["id"])
    await conn.execute(Q["person_roles_clear"], known.row["id"])
    await _give(conn, ctx, known.row["id"], roles)


async def _give(conn: Connection, ctx: Context, user_id: UUID, roles: Iterable[RoleGiven]) -> None:
    for role in roles:
        await conn.execute(
            Q["person_role_insert"], user_id, role.role_id, role.scope, list(role.scope_ids)
        )
    await need_within(conn, ctx, user_id)


async def give_role(conn: Connection, user_id: UUID, code: str, scope: Scope) -> None:
    """Adds a built-in role; nothing when it is held already."""
    await conn.execute(Q["role_give"], user_id, code, scope, [])


async def need_within(conn: Connection, ctx: Context, user_id: UUID) -> None:
    """What the person may by now (another team counts too) is within who gives it."""
    given = await read_again(conn, user_id)
    need_cover(ctx.actor.grants, grants_of(given.roles, given.membership))


async def read_again(conn: Connection, user_id: UUID) -> Known:
    """The person as this transaction left him."""
    (row,) = await conn.fetch(Q["person_get"], user_id)
    return Known(row, held_from(row["roles"]))


async def disable(conn: Connection, ctx: Context, known: Known) -> None:
    """Ends his sessions, gives his work back, and kills his links."""
    user_id = known.row["id"]
    if user_id == ctx.actor.user_id:
        raise Problem(409, "not_yourself")
    if known.in_charge:
        await keep_an_administrator(conn, user_id)
    await conn.execute(Q["person_state"], user_id, "disabled")
    await end_sessions(conn, user_id, ctx.now, "disabled")
    await conn.execute(Q["links_void"], user_id, ctx.now)
    await send_offline(conn, user_id, ctx.now, "disabled")


async def enable(conn: Connection, known: Known) -> None:
    """Back to what he was: active with a password, else invited."""
    await conn.execute(Q["person_enable"], known.row["id"])


async def unlock(conn: Connection, known: Known) -> None:
    """Opens an account that failed logins had shut."""
    await lock.unlock(conn, known.row["email"])


async def one_time_link(
    conn: Connection, ctx: Context, known: Known, purpose: Literal["invite", "reset"]
) -> str:
    """The address to hand over.  Whoever has no password yet gets an invitation."""
    row = known.row
    if row["state"] == "disabled":
        raise Problem(409, "person_disabled")
    fitting = "invite" if row["state"] == "invited" else purpose
    token = await make_link(conn, fitting, row["id"], ctx.actor.user_id, ctx.now)
    return link_url(await public_url(conn, ctx), token)


async def public_url(conn: Connection, ctx: Context) -> str:
    """What people type: the company's own setting, else the address we listen on."""
    told: str | None = await conn.fetchval(Q["public_url"])
    return (told or ctx.settings.base_url()).rstrip("/")


async def log_out_everywhere(conn: Connection, user_id: UUID, now: datetime, reason: str) -> int:
    """A supervisor ends somebody's sessions; his work goes back at once."""
    ended = await end_sessions(conn, user_id, now, reason)
    await send_offline(conn, user_id, now, reason)
    return ended
