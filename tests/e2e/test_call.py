"""A call, all real: a telephone outside, Asterisk, the browser's softphone, and what each hears."""

import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.at_desk import Agent
from tests.e2e.at_phone import (
    AGENTS,
    CALLERS,
    LISTENING,
    Caller,
    caller,
    flags,
    microphone,
    pitch,
    power,
)
from tests.e2e.conftest import Company
from tests.e2e.stage import Browsers, House, Seat, browsers, house
from tests.e2e.truth_number import NUMBER, give_number, sip_of
from tests.house.running import until

pytestmark = pytest.mark.e2e
NAMES = ("Luz", "Nora", "Olga", "Raúl", "Tito", "Vera", "Yago", "Zoe")
#: Where Asterisk is kept may be said to the tests as to a person.
KEPT = ("ATIENDE_HOME", "ATIENDE_ASTERISK", "ATIENDE_ASTERISK_DIR", "ATIENDE_ASTERISK_PACKAGES")
#: Each test's caller is another customer, with a gestión of his own, in whatever module it is.
PEOPLE = enumerate(f"{a} {b}" for b in ("Díaz", "Paz", "Ríos", "Sanz") for a in NAMES)
#: A tone of the caller's carries about 0.03; music and silence are not looked at here.
HEARD, UNHEARD = 0.001, 0.0001


@pytest.fixture(scope="module")
def fresh_house() -> Iterator[House]:
    more = {name: os.environ[name] for name in KEPT if name in os.environ}
    with house(ATIENDE_VOICE="on", ATIENDE_SIP_PORT="0", **more) as opened:
        yield opened


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browsers]:
    with TemporaryDirectory() as folder, browsers(*flags(microphone(Path(folder)))) as opened:
        yield opened


@pytest.fixture(scope="module")
def number(company: Company) -> str:
    give_number(company.house, 9)  # nobody is called out to
    return NUMBER


@pytest.fixture
def ana(company: Company, seat: Callable[..., Seat]) -> Iterator[Agent]:
    """Available, her phone connected."""
    agent = Agent(seat(permissions=["microphone"]))
    agent.page.add_init_script(LISTENING)
    agent.enter(company.house.url, "ana@nogal.example")
    agent.set_presence("Disponible", re.compile("Disponible|En atención|Postgestión"))
    connected(agent)
    yield agent
    agent.set_presence("Desconectarme", re.compile("Desconectado|Postgestión"))


@pytest.fixture
def luz(company: Company, number: str) -> Iterator[Caller]:
    count, name = next(PEOPLE)
    with caller(sip_of(company.house), f"+51987650{count:03}", name) as phone:
        yield phone


def connected(ana: Agent) -> None:
    """Her menu says that the phone is."""
    ana.presence.click()
    expect(ana.page.get_by_role("menuitem", name="Teléfono conectado")).to_be_visible()
    ana.page.keyboard.press("Escape")


def bar(ana: Agent) -> Locator:
    return ana.page.get_by_role("region", name="Llamada en curso")


def press(ana: Agent, name: str) -> None:
    bar(ana).get_by_role("button", name=name, exact=True).click()


def answered(ana: Agent, luz: Caller) -> None:
    luz.call(NUMBER)
    expect(ana.offer).to_contain_text("Contestar")
    ana.accept(luz.name)
    expect(bar(ana)).to_contain_text("Audio")
    assert luz.hears(AGENTS)


def disposed(ana: Agent, luz: Caller) -> None:
    expect(bar(ana)).to_have_count(0)
    ana.dispose("resuelto en línea", luz.name)


def test_both_hear_each_other_and_the_agent_has_the_call_in_hand(ana: Agent, luz: Caller) -> None:
    answered(ana, luz)
    assert power(ana.page) > HEARD
    assert abs(pitch(ana.page) - CALLERS) < 20
    press(ana, "Silenciar")
    assert luz.hears_nothing()
    press(ana, "Silenciar")
    assert luz.hears(AGENTS)
    press(ana, "Espera")
    expect(bar(ana)).to_contain_text("En espera, con música")
    assert luz.hears_music()
    assert power(ana.page) < UNHEARD
    press(ana, "Retomar")
    assert luz.hears(AGENTS)
    assert power(ana.page) > HEARD
    press(ana, "Teclado")
    ana.page.keyboard.type("4#")
    assert luz.digits(2) == "4#"
    press(ana, "Colgar")
    luz.ends()
    disposed(ana, luz)


def test_a_page_loaded_anew_is_back_in_the_call(ana: Agent, luz: Caller) -> None:
    answered(ana, luz)
    ana.page.reload()
    began = time.monotonic()
    assert luz.hears(AGENTS)
    assert time.monotonic() - began < 8
    expect(bar(ana)).to_contain_text("Audio bueno")
    luz.hang_up()
    disposed(ana, luz)


def test_the_application_dies_in_mid_call_and_the_talk_goes_on(
    company: Company, ana: Agent, luz: Caller
) -> None:
    answered(ana, luz)
    company.house.product.kill()
    assert luz.hears(AGENTS, 2)
    assert power(ana.page) > HEARD
    company.house.start()
    until(lambda: company.house.product.get().status_code == 200, "it is back", 30)
    expect(bar(ana)).to_contain_text("Audio bueno", timeout=30_000)
    assert luz.hears(AGENTS, 2)
    press(ana, "Espera")
    assert luz.hears_music()
    press(ana, "Retomar")
    assert luz.hears(AGENTS)
    luz.hang_up()
    expect(bar(ana)).to_have_count(0, timeout=3_000)
    disposed(ana, luz)
