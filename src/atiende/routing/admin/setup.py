"""API of the first steps: company, team, hours and queue, channel, first contact.

Theory of operation.  ``organisation.setup`` keeps the step reached and the ids that later steps
need; each step may be done again (going back changes what it made, and makes nothing twice), and
``finish`` may come at any moment.  The queue's step also makes the administrator an agent of it,
so that the first contact rings at whoever is setting up.  Steps: company, team, queue, channel,
first, done.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from atiende.accounts import (
    Act,
    Context,
    Country,
    Ctx,
    Email,
    In,
    Locale,
    Name,
    Out,
    Weekly,
    Zone,
    channel_account,
    items,
    people,
    record,
    who,
)
from atiende.campaigns import new_campaign, set_from_template
from atiende.core.problem import Problem
from atiende.routing.admin.membership import AgentProfile, set_agent
from atiende.routing.admin.queues import NewQueue, add_queue
from atiende.store import Change, Connection, Row, changes_of, load_queries, log_event

Q = load_queries("atiende.routing.admin")

STEPS = ("company", "team", "queue", "channel", "first", "done")
PERMISSION = "company.manage"
#: The first steps are no way round what the lists of the administration ask for.
NEEDS = {
    "team": ("users.manage",),
    "queue": ("queues.manage", "hours.manage", "campaigns.manage", "dispositions.manage"),
    "channel": ("channels.manage",),
}
SETUP = items.Kind(
    "setup",
    PERMISSION,
    (),
    Q,
    {
        "users_email": "email",
        "queues_name_key": "name",
        "campaigns_name_key": "name",
        "channel_accounts_name_key": "name",
        "disposition_sets_name_key": "template",
    },
)


class CompanyIn(In):
    name: Name
    country: Country
    locale: Locale = "es"
    tz: Zone


class PersonIn(In):
    name: Name
    email: Email
    role: Literal["agent", "supervisor"] = "agent"


class TeamIn(In):
    people: Annotated[list[PersonIn], Field(max_length=50)] = Field(default_factory=list)


class QueueIn(In):
    name: Name
    tz: Zone
    weekly: Weekly
    template: Annotated[str, Field(max_length=40)] = "care"


class ChannelIn(In):
    channel: Annotated[str, Field(max_length=40)]
    name: Name
    config: dict[str, Any] = Field(default_factory=dict)


class Invited(Out):
    id: UUID
    name: str
    email: str
    state: str
    url: str | None = None


class TeamStep(Out):
    people: list[Invited]


class CompanyStep(Out):
    name: str
    country: str
    locale: str
    tz: str


class QueueStep(Out):
    id: UUID | None
    name: str
    tz: str
    weekly: Weekly


class ChannelStep(Out):
    id: UUID
    channel: str
    name: str
    public_key: str
    config: dict[str, Any]
    snippet: str


class FirstStep(Out):
    arrived: bool
    attended: bool


class SetupOut(Out):
    step: Literal["company", "team", "queue", "channel", "first", "done"]
    done: bool
    company: CompanyStep
    team: TeamStep
    queue: QueueStep
    channel: ChannelStep | None
    first: FirstStep


async def get_setup(ctx: Ctx) -> SetupOut:
    ctx.need(PERMISSION)
    async with ctx.db.transaction() as conn:
        return await _state(conn, ctx, {})


async def company(ctx: Ctx, body: CompanyIn) -> SetupOut:
    async with _step(ctx, "company", body) as (conn, _, row):
        await conn.execute(Q["setup_company"], body.name, body.country, body.locale)
        await conn.execute(Q["setup_zone"], body.tz)
        return await _reached(conn, ctx, row, "team")


async def team(ctx: Ctx, body: TeamIn) -> SetupOut:
    """Invites people; each one's link is in this answer only."""
    urls: dict[UUID, str] = {}
    async with _step(ctx, "team", body) as (conn, changes, row):
        team_id = await conn.fetchval(Q["setup_team"])
        queue = _id(row, "queue_id")
        for person in body.people:
            user_id = await _invite(conn, ctx, person, team_id)
            urls[user_id] = await _invitation(conn, ctx, user_id)
            if person.role == "agent":
                changes.extend(await _as_agent(conn, ctx, user_id, queue))
            made = await people.read_again(conn, user_id)
            await _note(conn, ctx, Act("user.created", "user", user_id, None, made.values()))
        return await _reached(conn, ctx, row, "queue", urls=urls)


