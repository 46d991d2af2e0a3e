"""One running product a module, with a founded company."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest_asyncio

from tests.product import Guest, Product, found, person, running
from tests.web.acts import Scene


@dataclass
class House:
    """A product with its company."""

    product: Product
    key: str
    queue_id: str
    people: dict[str, str]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(database: str, tmp_path_factory: "object") -> AsyncIterator[House]:
    folder = Path(tmp_path_factory.mktemp("product"))  # type: ignore[attr-defined]
    async with running(database, folder) as product:
        made = await found(product)
        yield House(product, made["key"], made["queue_id"], made["people"])


@pytest_asyncio.fixture(loop_scope="module")
async def scene(house: House) -> AsyncIterator[Scene]:
    """Ana available, Sonia watching; nobody waits when the test is over."""
    async with (
        person(house.product, "ana@nogal.example") as ana,
        person(house.product, "sonia@nogal.example") as sonia,
    ):
        house.product.app.state.starts.clear()
        await ana.open()
        await sonia.open()
        await ana.presence("available")
        made = Scene(house, ana, sonia, Guest(house.product, house.key))
        yield made
        await ana.presence("offline")
        await made.leave()
