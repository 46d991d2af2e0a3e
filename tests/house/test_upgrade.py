"""Data of an earlier version live on: restored, migrated, logged into, and their cases read.

The fixture is a backup of the sample company made by the last commit whose newest migration was
0005; its people and passwords are the sample's own.
"""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.house.running import Product, atiende

pytestmark = pytest.mark.house

EARLIER = Path(__file__).parent / "fixtures" / "before-0006.atiende"
SUPERVISOR = ("lucia.benavides@nogal.example", "pino-valle-cumbre-22")


def test_a_backup_of_an_earlier_version_is_migrated_and_its_cases_are_read(
    product: Callable[..., Product], place: Path
) -> None:
    done = atiende("restore", EARLIER, "--data", place / "earlier")
    assert done.returncode == 0, done.stderr
    running = product("earlier")
    running.start().ready()
    email, password = SUPERVISOR
    with httpx.Client(base_url=running.note.url, headers={"X-Atiende": "1"}) as http:
        http.headers["Origin"] = running.note.url
        entered = http.post("/api/login", json={"email": email, "password": password})
        assert entered.status_code == 200, entered.text
        cases = http.get("/api/cases").json()["cases"]
        assert len(cases) >= 40
        for case in cases[:10]:
            whole = http.get(f"/api/cases/{case['id']}")
            assert whole.status_code == 200, whole.text
            assert whole.json()["state"]["number"] == case["number"]
            lines = http.get(f"/api/cases/{case['id']}/timeline").json()["messages"]
            assert lines
            assert http.get(f"/api/cases/{case['id']}/history").status_code == 200
    sound = atiende("check-data", "--data", running.data)
    assert sound.returncode == 0, sound.stdout
