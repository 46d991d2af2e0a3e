"""A walk over the whole table of routes: everything is shut unless its line says otherwise."""

from collections.abc import Iterator

import pytest
from fastapi.routing import APIRoute

from atiende.core.permissions import PERMISSIONS
from atiende.web.app import CHAT_ROUTES, SOCKETS
from atiende.web.gate import PUBLIC, SESSION
from atiende.web.routes import ROUTES
from tests.product import Person, browser, person
from tests.web.conftest import House

NOWHERE = "0198c000-0000-7000-8000-000000000000"
#: What anybody may call, and why: each line a decision.
OPEN = {
    ("GET", "/api/public"),  # the login page's name and language
    ("POST", "/api/login"),
    ("POST", "/api/links/open"),  # a one-time link's own token is the key
    ("POST", "/api/links/use"),
}
PLAIN = {"/healthz", "/", "/assets", "/demo/site"}


def concrete(path: str) -> str:
    parts = [NOWHERE if p.startswith("{") else p for p in path.split("/")]
    return "/".join(parts)


def guarded() -> Iterator[tuple[str, str, str]]:
    for method, path, _, permission in ROUTES:
        if permission != PUBLIC:
            yield method, path, permission


def test_every_line_names_a_permission_that_exists() -> None:
    known = PERMISSIONS | {PUBLIC, SESSION}
    assert [line for line in ROUTES if line[3] not in known] == []


def test_only_the_lines_decided_are_open() -> None:
    assert {(m, p) for m, p, _, permission in ROUTES if permission == PUBLIC} == OPEN


def test_no_line_stands_twice() -> None:
    lines = [(m, p) for m, p, _, _ in ROUTES]
    assert len(lines) == len(set(lines))


async def test_the_application_serves_nothing_that_the_table_does_not_hold(house: House) -> None:
    """Each API route has the table's gate; the rest are the visitor's routes, sockets and pages."""
    table = {(m, p) for m, p, _, _ in ROUTES}
    others = {getattr(r, "path", "") for r in [*CHAT_ROUTES, *SOCKETS]}
    for route in house.product.app.router.routes:
        if isinstance(route, APIRoute):
            assert {(m, route.path) for m in route.methods or ()} <= table, route.path
            assert len(route.dependencies) == 1, route.path
        else:
            path = getattr(route, "path", "")
            assert path in others or path in PLAIN, path


async def test_without_a_session_every_guarded_route_answers_401(house: House) -> None:
    async with browser(house.product) as http:
        for method, path, _ in guarded():
            response = await http.request(method, concrete(path), json={})
            assert response.status_code == 401, (method, path, response.status_code)


async def test_from_another_site_every_unsafe_route_answers_403(house: House) -> None:
    async with person(house.product, "rosa@nogal.example") as rosa:
        for method, path, _, _ in ROUTES:
            if method == "GET":
                continue
            for headers in (
                {"Origin": "https://malo.example"},
                {"Origin": house.product.base, "X-Atiende": "0"},
                {"Origin": "null"},
            ):
                response = await rosa.http.request(method, concrete(path), json={}, headers=headers)
                assert response.status_code == 403, (method, path, headers)
                assert response.json()["key"] == "csrf"


@pytest.mark.parametrize("who", ["ana", "sonia"])
async def test_who_lacks_the_permission_is_refused_everywhere(house: House, who: str) -> None:
    async with person(house.product, f"{who}@nogal.example") as someone:
        held = set(someone.me["permissions"])
        refused = [r for r in guarded() if r[2] != SESSION and r[2] not in held]
        assert len(refused) > 20
        for method, path, permission in refused:
            response = await someone.http.request(method, concrete(path), json={})
            assert response.status_code == 403, (method, path, permission, response.text)


async def test_an_agent_reaches_no_case_of_another(house: House) -> None:
    from tests.product import Guest

    guest = Guest(house.product, house.key)
    async with (
        person(house.product, "ana@nogal.example") as ana,
        person(house.product, "beto@nogal.example") as beto,
    ):
        await ana.open()
        await ana.presence("available")
        await guest.start(name="Eva")
        await guest.open()
        await guest.say("hola")
        case = await ana.take()
        await _refused(beto, case, ana.conversation(case))
        await ana.presence("offline")
    await guest.close()


async def _refused(beto: Person, case: str, conversation: str) -> None:
    await beto.get(f"/api/cases/{case}", status=404)
    await beto.get(f"/api/cases/{case}/timeline", status=404)
    await beto.get(f"/api/cases/{case}/history", status=404)
    note = {"client_id": NOWHERE, "body": "x"}
    await beto.post(f"/api/cases/{case}/notes", note, status=404)
    await beto.post(f"/api/conversations/{conversation}/messages", note, status=404)
    await beto.post(f"/api/cases/{case}/end", {"client_id": NOWHERE}, status=404)
    assert (await beto.get("/api/cases?q=hola"))["cases"] == []
