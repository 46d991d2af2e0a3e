"""In English nothing is left in Spanish, and no screen shows a key instead of its words."""

import json
import re
from collections.abc import Callable, Iterator
from functools import cache

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.at_desk import Agent, Insider
from tests.e2e.at_shop import Visitor
from tests.e2e.conftest import Company, attended
from tests.e2e.stage import House, Seat
from tests.e2e.words import leftovers, raw_keys
from tests.gallery import tour
from tests.sources import PACKAGE

pytestmark = pytest.mark.e2e

ADMINISTRATOR = "Patricia Echeverri"


def strange(page: Page) -> list[str]:
    found = leftovers(page, of="es", when="en")
    return [*raw_keys(page), *(text for text in found if text not in of_the_company())]


@cache
def of_the_company() -> frozenset[str]:
    """Names and texts that are the company's own, and stay in its language."""
    files = (PACKAGE / "demo").glob("*.json")
    said = {text for path in files for text in strings(json.loads(path.read_text("utf-8")))}
    return frozenset(said | {"Español", "Saludo"})


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for each in value.values() for text in strings(each))
    elif isinstance(value, list):
        yield from (text for each in value for text in strings(each))


def in_english(person: Insider) -> None:
    """By the screen: the account's menu, its preferences, the language."""
    page = person.page
    page.get_by_role("button", name=re.compile("^Cuenta de")).click()
    page.get_by_role("menuitemradio", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", re.compile("^en"))


@pytest.fixture
def in_spanish_again(demo_house: House, seat: Callable[..., Seat]) -> Callable[[str], None]:
    def back(name: str) -> None:
        """The demo's people are shared with the other tests."""
        person = Insider(seat())
        person.page.goto(f"{demo_house.url}/#/entrar")
        person.page.get_by_role("button", name=re.compile(re.escape(name))).click()
        person.page.get_by_role("button", name=re.compile("account", re.IGNORECASE)).click()
        person.page.get_by_role("menuitemradio", name="Español").click()
        expect(person.page.locator("html")).to_have_attribute("lang", re.compile("^es"))

    return back


def test_the_way_in(demo_house: House, seat: Callable[..., Seat]) -> None:
    page = seat().page
    page.goto(f"{demo_house.url}/#/entrar")
    page.get_by_label("Idioma").select_option(label="English")
    page.get_by_role("button", name="Log in").wait_for()
    assert strange(page) == []
    page.goto(f"{demo_house.url}/#/enlace/gone")
    page.get_by_role("heading", level=1).wait_for()
    assert strange(page) == []


def test_every_place_of_the_administration(
    demo_house: House, seat: Callable[..., Seat], in_spanish_again: Callable[[str], None]
) -> None:
    boss = Insider(seat())
    boss.enter_demo(demo_house.url, ADMINISTRATOR)
    assert leftovers(boss.page, of="es", when="en") != []  # the control: Spanish is seen
    in_english(boss)
    places = ["#/supervision", "#/buscar", "#/buscar?state=resolved"]
    boss.page.goto(f"{demo_house.url}/#/admin/colas")
    boss.page.locator("nav a[href^='#/admin/']").first.wait_for()
    links = boss.page.locator("nav a[href^='#/admin/']")
    places += [str(links.nth(n).get_attribute("href")) for n in range(links.count())]
    found = [text for place in places for text in _words(boss, demo_house.url, place)]
    in_spanish_again(ADMINISTRATOR)
    assert found == [], "\n".join(found)
    assert len(places) > 16


def _words(boss: Insider, base: str, place: str) -> list[str]:
    """A list, and the editor (or the whole gestión) that its first row opens."""
    boss.page.goto(f"{base}/{place}")
    tour.settled(boss.main)
    boss.main.get_by_role("heading").first.wait_for()
    found = [f"{place}: {text}" for text in strange(boss.page)]
    rows = boss.main.get_by_role("table").first.get_by_role("link")
    if place != "#/supervision" and rows.count():
        rows.first.click()
        expect(boss.page).not_to_have_url(f"{base}/{place}")
        tour.settled(boss.main)
        found += [f"{place} 1: {text}" for text in strange(boss.page)]
    return found


def test_the_desk(ana: Agent, arrives: Callable[[str], Visitor]) -> None:
    attended(ana, arrives("Emily Stone"), "Emily Stone")
    ana.note("Habla inglés")
    in_english(ana)
    page = ana.page
    found = {"desk": strange(page)}
    page.keyboard.press("Escape")
    for key, name in (("t", "transfer"), ("?", "shortcuts"), ("Control+k", "palette")):
        page.keyboard.press(key)
        page.locator("dialog[open]").first.wait_for()
        found[name] = strange(page)
        page.keyboard.press("Escape")
    page.keyboard.press("F9")
    page.get_by_role("listbox").first.wait_for()
    found["outcome"] = strange(page)
    assert [name for name in found if found[name]] == [], found


def test_the_chat_of_an_english_page(company: Company, seat: Callable[..., Seat]) -> None:
    company.shop.language = "en"
    page = seat().page
    page.goto(company.shop.url)
    page.get_by_role("button", name="Open the chat").click()
    page.get_by_role("button", name="Start").wait_for()
    found = {"form": strange_chat(page)}
    page.get_by_role("button", name="Start").click()
    page.get_by_text("This is needed", exact=False).or_(page.get_by_role("alert")).first.wait_for()
    found["form-errors"] = strange_chat(page)
    page.get_by_label("Name").fill("Emily")
    page.get_by_role("button", name="Start").click()
    page.get_by_role("textbox", name="Write your message").fill("Good morning")
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_role("status").last.wait_for()
    found["waiting"] = strange_chat(page)
    assert [name for name in found if found[name]] == [], found


def strange_chat(page: Page) -> list[str]:
    """The shop around it is its own, and in Spanish."""
    return [*raw_keys(page), *leftovers(page, of="es", when="en")]
