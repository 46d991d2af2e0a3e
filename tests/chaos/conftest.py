"""Fixtures of the faults: parts of the product that never outlive their test, a founded folder."""

import asyncio
import fcntl
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.chaos.parts import Part, execute
from tests.conftest import Server
from tests.house.conftest import place
from tests.product import Frame, found_by

__all__ = ["place"]
Make = Callable[..., Part]


@dataclass(frozen=True)
class Founded:
    """A data folder whose company exists, stopped; copied for each test."""

    data: Path
    made: Frame


@pytest.fixture
def database(pg: Server, template: str) -> Iterator[str]:
    """A database for each test: what one breaks, another must not see."""
    name = f"t_{uuid.uuid4().hex}"
    with (pg.settings.data_dir.parent / "lock").open("w") as one:
        fcntl.flock(one, fcntl.LOCK_EX)
        asyncio.run(execute(pg.dsn("postgres"), f"CREATE DATABASE {name} TEMPLATE {template}"))
    yield pg.dsn(name)
    asyncio.run(execute(pg.dsn("postgres"), f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def part() -> Iterator[Make]:
    """Makes parts, ends them."""
    made: list[Part] = []

    def make(data: Path, role: str = "up", **more: str) -> Part:
        made.append(Part(data, more=more, role=role))
        return made[-1]

    yield make
    for each in made:
        each.end()


@pytest.fixture(scope="session")
def founded() -> Iterator[Founded]:
    folder = Path(tempfile.mkdtemp(prefix="at-"))
    first = Part(folder / "data")
    try:
        first.start().ready()
        made = asyncio.run(found_by(first.edge, first.first_token()))
        assert first.stop() == 0, first.text
    finally:
        first.end()
    yield Founded(folder / "data", made)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def company(place: Path, founded: Founded) -> Founded:
    """A copy of the founded folder, for one test."""
    shutil.copytree(founded.data, place / "data")
    return Founded(place / "data", founded.made)
