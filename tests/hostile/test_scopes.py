"""Objects of other teams and people in every place that takes an id; rights that grow."""

import json

import httpx
import pytest

from tests.hostile.attack import (
    BETO,
    NOWHERE,
    PNG,
    ROSA,
    SONIA,
    Attended,
    desk_socket,
    is_sane,
    refused_frame,
)
from tests.hostile.conftest import House
from tests.hostile.test_rights import join, role
from tests.product import Frame, Guest, Person, browser, client_id, person


async def outsider(house: House, rosa: Person, email: str, code: str = "supervisor") -> None:
    """A supervisor of a team that has nothing to do with the contact."""
    users = (await rosa.get("/api/admin/users"))["items"]
    if any(u["email"] == email for u in users):
        return
    team = await rosa.post("/api/admin/teams", {"name": f"Equipo {email}"})
    scope = "team" if code == "supervisor" else "all"
    given = [{"role_id": await role(rosa, code), "scope": scope}]
    await join(house, rosa, email, given, team_id=team["id"])


def touched(a: Attended, attachment: str, work: str) -> list[tuple[str, str, Frame | None]]:
    """Every way to reach the contact by an id."""
    one, case, conversation = {"client_id": client_id()}, a.case, a.conversation
    return [
        ("GET", f"/api/cases/{case}", None),
        ("GET", f"/api/cases/{case}/timeline", None),
        ("GET", f"/api/cases/{case}/history", None),
        ("PATCH", f"/api/cases/{case}", {"topic": "mío"}),
        ("POST", f"/api/cases/{case}/notes", {**one, "body": "x"}),
        ("POST", f"/api/cases/{case}/transfer", {**one, "queue_id": NOWHERE}),
        ("POST", f"/api/cases/{case}/pull", one),
        ("POST", f"/api/cases/{case}/end", one),
        ("POST", f"/api/cases/{case}/dispose", {**one, "disposition_id": NOWHERE}),
        ("POST", f"/api/cases/{case}/extend-wrapup", one),
        ("PUT", f"/api/cases/{case}/drafts/note", {"body": "x", "base_rev": 0}),
        ("POST", f"/api/conversations/{conversation}/messages", {**one, "body": "x"}),
        ("POST", f"/api/conversations/{conversation}/read", {"rev": 1}),
        ("POST", f"/api/conversations/{conversation}/typing", {"on": True}),
        ("POST", f"/api/uploads?conversation={conversation}", None),
        ("GET", f"/api/attachments/{attachment}", None),
        ("POST", f"/api/work/{work}/move", {**one, "agent_id": NOWHERE}),
        ("POST", f"/api/offers/{work}/accept", one),
        ("POST", f"/api/offers/{work}/reject", one),
    ]


async def ask(someone: Person, method: str, path: str, body: Frame | None) -> httpx.Response:
    if "/uploads" in path:
        return await someone.http.post(path, files={"file": ("a.png", PNG)})
    return await someone.http.request(method, path, json=body)


async def sent_file(a: Attended) -> str:
    """A file that the agent sent in the conversation."""
    path = f"/api/uploads?conversation={a.conversation}"
    kept = (await a.ana.http.post(path, files={"file": ("foto.png", PNG)})).json()
    body = {"client_id": client_id(), "body": "", "attachments": [kept["id"]]}
    await a.ana.post(f"/api/conversations/{a.conversation}/messages", body)
    found: str = kept["id"]
    return found


async def work_of(house: House, case: str) -> str:
    async with house.product.db.connection() as conn:
        return str(await conn.fetchval("select id from work_items where case_id = $1", case))


@pytest.mark.parametrize("email", [BETO, "otra@nogal.example"])
async def test_no_id_of_anothers_contact_opens_anything(
    house: House, attended: Attended, email: str
) -> None:
    attachment, work = await sent_file(attended), await work_of(house, attended.case)
    async with person(house.product, ROSA) as rosa:
        await outsider(house, rosa, "otra@nogal.example")
    before = (await attended.ana.get(f"/api/cases/{attended.case}"))["version"]
    async with person(house.product, email) as stranger:
        for method, path, body in touched(attended, attachment, work):
            answer = await ask(stranger, method, path, body)
            assert answer.status_code in (403, 404, 409), (path, answer.status_code, answer.text)
            assert "hola" not in answer.text
            if "/offers/" in path:
                assert answer.json()["key"] != "done"
                assert attended.case not in answer.text
        assert (await stranger.get("/api/cases?q=hola"))["cases"] == []
        assert (await stranger.get("/api/search?q=hola"))["cases"] == []
        assert (await stranger.get("/api/drafts"))["drafts"] == []
    assert (await attended.ana.get(f"/api/cases/{attended.case}"))["version"] == before


