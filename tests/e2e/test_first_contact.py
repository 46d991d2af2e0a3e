"""The first living path, whole: from the link of the first start to a past gestión read again."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.at_admin import Administrator
from tests.e2e.at_desk import Agent, Finder, Watcher
from tests.e2e.at_shop import Visitor
from tests.e2e.at_start import Founder
from tests.e2e.shop import Shop
from tests.e2e.stage import House, Seat

pytestmark = pytest.mark.e2e

CUSTOMER, ASKS = "María Fernández", "Buenas, ¿cuánto tarda la mesa Tayrona?"
ANSWER, THANKS = "Llega en cinco días hábiles.", "Perfecto, muchas gracias"
NOTE = "Ofrecerle la silla Barichara la próxima vez"


@dataclass
class Scene:
    """Who plays: everybody at a computer of their own."""

    visitor: Visitor
    agent: Agent
    supervisor: Watcher
    folder: Path


def test_the_first_contact_is_attended_and_found_again(
    fresh_house: House, a_shop: Shop, seat: Callable[..., Seat], tmp_path: Path
) -> None:
    founder = Founder(seat())
    founder.create_administrator(fresh_house.link())
    founder.first_step()
    founder.company()
    invitations = founder.team()
    founder.step("¿Cuándo y dónde esperan?")
    founder.queue()
    founder.step("El chat de su sitio")
    a_shop.chat, a_shop.key = fresh_house.url, founder.channel(a_shop.origin)
    founder.leave_guide()
    Administrator(founder.seat).add(
        "Respuestas rápidas",
        "Nueva respuesta",
        Atajo="saludo",
        Título="Saludo",
        Texto="Hola, {nombre}: le atiende {agente}.",
    )
    supervisor, agent = Watcher(seat()), Agent(seat())
    supervisor.take_invitation(invitations["Sonia Vega"], "Sonia Vega")
    agent.take_invitation(invitations["Ana Torres"], "Ana Torres")
    # Only Ana attends: whoever set up was put available by the guide's last step.
    Agent(founder.seat).set_presence("Desconectarme", "Desconectado")
    scene = Scene(Visitor(seat()), agent, supervisor, tmp_path)
    arrive(scene, a_shop)
    talk(scene)
    send_a_file_and_take_a_note(scene)
    close(scene)
    find_again(scene)
    assert scene.visitor.page.context.cookies(fresh_house.url) == []


def arrive(scene: Scene, shop: Shop) -> None:
    """The visitor writes, waits and is offered to the agent, who takes it by F2."""
    scene.agent.set_presence("Disponible")
    scene.agent.page.get_by_role("heading", name="Mis gestiones").wait_for()
    scene.visitor.come(shop.url).begin(CUSTOMER, "maria@correo.example")
    scene.visitor.say(ASKS)
    offer = scene.agent.offer
    expect(offer).to_contain_text(CUSTOMER)
    expect(offer).to_contain_text("Ventas")
    expect(offer.get_by_role("alert")).to_contain_text("Pulse F2 para aceptar")
    expect(scene.agent.page).to_have_title("Nueva oferta")
    scene.supervisor.go("Supervisión")
    scene.supervisor.sees_waiting(CUSTOMER)
    scene.agent.accept(CUSTOMER)
    expect(scene.agent.heard(ASKS)).to_have_count(1)
    scene.visitor.panel.get_by_role("heading", name="Ana Torres").wait_for()


def talk(scene: Scene) -> None:
    """Each sees the other write; what is read is marked; "/" inserts what was prepared."""
    visitor, agent = scene.visitor, scene.agent
    agent.box.press_sequentially("Lle")
    visitor.panel.get_by_text("Ana Torres está escribiendo…").wait_for()
    agent.reply(ANSWER)
    expect(visitor.heard(ANSWER)).to_have_count(1)
    expect(visitor.panel.get_by_text(re.compile(r"^Leído \d"))).to_be_visible()
    expect(agent.marked(ANSWER, "Leído")).to_be_visible()
    visitor.type("Perfe")
    expect(agent.main.get_by_text(re.compile("Escribiendo…"))).to_be_visible()
    visitor.say(THANKS)
    expect(agent.heard(THANKS)).to_have_count(1)
    expect(agent.main.get_by_text(re.compile("Escribiendo…"))).to_have_count(0)
    said = agent.quick_reply("/sal", "Saludo")
    assert said == "Hola, María: le atiende Ana."
    expect(visitor.heard(said)).to_have_count(1)


def send_a_file_and_take_a_note(scene: Scene) -> None:
    drawing = scene.folder / "medidas-mesa.pdf"
    drawing.write_bytes(
        b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    )
    scene.agent.attach(drawing)
    scene.agent.page.keyboard.press("Control+Enter")
    shown = scene.visitor.log.get_by_role("button", name=re.compile("medidas-mesa"))
    expect(shown).to_have_count(1)
    with scene.visitor.page.expect_download() as saved:
        shown.click()
    assert saved.value.suggested_filename == "medidas-mesa.pdf"
    assert Path(saved.value.path()).read_bytes() == drawing.read_bytes()
    scene.agent.note(NOTE)
    # The supervisor reads over the shoulder, the note too; the visitor never sees it.
    scene.supervisor.reads(CUSTOMER)
    for text in (ASKS, ANSWER, THANKS, NOTE):
        expect(scene.supervisor.side.get_by_text(text, exact=True)).to_be_visible()
    expect(scene.visitor.log.get_by_text(NOTE)).to_have_count(0)


def close(scene: Scene) -> None:
    """The outcome by keyboard, E to resolve, and everybody sees that it ended."""
    scene.agent.dispose("resuelto en línea", CUSTOMER)
    expect(scene.visitor.panel.get_by_text("Gracias por escribirnos")).to_be_visible()
    expect(
        scene.visitor.panel.get_by_role("button", name="Iniciar otra conversación")
    ).to_be_visible()
    expect(scene.agent.card(CUSTOMER)).to_have_count(0)


def find_again(scene: Scene) -> None:
    """By customer, by agent, by day and by text; and it is read whole."""
    finder = Finder(scene.supervisor.seat)
    finder.go("Historial")
    for text in ("María Fernández", "silla Barichara", "mesa tayrona"):
        finder.search(text)
        finder.sees(CUSTOMER)
    finder.clear()
    finder.filter(Agente="Ana Torres", Desde=finder.today(), Hasta=finder.today())
    finder.sees(CUSTOMER)
    finder.filter(Agente="Rosa Quispe")
    finder.sees_nothing()
    finder.filter(Agente="Ana Torres")
    finder.open(CUSTOMER)
    for text in (ASKS, ANSWER, THANKS, NOTE):
        expect(finder.main.get_by_text(text, exact=True)).to_be_visible()
    expect(finder.main.get_by_text("Ana Torres").first).to_be_visible()
    expect(finder.main.get_by_text("Resuelta").first).to_be_visible()
