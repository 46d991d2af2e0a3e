"""Hostile text and numbers in every field: taken as text or refused, never a surprise."""

import pytest

from tests.hostile.attack import (
    ANA,
    HOSTILE,
    HUGE,
    NOWHERE,
    ROSA,
    SHOP,
    Attended,
    is_sane,
    send_raw,
)
from tests.hostile.conftest import House
from tests.product import Guest, browser, client_id, person

#: (method, path, body) with X where the hostile text goes.
AGENT_FIELDS = (
    ("POST", "/api/conversations/{v}/messages", {"client_id": "ID", "body": "X"}),
    ("POST", "/api/conversations/{v}/messages", {"client_id": "X", "body": "hola"}),
    ("POST", "/api/cases/{c}/notes", {"client_id": "ID", "body": "X"}),
    ("PATCH", "/api/cases/{c}", {"topic": "X"}),
    ("PUT", "/api/cases/{c}/drafts/note", {"body": "X", "base_rev": -1}),
    ("POST", "/api/cases/{c}/transfer", {"client_id": "ID", "queue_id": NOWHERE, "note": "X"}),
    ("POST", "/api/cases/{c}/transfer", {"client_id": "X", "queue_id": NOWHERE}),
    ("POST", f"/api/offers/{NOWHERE}/reject", {"client_id": "ID", "reason": "X"}),
    ("POST", "/api/presence", {"client_id": "ID", "presence": "paused", "pause_code": "X"}),
    (
        "POST",
        "/api/cases/{c}/dispose",
        {"client_id": "ID", "disposition_id": NOWHERE, "note": "X", "data": {"date": "X"}},
    ),
    ("PATCH", "/api/customers/{p}", {"version": 1, "name": "X"}),
    ("PATCH", "/api/customers/{p}", {"version": 1, "notes": "X", "document": "X", "address": "X"}),
    ("PATCH", "/api/customers/{p}", {"version": 1, "fields": {"X": "X"}}),
    ("PATCH", "/api/customers/{p}", {"version": 1, "tz": "X"}),
    (
        "PATCH",
        "/api/customers/{p}",
        {"version": 1, "identities": [{"kind": "email", "value": "X"}]},
    ),
    ("PATCH", "/api/me", {"name": "X"}),
    ("PATCH", "/api/me", {"preferences": {"X": "X"}}),
    ("POST", "/api/login", {"email": "X", "password": "X"}),
    ("POST", "/api/links/open", {"token": "X"}),
    ("POST", "/api/links/use", {"token": "X", "password": "X"}),
    ("POST", "/api/me/password", {"current": "X", "new": "X"}),
)
BOSS_FIELDS = (
    ("PATCH", "/api/admin/organisation", {"version": 1, "name": "X", "public_url": "X"}),
    ("POST", "/api/admin/sites", {"name": "X", "tz": "X"}),
    ("POST", "/api/admin/teams", {"name": "X"}),
    ("POST", "/api/admin/skills", {"name": "X"}),
    ("POST", "/api/admin/pause-reasons", {"code": "X", "name": "X"}),
    ("POST", "/api/admin/roles", {"code": "x1", "name": "X", "permissions": ["X"]}),
    ("POST", "/api/admin/quick-replies", {"shortcut": "X", "title": "X", "body": "X"}),
    ("POST", "/api/admin/quick-replies", {"shortcut": "qq", "title": "T", "body": "X"}),
    ("POST", "/api/admin/users", {"email": "X", "name": "X"}),
    ("POST", "/api/admin/users", {"email": "X@x.example", "name": "X"}),
    ("POST", "/api/admin/hours", {"name": "X", "tz": "X", "weekly": {}}),
    ("POST", "/api/admin/disposition-sets", {"name": "X", "nodes": [{"name": "X"}]}),
    ("POST", "/api/agents/{a}/logout", {"reason": "X"}),
    ("POST", "/api/agents/{a}/presence", {"client_id": "ID", "presence": "offline", "reason": "X"}),
    (
        "POST",
        "/api/setup/channel",
        {"channel": "webchat", "name": "T", "config": {"title": {"es": "X"}, "color": "X"}},
    ),
    ("POST", "/api/setup/channel", {"channel": "X", "name": "X", "config": {"X": "X"}}),
    ("POST", "/api/admin/campaigns", {"name": "X", "direction": "in"}),
)
QUERIES = (
    "/api/cases?q={}",
    "/api/cases?state={}",
    "/api/cases?customer={}",
    "/api/cases?from={}",
    "/api/cases?cursor={}",
    "/api/cases?nothing={}",
    "/api/search?q={}",
    "/api/cases/{}",
    "/api/attachments/{}",
    "/api/admin/audit?action={}",
    "/api/floor/work?queue={}",
)


