"""API of people, with what each is as an agent.  Registered in web/routes.py.

It stands here because a person's form spans accounts (who he is, what he may) and routing (which
queues, which skills); accounts.people holds the rules of the first.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from atiende.accounts import (
    Act,
    Context,
    Ctx,
    Email,
    Ids,
    In,
    Item,
    Items,
    Locale,
    Name,
    Out,
    Patch,
    Time,
    items,
    people,
    record,
    who,
)
from atiende.core.permissions import Scope
from atiende.core.problem import Problem
from atiende.routing.admin.membership import (
    AgentProfile,
    agent_changed,
    remove_agent,
    set_agent,
)
from atiende.store import Change, Connection, Row, load_queries

Q = load_queries("atiende.routing.admin")

#: Only for its constraints' names: people are no plain list.
USER = items.Kind("user", people.MANAGE, (), Q, {"users_email": "email"})


class RoleIn(In):
    role_id: UUID
    scope: Scope
    scope_ids: Ids = Field(default_factory=list)

    def given(self) -> people.RoleGiven:
        return people.RoleGiven(self.role_id, self.scope, tuple(self.scope_ids))


class SkillIn(In):
    skill_id: UUID
    level: Annotated[int, Field(ge=1, le=5)]


class AgentIn(In):
    routing_profile_id: UUID
    queues: Ids = Field(default_factory=list)
    skills: Annotated[list[SkillIn], Field(max_length=500)] = Field(default_factory=list)

    def profile(self) -> AgentProfile:
        skills = tuple((skill.skill_id, skill.level) for skill in self.skills)
        return AgentProfile(self.routing_profile_id, tuple(self.queues), skills)


Roles = Annotated[list[RoleIn], Field(max_length=20)]


class NewUser(In):
    email: Email
    name: Name
    team_id: UUID | None = None
    site_id: UUID | None = None
    locale: Locale = "es"
    roles: Roles = Field(default_factory=list)
    agent: AgentIn | None = None


class UserPatch(Patch):
    email: Email | None = None
    name: Name | None = None
    team_id: UUID | None = None
    site_id: UUID | None = None
    locale: Locale | None = None
    roles: Roles | None = None
    agent: AgentIn | None = None


class RoleHeld(Out):
    role_id: UUID
    code: str
    scope: str
    scope_ids: list[UUID]


class SkillHeld(Out):
    skill_id: UUID
    level: int


class AgentOut(Out):
    routing_profile_id: UUID
    queues: list[UUID]
    skills: list[SkillHeld]


class UserOut(Item):
    email: str
    name: str
    state: Literal["invited", "active", "disabled"]
    team_id: UUID | None
    site_id: UUID | None
    locale: str
    roles: list[RoleHeld]
    agent: AgentOut | None
    seen_at: Time | None
    locked_until: Time | None


class LinkIn(In):
    purpose: Literal["invite", "reset"]


class LinkMade(Out):
    url: str


async def list_users(ctx: Ctx) -> Items[UserOut]:
    """Those within reach of the permission's scope."""
    async with ctx.db.connection() as conn:
        rows = await people.list_people(conn, ctx)
    return Items(items=[UserOut(**dict(row)) for row in rows])


async def create_user(ctx: Ctx, body: NewUser) -> UserOut:
    """Invited: a link (POST …/link) lets him choose a password."""
    person = people.Person(body.email, body.name, body.team_id, body.site_id, body.locale)
    async with items.act(ctx, USER) as (conn, changes):
        roles = [role.given() for role in body.roles]
        user_id = await people.add_person(conn, ctx, person, roles)
        if body.agent is not None:
            changes.extend(await set_agent(conn, ctx, user_id, body.agent.profile()))
            await people.need_within(conn, ctx, user_id)
        answer = await _user(conn, ctx, user_id)
        await _note(conn, ctx, "created", None, answer)
    return answer


