"""Login, sessions and the lock."""

from datetime import timedelta

import pytest
from fastapi import Response

from atiende.accounts import actors_alive, lock, passwords, people, sessions_alive
from atiende.accounts.api import (
    LoginIn,
    MePatch,
    NewPassword,
    change_me,
    change_password,
    login,
    logout,
    me,
)
from atiende.accounts.sessions import cookie_name, set_cookie
from atiende.core.problem import Problem
from atiende.settings import Settings
from tests.company import PASSWORD, Company

ROSA = "rosa@nogal.example"


async def _try(company: Company, email: str, password: str, address: str = "198.51.100.1") -> str:
    """The key of the answer: "in", or the problem."""
    body = LoginIn(email=email, password=password)
    try:
        await login(company.anonymous(address), body, Response())
    except Problem as problem:
        return problem.key
    return "in"


async def test_a_login_answers_who_one_is(company: Company) -> None:
    answer = await login(
        company.anonymous(), LoginIn(email=" Rosa@Nogal.example ", password=PASSWORD), Response()
    )
    assert answer.user.email == ROSA
    assert answer.roles == ["administrator"]
    assert "users.manage" in answer.permissions
    assert "desk.use" not in answer.permissions
    assert answer.organisation.tz == "America/Bogota"
    assert (answer.setup.done, answer.setup.step) == (False, "company")


async def test_the_cookie_is_host_bound_on_https_and_plain_on_loopback() -> None:
    secure = Settings(public_url="https://atiende.example")
    response = Response()
    set_cookie(response, "TOKEN", secure)
    cookie = response.headers["set-cookie"]
    assert cookie.startswith("__Host-atiende=TOKEN;")
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    assert cookie_name(Settings()) == "atiende"


async def test_each_login_makes_a_new_token_kept_only_as_a_hash(company: Company) -> None:
    first, second = await company.log_in(ROSA), await company.log_in(ROSA)
    assert first != second
    async with company.db.connection() as conn:
        kept = await conn.fetch("select token_hash from sessions")
    assert all(first.encode() not in row["token_hash"] for row in kept)
    assert {len(row["token_hash"]) for row in kept} == {32}