def filled(template: object, text: str) -> object:
    match template:
        case "ID":
            return client_id()
        case str():
            return template.replace("X", text)
        case list():
            return [filled(each, text) for each in template]
        case dict():
            return {str(filled(k, text)): filled(v, text) for k, v in template.items()}
    return template


async def test_no_field_of_an_agent_breaks_on_hostile_text(attended: Attended) -> None:
    customer = attended.ana.screen.of("case")[attended.case]["customer"]["id"]
    for method, path, body in AGENT_FIELDS:
        there = path.format(v=attended.conversation, c=attended.case, p=customer)
        for text in HOSTILE:
            sent = filled(body, text)
            is_sane(await send_raw(attended.ana.http, method, there, sent))
    state = (await attended.ana.get(f"/api/cases/{attended.case}"))["state"]
    assert "\x00" not in str(state)


async def test_no_field_of_an_administrator_breaks_on_hostile_text(house: House) -> None:
    async with person(house.product, ROSA) as rosa:
        for method, path, body in BOSS_FIELDS:
            there = path.format(a=house.people[ANA])
            for text in HOSTILE:
                is_sane(await send_raw(rosa.http, method, there, filled(body, text)))


async def test_no_query_breaks_on_hostile_text(house: House) -> None:
    async with person(house.product, ROSA) as rosa:
        for path in QUERIES:
            for text in (*HOSTILE[:-1], "x" * 8000, "%", "_", "\\", "a & | ! ( ) :*", "'"):
                whole = path.partition("{}")[0]
                quoted = "".join(f"%{b:02x}" for b in text.encode("utf-8", "surrogatepass"))
                is_sane(await rosa.http.get(whole + quoted))


async def test_no_field_of_the_form_breaks_on_hostile_text(house: House) -> None:
    async with browser(house.product) as http:
        http.headers["Origin"] = SHOP
        for field in (
            "key",
            "name",
            "email",
            "phone",
            "topic",
            "page",
            "lang",
            "visitor",
            "identity",
        ):
            for text in HOSTILE:
                form = {"key": house.key, "consent": True, field: text}
                house.product.app.state.starts.clear()
                is_sane(await send_raw(http, "POST", "/chat/start", form))
        for text in HOSTILE[:-1]:
            quoted = "".join(f"%{b:02x}" for b in text.encode("utf-8", "surrogatepass"))
            is_sane(await http.get(f"/chat/config?key={quoted}"))


async def test_what_a_visitor_writes_arrives_as_text_and_without_unseen_signs(
    house: House, attended: Attended
) -> None:
    for text in HOSTILE[:-1]:
        body = text.encode("utf-8", "replace").decode()
        told = await attended.guest.say(body)
        assert told["t"] in ("ack", "error"), told
        house.product.app.state.chats.rates.clear()
    bodies = [m["body"] for m in await attended.ana.load(attended.case)]
    assert "<script>window.__xss=1</script>" in bodies
    assert not any(c in "".join(bodies) for c in "\x00\x1b\u202e")


