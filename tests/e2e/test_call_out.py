"""Calling out, all real: the keypad, the browser's softphone, Asterisk, and who is called."""

import re
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, expect

from atiende.demo.phone.audio import tone
from tests.e2e.at_desk import Agent
from tests.e2e.at_phone import (
    AGENTS,
    CALLERS,
    LISTENING,
    Caller,
    caller,
    pitch,
    power,
)
from tests.e2e.conftest import Company
from tests.e2e.stage import Seat
from tests.e2e.test_call import chrome, fresh_house
from tests.e2e.truth_number import give_number, sip_of

__all__ = ["chrome", "fresh_house"]
pytestmark = pytest.mark.e2e
HEARD = 0.001
NUMBER = "+51 912 345 678"


@pytest.fixture(scope="module")
def pedro(company: Company) -> Iterator[Caller]:
    """Who is called, at the end of the carrier's line."""
    with caller(sip_of(company.house), "+51912345678", "Pedro") as phone:
        give_number(company.house, phone.phone.line.port)
        yield phone


@pytest.fixture
def ana(company: Company, pedro: Caller, seat: Callable[..., Seat]) -> Iterator[Agent]:
    """Available, her phone connected."""
    agent = Agent(seat(permissions=["microphone"]))
    agent.page.add_init_script(LISTENING)
    agent.enter(company.house.url, "ana@nogal.example")
    agent.set_presence("Disponible", re.compile("Disponible|En atención|Postgestión"))
    agent.presence.click()
    expect(agent.page.get_by_role("menuitem", name="Teléfono conectado")).to_be_visible()
    agent.page.keyboard.press("Escape")
    yield agent
    agent.set_presence("Desconectarme", re.compile("Desconectado|Postgestión"))


def bar(ana: Agent) -> Locator:
    return ana.page.get_by_role("region", name="Llamada en curso")


def dials(ana: Agent, number: str) -> None:
    """By the keyboard alone."""
    ana.page.keyboard.press("l")
    box = ana.page.get_by_role("dialog", name="Llamar a un número")
    expect(box.get_by_label("Número", exact=True)).to_be_focused()
    ana.page.keyboard.type(number)
    ana.page.keyboard.press("Enter")


def rings_there(ana: Agent, pedro: Caller) -> None:
    pedro.loop.run(pedro.phone.until("incoming", 20))
    expect(bar(ana)).to_contain_text("Sonando…")


def disposed(ana: Agent) -> None:
    expect(bar(ana)).to_have_count(0)
    ana.dispose("resuelto en línea", "+51912345678")


def test_a_number_is_called_and_both_hear_each_other(ana: Agent, pedro: Caller) -> None:
    dials(ana, "912 345 678")
    rings_there(ana, pedro)
    expect(bar(ana)).to_contain_text("+51912345678")
    expect(bar(ana).get_by_role("button", name="Espera", exact=True)).to_be_disabled()
    pedro.loop.run(pedro.phone.answer())
    pedro.phone.say(tone(CALLERS))
    expect(bar(ana)).to_contain_text("Audio bueno")
    assert pedro.hears(AGENTS)
    assert power(ana.page) > HEARD
    assert abs(pitch(ana.page) - CALLERS) < 20
    ana.page.reload()
    assert pedro.hears(AGENTS)
    expect(bar(ana)).to_contain_text("Audio bueno")
    # Another page knows nothing of the phone that was: it gets a new one, and that one rings.
    ana.page.evaluate("sessionStorage.clear()")
    ana.page.reload()
    began = time.monotonic()
    assert pedro.hears(AGENTS)
    assert time.monotonic() - began < 8
    expect(bar(ana)).to_contain_text("Audio bueno")
    bar(ana).get_by_role("button", name="Colgar", exact=True).click()
    pedro.ends()
    disposed(ana)


def test_busy_is_told_in_words_and_called_again_with_one_key(ana: Agent, pedro: Caller) -> None:
    dials(ana, NUMBER)
    rings_there(ana, pedro)
    pedro.loop.run(pedro.phone.busy())
    expect(bar(ana)).to_have_count(0)
    expect(ana.page.get_by_role("main")).to_contain_text("Estaba ocupado")
    ana.page.get_by_role("button", name="Volver a llamar").click()
    rings_there(ana, pedro)
    bar(ana).get_by_role("button", name="Colgar", exact=True).click()
    pedro.ends()
    expect(ana.page.get_by_role("main")).to_contain_text("Se colgó antes de que contestaran")
    disposed(ana)


def test_what_may_not_be_called_is_refused_in_words(ana: Agent, pedro: Caller) -> None:
    before = len(pedro.phone.history)
    for number, why in (
        ("+88212345678", "tarificación especial"),
        ("+4930123456", "países permitidos"),
        ("300&PJSIP/400", "no es un número"),
    ):
        dials(ana, number)
        expect(ana.page.get_by_role("dialog")).to_contain_text(why)
        ana.page.keyboard.press("Escape")
        expect(ana.page.locator("dialog")).to_have_count(0)
    assert len(pedro.phone.history) == before
