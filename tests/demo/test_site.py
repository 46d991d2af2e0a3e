"""`up --demo` as a real process: logins on the login page, the shop with its chat, work moving."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.house.running import Product, until

WITHIN_S = 60.0


@pytest.fixture(scope="module")
def demo() -> Iterator[Product]:
    folder = Path(tempfile.mkdtemp(prefix="at-"))
    product = Product(folder / "data", options=["--port", "0", "--demo"])
    try:
        yield product.start().ready()
    finally:
        product.end()
        shutil.rmtree(folder, ignore_errors=True)


def logged_in(demo: Product, role: str) -> httpx.Client:
    """A client with a session; the caller closes it."""
    logins = demo.get("/api/public").json()["demo_logins"]
    login = next(x for x in logins if x["role"] == role)
    base = f"http://127.0.0.1:{demo.note.port}"
    client = httpx.Client(base_url=base, headers={"Origin": base, "X-Atiende": "1"})
    body = {"email": login["email"], "password": login["password"]}
    assert client.post("/api/login", json=body).status_code == 200
    return client


@pytest.mark.house
def test_the_login_page_shows_who_may_come_in(demo: Product) -> None:
    told = demo.get("/api/public").json()
    assert told["demo"]
    assert not told["setup_needed"]
    roles = [login["role"] for login in told["demo_logins"]]
    assert (roles.count("agent"), roles.count("supervisor")) == (6, 2)
    assert roles.count("administrator") == 1
    assert "demo-logins.txt" in demo.text


@pytest.mark.house
def test_the_shop_has_the_chats_key_and_a_strict_policy(demo: Product) -> None:
    page = demo.get("/demo/site/")
    key = re.search(r'data-key="([^"]+)"', page.text)
    assert key is not None
    policy = page.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'")
    assert demo.get("/demo/site/shop.css").status_code == 200
    assert demo.get("/demo/site/index.html").status_code == 404
    icon = re.search(r'rel="icon" href="([^"]+)"', page.text)
    assert icon is not None
    assert demo.get(icon.group(1)).headers["content-type"] == "image/svg+xml"
    english = httpx.get(f"{demo.note.url}/demo/site/", headers={"Accept-Language": "en-US,en"})
    assert ('data-lang="en"' in english.text, 'data-lang="en"' in page.text) == (True, False)
    origin = {"Origin": demo.note.url}
    asked = httpx.get(f"{demo.note.url}/chat/config?key={key.group(1)}", headers=origin)
    assert asked.json()["open"]


@pytest.mark.house
def test_work_moves_within_a_minute(demo: Product) -> None:
    with contextlib.closing(logged_in(demo, "administrator")) as client:

        def attended() -> bool:
            return any(queue["attending"] for queue in client.get("/api/floor").json()["queues"])

        until(attended, "a visitor is attended", WITHIN_S)
        cases = client.get("/api/cases").json()["cases"]
        assert any(case["state"] not in ("resolved", "closed") for case in cases)
    logs = (demo.data / "logs" / "atiende.log").read_text(encoding="utf-8").splitlines()
    assert [line for line in map(json.loads, logs) if line["level"] in ("error", "critical")] == []
