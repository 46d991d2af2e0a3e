"""Founds the demo's company as an administrator would, through the same handlers, in one go.

Called by seed.py. Every handler runs inside the seed's single transaction (`Within`), so that the
company stands whole or not at all, with its record (audit) and its events.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from atiende.accounts import (
    Context,
    NewAdministrator,
    account_secret,
    add_administrator,
    api_organisation,
    channel_account,
    end_sessions,
    find_session,
    found_company,
    keep_secret,
    load_key,
    start_session,
)
from atiende.campaigns import api as campaigns
from atiende.campaigns import set_from_template
from atiende.demo.data import company, quick_replies
from atiende.demo.logins import Login
from atiende.knowledge import api as knowledge
from atiende.routing import admin
from atiende.settings import Settings
from atiende.store import Connection, Database, load_queries

Q = load_queries("atiende.demo")
Ids = dict[str, UUID]


class Within(Database):
    """A database whose transactions are savepoints of one connection's own."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        async with self._conn.transaction():
            yield self._conn

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        yield self._conn


@dataclass
class Company:
    """The founded company by the keys of company.json."""

    sites: list[UUID] = field(default_factory=list)
    hours: list[UUID] = field(default_factory=list)
    profiles: list[UUID] = field(default_factory=list)
    teams: Ids = field(default_factory=dict)
    skills: Ids = field(default_factory=dict)
    campaigns: Ids = field(default_factory=dict)
    queues: Ids = field(default_factory=dict)
    accounts: Ids = field(default_factory=dict)
    #: By team: the account of its number, and the number itself.
    numbers: dict[str, dict[str, Any]] = field(default_factory=dict)
    people: Ids = field(default_factory=dict)  # by e-mail


async def found(
    conn: Connection, settings: Settings, logins: Sequence[tuple[Login, str]], now: datetime
) -> tuple[Company, Context]:
    """The company of company.json; `logins` come with their hashes, `now` is when it was founded.
    The context is its administrator's."""
    told = company()
    founded = await found_company(
        conn, told["name"], country=told["country"], tz=told["tz"], locale=told["locale"]
    )
    made = Company([founded.site_id], [founded.hours_id], [founded.profile_id])
    boss, hashed = next((who, h) for who, h in logins if who.role == "administrator")
    person = NewAdministrator(boss.name, boss.email, hashed, told["locale"])
    made.people[boss.email] = await add_administrator(conn, person, founded)
    ctx = await _as_administrator(conn, settings, made.people[boss.email], now)
    made.teams[told["teams"][0]["key"]] = founded.team_id
    await _places(ctx, made, told)
    await _lists(ctx, made, told)
    await _business(conn, ctx, made, told)
    for person_told, (login, hashed) in zip(told["people"], logins, strict=True):
        if login.role != "administrator":
            user = await _hire(ctx, made, person_told, login)
            made.people[login.email] = user
            await conn.execute(Q["activate"], user, hashed)
    await _accounts(conn, ctx, made, told)
    await end_sessions(conn, ctx.actor.user_id, now, "logout")
    return made, ctx


async def _as_administrator(
    conn: Connection, settings: Settings, user: UUID, now: datetime
) -> Context:
    token = await start_session(conn, user, now, None, None)
    actor = await find_session(conn, token, now)
    if actor is None:
        raise LookupError("a session just made")
    return Context(Within(conn), actor, now, settings)


async def _places(ctx: Context, made: Company, told: Mapping[str, Any]) -> None:
    """Sites, teams, opening hours, routing profiles: the first of each stands already."""
    (name, tz), *others = told["sites"]
    patch = api_organisation.SitePatch(version=1, name=name, tz=tz)
    await api_organisation.change_site(ctx, made.sites[0], patch)
    for name, tz in others:
        site = await api_organisation.create_site(ctx, api_organisation.NewSite(name=name, tz=tz))
        made.sites.append(site.id)
    first, *rest = told["teams"]
    renamed = api_organisation.TeamPatch(version=1, name=first["name"])
    await api_organisation.change_team(ctx, made.teams[first["key"]], renamed)
    for each in rest:
        body = api_organisation.NewTeam(name=each["name"], site_id=made.sites[each["site"]])
        made.teams[each["key"]] = (await api_organisation.create_team(ctx, body)).id
    for number, each in enumerate(told["hours"]):
        body_of = {**each, "exceptions": _holidays(each["exceptions"], ctx.now)}
        if number == 0:
            hours = api_organisation.HoursPatch.model_validate({**body_of, "version": 1})
            await api_organisation.change_hours(ctx, made.hours[0], hours)
        else:
            new = api_organisation.NewHours.model_validate(body_of)
            made.hours.append((await api_organisation.create_hours(ctx, new)).id)
    profile, *profiles = told["profiles"]
    changed = admin.queues.ProfilePatch.model_validate({**profile, "version": 1})
    await admin.queues.change_profile(ctx, made.profiles[0], changed)
    for each in profiles:
        added = await admin.queues.create_profile(ctx, admin.queues.NewProfile(**each))
        made.profiles.append(added.id)


