"""The first start through the screens: the one-time link, the administrator, the five steps.

Used by every module that wants a company of its own; test_first_contact looks at each step.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from tests.e2e.at_desk import PASSWORD, Insider
from tests.e2e.at_shop import key_of

DAYS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
ADMINISTRATOR = ("Rosa Quispe", "rosa@nogal.example")
PEOPLE: Sequence[tuple[str, str, str]] = (
    ("Ana Torres", "ana@nogal.example", "Agente"),
    ("Sonia Vega", "sonia@nogal.example", "Supervisor"),
)


@dataclass(frozen=True)
class Founded:
    """What the guide leaves: the invitations by name, and the key in the chat's snippet."""

    invitations: Mapping[str, str]
    key: str


@dataclass
class Founder(Insider):
    """Whoever opens the installation first."""

    def create_administrator(self, link: str) -> None:
        page = self.page
        page.goto(link)
        page.get_by_label("Empresa").fill("Muebles Nogal")
        page.get_by_label("País").select_option(label="Perú")
        page.get_by_label("Correo").fill(ADMINISTRATOR[1])
        page.get_by_label("Su nombre").fill(ADMINISTRATOR[0])
        page.get_by_label("Contraseña nueva").fill(PASSWORD)
        page.get_by_label("Repita la contraseña").fill(PASSWORD)
        page.get_by_role("button", name="Crear y continuar").click()
        # What has just been told of the company is not asked again.
        self.step("¿Quién más atiende?")

    def step(self, title: str) -> None:
        expect(self.page.get_by_role("heading", name=title)).to_be_visible()

    def next(self) -> None:
        self.page.get_by_role("button", name="Continuar").click()

    def first_step(self) -> None:
        """Back to the company, which holds what was told with the link."""
        self.page.get_by_role("button", name="Volver").click()
        self.step("¿Cómo se llama su empresa?")

    def company(self) -> None:
        expect(self.page.get_by_label("Zona horaria")).to_have_value("America/Lima")
        self.next()
        self.step("¿Quién más atiende?")

    def team(self) -> dict[str, str]:
        """Invites everybody; the links, by name."""
        page = self.page
        for number, (name, email, role) in enumerate(PEOPLE):
            if number:
                page.get_by_role("button", name="Agregar persona").click()
            row = page.get_by_role("group", name=f"Persona {number + 1}")
            row.get_by_label("Nombre").fill(name)
            row.get_by_label("Correo").fill(email)
            row.get_by_label("Rol").select_option(label=role)
        self.next()
        links = page.get_by_role("textbox", name="Enlace de invitación")
        expect(links).to_have_count(len(PEOPLE))
        told = {name: self._of(name).get_by_role("textbox").input_value() for name, _, _ in PEOPLE}
        page.get_by_role("button", name="Ya los copié").click()
        return told

    def _of(self, name: str) -> Locator:
        return self.page.get_by_role("listitem").filter(has_text=name)

    def queue(self, name: str = "Ventas") -> None:
        """Open every hour of the week: the test runs at any time of any day."""
        page = self.page
        page.get_by_label("Nombre de la cola").fill(name)
        for day in DAYS:
            toggle = page.get_by_role("switch", name=day)
            if not toggle.is_checked():
                toggle.press("Space")
            page.get_by_label(f"Desde, {day}").fill("00:00")
            page.get_by_label(f"Hasta, {day}").fill("00:00")
            page.get_by_label(f"Hasta, {day}").blur()
        self.next()

    def channel(self, origin: str) -> str:
        """The chat on that site; the public key that its snippet names."""
        page = self.page
        page.get_by_label("Sitios permitidos").fill(origin)
        page.get_by_role("checkbox", name="Correo").check()
        self.next()
        self.step("Escríbase a sí mismo")
        snippet = page.get_by_label("Código para su sitio").inner_text()
        return key_of(snippet)

    def leave_guide(self) -> None:
        self.page.get_by_role("button", name="Ir al escritorio").click()
        expect(self.page.get_by_role("navigation", name="Principal")).to_be_visible()


def found(founder: Founder, link: str, origin: str) -> Founded:
    founder.create_administrator(link)
    founder.first_step()
    founder.company()
    invitations = founder.team()
    founder.queue()
    key = founder.channel(origin)
    founder.leave_guide()
    return Founded(invitations, key)


def titles(page: Page) -> list[str]:
    return page.get_by_role("heading").all_inner_texts()