@pytest.mark.parametrize("email", [BETO, "otra@nogal.example"])
async def test_a_desks_socket_shows_nothing_of_anothers_contact(
    house: House, attended: Attended, email: str
) -> None:
    async with person(house.product, ROSA) as rosa:
        await outsider(house, rosa, "otra@nogal.example")
    case = attended.case
    customer = attended.ana.screen.of("case")[case]["customer"]["id"]
    held = [
        ["case", case, 1],
        ["customer", customer, 1],
        ["work", NOWHERE, 1],
        ["nothing", case, 1],
    ]
    async with person(house.product, email) as stranger, desk_socket(stranger) as ws:
        await ws.send(json.dumps({"t": "hello", "held": held, "watch": [case]}))
        snapshot = await refused_frame(ws)
        assert all(e.get("gone") for e in snapshot["e"] if e["id"] in (case, customer))
        await ws.send(json.dumps({"t": "watch", "case": case}))
        told = await refused_frame(ws)
        while case not in json.dumps(told):
            told = await refused_frame(ws)
        assert told["e"] == [{"topic": "case", "id": case, "gone": True}]
        await attended.guest.say("esto es privado")
        await attended.ana.until(lambda: "esto es privado" in json.dumps(attended.ana.frames))
        await ws.send(json.dumps({"t": "watch", "case": NOWHERE}))
        while NOWHERE not in json.dumps(told):
            assert "privado" not in json.dumps(told)
            told = await refused_frame(ws)


async def test_quality_and_auditor_read_and_touch_nothing(house: House, attended: Attended) -> None:
    attachment, work = await sent_file(attended), await work_of(house, attended.case)
    async with person(house.product, ROSA) as rosa:
        for code in ("quality", "auditor"):
            await outsider(house, rosa, f"{code}@nogal.example", code)
    for code in ("quality", "auditor"):
        async with person(house.product, f"{code}@nogal.example") as reader:
            for method, path, body in touched(attended, attachment, work):
                answer = await ask(reader, method, path, body)
                if method == "GET" or path.endswith("/read"):
                    assert answer.status_code == 200, (code, path, answer.text)
                else:
                    assert answer.status_code == 403, (code, path, answer.text)
            shown = (await reader.http.get("/api/admin/audit")).status_code
            assert shown == (200 if code == "auditor" else 403)


async def test_a_command_id_of_another_answers_nothing(house: House, attended: Attended) -> None:
    """Whoever knows the id of a done command learns nothing by it, and is told nothing is done."""
    work, made = await work_of(house, attended.case), client_id()
    await attended.ana.post(
        "/api/presence", {"presence": "available", "client_id": made, "after_work": False}
    )
    answers = [
        await attended.beto.http.post(f"/api/offers/{work}/accept", json={"client_id": made}),
        await attended.ana.http.post(f"/api/offers/{NOWHERE}/accept", json={"client_id": made}),
        await attended.ana.http.post(
            "/api/presence", json={"presence": "paused", "pause_code": "lunch", "client_id": made}
        ),
    ]
    for answer in answers:
        assert answer.status_code in (409, 422), answer.text
        assert attended.case not in answer.text


async def test_work_is_not_pushed_into_another_teams_hands(
    house: House, attended: Attended
) -> None:
    work = await work_of(house, attended.case)
    async with person(house.product, ROSA) as rosa:
        await outsider(house, rosa, "lejos@nogal.example")
        profile = (await rosa.get("/api/admin/routing-profiles"))["items"][0]["id"]
        team = (await rosa.post("/api/admin/teams", {"name": f"T {client_id()}"}))["id"]
        given = [{"role_id": await role(rosa, "agent"), "scope": "own"}]
        agent = {"routing_profile_id": profile, "queues": [], "skills": []}
        email = f"{client_id()[:8]}@lejos.example"
        far = await join(house, rosa, email, given, team_id=team, agent=agent)
    async with person(house.product, SONIA) as sonia:
        body = {"client_id": client_id(), "agent_id": far}
        answer = await sonia.http.post(f"/api/work/{work}/move", json=body)
        assert answer.status_code == 403, answer.text
        for path in (f"/api/agents/{far}/presence", f"/api/agents/{far}/logout"):
            body = {"reason": ""}
            if path.endswith("presence"):
                body |= {"presence": "offline", "client_id": client_id()}
            assert (await sonia.http.post(path, json=body)).status_code == 403