@pytest.mark.parametrize("number", HUGE)
async def test_no_number_is_too_big_to_be_refused(attended: Attended, number: int) -> None:
    http, case = attended.ana.http, attended.case
    customer = attended.ana.screen.of("case")[case]["customer"]["id"]
    bodies = (
        ("POST", f"/api/conversations/{attended.conversation}/read", {"rev": number}),
        ("PUT", f"/api/cases/{case}/drafts/note", {"body": "x", "base_rev": number}),
        ("PATCH", f"/api/customers/{customer}", {"version": number, "name": "x"}),
        (
            "POST",
            f"/api/cases/{case}/dispose",
            {"client_id": client_id(), "disposition_id": NOWHERE, "data": {"amount": number}},
        ),
        ("PATCH", "/api/me", {"preferences": {"n": number}}),
    )
    for method, path, body in bodies:
        is_sane(await send_raw(http, method, path, body))
    for path in (f"/api/cases?cursor={number}", f"/api/cases/{case}/timeline?limit={number}"):
        is_sane(await http.get(path))


async def test_no_number_breaks_an_administrators_form(house: House) -> None:
    async with person(house.product, ROSA) as rosa:
        for number in HUGE:
            for field in ("priority", "boost_s", "max_len", "version"):
                body = {"version": 1, field: number}
                path = f"/api/admin/queues/{house.queue_id}"
                is_sane(await send_raw(rosa.http, "PATCH", path, body))
            is_sane(await rosa.http.get(f"/api/admin/audit?cursor={number}"))


@pytest.mark.parametrize(
    "moment",
    [
        "0001-01-01T00:00:00%2B14:00", "0001-01-01", "9999-12-31T23:59:59-14:00", "9999-12-31",
        "2026-02-30", "-1", "1e400", "NaN", "99999999999999999999",
    ],
)  # fmt: skip
async def test_no_date_breaks_the_search(house: House, moment: str) -> None:
    async with person(house.product, ROSA) as rosa:
        for name in ("from", "to"):
            is_sane(await rosa.http.get(f"/api/cases?{name}={moment}"))


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":'])
async def test_deep_json_is_refused_everywhere(attended: Attended, opening: str) -> None:
    deep = (opening * 20_000).encode()
    http = attended.ana.http
    json_type = {"Content-Type": "application/json"}
    for method, path in (("POST", "/api/login"), ("PATCH", "/api/me"), ("POST", "/chat/start")):
        is_sane(await http.request(method, path, content=deep, headers=json_type))
    for levels in (200, 1_500, 3_900):
        nested = f'{{"preferences": {{"a": {"[" * levels}{"]" * levels}}}}}'
        answer = await http.patch("/api/me", content=nested.encode(), headers=json_type)
        is_sane(answer)


async def test_a_name_of_unseen_signs_is_no_name(house: House) -> None:
    guest = Guest(house.product, house.key)
    await guest.start(name="\u202e\u2066")
    async with house.product.db.connection() as conn:
        name = await conn.fetchval(
            "select p.name from conversations v join customers p on p.id = v.customer_id"
            " where v.id = $1",
            guest.conversation,
        )
    assert name == ""


async def test_a_draft_and_a_topic_have_an_end(attended: Attended) -> None:
    path = f"/api/cases/{attended.case}"
    long = await send_raw(
        attended.ana.http, "PUT", f"{path}/drafts/note", {"body": "x" * 40_001, "base_rev": -1}
    )
    assert long.status_code == 413
    assert (
        await send_raw(attended.ana.http, "PATCH", path, {"topic": "x" * 121})
    ).status_code == 422


async def test_a_megabyte_is_refused_before_it_is_read(house: House) -> None:
    async with browser(house.product) as http:
        body = {"email": "a@b.example", "password": "x" * 1_100_000}
        assert (await send_raw(http, "POST", "/api/login", body)).status_code == 413
        body["password"] = "x" * 900_000
        assert (await send_raw(http, "POST", "/api/login", body)).status_code == 422
