"""Hostile requests: forged pages, odd methods and hosts, headers of answers, climbing paths."""

import asyncio
import json

import httpx
import pytest

from atiende.web.headers import HEADERS
from tests.hostile.attack import (
    ANA,
    BETO,
    NOWHERE,
    ROSA,
    SHOP,
    Attended,
    is_sane,
    raw_http,
)
from tests.hostile.conftest import House
from tests.product import PASSWORD, browser, client_id, person


def is_hardened(answer: httpx.Response) -> None:
    """What every answer carries, errors included."""
    for name, value in HEADERS.items():
        assert answer.headers.get(name) == value, (answer.request.url, name)
    assert "content-security-policy" in answer.headers
    assert "server" not in answer.headers
    if str(answer.request.url.path).startswith("/api/"):
        assert answer.headers["cache-control"] == "no-store"


async def test_every_answer_carries_the_headers_errors_too(house: House) -> None:
    async with person(house.product, ROSA) as rosa:
        calls = (
            ("GET", "/api/me"),
            ("GET", "/api/public"),
            ("GET", "/api/nothing"),
            ("GET", "/nothing"),
            ("PUT", "/api/me"),
            ("DELETE", "/"),
            ("GET", "/healthz"),
            ("GET", "/"),
            ("PATCH", "/api/me"),
            ("GET", f"/api/cases/{NOWHERE}"),
            ("GET", "/api/cases/x"),
            ("GET", "/openapi.json"),
            ("GET", "/chat/config"),
            ("GET", f"/chat/config?key={house.key}"),
            ("POST", "/chat/start"),
            ("OPTIONS", "/chat/start"),
            ("GET", f"/chat/attachments/{NOWHERE}"),
            ("TRACE", "/api/me"),
        )
        for method, path in calls:
            answer = await rosa.http.request(method, path)
            is_sane(answer) if path not in ("/healthz", "/") else None
            is_hardened(answer)
        big = await rosa.http.post("/api/login", content=b"x" * 1_100_000)
        assert big.status_code == 413
        is_hardened(big)