async def test_extra_fields_are_refused(house: House, attended: Attended) -> None:
    ana, customer = attended.ana, attended.ana.screen.of("case")[attended.case]["customer"]["id"]
    tries: list[tuple[str, str, Frame]] = [
        ("PATCH", "/api/me", {"name": "Ana Torres", "roles": ["administrator"]}),
        ("PATCH", "/api/me", {"email": "jefa@nogal.example"}),
        ("PATCH", "/api/me", {"team_id": NOWHERE}),
        ("PATCH", f"/api/cases/{attended.case}", {"topic": "x", "owner_id": house.people[BETO]}),
        ("PATCH", f"/api/customers/{customer}", {"version": 1, "merged_into": NOWHERE}),
        (
            "POST",
            f"/api/conversations/{attended.conversation}/messages",
            {"client_id": client_id(), "body": "x", "author_id": house.people[BETO]},
        ),
        (
            "POST",
            "/api/presence",
            {"client_id": client_id(), "presence": "available", "agent_id": house.people[BETO]},
        ),
    ]
    for method, path, body in tries:
        answer = await ana.http.request(method, path, json=body)
        assert answer.status_code == 422, (path, body, answer.text)
    async with person(house.product, ROSA) as rosa:
        new = {"email": "z@z.example", "name": "Z", "state": "active", "password_hash": "x"}
        assert (await rosa.http.post("/api/admin/users", json=new)).status_code == 422


async def test_a_visitor_reaches_nothing_of_another(house: House, attended: Attended) -> None:
    other = Guest(house.product, house.key)
    await other.start(name="Otro")
    await other.open()
    file = await sent_file(attended)
    async with browser(house.product) as http:
        for token, expected in ((other.token, 404), (attended.guest.token, 200), ("x", 401)):
            headers = {"Authorization": f"Bearer {token}", "Origin": "https://tienda.example"}
            got = await http.get(f"/chat/attachments/{file}", headers=headers)
            assert got.status_code == expected, (token, got.text)
    ack = await attended.guest.say("una vez", client_id="12345678-repetido")
    again = await attended.guest.say("otra cosa", client_id="12345678-repetido")
    assert ack["t"] == again["t"] == "ack"
    theirs = await other.say("la mía", client_id="12345678-repetido")
    assert theirs["t"] == "ack"
    assert theirs["id"] != ack["id"]
    bodies = [m["body"] for m in await attended.ana.load(attended.case)]
    assert bodies.count("una vez") == 1
    assert not {"otra cosa", "la mía"} & set(bodies)
    borrowed = await other.say("miren", attachments=[file])
    await other.until(lambda: other.heard("miren") or borrowed["t"] == "error")
    assert all(not m["attachments"] for m in other.messages.values())
    await other.send({"t": "end"})
    await other.until(lambda: other.state.get("phase") == "ended")
    await other.close()


async def test_an_unsent_file_of_the_agent_is_not_the_visitors_yet(
    house: House, attended: Attended
) -> None:
    path = f"/api/uploads?conversation={attended.conversation}"
    kept = (await attended.ana.http.post(path, files={"file": ("a.png", PNG)})).json()
    headers = {
        "Authorization": f"Bearer {attended.guest.token}",
        "Origin": "https://tienda.example",
    }
    async with browser(house.product) as http:
        got = await http.get(f"/chat/attachments/{kept['id']}", headers=headers)
        assert got.status_code == 404
    got = await attended.beto.http.get(f"/api/attachments/{kept['id']}")
    assert got.status_code == 404
    is_sane(got)


async def test_files_of_another_do_not_go_with_ones_message(
    house: House, attended: Attended
) -> None:
    """Beto's own upload in Ana's conversation is refused; Ana sends no file that is not hers."""
    visitors = await attended.guest_file()
    body = {"client_id": client_id(), "body": "tome", "attachments": [visitors]}
    sent = await attended.ana.post(f"/api/conversations/{attended.conversation}/messages", body)
    assert sent["message"]["attachments"] == []
