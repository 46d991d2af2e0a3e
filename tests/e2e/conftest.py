"""Fixtures of the end to end tests: one house and one Chromium a module, both ended after it.

Playwright lives as long as its module only: while it runs, no other event loop may in its thread.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.e2e.shop import Shop, shop
from tests.e2e.stage import NO_OTHER_COOKIES, Browsers, House, Seat, browsers, house


@pytest.fixture(scope="module")
def fresh_house() -> Iterator[House]:
    """An installation nobody has opened yet."""
    with house() as opened:
        yield opened


@pytest.fixture(scope="session")
def demo_house() -> Iterator[House]:
    """The demo's company, with its virtual people at work."""
    with house("--demo") as opened:
        yield opened


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browsers]:
    with browsers(NO_OTHER_COOKIES) as opened:
        yield opened


@pytest.fixture(scope="module")
def a_shop() -> Iterator[Shop]:
    with shop() as opened:
        yield opened


@pytest.fixture
def seat(chrome: Browsers) -> Iterator[Callable[..., Seat]]:
    """Opens pages, each in a context of its own; at the end none of them may have complained."""
    made: list[Seat] = []

    def sit(*size: int, **more: Any) -> Seat:
        made.append(chrome.seat(size or (1440, 900), **more))  # type: ignore[arg-type]
        return made[-1]

    yield sit
    chrome.close()
    assert [said for each in made for said in each.unexpected()] == []
