"""What people inside do: enter, attend at the desk, watch the floor, find a past gestión."""

import re
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.e2e.stage import Seat

PASSWORD = "una frase larga y buena"


@dataclass
class Insider:
    """Somebody with an account, at a page of the product."""

    seat: Seat

    @property
    def page(self) -> Page:
        return self.seat.page

    @property
    def main(self) -> Locator:
        return self.page.get_by_role("main")

    def enter(self, base: str, email: str, password: str = PASSWORD) -> None:
        self.page.goto(f"{base}/#/entrar")
        self.page.get_by_label("Correo").fill(email)
        self.page.get_by_label("Contraseña", exact=False).first.fill(password)
        self.page.get_by_role("button", name="Ingresar").click()
        expect(self.page.get_by_role("navigation", name="Principal")).to_be_visible()

    def enter_demo(self, base: str, name: str) -> None:
        """By the demo's card on the login page."""
        self.page.goto(f"{base}/#/entrar")
        self.page.get_by_role("button", name=re.compile(re.escape(name))).click()
        expect(self.page.get_by_role("navigation", name="Principal")).to_be_visible()

    def take_invitation(self, url: str, name: str) -> None:
        self.page.goto(url)
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(name.split(maxsplit=1)[0])
        self.page.get_by_label("Contraseña nueva").fill(PASSWORD)
        self.page.get_by_label("Repita la contraseña").fill(PASSWORD)
        self.page.get_by_role("button", name="Guardar e ingresar").click()
        expect(self.page.get_by_role("navigation", name="Principal")).to_be_visible()

    def go(self, place: str) -> None:
        self.page.get_by_role("navigation", name="Principal").get_by_role(
            "link", name=place
        ).click()


class Agent(Insider):
    """At the desk."""

    @property
    def presence(self) -> Locator:
        return self.page.get_by_role("button", name=re.compile("^Estado:"))

    def set_presence(self, choice: str, shown: str | re.Pattern[str] = "") -> None:
        self.presence.click()
        self.page.get_by_role("menuitemradio", name=choice).or_(
            self.page.get_by_role("menuitem", name=choice)
        ).first.click()
        expect(self.presence).to_contain_text(shown or choice)

    @property
    def offer(self) -> Locator:
        return self.page.get_by_role("region", name="Nueva oferta")

    def accept(self, customer: str) -> None:
        """F2, from wherever the focus is."""
        expect(self.offer).to_contain_text(customer)
        self.page.keyboard.press("F2")
        expect(self.card(customer)).to_have_attribute("aria-current", "true")

    def card(self, customer: str) -> Locator:
        return self.page.get_by_role("link", name=re.compile(re.escape(customer)))

    @property
    def timeline(self) -> Locator:
        return self.main.get_by_role("region", name="Conversación")

    @property
    def box(self) -> Locator:
        return self.main.get_by_role("textbox", name=re.compile("^Respuesta para"))

    def heard(self, text: str) -> Locator:
        return self.timeline.get_by_text(text, exact=True)

    def heard_part(self, text: str) -> Locator:
        return self.timeline.get_by_text(text)

    def reply(self, text: str) -> None:
        self.box.fill(text)
        self.page.keyboard.press("Control+Enter")
        expect(self.heard(text)).to_have_count(1)

    def attach(self, path: Path) -> None:
        self.page.locator("input[type=file]").set_input_files(path)
        expect(self.page.get_by_role("button", name=f"Quitar {path.name}")).to_be_visible()
        expect(self.page.get_by_text(re.compile("^Subiendo"))).to_have_count(0)

    def marked(self, text: str, mark: str) -> Locator:
        """How far that message of ours got, by the mark's own name."""
        said = self.page.get_by_text(text, exact=True)
        bubble = self.timeline.locator("div", has=said).last
        return bubble.get_by_role("img", name=mark)

    def quick_reply(self, word: str, title: str) -> str:
        """By "/" and Enter; what was sent."""
        self.box.press_sequentially(word)
        expect(self.page.get_by_role("option", name=re.compile(title))).to_be_visible()
        self.page.keyboard.press("Enter")
        expect(self.box).not_to_have_value(word)
        text = self.box.input_value()
        self.page.keyboard.press("Control+Enter")
        expect(self.box).to_have_value("")
        return text

    def note(self, text: str) -> None:
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("n")
        self.main.get_by_role("textbox", name="Nota interna").fill(text)
        self.page.keyboard.press("Control+Enter")
        expect(self.heard(text)).to_have_count(1)

    def dispose(self, words: str, customer: str) -> None:
        """F9, some letters, Enter, and E: not one click."""
        self.page.keyboard.press("F9")
        expect(self.page.get_by_role("combobox", name="Buscar tipificación")).to_be_focused()
        self.page.keyboard.type(words)
        expect(self.page.get_by_role("option").first).to_be_visible()
        self.page.keyboard.press("Enter")
        expect(self.page.get_by_role("button", name="Guardar y resolver")).to_be_visible()
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("e")
        expect(self.page.get_by_text("resuelta", exact=False).first).to_be_visible()
        expect(self.card(customer)).to_have_count(0, timeout=20_000)


class Watcher(Insider):
    """A supervisor before the live floor."""

    @property
    def side(self) -> Locator:
        return self.page.get_by_role("region", name="Chat en curso")

    @property
    def waiting(self) -> Locator:
        """Who waits, in order."""
        panel = self.main.locator("section", has=self.page.get_by_role("heading", name="En espera"))
        return panel.get_by_role("listitem")

    def sees_waiting(self, customer: str) -> None:
        expect(self.main.get_by_role("link", name=re.compile(customer)).first).to_be_visible()

    def reads(self, customer: str) -> None:
        self.main.get_by_role("link", name=re.compile("Ana Torres")).first.click()
        self.main.get_by_role("link", name=re.compile(customer)).first.click()
        expect(self.side).to_be_visible()


class Finder(Insider):
    """Somebody looking for a past gestión."""

    def search(self, text: str) -> None:
        self.page.get_by_role("searchbox", name=re.compile("palabras de la conversación")).fill(
            text
        )

    def filter(self, **choices: str) -> None:
        open_filters = self.page.get_by_role("button", name=re.compile("filtro", re.IGNORECASE))
        if not self.page.get_by_label("Desde").count():
            open_filters.click()
        for label, choice in choices.items():
            field = self.page.get_by_label(label, exact=True)
            if label in ("Desde", "Hasta"):
                field.fill(choice)
                field.blur()
            else:
                field.select_option(label=choice)

    def clear(self) -> None:
        self.page.get_by_role("button", name="Limpiar").click()

    def today(self) -> str:
        """Where the company is: what the person at this browser calls today."""
        said: str = self.page.evaluate("() => new Date().toLocaleDateString('en-CA')")
        return said

    def row(self, customer: str) -> Locator:
        return self.page.get_by_role("row").filter(has_text=customer)

    def sees(self, customer: str) -> None:
        expect(self.row(customer)).to_have_count(1)

    def sees_nothing(self) -> None:
        expect(self.page.get_by_text("Ninguna gestión coincide")).to_be_visible()

    def open(self, customer: str) -> None:
        self.row(customer).get_by_role("link").first.click()
        expect(self.page.get_by_role("link", name="Volver a la lista")).to_be_visible()
