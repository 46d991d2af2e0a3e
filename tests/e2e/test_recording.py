"""A recorded call at the screens: silence for card data, listened to, refused, policies kept."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.at_admin import Administrator
from tests.e2e.at_desk import Agent, Finder
from tests.e2e.at_phone import AGENTS, CALLERS, Caller
from tests.e2e.axe import FINGER_PX, violations
from tests.e2e.conftest import Company
from tests.e2e.stage import House, Seat
from tests.e2e.test_call import (
    ana,
    answered,
    bar,
    chrome,
    disposed,
    fresh_house,
    luz,
    number,
    press,
)

__all__ = ["ana", "chrome", "fresh_house", "luz", "number"]
pytestmark = pytest.mark.e2e
#: The loudest frequency of each side, left and right, while the recording plays in the page.
SIDES = """async () => {
  const audio = document.querySelector('audio');
  const ears = new AudioContext();
  const halves = ears.createChannelSplitter(2);
  ears.createMediaElementSource(audio).connect(halves);
  const meters = [0, 1].map((side) => {
    const meter = ears.createAnalyser();
    meter.fftSize = 8192;
    halves.connect(meter, side);
    return meter;
  });
  const loudest = () => meters.map((meter) => {
    const found = new Float32Array(meter.frequencyBinCount);
    meter.getFloatFrequencyData(found);
    return (found.indexOf(Math.max(...found)) * ears.sampleRate) / meter.fftSize;
  });
  await new Promise((done) => setTimeout(done, 900));
  return loudest();
}"""


def player(page: Page) -> Locator:
    return page.get_by_role("region", name="Grabación de la llamada")


def place(page: Page) -> Locator:
    return player(page).get_by_role("slider", name="Posición en la grabación")


def at(page: Page) -> float:
    return float(place(page).get_attribute("aria-valuenow") or -1)


def newest_blob(house: House) -> Path:
    """The recording is the last file that was written."""
    blobs = house.product.settings.blobs_dir.rglob("*")
    return max((p for p in blobs if p.is_file()), key=lambda p: p.stat().st_mtime_ns)


def _found_by_sonia(company: Company, luz: Caller, seat: Seat) -> Page:
    sonia = Finder(seat)
    sonia.enter(company.house.url, "sonia@nogal.example")
    sonia.go("Historial")
    sonia.search(luz.name)
    sonia.sees(luz.name)
    sonia.open(luz.name)
    return sonia.page


def test_a_call_is_recorded_silenced_for_a_card_and_heard_by_who_may(
    company: Company, ana: Agent, luz: Caller, seat: Callable[..., Seat]
) -> None:
    answered(ana, luz)
    button = bar(ana).get_by_role("button", name="Pausar grabación")
    expect(button).to_have_attribute("title", re.compile("datos de tarjeta"))
    assert luz.hears(AGENTS, 3)
    press(ana, "Pausar grabación")
    expect(bar(ana)).to_contain_text("Grabación en pausa")
    assert luz.hears(AGENTS, 3)  # they go on talking
    press(ana, "Reanudar grabación")
    expect(bar(ana)).not_to_contain_text("Grabación en pausa")
    assert luz.hears(AGENTS, 3)
    luz.hang_up()
    # An agent may not listen, unless a policy says so: she is told why there is no player.
    expect(ana.timeline.get_by_text("usted no tiene permiso")).to_be_visible(timeout=30_000)
    expect(player(ana.page)).to_have_count(0)
    disposed(ana, luz)

    page = _found_by_sonia(company, luz, seat())
    expect(player(page)).to_be_visible()
    expect(player(page)).to_contain_text("Entra Ana Torres")
    expect(player(page)).to_contain_text("Grabación en pausa")
    expect(player(page)).to_contain_text("Se conserva hasta el")
    player(page).get_by_role("button", name="Escuchar la grabación").click()
    expect(player(page).get_by_role("button", name="Pausar la reproducción")).to_be_visible()
    left, right = page.evaluate(SIDES)
    assert abs(left - CALLERS) < 20
    assert abs(right - AGENTS) < 20
    player(page).get_by_role("button", name="Pausar la reproducción").click()
    expect(player(page).get_by_role("button", name="Escuchar la grabación")).to_be_visible()
    faster = player(page).get_by_role("button", name="2×")
    faster.click()
    expect(faster).to_have_attribute("aria-pressed", "true")
    assert violations(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    player(page).scroll_into_view_if_needed()
    boxes = [each.bounding_box() for each in player(page).get_by_role("button").all()]
    assert [b for b in boxes if b and min(b["width"], b["height"]) < FINGER_PX - 0.5] == []
    page.set_viewport_size({"width": 1440, "height": 900})
    place(page).focus()
    page.keyboard.press("Home")
    expect(place(page)).to_have_attribute("aria-valuenow", "0")
    page.keyboard.press("End")
    assert at(page) >= 3
    page.keyboard.press("ArrowLeft")
    assert at(page) < float(place(page).get_attribute("aria-valuemax") or 0)

    blob = newest_blob(company.house)
    data = bytearray(blob.read_bytes())
    data[len(data) // 2] ^= 1
    blob.write_bytes(data)
    page.reload()
    player(page).get_by_role("button", name="Escuchar la grabación").click()
    expect(player(page).get_by_role("alert")).to_contain_text("dañado o fue alterado")


def test_an_administrator_says_what_is_recorded(
    company: Company, number: str, seat: Callable[..., Seat]
) -> None:
    rosa = Administrator(seat())
    rosa.enter(company.house.url, "rosa@nogal.example")
    rosa.section("Grabaciones")
    row = rosa.main.get_by_role("row", name=re.compile("General"))
    expect(row).to_contain_text("Todas las colas")
    expect(row).to_contain_text("100 %")
    rosa.change("Grabaciones", "General", "Se graban (%)", "40")
    rosa.section("Grabaciones")
    expect(row).to_contain_text("40 %")
    rosa.change("Grabaciones", "General", "Se graban (%)", "100")