async def _invite(conn: Connection, ctx: Context, person: PersonIn, team_id: UUID) -> UUID:
    role = await conn.fetchval(Q["role_by_code"], person.role)
    scope: Literal["own", "team"] = "own" if person.role == "agent" else "team"
    return await people.add_person(
        conn,
        ctx,
        people.Person(person.email, person.name, team_id, None, ctx.actor.locale),
        [people.RoleGiven(role, scope)],
    )


async def _invitation(conn: Connection, ctx: Context, user_id: UUID) -> str:
    known = await people.read_again(conn, user_id)
    return await people.one_time_link(conn, ctx, known, "invite")


async def _as_agent(
    conn: Connection, ctx: Context, user_id: UUID, queue: UUID | None
) -> list[Change]:
    """An agent of the first profile; of the queue too, when there is one; what he had stays."""
    profile = await conn.fetchval(Q["routing_profile_first"])
    queues = {row["queue_id"] for row in await conn.fetch(Q["queues_of_agent"], user_id)}
    if queue is not None:
        queues.add(queue)
    return await set_agent(conn, ctx, user_id, AgentProfile(profile, tuple(sorted(queues))))


async def queue(ctx: Ctx, body: QueueIn) -> SetupOut:
    """Hours, campaign with its tree, and the queue, attended by everybody (me too)."""
    async with _step(ctx, "queue", body) as (conn, changes, row):
        hours = await conn.fetchrow(Q["setup_hours_get"])
        if hours is None:
            raise Problem(404, "not_found")
        weekly = body.model_dump(mode="json")["weekly"]
        await conn.execute(Q["setup_hours"], hours["id"], weekly, body.tz)
        named = {"name": hours["name"]}
        before = {**named, "tz": hours["tz"], "weekly": hours["weekly"]}
        after = {**named, "tz": body.tz, "weekly": weekly}
        await _note(conn, ctx, Act("hours.changed", "hours", hours["id"], before, after))
        queue_id = _id(row, "queue_id")
        old = await conn.fetchrow(Q["setup_queue"], queue_id) if queue_id else None
        if queue_id is not None and old is not None:
            changes.extend(await _rename(conn, ctx, old, body.name))
        else:
            queue_id = await _new_queue(conn, ctx, body, hours["id"], changes)
        return await _reached(conn, ctx, row, "channel", queue_id=str(queue_id))


async def _rename(conn: Connection, ctx: Context, old: Row, name: str) -> list[Change]:
    queue_id: UUID = old["id"]
    done = Act("queue.changed", "queue", queue_id, {"name": old["name"]}, {"name": name})
    await _note(conn, ctx, done)
    version = await conn.fetchval(Q["setup_queue_rename"], queue_id, name)
    await items.configure(conn, ctx, "queue", queue_id)
    told = await log_event(conn, Change("queue", queue_id, version, "queue.configured"))
    return [told, *changes_of(await conn.fetch(Q["queue_touch_cases"], queue_id))]


async def _new_queue(
    conn: Connection, ctx: Context, body: QueueIn, hours_id: UUID, changes: list[Change]
) -> UUID:
    tree = await set_from_template(conn, body.template, ctx.actor.locale, ctx.now)
    campaign = await new_campaign(conn, body.name, tree)
    me = await people.read_again(conn, ctx.actor.user_id)
    await people.give_role(conn, me.row["id"], "agent", "own")
    changes.extend(await _as_agent(conn, ctx, me.row["id"], None))
    now = await people.read_again(conn, me.row["id"])
    grown = await conn.fetchval(Q["setup_tree"], tree)
    rows = [
        Act("disposition_set.created", "disposition_set", tree, None, {"name": grown}),
        Act("campaign.created", "campaign", campaign, None, {"name": body.name}),
        Act("user.changed", "user", me.row["id"], me.values(), now.values()),
    ]
    for row in rows:
        await _note(conn, ctx, row)
    agents = [row["id"] for row in await conn.fetch(Q["setup_agents"])]
    made = await add_queue(
        conn,
        ctx,
        NewQueue(campaign_id=campaign, name=body.name, hours_id=hours_id, agents=agents),
        changes,
    )
    return made.id


