"""Where the chat may appear: a shop that is taken off the list loses it without a word."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.at_admin import Administrator
from tests.e2e.at_shop import Visitor
from tests.e2e.at_start import ADMINISTRATOR
from tests.e2e.conftest import Company
from tests.e2e.shop import Shop
from tests.e2e.stage import Browsers, Seat

pytestmark = pytest.mark.e2e


def test_a_shop_off_the_list_shows_no_chat_and_throws_no_error(
    company: Company, seat: Callable[..., Seat]
) -> None:
    visitor = Visitor(seat()).come(company.shop.url)
    expect(visitor.launcher).to_be_visible()
    rosa = Administrator(seat())
    rosa.enter(company.house.url, ADMINISTRATOR[1])
    rosa.change("Chat web", "Chat del sitio", "Sitios permitidos", "https://otra.example")
    late = Visitor(seat())
    said: list[str] = []
    late.page.on("console", lambda m: said.append(m.text) if m.type == "info" else None)
    with late.page.expect_console_message(lambda m: "no chat on this page" in m.text):
        late.come(company.shop.url)
    expect(late.page.get_by_role("heading", name="Mesas hechas para quedarse")).to_be_visible()
    expect(late.launcher).to_have_count(0)
    assert said == ["Atiende: no chat on this page (403)"]
    # Who had the shop open already is refused as politely: the panel says so, the page is whole.
    visitor.launcher.click()
    visitor.panel.get_by_role("textbox", name="Nombre").fill("Tarde")
    visitor.panel.get_by_role("button", name="Empezar").click()
    expect(visitor.panel.get_by_role("status").first).to_be_visible()
    rosa.change("Chat web", "Chat del sitio", "Sitios permitidos", company.shop.origin)
    again = Visitor(seat()).come(company.shop.url)
    expect(again.launcher).to_be_visible()


def test_the_visitors_browser_keeps_no_cookie_of_others(a_shop: Shop, chrome: Browsers) -> None:
    """Else the tests would not show that the chat needs none. The same page, asked as the first
    party, does get its cookie back: the probe can tell."""
    seat = chrome.seat()
    seat.page.goto(a_shop.probe)
    expect(seat.page).to_have_title("never came")
    seat.page.goto(a_shop.probe.replace("localhost", "127.0.0.1"))
    expect(seat.page).to_have_title("came back")
