"""An agent whose network drops UDP: through TURN over TCP both hear each other; without, words."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from playwright.sync_api import expect

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
from tests.e2e.secure import Authority, Machine, machine
from tests.e2e.stage import Browsers, House, Seat, browsers, house
from tests.e2e.test_call import HEARD, KEPT, bar, connected, press
from tests.e2e.truth_number import NUMBER, give_number, sip_of
from tests.e2e.turn import Turn, turn, without_udp

pytestmark = pytest.mark.e2e
#: The pair of ways that the sound goes: where ours begins, and by what it reaches the relay.
WAY = """async () => {
  const told = await window.connections.at(-1).getStats();
  const pair = [...told.values()].find((e) => e.type === 'candidate-pair' && e.nominated);
  const mine = pair && told.get(pair.localCandidateId);
  return mine ? [mine.candidateType, mine.relayProtocol ?? ''] : null;
}"""


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with TemporaryDirectory() as made:
        yield Path(made)


@pytest.fixture(scope="module")
def over_there(folder: Path) -> Iterator[Machine]:
    with machine(folder) as other, without_udp(other):
        yield other


@pytest.fixture(scope="module")
def authority(folder: Path) -> Authority:
    return Authority(folder)


@pytest.fixture(scope="module")
def relay(over_there: Machine, folder: Path) -> Iterator[Turn]:
    with turn(over_there.here, folder) as running:
        yield running


@pytest.fixture(scope="module")
def fresh_house(over_there: Machine, authority: Authority) -> Iterator[House]:
    """Without a TURN server, at first."""
    more = {name: os.environ[name] for name in KEPT if name in os.environ}
    certificate, key = authority.sign(over_there.here, "la casa")
    options = ("--host", over_there.here, "--tls-cert", str(certificate), "--tls-key", str(key))
    with house(*options, ATIENDE_VOICE="on", ATIENDE_SIP_PORT="0", **more) as opened:
        yield opened


@pytest.fixture(scope="module")
def chrome(over_there: Machine, authority: Authority, folder: Path) -> Iterator[Browsers]:
    env = {"HOME": str(authority.home(trusting=True))}
    sound = flags(microphone(folder))
    with browsers(*sound, executable_path=str(over_there.browser), env=env) as opened:
        yield opened


@pytest.fixture(scope="module")
def number(company: Company) -> str:
    give_number(company.house, 9)  # nobody is called out to
    return NUMBER


@pytest.fixture
def ana(company: Company, number: str, seat: Callable[..., Seat]) -> Iterator[Agent]:
    agent = Agent(seat(permissions=["microphone"]))
    agent.page.add_init_script(LISTENING)
    agent.enter(company.house.url, "ana@nogal.example")
    agent.set_presence("Disponible", re.compile("Disponible|En atención|Postgestión"))
    connected(agent)
    yield agent
    agent.set_presence("Desconectarme", re.compile("Desconectado|Postgestión"))


@pytest.fixture
def luz(company: Company, number: str) -> Iterator[Caller]:
    with caller(sip_of(company.house), "+51987222111", "Luz Díaz") as phone:
        yield phone


def test_without_turn_the_desk_says_so_in_words(ana: Agent, luz: Caller) -> None:
    luz.call(NUMBER)
    ana.accept(luz.name)
    words = ana.page.get_by_text("Su red no deja pasar el audio de las llamadas")
    expect(words).to_be_visible(timeout=60_000)
    expect(words).to_contain_text("TURN")
    luz.hang_up()
    expect(bar(ana)).to_have_count(0)


def test_with_turn_both_hear_each_other_over_tcp(
    company: Company, relay: Turn, number: str, seat: Callable[..., Seat]
) -> None:
    product = company.house.product
    product.stop()
    product.more |= relay.settings
    company.house.start()
    ana = Agent(seat(permissions=["microphone"]))
    ana.page.add_init_script(LISTENING)
    ana.enter(company.house.url, "ana@nogal.example")
    ana.set_presence("Disponible", re.compile("Disponible|En atención|Postgestión"))
    connected(ana)
    with caller(sip_of(company.house), "+51987222112", "Nora Paz") as nora:
        nora.call(NUMBER)
        ana.accept(nora.name)
        expect(bar(ana)).to_contain_text("Audio", timeout=30_000)
        assert nora.hears(AGENTS, 30)
        assert power(ana.page) > HEARD
        assert abs(pitch(ana.page) - CALLERS) < 20
        assert ana.page.evaluate(WAY) == ["relay", "tcp"]
        press(ana, "Colgar")
        nora.ends()
    expect(bar(ana)).to_have_count(0)
    ana.dispose("resuelto en línea", "Nora Paz")
    ana.set_presence("Desconectarme", re.compile("Desconectado|Postgestión"))
