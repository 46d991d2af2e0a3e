"""API of who am I: the public page, login and logout, one's own data, one-time links.

Registered in web/routes.py.  The routes that take ``Anon`` ask for no session.
"""

from __future__ import annotations

import asyncio
import json
from typing import Annotated, Any, Literal
from uuid import UUID

import asyncpg
from fastapi import Response
from pydantic import AfterValidator, Field

from atiende import __version__
from atiende.accounts import entry, lock, passwords
from atiende.accounts.audit import Act, Who, record, who
from atiende.accounts.context import Actor, Anon, Anonymous, Ctx
from atiende.accounts.founding import NewAdministrator, add_administrator, found_company
from atiende.accounts.links import open_link, setup_needed, use_up
from atiende.accounts.people import name_shown
from atiende.accounts.sessions import (
    clear_cookie,
    end_sessions,
    find_session,
    set_cookie,
    start_session,
)
from atiende.accounts.shapes import (
    Country,
    Email,
    Empty,
    In,
    Locale,
    Name,
    Out,
    Password,
    Token,
    Zone,
    clean,
)
from atiende.core.problem import Problem
from atiende.settings import Settings
from atiende.store import Change, Connection, Row, load_queries, log_event

Q = load_queries("atiende.accounts")

#: The demo's seed writes it; the login page shows what it says.
DEMO_LOGINS = "demo-logins.json"
PREFERENCES_MOST = 8_000


class DemoLogin(Out):
    name: str
    email: str
    password: str
    role: str


class PublicOut(Out):
    name: str
    locale: str
    version: str
    setup_needed: bool
    demo: bool
    demo_logins: list[DemoLogin]


class LoginIn(In):
    email: Annotated[str, Field(max_length=254), AfterValidator(clean)]
    password: Password


class MyUser(Out):
    id: UUID
    name: str
    email: str
    locale: str
    theme: str
    preferences: dict[str, Any]
    team_id: UUID | None


class MyOrganisation(Out):
    name: str
    country: str
    locale: str
    tz: str


class MySetup(Out):
    done: bool
    step: str


class MeOut(Out):
    user: MyUser
    roles: list[str]
    permissions: list[str]
    is_agent: bool
    organisation: MyOrganisation
    setup: MySetup


class MePatch(In):
    name: Name | None = None
    locale: Locale | None = None
    theme: Literal["auto", "light", "dark"] | None = None
    preferences: dict[str, Any] | None = None


class NewPassword(In):
    current: Password
    new: Password


class LinkOpen(In):
    token: Token


class LinkOut(Out):
    purpose: Literal["setup", "invite", "reset"]
    email: str
    name: str
    organisation: str


class NewOrganisation(In):
    name: Name
    country: Country = "PE"
    tz: Zone = "America/Lima"


class LinkUse(In):
    token: Token
    password: Password
    name: Name | None = None
    email: Email | None = None
    organisation: NewOrganisation | None = None
    locale: Locale = "es"


async def public(anon: Anon) -> PublicOut:
    """What the login page may know."""
    async with anon.db.connection() as conn:
        row = await conn.fetchrow(Q["organisation_read"])
        needed = await setup_needed(conn)
    return PublicOut(
        name=row["name"] if row else "Atiende",
        locale=row["locale"] if row else anon.settings.language,
        version=__version__,
        setup_needed=needed,
        demo=anon.settings.demo,
        demo_logins=await asyncio.to_thread(_demo_logins, anon.settings),
    )


def _demo_logins(settings: Settings) -> list[DemoLogin]:
    path = settings.data_dir / DEMO_LOGINS
    if not settings.demo or not path.is_file():
        return []
    return [DemoLogin(**login) for login in json.loads(path.read_text(encoding="utf-8"))]


async def login(anon: Anon, body: LoginIn, response: Response) -> MeOut:
    """A new token at each login; 401 `login_failed`, 429 `login_locked`."""
    _, token = await entry.login(anon, body.email, body.password)
    return await _logged_in(anon, token, response)


async def _logged_in(anon: Anonymous, token: str, response: Response) -> MeOut:
    async with anon.db.connection() as conn:
        actor = await find_session(conn, token, anon.now)
        if actor is None:
            raise Problem(401, "login_failed")
        answer = await me_of(conn, actor)
    set_cookie(response, token, anon.settings, anon.https)
    return answer


async def logout(ctx: Ctx, response: Response) -> Empty:
    await entry.logout(ctx)
    clear_cookie(response, ctx.settings, ctx.https)
    return Empty()


async def me(ctx: Ctx) -> MeOut:
    async with ctx.db.connection() as conn:
        return await me_of(conn, ctx.actor)


async def me_of(conn: Connection, actor: Actor) -> MeOut:
    row = await _me_row(conn, actor.user_id)
    setup = row["setup"] or {"step": "done"}
    return MeOut(
        user=MyUser(**dict(row)),
        roles=row["roles"],
        permissions=sorted({grant.permission for grant in actor.grants}),
        is_agent=actor.is_agent,
        organisation=MyOrganisation(
            name=row["organisation"] or "Atiende",
            country=row["country"] or "",
            locale=row["organisation_locale"] or row["locale"],
            tz=row["tz"],
        ),
        setup=MySetup(done=setup.get("step", "done") == "done", step=setup.get("step", "done")),
    )


async def _me_row(conn: Connection, user_id: UUID) -> Row:
    row = await conn.fetchrow(Q["me_read"], user_id)
    if row is None:
        raise Problem(401, "login_needed")
    return row