async def test_known_and_unknown_people_cost_and_answer_the_same(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []
    plain = passwords._verify

    def counted(stored: str | None, password: str, fast: bool) -> bool:
        asked.append(stored is None)
        return plain(stored, password, fast)

    monkeypatch.setattr(passwords, "_verify", counted)
    statements: dict[str, list[str]] = {}
    for email in (ROSA, "nadie@nogal.example"):
        log = statements.setdefault(email, [])

        async with company.db.connection() as conn:
            before = await conn.fetchval("select count(*) from audit where action = 'login_failed'")
        log.append(await _try(company, email, "no es esta clave"))
        async with company.db.connection() as conn:
            after = await conn.fetchval("select count(*) from audit where action = 'login_failed'")
        log.append(str(after - before))
    assert statements[ROSA] == statements["nadie@nogal.example"] == ["login_failed", "1"]
    assert asked == [False, True]  # one verification each
    company.pass_time(hours=2)


@pytest.mark.parametrize("email", [ROSA, "nadie@nogal.example"])
async def test_the_lock_grows_the_same_for_known_and_unknown(company: Company, email: str) -> None:
    company.pass_time(hours=2)
    keys = [await _try(company, email, "mal", f"198.51.100.{n}") for n in range(6)]
    assert keys == ["login_failed"] * 5 + ["login_locked"]
    waits = []
    for _ in range(7):
        stranger = company.anonymous("198.51.100.1")
        with pytest.raises(Problem) as locked:
            await login(stranger, LoginIn(email=email, password="mal"), Response())
        waits.append(int(locked.value.values["seconds"]))
        company.pass_time(seconds=waits[-1])
        assert await _try(company, email, "mal") == "login_failed"
    assert [w - 1 for w in waits] == [30, 60, 120, 240, 480, 900, 900]


async def test_the_right_password_opens_after_the_wait_and_clears_the_count(
    company: Company,
) -> None:
    company.pass_time(hours=2)
    for n in range(5):
        await _try(company, ROSA, "mal", f"198.51.100.{n}")
    assert await _try(company, ROSA, PASSWORD) == "login_locked"
    company.pass_time(seconds=31)
    assert await _try(company, ROSA, PASSWORD) == "in"
    assert await _try(company, ROSA, "mal") == "login_failed"
    assert await _try(company, ROSA, PASSWORD) == "in"


async def test_an_address_that_tries_many_names_is_shut_too(company: Company) -> None:
    company.pass_time(hours=2)
    answers = [await _try(company, f"p{n}@x.example", "mal", "192.0.2.9") for n in range(31)]
    assert answers == ["login_failed"] * 30 + ["login_locked"]
    assert await _try(company, ROSA, PASSWORD, "192.0.2.10") == "in"


async def test_right_logins_from_one_office_never_shut_its_address(company: Company) -> None:
    answers = [await _try(company, ROSA, PASSWORD, "192.0.2.77") for _ in range(40)]
    assert set(answers) == {"in"}


def test_the_lock_doubles_to_a_quarter_of_an_hour() -> None:
    assert [lock.locked_s(n, 5) for n in (0, 4, 5, 6, 7, 12, 1000)] == [0, 0, 30, 60, 120, 900, 900]


async def test_a_session_ends_after_thirty_idle_minutes(company: Company) -> None:
    token = await company.log_in(ROSA)
    company.pass_time(minutes=29)
    assert await company.alive(token)
    company.pass_time(minutes=29)
    assert await company.alive(token)
    company.pass_time(minutes=31)
    assert not await company.alive(token)
    company.pass_time(minutes=-31)
    assert not await company.alive(token)  # over is over


async def test_a_session_ends_after_a_shift_of_twelve_hours(company: Company) -> None:
    token = await company.log_in(ROSA)
    for _ in range(24):
        company.pass_time(minutes=29, seconds=59)
        assert await company.alive(token)
    company.pass_time(minutes=1)
    assert not await company.alive(token)


async def test_a_logout_ends_the_session_and_is_recorded(company: Company) -> None:
    token = await company.log_in(ROSA)
    ctx = await company.context(token)
    await logout(ctx, Response())
    assert not await company.alive(token)
    async with company.db.connection() as conn:
        last = await conn.fetchrow("select action, actor from audit order by seq desc limit 1")
    assert last is not None
    assert (last["action"], last["actor"]) == ("logout", "Rosa Admin")


async def test_an_open_socket_learns_todays_grants(company: Company) -> None:
    person = await company.hire("rol@nogal.example")
    ctx = await company.as_(person.email)
    ids = [ctx.actor.session_id, ctx.actor.user_id]
    async with company.db.transaction() as conn:
        assert await actors_alive(conn, ids, company.now) == {ctx.actor.session_id: ctx.actor}
        await people.give_role(conn, person.id, "supervisor", "team")
        changed = await actors_alive(conn, ids, company.now)
        assert changed[ctx.actor.session_id].grants != ctx.actor.grants
        assert await sessions_alive(conn, ids, company.now) == {ctx.actor.session_id}
    company.pass_time(minutes=31)
    async with company.db.connection() as conn:
        assert await actors_alive(conn, ids, company.now) == {}
        assert await sessions_alive(conn, ids, company.now) == frozenset()


async def test_live_work_keeps_an_idle_session(company: Company) -> None:
    person = await company.hire("larga@nogal.example")
    token = await company.log_in(person.email)
    async with company.db.transaction() as conn:
        campaign = await conn.fetchval("insert into campaigns (name) values ('C') returning id")
        queue = await conn.fetchval(
            "insert into queues (name, campaign_id) values ('Q', $1) returning id", campaign
        )
        customer = await conn.fetchval("insert into customers default values returning id")
        case = await conn.fetchval(
            "insert into cases (customer_id, campaign_id, opened_at) values ($1, $2, $3)"
            " returning id",
            customer,
            campaign,
            company.now,
        )
        work = await conn.fetchval(
            "insert into work_items (case_id, customer_id, queue_id, media, virtual_start,"
            " entered_at, state) values ($1, $2, $3, 'messages', $4, $4, 'assigned') returning id",
            case,
            customer,
            queue,
            company.now,
        )
        await conn.execute(
            "insert into assignments (work_item_id, agent_id, case_id, via, state, started_at)"
            " values ($1, $2, $3, 'offer', 'active', $4)",
            work,
            person.id,
            case,
            company.now,
        )
    company.pass_time(hours=3)
    assert await company.alive(token)
    async with company.db.connection() as conn:
        await conn.execute("update assignments set state = 'done', done_at = $1", company.now)
    company.pass_time(minutes=31)
    assert not await company.alive(token)


async def test_a_new_password_ends_the_other_sessions(company: Company) -> None:
    person = await company.hire("mario@nogal.example")
    other, mine = await company.log_in(person.email), await company.log_in(person.email)
    ctx = await company.context(mine)
    body = NewPassword(current=PASSWORD, new="otra frase larga y buena")
    await change_password(ctx, body)
    assert (await company.alive(other), await company.alive(mine)) == (False, True)
    with pytest.raises(Problem, match="password_wrong"):
        await change_password(ctx, body)
    assert await _try(company, person.email, "otra frase larga y buena") == "in"


@pytest.mark.parametrize(
    ("password", "key"),
    [
        ("corta", "password_length"),
        ("aaaaaaaaaaaaaaaa", "password_weak"),
        ("Password123", "password_weak"),
        ("rosa@nogal.example", "password_weak"),
        ("x" * 201, "password_length"),
    ],
)
def test_a_password_that_is_guessed_first_is_refused(password: str, key: str) -> None:
    with pytest.raises(Problem, match=key):
        passwords.check_strength(password, ROSA)


def test_passwords_are_argon2id_with_nineteen_mebibytes() -> None:
    hashed = passwords._hasher(False).hash("una frase")
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.is_stale(passwords._hasher(True).hash("una frase"), fast=False)


async def test_one_changes_ones_own_name_theme_and_preferences(company: Company) -> None:
    ctx = await company.boss()
    answer = await change_me(ctx, MePatch(theme="dark", preferences={"sound": False}))
    assert (answer.user.theme, answer.user.preferences) == ("dark", {"sound": False})
    assert (await me(ctx)).user.name == "Rosa Admin"
    with pytest.raises(Problem, match="too_big"):
        await change_me(ctx, MePatch(preferences={"x": "y" * 9000}))


def test_a_session_never_outlives_its_bounds() -> None:
    from atiende.accounts import sessions

    assert timedelta(minutes=30) == sessions.IDLE
    assert timedelta(hours=12) == sessions.LONGEST
