"""What once went wrong at the screens of administration, and in the chat of a known customer."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.at_admin import Administrator
from tests.e2e.at_desk import PASSWORD, Agent, Insider
from tests.e2e.at_shop import Visitor
from tests.e2e.at_start import ADMINISTRATOR
from tests.e2e.conftest import Company
from tests.e2e.stage import Seat

pytestmark = pytest.mark.e2e

Sit = Callable[..., Seat]


@pytest.fixture
def rosa(company: Company, seat: Sit) -> Administrator:
    """Who set up, at her screens; she attends too."""
    rosa = Administrator(seat())
    rosa.enter(company.house.url, ADMINISTRATOR[1])
    return rosa


def test_every_link_of_the_rail_leads_out_of_administration(rosa: Administrator) -> None:
    rail = rosa.page.get_by_role("navigation", name="Principal")
    for place in ("Gestiones", "Supervisión", "Historial"):
        rosa.section("Personas")
        rail.get_by_role("link", name=place).click()
        expect(rail.get_by_role("link", name=place)).to_have_attribute("aria-current", "page")
        expect(rosa.page.get_by_role("navigation", name="Administración")).to_have_count(0)


def test_the_link_of_an_invitation_shows_once_the_person_is_created(
    rosa: Administrator, seat: Sit
) -> None:
    rosa.section("Personas")
    rosa.main.get_by_role("button", name="Invitar persona").click()
    rosa.main.get_by_label("Nombre").fill("Bruno Paz")
    rosa.main.get_by_label("Correo").fill("bruno@nogal.example")
    # The role brings the desk with it.
    rosa.main.get_by_role("checkbox", name=re.compile("^Agente")).check()
    expect(rosa.main.get_by_role("switch", name="Atiende gestiones")).to_be_checked()
    rosa.main.get_by_role("button", name="Crear").click()
    link = rosa.main.get_by_role("textbox", name="Enlace de invitación")
    expect(link).to_have_value(re.compile("#/enlace/"))
    bruno = Insider(seat())
    bruno.take_invitation(link.input_value(), "Bruno Paz")
    expect(bruno.page.get_by_role("heading", name="Mis gestiones")).to_be_visible()


def test_a_wrong_site_or_colour_is_marked_with_what_to_write(rosa: Administrator) -> None:
    rosa.section("Chat web")
    rosa.main.get_by_role("link", name="Chat del sitio").click()
    sites = rosa.main.get_by_role("textbox", name="Sitios permitidos")
    colour = rosa.main.get_by_role("textbox", name="Color").last
    kept = sites.input_value()
    sites.fill(f"{kept}\nnandu.pe\njavascript:alert(1)")
    colour.fill("rojo")
    rosa.main.get_by_role("button", name="Guardar").click()
    expect(sites).to_have_attribute("aria-invalid", "true")
    expect(rosa.main.get_by_text("«javascript:alert(1)» no es un sitio")).to_be_visible()
    expect(rosa.main.get_by_text("Escriba un color con #")).to_be_visible()
    sites.fill(f"{kept}\nnandu.pe")
    colour.fill("#0c5a55")
    rosa.main.get_by_role("button", name="Guardar").click()
    rosa.saved()
    expect(sites).to_have_value(f"{kept}\nhttps://nandu.pe")


def test_what_is_archived_is_found_by_its_name_and_restored(rosa: Administrator) -> None:
    rosa.add("Habilidades", "Nueva habilidad", Nombre="Inglés")
    rosa.main.get_by_role("button", name="Archivar").click()
    rosa.main.get_by_role("button", name="Archivar").last.click()
    expect(rosa.main.get_by_role("button", name="Ver archivados")).to_be_visible()
    rosa.main.get_by_role("button", name="Nueva habilidad").click()
    rosa.main.get_by_label("Nombre").fill("Inglés")
    rosa.main.get_by_role("button", name="Crear").click()
    rosa.main.get_by_role("button", name="Restaurar Inglés").click()
    expect(rosa.main.get_by_role("heading", name="Inglés")).to_be_visible()
    rosa.section("Auditoría")
    first = rosa.main.locator("ol li").first
    expect(first).to_contain_text("restauró la habilidad «Inglés»")


def test_an_offer_is_seen_and_taken_from_any_screen(
    company: Company, ana: Agent, arrives: Callable[[str], Visitor]
) -> None:
    ana.page.goto(f"{company.house.url}/#/admin")
    ana.page.goto(f"{company.house.url}/#/buscar")
    rosario = arrives("Rosario")
    rosario.say("Hola, soy Rosario")
    expect(ana.offer).to_contain_text("Rosario")
    expect(ana.offer).to_contain_text("Ventas")
    ana.page.keyboard.press("F2")
    expect(ana.heard("Hola, soy Rosario")).to_have_count(1)
    expect(ana.page).to_have_url(re.compile("#/mesa/"))


def test_a_password_chosen_elsewhere_leads_the_old_window_to_the_way_in(
    company: Company, rosa: Administrator, seat: Sit
) -> None:
    rosa.add("Personas", "Invitar persona", Nombre="Nora Ruiz", Correo="nora@nogal.example")
    link = rosa.main.get_by_role("textbox", name="Enlace de invitación").input_value()
    nora = Insider(seat())
    nora.page.goto(link)
    nora.page.get_by_label("Contraseña nueva").fill(PASSWORD)
    nora.page.get_by_label("Repita la contraseña").fill(PASSWORD)
    nora.page.get_by_role("button", name="Guardar e ingresar").click()
    expect(nora.page.get_by_role("button", name=re.compile("Nora Ruiz"))).to_be_visible()
    # Cut off while it happens: the goodbye never arrives.
    nora.page.context.set_offline(True)
    rosa.main.get_by_role("link").first.wait_for()
    rosa.page.reload()
    rosa.main.get_by_role("button", name="Crear enlace de contraseña").click()
    again = rosa.main.get_by_role("textbox", name="Enlace para cambiar la contraseña").input_value()
    other = Insider(seat())
    other.page.goto(again)
    other.page.get_by_label("Contraseña nueva").fill("otra frase muy distinta")
    other.page.get_by_label("Repita la contraseña").fill("otra frase muy distinta")
    other.page.get_by_role("button", name="Guardar e ingresar").click()
    expect(other.page.get_by_role("button", name=re.compile("Nora Ruiz"))).to_be_visible()
    nora.page.context.set_offline(False)
    expect(nora.page.get_by_text("Su sesión terminó")).to_be_visible()


def test_a_signed_identity_that_is_no_good_asks_like_anybody(company: Company, seat: Sit) -> None:
    company.shop.identity = "vencido.firma"
    try:
        visitor = Visitor(seat()).come(company.shop.url)
        visitor.launcher.click()
        visitor.panel.get_by_role("button", name="Empezar").click()
        visitor.panel.get_by_label("Nombre").fill("Olga")
        visitor.panel.get_by_role("button", name="Empezar").click()
        visitor.say("Hola, soy Olga")
        visitor.end()
    finally:
        company.shop.identity = ""