async def channel(ctx: Ctx, body: ChannelIn) -> SetupOut:
    """The first account, into the first queue; done again, it changes that account."""
    async with _step(ctx, "channel", body) as (conn, _, row):
        queue_id = _id(row, "queue_id")
        if queue_id is None:
            raise Problem(409, "setup_queue_first")
        hours = await conn.fetchval(Q["setup_hours_get"])
        account = channel_account.NewAccount(body.channel, body.name, queue_id, hours, body.config)
        old = _id(row, "account_id")
        if old is not None and await conn.fetchrow(Q["setup_account"], old):
            account_id = await channel_account.change_in(conn, ctx, old, account)
        else:
            account_id = await channel_account.create_in(conn, ctx, account)
        return await _reached(conn, ctx, row, "first", account_id=str(account_id))


async def finish(ctx: Ctx) -> SetupOut:
    """Also "skip the rest": whatever was not made can be made in the administration."""
    async with _step(ctx, "finish", None) as (conn, _, row):
        return await _reached(conn, ctx, row, "done")


@asynccontextmanager
async def _step(
    ctx: Context, name: str, body: In | None
) -> AsyncIterator[tuple[Connection, list[Change], Row]]:
    """A step's transaction: the company's row locked, the act recorded."""
    for permission in (PERMISSION, *NEEDS.get(name, ())):
        ctx.need(permission)
    async with items.act(ctx, SETUP) as (conn, changes):
        row = await conn.fetchrow(Q["setup_organisation"])
        if row is None:
            raise Problem(404, "not_found")
        yield conn, changes, row
        values = None if body is None else body.model_dump(mode="json")
        await record(conn, who(ctx), Act(f"setup.{name}", "setup", "1", None, values), ctx.now)


async def _note(conn: Connection, ctx: Context, act: Act) -> None:
    """What a step makes has its own row in the record, as if made in its list."""
    await record(conn, who(ctx), act, ctx.now)


async def _reached(
    conn: Connection,
    ctx: Context,
    row: Row,
    step: str,
    *,
    urls: dict[UUID, str] | None = None,
    **ids: str,
) -> SetupOut:
    """Notes the step (never a step back) and answers the whole state."""
    setup = {**row["setup"], **ids}
    furthest = max(STEPS.index(step), STEPS.index(setup.get("step", "company")))
    await conn.execute(Q["setup_write"], {**setup, "step": STEPS[furthest]})
    return await _state(conn, ctx, urls or {})


async def _state(conn: Connection, ctx: Context, urls: dict[UUID, str]) -> SetupOut:
    row = await conn.fetchrow(Q["setup_organisation"])
    hours = await conn.fetchrow(Q["setup_hours_get"])
    if row is None:
        raise Problem(404, "not_found")
    step = row["setup"].get("step", "done")
    queue_id, account_id = _id(row, "queue_id"), _id(row, "account_id")
    found = await conn.fetchrow(Q["setup_queue"], queue_id) if queue_id else None
    account = await conn.fetchrow(Q["setup_account"], account_id) if account_id else None
    persons = [dict(p) for p in await conn.fetch(Q["setup_people"])]
    first = await conn.fetchrow(Q["setup_first"])
    base = await people.public_url(conn, ctx)
    return SetupOut(
        step=step,
        done=step == "done",
        company=CompanyStep(**dict(row)),
        team=TeamStep(people=[Invited(**p, url=urls.get(p["id"])) for p in persons]),
        queue=QueueStep(
            id=found["id"] if found else None,
            name=found["name"] if found else "",
            tz=hours["tz"] if hours else row["tz"],
            weekly=hours["weekly"] if hours else {},
        ),
        channel=ChannelStep(**dict(account), snippet=_snippet(base, account["public_key"]))
        if account
        else None,
        first=FirstStep(**dict(first)) if first else FirstStep(arrived=False, attended=False),
    )


def _snippet(base: str, key: str) -> str:
    """What the company puts into its own pages."""
    return f'<script async src="{base}/chat/w.js" data-key="{key}"></script>'


def _id(row: Row, name: str) -> UUID | None:
    value = row["setup"].get(name)
    return None if value is None else UUID(value)
