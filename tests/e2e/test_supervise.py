"""A supervisor at the live view listens to a call, and whispers: all in Chromium, all measured."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.at_desk import Agent, Insider
from tests.e2e.at_phone import AGENTS, CALLERS, LISTENING, Caller, flags, loudness, microphone
from tests.e2e.conftest import Company
from tests.e2e.stage import FLAGS as BARE
from tests.e2e.stage import Browsers, Seat, chromium, eventually
from tests.e2e.test_call import (
    ana,
    answered,
    chrome,
    disposed,
    fresh_house,
    luz,
    number,
)

__all__ = ["ana", "chrome", "fresh_house", "luz", "number"]
pytestmark = pytest.mark.e2e
#: What the supervisor's microphone hears, in Hz.
HERS = 1500
LOUD, STILL = -60.0, -90.0


@pytest.fixture
def elsewhere(chrome: Browsers) -> Iterator[Browsers]:
    """Another computer, whose microphone hears another tone."""
    with TemporaryDirectory() as folder:
        wanted = [*BARE, *flags(microphone(Path(folder), HERS))]
        other = chrome.browser.browser_type.launch(executable_path=chromium(), args=wanted)
        try:
            yield Browsers(other)
        finally:
            other.close()


@pytest.fixture
def sonia(company: Company, elsewhere: Browsers) -> Iterator[Insider]:
    seat = Seat(elsewhere.context(permissions=["microphone"]).new_page())
    insider = Insider(seat)
    insider.page.add_init_script(LISTENING)
    insider.enter(company.house.url, "sonia@nogal.example")
    insider.go("Supervisión")
    yield insider
    assert seat.unexpected() == []


def until_heard(page: Page, hertz: float, *, heard: bool = True) -> None:
    """Until that tone is in the ear, or is there no more."""

    def met() -> bool:
        found = loudness(page, hertz)
        return found > LOUD if heard else found < STILL

    eventually(met, f"{hertz} Hz is {'heard' if heard else 'not heard'}", page)


def at_hand(sonia: Insider) -> Locator:
    return sonia.page.get_by_role("region", name="Escucha de una llamada")


def test_she_listens_whispers_and_leaves(ana: Agent, luz: Caller, sonia: Insider) -> None:
    answered(ana, luz)
    sonia.main.get_by_role("link", name="Ana", exact=False).first.click()
    sonia.page.get_by_role("button", name="Escuchar a Ana", exact=False).click()
    expect(at_hand(sonia)).to_contain_text("Nadie lo oye a usted")
    until_heard(sonia.page, CALLERS)
    until_heard(sonia.page, AGENTS)
    expect(ana.main).to_contain_text("Lo escucha Sonia")
    until_heard(ana.page, CALLERS)
    assert loudness(ana.page, HERS) < STILL
    assert luz.hears(AGENTS)

    at_hand(sonia).get_by_role("button", name="Susurrar").click()
    expect(at_hand(sonia)).to_contain_text("Solo el agente lo oye")
    expect(ana.main).to_contain_text("el cliente no lo oye")
    until_heard(ana.page, HERS)
    assert luz.hears(AGENTS)
    assert luz.share(HERS) < 0.001

    at_hand(sonia).get_by_role("button", name="Susurrar").click()
    expect(at_hand(sonia)).to_contain_text("Nadie lo oye a usted")
    until_heard(ana.page, HERS, heard=False)
    at_hand(sonia).get_by_role("button", name="Dejar").click()
    expect(at_hand(sonia)).to_have_count(0)
    expect(ana.main).not_to_contain_text("Lo escucha Sonia")
    assert luz.hears(AGENTS)
    luz.hang_up()
    disposed(ana, luz)


def test_the_call_ends_and_she_is_told(ana: Agent, luz: Caller, sonia: Insider) -> None:
    answered(ana, luz)
    sonia.main.get_by_role("link", name="Ana", exact=False).first.click()
    listens = sonia.page.get_by_role("button", name="Escuchar a Ana", exact=False)
    listens.focus()
    sonia.page.keyboard.press("Enter")
    expect(at_hand(sonia)).to_contain_text("Nadie lo oye a usted")
    luz.hang_up()
    expect(at_hand(sonia)).to_have_count(0)
    expect(sonia.page.get_by_text("terminó", exact=False).first).to_be_visible()
    disposed(ana, luz)
