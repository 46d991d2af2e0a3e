"""An agent's browser is killed, or freezes, in mid-call: what the caller hears, who comes next."""

import re
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory

import psutil
import pytest
from playwright.sync_api import Error, expect

from tests.e2e.at_desk import Agent
from tests.e2e.at_phone import AGENTS, LISTENING, Caller, flags, microphone
from tests.e2e.conftest import Company
from tests.e2e.stage import FLAGS as BARE
from tests.e2e.stage import Browsers, Seat, chromium
from tests.e2e.test_call import (
    answered,
    bar,
    chrome,
    connected,
    disposed,
    fresh_house,
    luz,
    number,
)

__all__ = ["chrome", "fresh_house", "luz", "number"]
pytestmark = pytest.mark.e2e


@dataclass
class Computer:
    """A Chromium of one person's own, whose processes can be stopped."""

    browsers: Browsers
    mark: str

    def send(self, number: signal.Signals) -> None:
        """To every process of it, the first one first."""
        for process in self.processes():
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)

    def processes(self) -> list[psutil.Process]:
        found = []
        for process in psutil.process_iter(["cmdline"]):
            if any(self.mark in word for word in process.info["cmdline"] or ()):
                found += [process, *process.children(recursive=True)]
        return list(dict.fromkeys(found))


@pytest.fixture
def computer(chrome: Browsers) -> Iterator[Computer]:
    mark = f"--atiende-mark={token_hex(8)}"
    with TemporaryDirectory() as folder:
        wanted = [*BARE, *flags(microphone(Path(folder))), mark]
        other = chrome.browser.browser_type.launch(executable_path=chromium(), args=wanted)
        made = Computer(Browsers(other), mark)
        try:
            yield made
        finally:
            made.send(signal.SIGCONT)
            with suppress(Error):
                other.close()


def at(company: Company, seat: Seat) -> Agent:
    """Ana at that page, her phone connected."""
    agent = Agent(seat)
    agent.page.add_init_script(LISTENING)
    agent.enter(company.house.url, "ana@nogal.example")
    return agent


@pytest.fixture
def ana(company: Company, computer: Computer) -> Agent:
    agent = at(company, computer.browsers.seat(permissions=["microphone"]))
    agent.set_presence("Disponible", re.compile("Disponible|En atención|Postgestión"))
    connected(agent)
    return agent


def test_a_browser_that_is_killed_gives_music_and_the_next_page_takes_the_call_up(
    company: Company, ana: Agent, luz: Caller, computer: Computer, seat: Callable[..., Seat]
) -> None:
    answered(ana, luz)
    computer.send(signal.SIGKILL)
    assert luz.hears_music(6)
    again = at(company, seat(permissions=["microphone"]))
    assert luz.hears(AGENTS, 20)
    expect(bar(again)).to_contain_text("Audio bueno")
    luz.hang_up()
    again.card(luz.name).first.click()
    disposed(again, luz)
    again.set_presence("Desconectarme", re.compile("Desconectado|Postgestión"))


def test_a_browser_that_freezes_gives_music_and_goes_on_when_it_thaws(
    ana: Agent, luz: Caller, computer: Computer
) -> None:
    answered(ana, luz)
    computer.send(signal.SIGSTOP)
    assert luz.hears_music(12)
    computer.send(signal.SIGCONT)
    assert luz.hears(AGENTS, 20)
    expect(bar(ana)).to_contain_text("Audio bueno")
    luz.hang_up()
    disposed(ana, luz)
    ana.set_presence("Desconectarme", re.compile("Desconectado|Postgestión"))


def test_a_browser_that_is_gone_for_good_gives_the_caller_his_place_back(
    ana: Agent, luz: Caller, computer: Computer, company: Company, seat: Callable[..., Seat]
) -> None:
    answered(ana, luz)
    computer.send(signal.SIGKILL)
    assert luz.hears_music(6)
    supervisor = Agent(seat())
    supervisor.enter(company.house.url, "sonia@nogal.example")
    supervisor.go("Supervisión")
    waiting = supervisor.page.get_by_role("region", name="Esperan ahora").or_(supervisor.main)
    expect(waiting.get_by_text(luz.name).first).to_be_visible(timeout=40_000)
    assert luz.hears_music()
    luz.hang_up()
