"""One running product a module, with a founded company."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest_asyncio

from tests.product import Product, found, running


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
