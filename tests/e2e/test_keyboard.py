"""The main path without a mouse, on both sides of the chat."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.at_desk import PASSWORD, Agent
from tests.e2e.at_shop import Visitor
from tests.e2e.conftest import Company
from tests.e2e.stage import Seat

pytestmark = pytest.mark.e2e


def test_the_main_path_by_keyboard_alone(company: Company, seat: Callable[..., Seat]) -> None:
    """Nothing is clicked: Tab, arrows, Enter, Space, F2, letters; the focus is always seen."""
    visitor = Visitor(seat()).come(company.shop.url)
    keyboard = visitor.page.keyboard
    tab_to(visitor.page, "Abrir el chat")
    keyboard.press("Enter")
    expect(visitor.panel.get_by_label("Nombre")).to_be_focused()
    keyboard.type("Teresa")
    tab_to(visitor.page, "Empezar")
    keyboard.press("Enter")
    expect(visitor.box).to_be_focused()
    keyboard.type("Solo con el teclado")
    keyboard.press("Enter")
    ana = Agent(seat())
    ana.page.goto(f"{company.house.url}/#/entrar")
    ana.page.get_by_role("button", name="Ingresar").wait_for()
    tab_to(ana.page, "Correo")
    ana.page.keyboard.type("ana@nogal.example")
    ana.page.keyboard.press("Tab")
    ana.page.keyboard.type(PASSWORD)
    ana.page.keyboard.press("Enter")
    ana.presence.wait_for()
    tab_to(ana.page, "Estado:")
    ana.page.keyboard.press("Enter")
    expect(ana.page.get_by_role("menuitemradio", name="Desconectarme")).to_be_focused()
    ana.page.keyboard.press("Home")
    ana.page.keyboard.press("Enter")
    expect(ana.presence).to_contain_text("Disponible")
    ana.accept("Teresa")
    expect(ana.box).to_be_focused()
    ana.page.keyboard.type("Y yo también")
    ana.page.keyboard.press("Control+Enter")
    expect(visitor.heard("Y yo también")).to_have_count(1)
    ana.note("Sin ratón")
    ana.dispose("resuelto en línea", "Teresa")
    expect(visitor.panel.get_by_role("button", name="Iniciar otra conversación")).to_be_visible()


def tab_to(page: Page, name: str) -> None:
    """Tab until the focus is on what has that name; each stop on the way can be seen."""
    for _ in range(40):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        assert stop["seen"], f"the focus went out of sight at {stop['name']!r}"
        if name in stop["name"]:
            return
    raise AssertionError(f"no Tab leads to {name!r}")


#: What has the focus, through shadow roots: its name, and whether its place is in the window.
FOCUSED = """() => {
    let at = document.activeElement;
    while (at && at.shadowRoot && at.shadowRoot.activeElement) at = at.shadowRoot.activeElement;
    const label = at.labels && at.labels[0] ? at.labels[0].textContent : '';
    const name = at.ariaLabel || label || at.textContent || at.title || '';
    const box = at.getBoundingClientRect();
    const seen = at === document.body || (box.width > 0 && box.bottom > 0 && box.top < innerHeight);
    return { name: name.trim().replace(/\\s+/g, ' '), seen };
}"""