async def test_even_the_unexpected_answer_carries_them_and_says_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of ours: the page learns that there was one, the log keeps no data of anybody."""
    start = house.log.stat().st_size

    def broken(*_: object) -> None:
        raise LookupError("secreto interno")

    async with person(house.product, ROSA) as rosa:
        monkeypatch.setattr(house.product.web, "now", broken)
        answer = await rosa.http.get("/api/me")
        monkeypatch.undo()
    assert (answer.status_code, answer.json()) == (500, {"key": "unexpected", "values": {}})
    is_hardened(answer)
    with house.log.open("r+") as log:
        log.seek(start)
        assert "LookupError" in log.read()
        log.truncate(start)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/plain", b'{"email": "a@b.example", "password": "x"}'),
        ("application/x-www-form-urlencoded", b"email=a%40b.example&password=x"),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\n--x--"),
        ("", b'{"email": "a@b.example", "password": "x"}'),
    ],
)
async def test_what_a_form_of_another_page_can_send_does_nothing(
    house: House, kind: str, body: bytes
) -> None:
    """Without our header, whatever the type; with a foreign origin, whatever the header."""
    async with person(house.product, ROSA) as rosa:
        async with httpx.AsyncClient(
            base_url=house.product.base, cookies=rosa.http.cookies
        ) as http:
            for path in ("/api/login", "/api/logout", "/api/presence", "/api/me/password"):
                for headers in (
                    {"Origin": house.product.base},
                    {"Origin": "https://malo.example"},
                    {"Origin": "https://malo.example", "X-Atiende": "1"},
                    {"Sec-Fetch-Site": "cross-site", "X-Atiende": "1"},
                    {"Sec-Fetch-Site": "same-site", "X-Atiende": "1"},
                    {"Origin": "http://[", "X-Atiende": "1"},
                    {"Origin": house.product.base + "@malo.example", "X-Atiende": "1"},
                    {"X-Atiende": "1"},
                ):
                    sent = {**headers, **({"Content-Type": kind} if kind else {})}
                    answer = await http.post(path, content=body, headers=sent)
                    assert (answer.status_code, answer.json()["key"]) == (403, "csrf"), sent
        assert (await rosa.get("/api/me"))["user"]["email"] == ROSA


async def test_no_header_overrides_the_method(house: House) -> None:
    async with person(house.product, ROSA) as rosa:
        for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
            answer = await rosa.http.get("/api/me?_method=DELETE", headers={name: "POST"})
            assert answer.status_code == 200
            answer = await rosa.http.post("/api/me", json={}, headers={name: "PATCH"})
            assert answer.status_code == 405


async def test_a_get_changes_nothing(house: House, attended: Attended) -> None:
    async with house.product.db.connection() as conn:
        before = await conn.fetchval("select count(*) from events")
    for path in ("end", "dispose", "transfer", "notes"):
        answer = await attended.ana.http.get(f"/api/cases/{attended.case}/{path}")
        assert answer.status_code == 405
    assert (await attended.ana.http.get("/api/logout")).status_code == 405
    async with house.product.db.connection() as conn:
        assert await conn.fetchval("select count(*) from events") == before


@pytest.mark.parametrize("host", ["malo.example", "malo.example:80", "127.0.0.1@malo.example"])
async def test_no_link_is_built_from_the_host_that_was_asked(house: House, host: str) -> None:
    async with person(house.product, ROSA) as rosa:
        cookie = "; ".join(f"{n}={v}" for n, v in rosa.http.cookies.items())
        body = json.dumps({"purpose": "reset"})
        path = f"/api/admin/users/{house.people[ANA]}/link"
        asked = (
            f"POST {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nX-Atiende: 1\r\n"
            f"X-Forwarded-Host: {host}\r\nX-Forwarded-For: 203.0.113.5\r\nCookie: {cookie}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            f"Connection: close\r\n\r\n{body}"
        )
        answer = await raw_http(house.product, asked.encode())
        assert b"malo.example" not in answer
        slash = f"GET /api/me/ HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        answer = await raw_http(house.product, slash.encode())
        assert b"malo.example" not in answer
        assert b"ocation:" not in answer


async def test_a_forwarded_address_is_believed_of_no_stranger(house: House) -> None:
    """Else every try at a password would come from a new place."""
    async with browser(house.product) as http:
        for n in range(6):
            told = {"X-Forwarded-For": f"203.0.113.{n}", "X-Forwarded-Proto": "https"}
            wrong = {"email": f"x{n}@x.example", "password": "mal"}
            await http.post("/api/login", json=wrong, headers=told)
    async with house.product.db.connection() as conn:
        places = await conn.fetch(
            "select distinct address from audit where action = 'login_failed'"
        )
    assert {r["address"] for r in places} == {"127.0.0.1"}


@pytest.mark.parametrize(
    "path",
    [
        "/../../../../etc/passwd",
        "/assets/../../../etc/passwd",
        "/assets/%2e%2e/%2e%2e/etc/passwd",
        "/assets/..%2f..%2f..%2fetc/passwd",
        "/assets/....//....//etc/passwd",
        "/..%5c..%5cetc/passwd",
        "//etc/passwd",
        "/assets//etc/passwd",
        "/%00",
        "/assets/%00",
        "/.env",
        "/.git/config",
        "/chat/w.js/../../secret.key",
        "/chat/attachments/../../secret.key",
        "/data/secret.key",
        f"/chat/attachments/{NOWHERE}/../x",
        "/api/attachments/..%2f..%2fsecret.key",
        "/secret.key",
        "/static/",
        "/api",
        "/api/",
        "/live",
        "/chat/live",
        "/docs",
        "/redoc",
        "/metrics",
    ],
)
async def test_no_path_climbs_out(house: House, path: str) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    answer = await raw_http(house.product, request.encode())
    status = int(answer.split(b" ", 2)[1])
    assert 400 <= status < 500 or status == 426, answer[:200]
    assert b"root:" not in answer


@pytest.mark.parametrize(
    "request_",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 200_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"".join(b"X%d: y\r\n" % n for n in range(9000)) + b"\r\n",
        b"POST /api/login HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n12345",
        (
            b"POST /api/login HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\n\r\n"
        ),
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nCookie: atiende=\xff\xfe\r\nConnection: close\r\n\r\n",
        b"GET /api/me HTTP/1.1\r\nHost: \r\nOrigin: http://\r\nConnection: close\r\n\r\n",
    ],
)
async def test_a_broken_request_breaks_nothing(house: House, request_: bytes) -> None:
    answer = await raw_http(house.product, request_, 2)
    assert b"Traceback" not in answer
    assert b" 500 " not in answer[:20]
    async with browser(house.product) as http:
        assert (await http.get("/api/public")).status_code == 200


async def test_nobody_but_allowed_pages_may_read_an_answer(house: House) -> None:
    async with browser(house.product) as http:
        for path in ("/api/public", "/api/me", "/openapi.json", "/healthz"):
            answer = await http.get(path, headers={"Origin": "https://malo.example"})
            assert "access-control-allow-origin" not in answer.headers
        asked = {"Origin": "https://malo.example", "Access-Control-Request-Method": "POST"}
        for path in ("/api/login", "/api/me"):
            answer = await http.options(path, headers=asked)
            assert "access-control-allow-origin" not in answer.headers
        answer = await http.get(
            f"/chat/config?key={house.key}", headers={"Origin": "https://malo.example"}
        )
        assert (answer.status_code, answer.json()) == (403, {"key": "origin_refused"})
        answer = await http.get(f"/chat/config?key={house.key}", headers={"Origin": SHOP})
        assert answer.headers["access-control-allow-origin"] == SHOP
        assert "access-control-allow-credentials" not in answer.headers
        assert "allowed_origins" not in answer.text


async def test_an_address_starts_only_so_many_chats(house: House) -> None:
    async with httpx.AsyncClient(base_url=house.product.base) as http:
        form = {"key": house.key, "consent": True}
        calls = (http.post("/chat/start", json=form, headers={"Origin": SHOP}) for _ in range(30))
        codes = [a.status_code for a in await asyncio.gather(*calls)]
    assert codes.count(200) == 20
    assert codes.count(429) == 10


async def test_a_session_given_beforehand_is_not_taken_over(house: House) -> None:
    """Fixation: the token in use after a login is one that nobody could know before."""
    async with browser(house.product) as http:
        http.cookies.set("atiende", "A" * 43, domain="127.0.0.1", path="/")
        body = {"email": ANA, "password": PASSWORD}
        answer = await http.post("/api/login", json=body)
        cookie = answer.headers["set-cookie"]
        assert "A" * 43 not in cookie
        assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
        again = await http.post("/api/login", json=body)
        assert again.cookies["atiende"] != answer.cookies["atiende"]


async def test_disabled_means_out_at_once_by_every_door(house: House) -> None:
    async with (
        person(house.product, ROSA) as rosa,
        person(house.product, BETO) as b,
    ):
        await b.open()
        path = f"/api/admin/users/{house.people[BETO]}"
        await rosa.post(f"{path}/disable")
        assert (await b.http.get("/api/me")).status_code == 401
        presence = {"presence": "available", "client_id": client_id()}
        assert (await b.http.post("/api/presence", json=presence)).status_code == 401
        login = {"email": BETO, "password": PASSWORD}
        assert (await b.http.post("/api/login", json=login)).status_code == 401
        await b.until(lambda: any(f["t"] == "bye" for f in b.frames), 12)
        link = await rosa.http.post(f"{path}/link", json={"purpose": "reset"})
        assert link.status_code == 409
        await rosa.post(f"{path}/enable")
