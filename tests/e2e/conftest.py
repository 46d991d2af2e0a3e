"""Fixtures of the end to end tests: one house and one Chromium a module, both ended after it.

Playwright lives as long as its module only: while it runs, no other event loop may in its thread.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.at_admin import Administrator
from tests.e2e.at_desk import Agent, Insider
from tests.e2e.at_shop import Visitor
from tests.e2e.at_start import Founded, Founder, found
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


@dataclass(frozen=True)
class Company:
    """A company founded through the guide, with Ana as its agent and Sonia as its supervisor."""

    house: House
    shop: Shop
    founded: Founded


@pytest.fixture(scope="module")
def company(fresh_house: House, a_shop: Shop, chrome: Browsers) -> Company:
    founder = Founder(chrome.seat())
    founded = found(founder, fresh_house.link(), a_shop.origin)
    a_shop.chat, a_shop.key = fresh_house.url, founded.key
    # Whoever set up was made available by the guide's last step; from here on only Ana attends.
    Agent(founder.seat).set_presence("Desconectarme", "Desconectado")
    Administrator(founder.seat).add(
        "Respuestas rápidas",
        "Nueva respuesta",
        Atajo="saludo",
        Título="Saludo",
        Texto="Hola, {nombre}: le atiende {agente}.",
    )
    for name, link in founded.invitations.items():
        Insider(chrome.seat()).take_invitation(link, name)
    chrome.close()
    return Company(fresh_house, a_shop, founded)


@pytest.fixture
def ana(company: Company, seat: Callable[..., Seat]) -> Agent:
    """The agent, available at her desk."""
    agent = Agent(seat())
    agent.enter(company.house.url, "ana@nogal.example")
    agent.set_presence("Disponible", re.compile("Disponible|En atención|Postgestión"))
    return agent


@pytest.fixture
def arrives(company: Company, seat: Callable[..., Seat]) -> Iterator[Callable[[str], Visitor]]:
    """Visitors who begin a chat in the shop, and end it when the test does."""
    came: list[Visitor] = []

    def come(name: str) -> Visitor:
        came.append(Visitor(seat()).come(company.shop.url).begin(name))
        return came[-1]

    yield come
    for visitor in came:
        visitor.end()


def attended(ana: Agent, visitor: Visitor, name: str) -> None:
    """He writes, she takes it."""
    visitor.say(f"Hola, soy {name}")
    ana.accept(name)
    expect(ana.heard(f"Hola, soy {name}")).to_have_count(1)
