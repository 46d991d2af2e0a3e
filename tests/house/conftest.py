"""Fixtures of the house's tests: products that never outlive their test, in short folders."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.house.running import Product


@pytest.fixture
def place() -> Iterator[Path]:
    """A 0700 folder with a short path (pytest's own are too long for sockets)."""
    folder = Path(tempfile.mkdtemp(prefix="at-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def prepared() -> Iterator[Path]:
    """A data folder that has been started once and stopped: most tests begin from a copy."""
    folder = Path(tempfile.mkdtemp(prefix="at-"))
    first = Product(folder / "data")
    try:
        first.start().ready()
        assert first.stop() == 0, first.text
        yield folder / "data"
    finally:
        first.end()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def product(place: Path, prepared: Path) -> Iterator[Callable[..., Product]]:
    """Makes products in `place` (the second of a name finds the first's folder); ends them."""
    made: list[Product] = []

    def make(folder: str = "data", *options: str, fresh: bool = False, **more: str) -> Product:
        if not fresh and not (place / folder).exists():
            shutil.copytree(prepared, place / folder)
        made.append(Product(place / folder, options=["--port", "0", *options], more=more))
        return made[-1]

    yield make
    for each in made:
        each.end()