async def change_me(ctx: Ctx, body: MePatch) -> MeOut:
    """One's own name, language, theme and preferences."""
    given = body.model_dump(include=body.model_fields_set)
    if len(json.dumps(given.get("preferences"))) > PREFERENCES_MOST:
        raise Problem(413, "too_big", fields={"preferences": "too_big"})
    changes: list[Change] = []
    async with ctx.db.transaction() as conn:
        row = await _me_row(conn, ctx.actor.user_id)
        columns = ("name", "locale", "theme", "preferences")
        values = {c: row[c] if given.get(c) is None else given[c] for c in columns}
        await conn.execute(Q["me_update"], ctx.actor.user_id, *values.values())
        if values["name"] != row["name"]:
            changes.extend(await name_shown(conn, ctx.actor.user_id))
            version = await conn.fetchval(Q["agent_touch"], ctx.actor.user_id)
            if version is not None:
                change = Change("agent", ctx.actor.user_id, version, "agent.configured")
                changes.append(await log_event(conn, change))
            done = Act(
                "user.changed",
                "user",
                ctx.actor.user_id,
                {"name": row["name"]},
                {"name": values["name"]},
            )
            await record(conn, who(ctx), done, ctx.now)
        answer = await me_of(conn, ctx.actor)
    ctx.publish(changes)
    return answer


async def change_password(ctx: Ctx, body: NewPassword) -> Empty:
    """A new password of one's own; the other sessions end."""
    fast = ctx.settings.test_fast_passwords
    subjects = (lock.account(ctx.actor.email), lock.address(ctx.address))
    async with ctx.db.transaction() as conn:
        await lock.reserve(conn, subjects, ctx.now)
        stored = (await _me_row(conn, ctx.actor.user_id))["password_hash"]
    if not await passwords.verify(stored, body.current, fast=fast):
        raise Problem(403, "password_wrong", fields={"current": "wrong"})
    passwords.check_strength(body.new, ctx.actor.email)
    hashed = await passwords.hash_password(body.new, fast=fast)
    async with ctx.db.transaction() as conn:
        await lock.release(conn, *subjects)
        await conn.execute(Q["password_set"], ctx.actor.user_id, hashed)
        await end_sessions(conn, ctx.actor.user_id, ctx.now, "password", but=ctx.actor.session_id)
        done = Act("user.password_changed", "user", ctx.actor.user_id)
        await record(conn, who(ctx), done, ctx.now)
    return Empty()


async def open_one_time_link(anon: Anon, body: LinkOpen) -> LinkOut:
    """Whose link it is; 410 `link_expired`."""
    async with anon.db.transaction() as conn:
        link = await open_link(conn, body.token, anon.now)
        await _still_wanted(conn, link)
    return LinkOut(
        purpose=link["purpose"],
        email=link["email"] or "",
        name=link["name"] or "",
        organisation=link["organisation"] or "",
    )


async def use_one_time_link(anon: Anon, body: LinkUse, response: Response) -> MeOut:
    """Sets the password (and founds the company, for the first link), and logs in."""
    async with anon.db.transaction() as conn:
        link = await open_link(conn, body.token, anon.now)
        await _still_wanted(conn, link)
    email = link["email"] or body.email or ""
    passwords.check_strength(body.password, email)
    hashed = await passwords.hash_password(body.password, fast=anon.settings.test_fast_passwords)
    async with anon.db.transaction() as conn:
        # Again, and locked: the hash took its time, and a link is used once.
        link = await open_link(conn, body.token, anon.now)
        user_id = await _use(conn, anon, link, body, hashed)
        await use_up(conn, link["id"], anon.now)
        token = await start_session(conn, user_id, anon.now, anon.address, anon.browser)
        name = (await _me_row(conn, user_id))["name"]
        done = Act(f"link.{link['purpose']}", "user", user_id)
        await record(conn, Who(user_id, name, anon.address), done, anon.now)
    return await _logged_in(anon, token, response)


async def _still_wanted(conn: Connection, link: Row) -> None:
    if link["purpose"] == "setup" and not await setup_needed(conn):
        raise Problem(410, "link_expired")


async def _use(conn: Connection, anon: Anonymous, link: Row, body: LinkUse, hashed: str) -> UUID:
    if link["purpose"] == "setup":
        return await _found(conn, link, body, hashed)
    user_id: UUID = link["user_id"]
    name = body.name if link["purpose"] == "invite" else None
    if await conn.fetchval(Q["user_activate"], user_id, hashed, name) is None:
        raise Problem(410, "link_expired")
    # The router counts only who has an account in force: from now on this one.
    await conn.execute(Q["agent_joined"], user_id, anon.now)
    await end_sessions(conn, user_id, anon.now, "password")
    await lock.unlock(conn, link["email"])
    return user_id


async def _found(conn: Connection, link: Row, body: LinkUse, hashed: str) -> UUID:
    await _still_wanted(conn, link)
    given = {"name": body.name, "email": body.email, "organisation": body.organisation}
    missing = {field: "required" for field, value in given.items() if value is None}
    if body.name is None or body.email is None or body.organisation is None:
        raise Problem(422, "fields_missing", fields=missing)
    company, founded = body.organisation, None
    if await conn.fetchrow(Q["organisation_get"]) is None:
        founded = await found_company(
            conn, company.name, country=company.country, tz=company.tz, locale=body.locale
        )
    person = NewAdministrator(body.name, body.email, hashed, body.locale)
    try:
        return await add_administrator(conn, person, founded)
    except asyncpg.UniqueViolationError as taken:
        raise Problem(409, "taken", fields={"email": "taken"}) from taken
