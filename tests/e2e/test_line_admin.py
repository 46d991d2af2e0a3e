"""A line and a number made by the administrator's pages alone; then somebody calls it."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.at_admin import Administrator
from tests.e2e.at_desk import Agent
from tests.e2e.at_phone import AGENTS, Caller, caller
from tests.e2e.conftest import Company
from tests.e2e.stage import Seat
from tests.e2e.test_call import chrome, fresh_house
from tests.e2e.truth_number import NUMBER, sip_of

__all__ = ["chrome", "fresh_house"]
pytestmark = pytest.mark.e2e
#: A line is looked at every two seconds, and the list is asked for every three.
SEEN_MS = 30_000


@pytest.fixture(scope="module")
def luz(company: Company) -> Iterator[Caller]:
    """She calls from the place where the company believes its carrier to be."""
    with caller(sip_of(company.house), "+51987650001", "Luz Díaz") as phone:
        yield phone


@pytest.fixture
def rosa(company: Company, seat: Callable[..., Seat]) -> Administrator:
    administrator = Administrator(seat())
    administrator.enter(company.house.url, "rosa@nogal.example")
    return administrator


def row(rosa: Administrator, name: str) -> Locator:
    return rosa.main.get_by_role("row", name=re.compile(re.escape(name)))


def test_a_line_is_made_and_its_state_comes_by_itself(rosa: Administrator, luz: Caller) -> None:
    rosa.section("Troncales")
    rosa.main.get_by_role("button", name="Nueva troncal").first.click()
    rosa.main.get_by_label("Nombre").fill("Operador")
    rosa.main.get_by_label("Dirección del operador").fill("127.0.0.1")
    rosa.main.get_by_label("Puerto SIP").fill(str(luz.phone.line.port))
    rosa.main.get_by_role("button", name="Crear").click()
    rosa.saved()
    state = rosa.main.get_by_role("status").filter(has_text="Responde").first
    expect(state).to_be_visible(timeout=SEEN_MS)
    expect(rosa.main.get_by_text("Su operador responde en esa dirección.")).to_be_visible()
    rosa.section("Troncales")
    expect(row(rosa, "Operador")).to_contain_text("Responde")


def test_a_wrong_form_says_where(rosa: Administrator) -> None:
    rosa.section("Troncales")
    rosa.main.get_by_role("button", name="Nueva troncal").first.click()
    rosa.main.get_by_label("Nombre").fill("Con registro")
    rosa.main.get_by_label("Dirección del operador").fill("sip: operador")
    rosa.main.get_by_role("button", name="Crear").click()
    expect(rosa.main.get_by_text("Escriba un nombre o una dirección IP")).to_be_visible()
    rosa.main.get_by_label("Dirección del operador").fill("127.0.0.9")
    rosa.main.get_by_label("Registrarse con el operador").press("Space")
    rosa.main.get_by_role("button", name="Crear").click()
    expect(rosa.main.get_by_text("hace falta el usuario")).to_be_visible()


def test_a_test_call_tells_its_outcome(rosa: Administrator, luz: Caller) -> None:
    rosa.section("Troncales")
    rosa.main.get_by_role("link", name="Operador").click()
    rosa.main.get_by_label("Número", exact=True).fill("999 888 777")
    rosa.main.get_by_role("button", name="Llamar").click()
    expect(rosa.main.get_by_text("Llamando…")).to_be_visible()
    luz.rejects()
    expect(rosa.main.get_by_text("está en otra llamada")).to_be_visible(timeout=SEEN_MS)


def test_a_number_is_made_and_a_call_to_it_rings_at_the_desk(
    company: Company, rosa: Administrator, seat: Callable[..., Seat], luz: Caller
) -> None:
    rosa.section("Números")
    rosa.main.get_by_role("button", name="Nuevo número").first.click()
    rosa.main.get_by_label("Nombre").fill("Ventas")
    rosa.main.get_by_label("Número", exact=False).last.fill(NUMBER)
    rosa.main.get_by_label("Cola").select_option(index=1)
    rosa.main.get_by_label("Troncal").select_option(label="Operador")
    rosa.main.get_by_role("button", name="Crear").click()
    rosa.saved()
    rosa.section("Chat web")
    expect(row(rosa, NUMBER)).to_have_count(0)
    ana = Agent(seat(permissions=["microphone"]))
    ana.enter(company.house.url, "ana@nogal.example")
    ana.set_presence("Disponible", re.compile("Disponible|En atención|Postgestión"))
    ana.presence.click()
    expect(ana.page.get_by_role("menuitem", name="Teléfono conectado")).to_be_visible()
    ana.page.keyboard.press("Escape")
    luz.call(NUMBER)
    expect(ana.offer).to_contain_text("Contestar")
    ana.accept("Luz Díaz")
    assert luz.hears(AGENTS)
    luz.hang_up()
    ana.dispose("resuelto en línea", "Luz Díaz")


def test_a_simulated_customer_rings_at_the_desk(
    company: Company, rosa: Administrator, seat: Callable[..., Seat]
) -> None:
    ana = Agent(seat(permissions=["microphone"]))
    ana.enter(company.house.url, "ana@nogal.example")
    ana.set_presence("Disponible", re.compile("Disponible|En atención|Postgestión"))
    rosa.section("Simular un cliente")
    rosa.main.get_by_label("A dónde llega").select_option(label=f"Llamada: Ventas ({NUMBER})")
    rosa.main.get_by_role("button", name="Empezar").click()
    person = rosa.main.get_by_role("listitem").filter(has_text="Lucía (simulación)")
    expect(person).to_contain_text("En curso")
    ana.accept("Lucía (simulación)")
    expect(ana.page.get_by_role("region", name="Llamada en curso")).to_contain_text("Audio")
    person.get_by_role("button", name="Terminar").click()
    expect(person).to_contain_text("Terminado por usted")
    ana.dispose("resuelto en línea", "Lucía (simulación)")
