"""Hostile logins: names in disguise, storms, victims locked out on purpose, links used twice."""

import asyncio
from typing import Any

import httpx

from atiende.accounts import lock
from tests.hostile.attack import ANA, BETO, ROSA
from tests.hostile.conftest import House
from tests.product import PASSWORD, browser, person


async def tried(http: httpx.AsyncClient, email: str, password: str = "mal mal mal") -> str:
    answer = await http.post("/api/login", json={"email": email, "password": password})
    assert answer.status_code in (200, 401, 422, 429, 503), answer.text
    return str(answer.json().get("key", "in"))


DISGUISES = (
    ANA.upper(), f" {ANA} ", f"\t{ANA}\n", ANA.title(), f"\u2003{ANA}\u00a0", f"{ANA}\u3000",
)  # fmt: skip


async def test_a_name_in_disguise_is_the_same_name_to_the_lock(house: House) -> None:
    async with browser(house.product) as http:
        answers = [await tried(http, name) for name in DISGUISES]
    assert answers == ["login_failed"] * 5 + ["login_locked"]


async def test_a_name_that_only_looks_like_it_opens_nothing(house: House) -> None:
    async with browser(house.product) as http:
        for name in ("\u0430na@nogal.example", "ana@nogal.example\u200b", "aña@nogal.example", "%"):
            assert await tried(http, name, PASSWORD) in ("login_failed", "invalid")
        bodies: tuple[Any, ...] = (
            {"email": {"$ne": ""}, "password": PASSWORD},
            {"email": [ANA], "password": PASSWORD},
            {"email": ANA, "password": {"$ne": ""}},
            {"email": ANA, "password": True},
            {"email": ANA, "password": None},
            {"email": ANA},
            [],
            ANA,
        )
        for body in bodies:
            answer = await http.post("/api/login", json=body)
            assert answer.status_code == 422, body


async def test_who_knows_a_place_is_not_locked_out_by_strangers(house: House) -> None:
    """Anybody can fail at somebody's name; from where she works every day she still gets in."""
    async with house.product.db.transaction() as conn:
        now = house.product.web.now()
        for _ in range(12):
            await conn.execute("update login_failures set locked_until = null")
            await lock.reserve(conn, (lock.account(ANA),), now)
    async with browser(house.product) as http:
        assert await tried(http, ANA, PASSWORD) == "in"


async def test_a_hundred_guesses_at_once_find_the_lock(house: House) -> None:
    async with house.product.db.connection() as conn:
        await conn.execute("delete from sessions where user_id = $1", house.people[BETO])
    async with browser(house.product) as http:
        answers = await asyncio.gather(*(tried(http, BETO) for _ in range(100)))
        assert answers.count("login_failed") <= 5
        assert set(answers) <= {"login_failed", "login_locked", "database_away", "busy"}
    async with person(house.product, ROSA) as rosa:
        assert (await rosa.get("/api/me"))["user"]["email"] == ROSA


async def test_a_storm_of_right_logins_is_served(house: House) -> None:
    async with browser(house.product) as http:
        calls = (tried(http, ROSA, PASSWORD) for _ in range(60))
        answers = await asyncio.gather(*calls)
    # Those under way count as tries until they are right: of so many at once some must wait.
    assert "in" in answers
    assert set(answers) <= {"in", "login_locked"}


async def test_a_link_is_used_once_even_by_two_at_once(house: House) -> None:
    async with person(house.product, ROSA) as rosa:
        path = f"/api/admin/users/{house.people[BETO]}/link"
        old = (await rosa.post(path, {"purpose": "reset"}))["url"]
        new = (await rosa.post(path, {"purpose": "reset"}))["url"]
    async with browser(house.product) as http:

        async def use(url: str) -> int:
            body = {"token": url.rsplit("/", 1)[1], "password": PASSWORD}
            return (await http.post("/api/links/use", json=body)).status_code

        assert await use(old) == 410
        codes = await asyncio.gather(*(use(new) for _ in range(8)))
        assert sorted(codes) == [200, *[410] * 7]
        assert await use(new) == 410
        for token in ("x", "", "A" * 43, "A" * 5000, "../x"):
            answer = await http.post("/api/links/open", json={"token": token})
            assert answer.status_code in (410, 422)


async def test_a_new_password_ends_the_other_sessions(house: House) -> None:
    new = "otra frase larga y buena"
    async with person(house.product, BETO) as one, person(house.product, BETO) as two:
        await one.post("/api/me/password", {"current": PASSWORD, "new": new})
        assert (await two.http.get("/api/me")).status_code == 401
        assert (await one.http.get("/api/me")).status_code == 200
        await one.post("/api/me/password", {"current": new, "new": PASSWORD})


async def test_a_session_guesses_no_password(house: House) -> None:
    """Whoever finds an open screen has no more tries at the password than anybody."""
    async with person(house.product, ANA) as ana:
        body = {"current": "mal mal mal", "new": "otra frase larga y buena"}
        codes = [(await ana.http.post("/api/me/password", json=body)).status_code for _ in range(7)]
    assert codes == [403] * 5 + [429] * 2
