"""One-time links: the first administrator, invitations, new passwords."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from fastapi import Response

from atiende.accounts import first_link, link_url
from atiende.accounts.api import (
    LinkOpen,
    LinkUse,
    NewOrganisation,
    open_one_time_link,
    public,
    use_one_time_link,
)
from atiende.core.problem import Problem
from atiende.routing import admin
from atiende.routing.admin.people import LinkIn
from atiende.store import open_database
from tests.company import PASSWORD, Company, fast_settings, link_of, token_of


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def empty(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Company]:
    """Before anybody."""
    db = await open_database(database, size=4)
    yield Company(db, fast_settings(Path(tmp_path_factory.mktemp("data"))))
    await db.close()


def _first(token: str, email: str = "rosa@nogal.example") -> LinkUse:
    company = NewOrganisation(name="Muebles Nogal", country="CO", tz="America/Bogota")
    return LinkUse(
        token=token, password=PASSWORD, name="Rosa Admin", email=email, organisation=company
    )


async def _refused(company: Company, body: LinkUse) -> Problem:
    with pytest.raises(Problem) as refused:
        await use_one_time_link(company.anonymous(), body, Response())
    return refused.value


async def test_the_first_start_gives_a_link_that_founds_the_company(empty: Company) -> None:
    assert (await public(empty.anonymous())).setup_needed
    old = await first_link(empty.db, empty.now)
    token = await first_link(empty.db, empty.now)
    assert old is not None
    assert token is not None
    assert (await _refused(empty, _first(old))).key == "link_expired"  # a restart voids it
    assert link_url("https://a.example/", token) == f"https://a.example/#/enlace/{token}"
    opened = await open_one_time_link(empty.anonymous(), LinkOpen(token=token))
    assert opened.purpose == "setup"
    missing = await _refused(empty, LinkUse(token=token, password=PASSWORD))
    assert set(missing.fields) == {"name", "email", "organisation"}
    me = await use_one_time_link(empty.anonymous(), _first(token), Response())
    assert (me.organisation.name, me.organisation.tz) == ("Muebles Nogal", "America/Bogota")
    assert not (await public(empty.anonymous())).setup_needed
    assert await first_link(empty.db, empty.now) is None
    assert (await _refused(empty, _first(token))).key == "link_expired"


async def test_a_new_company_has_roles_pauses_hours_and_a_profile(empty: Company) -> None:
    async with empty.db.connection() as conn:
        pauses = await conn.fetch("select name from pause_reasons where not builtin")
        builtin = await conn.fetch("select code from pause_reasons where builtin order by code")
        roles = await conn.fetch("select code from roles where builtin order by code")
        counts = [
            await conn.fetchval(f"select count(*) from {table}")
            for table in ("sites", "teams", "hours", "routing_profiles", "agents")
        ]
    assert {p["name"] for p in pauses} == {
        "Almuerzo",
        "Descanso",
        "Baño",
        "Capacitación",
        "Reunión",
    }
    assert [b["code"] for b in builtin] == ["rona", "technical_failure"]
    assert [r["code"] for r in roles] == [
        "administrator",
        "agent",
        "auditor",
        "quality",
        "supervisor",
    ]
    assert counts == [1, 1, 1, 1, 0]


async def test_an_invitation_is_used_once_and_ends_older_ones(empty: Company) -> None:
    boss = await empty.boss()
    user = await admin.people.create_user(
        boss, admin.people.NewUser(email="ana@nogal.example", name="Ana")
    )
    first = await admin.people.make_user_link(boss, user.id, LinkIn(purpose="invite"))
    second = await admin.people.make_user_link(boss, user.id, LinkIn(purpose="reset"))
    with pytest.raises(Problem, match="link_expired"):
        await open_one_time_link(empty.anonymous(), link_of(first.url))
    opened = await open_one_time_link(empty.anonymous(), link_of(second.url))
    assert (opened.purpose, opened.email) == ("invite", "ana@nogal.example")
    body = LinkUse(token=token_of(second.url), password=PASSWORD)
    me = await use_one_time_link(empty.anonymous(), body, Response())
    assert me.user.name == "Ana"
    assert (await _refused(empty, body)).key == "link_expired"


async def test_who_accepts_an_invitation_may_correct_his_name_and_a_reset_may_not(
    empty: Company,
) -> None:
    boss = await empty.boss()
    new = admin.people.NewUser(email="tomas@nogal.example", name="Tomas")
    user = await admin.people.create_user(boss, new)
    made = await admin.people.make_user_link(boss, user.id, LinkIn(purpose="invite"))
    body = LinkUse(token=token_of(made.url), password=PASSWORD, name="Tomás Ríos")
    me = await use_one_time_link(empty.anonymous(), body, Response())
    assert me.user.name == "Tomás Ríos"
    made = await admin.people.make_user_link(boss, user.id, LinkIn(purpose="reset"))
    body = LinkUse(token=token_of(made.url), password=PASSWORD, name="Otro")
    me = await use_one_time_link(empty.anonymous(), body, Response())
    assert me.user.name == "Tomás Ríos"


async def test_the_router_hears_of_an_invited_agent_when_the_invitation_is_used(
    empty: Company,
) -> None:
    boss = await empty.boss()
    profile = (await admin.queues.list_profiles(boss)).items[0]
    agent = admin.people.AgentIn(routing_profile_id=profile.id)
    new = admin.people.NewUser(email="beto@nogal.example", name="Beto", agent=agent)
    beto = await admin.people.create_user(boss, new)
    made = await admin.people.make_user_link(boss, beto.id, LinkIn(purpose="invite"))
    asked = "select count(*) from commands where kind = 'configure' and args->>'id' = $1"
    async with empty.db.connection() as conn:
        before = await conn.fetchval(asked, str(beto.id))
    body = LinkUse(token=token_of(made.url), password=PASSWORD)
    await use_one_time_link(empty.anonymous(), body, Response())
    async with empty.db.connection() as conn:
        assert await conn.fetchval(asked, str(beto.id)) == before + 1


async def test_a_weak_password_leaves_the_link_alive(empty: Company) -> None:
    boss = await empty.boss()
    user = (await admin.people.list_users(boss)).items[0]
    made = await admin.people.make_user_link(boss, user.id, LinkIn(purpose="reset"))
    weak = LinkUse(token=token_of(made.url), password="corta")
    assert (await _refused(empty, weak)).key == "password_length"
    assert (await open_one_time_link(empty.anonymous(), link_of(made.url))).purpose == "reset"


async def test_a_reset_ends_sessions_and_opens_a_locked_account(empty: Company) -> None:
    boss = await empty.boss()
    token = await empty.log_in("ana@nogal.example")
    ana = next(u for u in (await admin.people.list_users(boss)).items if u.name == "Ana")
    for _ in range(5):
        with pytest.raises(Problem, match="login_failed"):
            await empty.log_in("ana@nogal.example", "mal")
    listed = next(u for u in (await admin.people.list_users(boss)).items if u.id == ana.id)
    assert listed.locked_until is not None
    made = await admin.people.make_user_link(boss, ana.id, LinkIn(purpose="reset"))
    body = LinkUse(token=token_of(made.url), password="otra frase muy distinta")
    await use_one_time_link(empty.anonymous(), body, Response())
    assert not await empty.alive(token)
    await empty.log_in("ana@nogal.example", "otra frase muy distinta")


async def test_links_expire(empty: Company) -> None:
    boss = await empty.boss()
    ana = next(u for u in (await admin.people.list_users(boss)).items if u.name == "Ana")
    made = await admin.people.make_user_link(boss, ana.id, LinkIn(purpose="reset"))
    empty.pass_time(hours=24, seconds=1)
    with pytest.raises(Problem, match="link_expired"):
        await open_one_time_link(empty.anonymous(), link_of(made.url))


async def test_only_the_hash_of_a_link_is_kept(empty: Company) -> None:
    async with empty.db.connection() as conn:
        sizes = await conn.fetch("select distinct length(token_hash) as n from login_links")
    assert [row["n"] for row in sizes] == [32]