def _holidays(told: Sequence[str], now: datetime) -> list[dict[str, object]]:
    """ "12-25 Navidad" in this year and the next, closed all day."""
    return [
        {"date": date.fromisoformat(f"{year}-{day}"), "name": name, "intervals": []}
        for year in (now.year, now.year + 1)
        for day, _, name in (each.partition(" ") for each in told)
    ]


async def _lists(ctx: Context, made: Company, told: Mapping[str, Any]) -> None:
    for name in told["skills"]:
        skill = await api_organisation.create_skill(ctx, api_organisation.NewSkill(name=name))
        made.skills[name] = skill.id
    for place, (code, name, productive) in enumerate(told["pauses"], 10):
        pause = api_organisation.NewPause(
            code=code, name=name, productive=productive, position=place
        )
        await api_organisation.create_pause(ctx, pause)
    for shortcut, title, body in quick_replies():
        reply = knowledge.NewQuickReply(shortcut=shortcut, title=title, body=body)
        await knowledge.create_quick_reply(ctx, reply)


async def _business(conn: Connection, ctx: Context, made: Company, told: Mapping[str, Any]) -> None:
    """Campaigns with their trees, and the queues."""
    for each in told["campaigns"]:
        tree = await set_from_template(conn, each["tree"], told["locale"], ctx.now)
        body = campaigns.NewCampaign(
            name=each["name"], disposition_set_id=tree, disposition_required=each["required"]
        )
        made.campaigns[each["key"]] = (await campaigns.create_campaign(ctx, body)).id
    versions: dict[str, int] = {}
    for each in told["queues"]:
        values = {k: v for k, v in each.items() if k not in ("key", "hours", "overflow", "steps")}
        steps = [
            {"after_s": s["after_s"], "skills": [(made.skills[n], lvl) for n, lvl in s["skills"]]}
            for s in each["steps"]
        ]
        queue = await admin.queues.create_queue(
            ctx,
            admin.queues.NewQueue.model_validate(
                {
                    **values,
                    "campaign_id": made.campaigns[each["key"]],
                    "hours_id": made.hours[each["hours"]],
                    "steps": steps,
                }
            ),
        )
        made.queues[each["key"]], versions[each["key"]] = queue.id, queue.version
    for each in told["queues"]:
        if each["overflow"]:
            patch = admin.queues.QueuePatch(
                version=versions[each["key"]], overflow_queue_id=made.queues[each["overflow"]]
            )
            await admin.queues.change_queue(ctx, made.queues[each["key"]], patch)


async def _hire(ctx: Context, made: Company, told: Mapping[str, Any], login: Login) -> UUID:
    role = await _role(ctx, login.role)
    scope = {"agent": "own", "supervisor": "team"}.get(login.role, "all")
    watched = [made.teams[key] for key in told.get("watches", ())]
    agent = None
    if login.role == "agent":
        agent = {
            "routing_profile_id": made.profiles[told["profile"]],
            "queues": [made.queues[key] for key in told["queues"]],
            "skills": [
                {"skill_id": made.skills[name], "level": level}
                for name, level in told["skills"].items()
            ],
        }
    body = admin.people.NewUser.model_validate(
        {
            "email": login.email,
            "name": login.name,
            "team_id": made.teams[told["team"]],
            "site_id": made.sites[told["site"]],
            "roles": [{"role_id": role, "scope": scope, "scope_ids": watched}],
            "agent": agent,
        }
    )
    return (await admin.people.create_user(ctx, body)).id


async def _role(ctx: Context, code: str) -> UUID:
    async with ctx.db.connection() as conn:
        found_id: UUID = await conn.fetchval(Q["role"], code)
    return found_id


async def _accounts(conn: Connection, ctx: Context, made: Company, told: Mapping[str, Any]) -> None:
    """The chat accounts, whose pages are our own address; and the numbers that are called."""
    origin = ctx.settings.base_url()
    for each in told["accounts"]:
        new = channel_account.NewAccount(
            each["channel"],
            each["name"],
            made.queues[each["queue"]],
            made.hours[each["hours"]],
            {**each["config"], "allowed_origins": [origin]},
        )
        made.accounts[each["key"]] = await channel_account.create_in(conn, ctx, new)
    for each in told["numbers"]:
        said = {name: f"custom/{told['locale'][:2]}/{name}" for name in ("greeting", "closed")}
        number = channel_account.NewAccount(
            each["channel"],
            each["name"],
            made.queues[each["queue"]],
            made.hours[each["hours"]],
            {"number": each["number"], **said},
        )
        account = await channel_account.create_in(conn, ctx, number)
        made.numbers[each["key"]] = {"account": account, "number": each["number"]}


async def keep_shop_secret(
    conn: Connection, settings: Settings, accounts: Sequence[UUID], secret: str, now: datetime
) -> None:
    """One secret for every account: it signs who a logged-in customer of the shop is."""
    key = load_key(settings.key_file)
    for account in accounts:
        await keep_secret(conn, key, account_secret(account), secret.encode(), now)


__all__ = ["Company", "Within", "found", "keep_shop_secret"]