async def change_user(ctx: Ctx, id: UUID, body: UserPatch) -> UserOut:
    async with items.act(ctx, USER) as (conn, changes):
        known = await people.touchable(conn, ctx, id, body.version)
        before = await _user(conn, ctx, id)
        await people.change_person(conn, ctx, known, _person(known.row, body))
        if body.roles is not None:
            await people.change_roles(conn, ctx, known, [role.given() for role in body.roles])
        new = _person(known.row, body)
        if (new.name, new.team_id) != (before.name, before.team_id):
            changes.extend(await people.name_shown(conn, id))  # cases before agents: lock order
        changes.extend(await _agent_part(conn, ctx, id, body))
        await people.need_within(conn, ctx, id)  # what queues give counts too
        answer = await _user(conn, ctx, id)
        await _note(conn, ctx, "changed", before, answer)
    return answer


def _person(row: Row, body: UserPatch) -> people.Person:
    given = body.model_fields_set
    return people.Person(
        body.email or row["email"],
        body.name or row["name"],
        body.team_id if "team_id" in given else row["team_id"],
        body.site_id if "site_id" in given else row["site_id"],
        body.locale or row["locale"],
    )


async def _agent_part(
    conn: Connection, ctx: Context, user_id: UUID, body: UserPatch
) -> list[Change]:
    if "agent" not in body.model_fields_set:
        return await agent_changed(conn, ctx, user_id)
    if body.agent is None:
        return await remove_agent(conn, ctx, user_id)
    return await set_agent(conn, ctx, user_id, body.agent.profile())


async def make_user_link(ctx: Ctx, id: UUID, body: LinkIn) -> LinkMade:
    """An address to hand over; shown once."""
    async with ctx.db.transaction() as conn:
        known = await people.touchable(conn, ctx, id, None)
        url = await people.one_time_link(conn, ctx, known, body.purpose)
        await record(conn, who(ctx), _upon(known, "link_made"), ctx.now)
    return LinkMade(url=url)


async def disable_user(ctx: Ctx, id: UUID) -> UserOut:
    """Ends his sessions and gives his work back."""
    async with items.act(ctx, USER) as (conn, changes):
        known = await people.touchable(conn, ctx, id, None)
        if known.row["state"] != "disabled":
            await people.disable(conn, ctx, known)
            changes.extend(await agent_changed(conn, ctx, id))
            await record(conn, who(ctx), _upon(known, "disabled"), ctx.now)
        return await _user(conn, ctx, id)


async def enable_user(ctx: Ctx, id: UUID) -> UserOut:
    async with items.act(ctx, USER) as (conn, changes):
        known = await people.touchable(conn, ctx, id, None)
        if known.row["state"] == "disabled":
            await people.enable(conn, known)
            changes.extend(await agent_changed(conn, ctx, id))
            await record(conn, who(ctx), _upon(known, "enabled"), ctx.now)
        return await _user(conn, ctx, id)


async def unlock_user(ctx: Ctx, id: UUID) -> UserOut:
    """Opens an account that failed logins shut."""
    async with items.act(ctx, USER) as (conn, _):
        known = await people.touchable(conn, ctx, id, None)
        await people.unlock(conn, known)
        await record(conn, who(ctx), _upon(known, "unlocked"), ctx.now)
        return await _user(conn, ctx, id)


def _upon(known: people.Known, verb: str) -> Act:
    """An act upon a person that changes no column of his: the record says whose."""
    name = {"name": known.row["name"]}
    return Act(f"user.{verb}", "user", known.row["id"], name, name)


async def _user(conn: Connection, ctx: Context, user_id: UUID) -> UserOut:
    row = await people.one_of_list(conn, user_id, ctx.now)
    if row is None:
        raise Problem(404, "not_found")
    return UserOut(**dict(row))


async def _note(
    conn: Connection, ctx: Context, verb: str, before: UserOut | None, after: UserOut
) -> None:
    told = {"email", "name", "state", "team_id", "site_id", "locale", "roles", "agent"}

    def values(user: UserOut | None) -> dict[str, Any] | None:
        return None if user is None else user.model_dump(include=told)

    act = Act(f"user.{verb}", "user", after.id, values(before), values(after))
    await record(conn, who(ctx), act, ctx.now)
