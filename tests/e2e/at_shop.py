"""What a visitor does in the shop's chat, in words: the widget's accessible names, no classes."""

import re
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.e2e.stage import Seat


@dataclass
class Visitor:
    """Somebody with the shop open."""

    seat: Seat

    @property
    def page(self) -> Page:
        return self.seat.page

    def come(self, url: str) -> "Visitor":
        self.page.goto(url)
        return self

    @property
    def launcher(self) -> Locator:
        return self.page.get_by_role("button", name=re.compile("^Abrir el chat"))

    @property
    def panel(self) -> Locator:
        return self.page.get_by_role("dialog")

    @property
    def box(self) -> Locator:
        return self.panel.get_by_role("textbox", name="Escriba su mensaje")

    @property
    def log(self) -> Locator:
        return self.panel.get_by_role("log")

    def begin(self, name: str, email: str = "") -> "Visitor":
        self.launcher.click()
        self.panel.get_by_label("Nombre").fill(name)
        if email:
            self.panel.get_by_label("Correo").fill(email)
        consent = self.panel.get_by_role("checkbox")
        if consent.count():
            consent.check()
        self.panel.get_by_role("button", name="Empezar").click()
        expect(self.box).to_be_visible()
        return self

    def say(self, text: str) -> None:
        self.box.fill(text)
        self.box.press("Enter")
        expect(self.heard(text)).to_have_count(1)

    def type(self, text: str) -> None:
        """Key by key, as a person: the other side sees it being written."""
        self.box.press_sequentially(text, delay=5)

    def heard(self, text: str) -> Locator:
        return self.log.get_by_text(text, exact=True)

    def attach(self, path: Path) -> None:
        self.page.locator("input[type=file]").set_input_files(path)
        expect(self.panel.get_by_role("button", name=f"Quitar {path.name}")).to_be_visible()

    def end(self) -> None:
        """The visitor ends the conversation, if it has not ended yet."""
        self.panel.get_by_role("button", name="Más opciones").click()
        finish = self.panel.get_by_role("button", name="Terminar la conversación")
        if finish.count():
            finish.click()
            self.panel.get_by_role("button", name="Terminar", exact=True).click()


def key_of(snippet: str) -> str:
    """The public key in the code that a company pastes into its pages."""
    found = re.search(r'data-key="([^"]+)"', snippet)
    assert found is not None, snippet
    return found[1]
