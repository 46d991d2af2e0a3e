"""A tab that dies gives its work back, and a browser that dies keeps what was being written."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import BrowserContext, expect

from tests.e2e import truth
from tests.e2e.at_desk import Agent, Watcher
from tests.e2e.at_shop import Visitor
from tests.e2e.conftest import Company, attended
from tests.e2e.stage import FLAGS, NO_OTHER_COOKIES, PATIENCE_MS, Browsers, Seat, chromium

pytestmark = pytest.mark.e2e

#: The silence after which work goes back, and the ping that may have been answered just before.
SILENCE_S, PING_S = 30, 10


def test_a_dead_tab_gives_the_contact_back_to_its_old_place(
    company: Company, ana: Agent, arrives: Callable[[str], Visitor], seat: Callable[..., Seat]
) -> None:
    sonia = Watcher(seat())
    sonia.enter(company.house.url, "sonia@nogal.example")
    sonia.go("Supervisión")
    first = arrives("Flora")
    attended(ana, first, "Flora")
    ana.set_presence("Descanso")
    arrives("Gina").say("Llegué después")
    expect(sonia.waiting).to_contain_text(["Gina"])
    died = time.monotonic()
    ana.page.close()
    expect(sonia.waiting).to_contain_text(["Flora", "Gina"], timeout=(SILENCE_S + 15) * 1000)
    gone = time.monotonic() - died
    assert SILENCE_S - PING_S - 1 <= gone <= SILENCE_S + 10
    first.panel.get_by_text("Usted es la siguiente persona en la fila").wait_for()
    assert truth.assignments_of(company.house, "Flora") == 0


@pytest.fixture
def at_home(chrome: Browsers, tmp_path: Path) -> Iterator[Callable[[], BrowserContext]]:
    """A browser that keeps its profile on disk, opened as often as asked."""
    opened: list[BrowserContext] = []

    def start() -> BrowserContext:
        opened.append(
            chrome.browser.browser_type.launch_persistent_context(
                tmp_path / "profile",
                executable_path=chromium(),
                args=[*FLAGS, NO_OTHER_COOKIES],
                locale="es-PE",
                timezone_id="America/Lima",
            )
        )
        opened[-1].set_default_timeout(PATIENCE_MS)
        return opened[-1]

    yield start
    kill_browser(tmp_path / "profile")


def kill_browser(profile: Path) -> None:
    """As a crash ends it: the processes of that profile, by their numbers."""
    for process in psutil.process_iter(["cmdline"]):
        if f"--user-data-dir={profile}" in (process.info["cmdline"] or ()):
            os.kill(process.pid, signal.SIGKILL)
            process.wait(10)


def test_a_draft_outlives_the_crash_of_the_browser_and_is_found_from_another(
    company: Company,
    ana: Agent,
    arrives: Callable[[str], Visitor],
    at_home: Callable[[], BrowserContext],
    chrome: Browsers,
    tmp_path: Path,
) -> None:
    helena = arrives("Helena")
    attended(ana, helena, "Helena")
    ana.page.close()
    here = Agent(Seat(at_home().new_page()))
    here.enter(company.house.url, "ana@nogal.example")
    here.card("Helena").click()
    here.page.context.set_offline(True)
    here.box.fill("Esto costó pensarlo")
    here.main.get_by_text("Borrador guardado en este equipo", exact=True).wait_for()
    kill_browser(tmp_path / "profile")
    # The crash may have taken the login with it (the browser writes its cookies down each 30 s),
    # not the text, which no server had yet.
    again = Agent(Seat(at_home().new_page()))
    again.enter(company.house.url, "ana@nogal.example")
    again.card("Helena").click()
    expect(again.box).to_have_value("Esto costó pensarlo")
    again.main.get_by_text("Borrador guardado en este equipo y en el servidor").wait_for()
    again.page.context.close()
    elsewhere = Agent(chrome.seat())
    elsewhere.enter(company.house.url, "ana@nogal.example")
    elsewhere.card("Helena").click()
    expect(elsewhere.box).to_have_value("Esto costó pensarlo")
