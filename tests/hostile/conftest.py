"""A running product a module, its log in a real file, and the rule that no attack leaves a trace
of the server's inside: after each test nothing in the log is an error."""

import json
import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from atiende.house import logs
from tests.hostile.attack import ANA, BETO, Attended, attend
from tests.product import Product, client_id, found, person, running


@dataclass
class House:
    """A product with its company."""

    product: Product
    key: str
    queue_id: str
    people: dict[str, str]

    @property
    def log(self) -> Path:
        return self.product.settings.log_file


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    async with running(database, tmp_path_factory.mktemp("product")) as product:
        logs.configure(product.settings)
        made = await found(product)
        yield House(product, made["key"], made["queue_id"], made["people"])
    for handler in set(root.handlers) - set(before):
        handler.close()
    root.handlers[:] = before
    root.setLevel(level)


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def _nobody_is_locked(house: House) -> None:
    """Attacks on the login shut accounts; each test begins with open doors."""
    house.product.app.state.starts.clear()
    async with house.product.db.connection() as conn:
        await conn.execute("truncate login_failures")


@pytest.fixture(autouse=True)
def _no_error_in_the_log(house: House) -> Iterator[None]:
    """Whatever a stranger sends, the server is not surprised."""
    start = house.log.stat().st_size
    yield
    with house.log.open("rb") as file:
        file.seek(start)
        lines = [json.loads(line) for line in file.read().decode().splitlines()]
    wrong = [x for x in lines if x["level"] in ("error", "critical") or "exception" in x]
    assert wrong == []


@pytest_asyncio.fixture(loop_scope="module")
async def attended(house: House) -> AsyncIterator[Attended]:
    """A visitor attended by Ana, with Beto looking on from another desk."""
    async with person(house.product, ANA) as ana, person(house.product, BETO) as beto:
        guest, case = await attend(house.product, house.key, ana)
        yield Attended(ana, beto, guest, case, ana.conversation(case))
        end = {"client_id": client_id()}  # 404 when the test has ended it itself
        await ana.http.post(f"/api/cases/{case}/end", json=end)
        await guest.close()
        await ana.presence("offline")
