"""The screens, one state after another. For the gallery, and the tests of access and language.

Each tour is a generator: it brings a page into a state and gives that state's name; whoever drives
it looks (a picture, axe, words), and asks for the next. Tours act as people do, by names and keys,
and work at any width. What they need of the floor (somebody who writes) is handed in.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator

from playwright.sync_api import Locator, Page, expect

from tests.e2e.at_desk import Agent
from tests.e2e.at_shop import Visitor
from tests.e2e.at_start import DAYS, Founder
from tests.e2e.stage import Seat

Tour = Iterator[str]

SECTIONS = (
    "Personas",
    "Habilidades por agente",
    "Habilidades",
    "Equipos",
    "Perfiles de capacidad",
    "Colas y enrutamiento",
    "Horarios y feriados",
    "Motivos de pausa",
    "Campañas",
    "Tipificaciones",
    "Respuestas rápidas",
    "Chat web",
    "Números",
    "Troncales",
    "Simular un cliente",
    "Empresa",
    "Sedes",
    "Roles y permisos",
    "Auditoría",
)
#: Whatever an agent's state reads while available, or on the way out with work in hand.
ANY_STANCE = re.compile("Disponible|En atención|Postgestión|Desconectado")
#: Long, as names are: nothing may break or hide because of one.
LONG_NAME = "María Fernanda del Carmen Aristizábal-Echeverri de la Hoz y Montúfar"
LONG_TEXT = (
    "Compré la mesa Tayrona de seis puestos el mes pasado y una de las patas llegó con el barniz "
    "levantado; ¿cómo hago para que la revisen? https://nogal.example/pedidos/2026-11-24/8841"
)


def entry(page: Page, base: str) -> Tour:
    """Before the door."""
    page.goto(f"{base}/#/entrar")
    page.get_by_role("button", name="Ingresar").wait_for()
    yield "ingreso"
    page.get_by_label("Correo").fill("nadie@nogal.example")
    page.get_by_label("Contraseña", exact=False).first.fill("no es esta clave")
    page.get_by_role("button", name="Ingresar").click()
    page.get_by_role("alert").get_by_text(re.compile("no son correctos")).wait_for()
    yield "ingreso-error"
    page.goto(f"{base}/#/enlace/ya-se-uso")
    page.get_by_role("heading", name="Este enlace ya no sirve").wait_for()
    yield "enlace-vencido"


def setup(page: Page, link: str) -> Tour:
    """The first start, step by step."""
    founder = Founder(Seat(page))
    page.goto(link)
    page.get_by_label("Empresa").wait_for()
    yield "inicio-enlace"
    page.get_by_role("button", name="Crear y continuar").click()
    yield "inicio-enlace-faltan-datos"
    founder.create_administrator(link)
    founder.first_step()
    yield "inicio-empresa"
    founder.company()
    yield "inicio-equipo"
    row = page.get_by_role("group", name="Persona 1")
    row.get_by_label("Nombre").fill(LONG_NAME)
    row.get_by_label("Correo").fill("maria.aristizabal@nogal.example")
    founder.next()
    page.get_by_role("textbox", name="Enlace de invitación").wait_for()
    yield "inicio-equipo-enlaces"
    page.get_by_role("button", name="Ya los copié").click()
    page.get_by_role("switch", name=DAYS[0]).wait_for()
    yield "inicio-horario"
    founder.queue("Atención")
    founder.step("El chat de su sitio")
    yield "inicio-canal"
    founder.channel("https://tienda.example")
    yield "inicio-primer-contacto"


def desk(page: Page, enter: Callable[[Agent], None], come: Callable[[str], Visitor]) -> Tour:
    """The agent's day: from nobody to a contact recorded."""
    agent = Agent(Seat(page))
    enter(agent)
    agent.presence.wait_for()
    page.get_by_role("heading", name="Mis gestiones").wait_for()
    yield "mesa-desconectado"
    agent.presence.click()
    page.get_by_role("menu").wait_for()
    yield "mesa-estado"
    page.keyboard.press("Escape")
    agent.set_presence("Disponible", ANY_STANCE)
    yield "mesa-libre"
    yield from _account(page)
    visitor = come(LONG_NAME)
    visitor.say(LONG_TEXT)
    expect(agent.offer).to_be_visible(timeout=40_000)
    yield "mesa-oferta"
    take(agent, LONG_NAME)
    expect(agent.heard_part("Compré la mesa Tayrona")).to_be_visible()
    agent.reply("Qué pena con usted, ya mismo lo reviso.")
    visitor.say("Muchas gracias, quedo pendiente")
    expect(agent.heard("Muchas gracias, quedo pendiente")).to_be_visible()
    visitor.type("Otra co")
    yield "mesa-gestion"
    yield from _full(page, agent, come)
    yield from _writing(page, agent)
    yield from _dialogs(page, agent)
    yield from _ending(page, agent)


#: Below this the desk is one column.
NARROW = 760
#: Others in the agent's hands, each in a group of the list of its own.
OTHERS = (
    ("Luis Alberto Pérez", "¿Tienen el comedor Tayrona en nogal oscuro?"),
    ("Gabriela Montoya", "Buenas tardes, quiero cambiar la fecha de entrega"),
)


def _full(page: Page, agent: Agent, come: Callable[[str], Visitor]) -> Tour:
    """More than one at a time, and another at the door: one column shows one of them only."""
    if (page.viewport_size or {"width": 0})["width"] < NARROW:
        return
    for name, said in OTHERS:
        come(name).say(said)
        take(agent, name)
        expect(agent.heard(said)).to_have_count(1)  # theirs is the one before us
    agent.reply("Claro que sí: ¿para qué día la prefiere?")
    agent.card(LONG_NAME).click()
    expect(agent.heard_part("Compré la mesa Tayrona")).to_be_visible()
    come("Hugo Salinas").say("Hola, me llegó una silla con una pata suelta")
    expect(agent.offer).to_be_visible(timeout=40_000)
    yield "mesa-llena"
    agent.offer.get_by_role("button", name="Rechazar").click()
    expect(agent.offer).to_have_count(0)


def take(agent: Agent, name: str) -> None:
    """F2 until the one we wait for is in hand: on a living floor others may ring first."""
    for _ in range(4):
        expect(agent.offer).to_be_visible(timeout=40_000)
        with contextlib.suppress(AssertionError):  # the name may come a moment after the offer
            expect(agent.offer).to_contain_text(name, timeout=3_000)
        ours = name in agent.offer.inner_text()
        agent.page.keyboard.press("F2")
        if ours:
            break
        with contextlib.suppress(AssertionError):  # or another one's rings at once
            expect(agent.offer).to_have_count(0, timeout=3_000)
    expect(agent.box).to_be_visible()


def _account(page: Page) -> Tour:
    page.get_by_role("button", name=re.compile("^Cuenta de")).click()
    page.get_by_role("menuitem", name="Preferencias").wait_for()
    yield "cuenta"
    page.get_by_role("menuitem", name="Preferencias").click()
    page.get_by_role("dialog", name="Preferencias").wait_for()
    yield "preferencias"
    page.keyboard.press("Escape")


def _writing(page: Page, agent: Agent) -> Tour:
    agent.box.press_sequentially("/")
    page.get_by_role("listbox", name="Respuestas rápidas").wait_for()
    yield "mesa-respuestas-rapidas"
    page.keyboard.press("Escape")
    agent.box.fill("Le propongo el sábado 28 por la mañana: ¿le queda bien?")
    page.get_by_text("Borrador", exact=False).first.wait_for()
    yield "mesa-borrador"
    agent.note("Cliente muy amable: ofrecer el cambio sin costo.")
    yield "mesa-nota"
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    page.keyboard.press("Escape")


def _dialogs(page: Page, agent: Agent) -> Tour:
    page.keyboard.press("t")
    page.get_by_role("dialog", name="Transferir la gestión").wait_for()
    yield "mesa-transferir"
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    box = page.get_by_role("combobox").or_(page.get_by_role("searchbox")).first
    box.wait_for()
    yield "buscador"
    page.keyboard.type("mesa")
    page.get_by_role("option").first.wait_for()
    yield "buscador-resultados"
    page.keyboard.press("Escape")
    agent.main.get_by_role("heading").first.click()  # out of the text
    page.keyboard.press("?")
    page.get_by_role("dialog", name="Atajos de teclado").wait_for()
    yield "atajos"
    page.keyboard.press("Escape")


def _ending(page: Page, agent: Agent) -> Tour:
    page.keyboard.press("e")
    drawer = page.get_by_role("combobox", name="Buscar tipificación")
    if not drawer.count():  # narrow: the panel is a drawer
        page.get_by_role("button", name="Cliente y tipificación").click()
        page.keyboard.press("F9")
    drawer.wait_for()
    yield "mesa-tipificar"
    page.keyboard.type("resuelto en línea")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Guardar y resolver").wait_for()
    yield "mesa-tipificada"
    page.get_by_role("button", name="Guardar y resolver").click()
    page.get_by_role("button", name="Deshacer").wait_for()
    yield "mesa-deshacer"


def floor(page: Page, base: str, name: str) -> Tour:
    """The supervisor's screens."""
    boss = Agent(Seat(page))
    boss.enter_demo(base, name)
    boss.go("Supervisión")
    page.get_by_role("heading", name="Operación en vivo").wait_for()
    boss.main.get_by_role("table").wait_for()
    yield "supervision"
    page.get_by_role("button", name="Mostrar desconectados").click()
    yield "supervision-ausentes"
    agents = boss.main.locator("section.agents").get_by_role("link")
    agents.first.click()
    page.get_by_role("button", name="Cambiar").or_(page.get_by_label("Motivo")).first.wait_for()
    yield "supervision-agente"
    page.keyboard.press("Escape")
    busy = agents.filter(has_text=re.compile("conversaci"))
    if busy.count():
        busy.first.click()
        boss.main.locator("section.side").get_by_role("link").first.click()
        boss.main.get_by_role("region", name="Chat en curso").wait_for()
        boss.main.get_by_role("region", name="Conversación").wait_for()
        yield "supervision-chat"
        page.keyboard.press("Escape")
    if not page.get_by_role("link", name="Modo mural").count():
        return  # no wall on a phone
    page.get_by_role("link", name="Modo mural").click()
    page.get_by_role("link", name="Salir del modo mural").wait_for()
    yield "supervision-mural"
    page.get_by_role("link", name="Salir del modo mural").click()


def search(page: Page, base: str) -> Tour:
    """Past gestiones; whoever is logged in at this page may look for them."""
    page.goto(f"{base}/#/buscar")
    rows = page.get_by_role("row").filter(has=page.get_by_role("link"))
    rows.first.wait_for()
    yield "historial"
    page.get_by_role("button", name=re.compile("filtro", re.IGNORECASE)).click()
    page.get_by_label("Desde").wait_for()
    yield "historial-filtros"
    page.get_by_role("searchbox").first.fill("zzz nada de esto")
    page.get_by_text("Ninguna gestión coincide").wait_for()
    yield "historial-vacio"
    page.get_by_role("searchbox").first.fill("")
    page.goto(f"{base}/#/buscar?state=resolved")
    rows.nth(1).get_by_role("link").first.click()
    page.get_by_role("link", name="Volver a la lista").wait_for()
    page.get_by_role("region", name="Conversación").first.wait_for()
    yield "gestion-pasada"


def administration(page: Page, base: str, name: str) -> Tour:
    """Every section's list, and one editor of each."""
    boss = Agent(Seat(page))
    boss.enter_demo(base, name)
    menu = page.get_by_role("navigation", name="Administración")
    for number, section in enumerate(SECTIONS):
        page.goto(f"{base}/#/admin")
        menu.get_by_role("link", name=section, exact=True).click()
        page.get_by_role("heading", name=section).first.wait_for()
        settled(boss.main)
        yield f"admin-{number:02}-{plain(section)}"
        new = boss.main.get_by_role("button", name=re.compile("^(Nuev|Invitar)"))
        rows = boss.main.get_by_role("table").get_by_role("link")
        if new.count() and rows.count():
            rows.first.click()
            page.get_by_role("button", name=re.compile("^(Guardar|Archivar)")).or_(
                page.get_by_text("Viene con el sistema")
            ).first.wait_for()
            settled(boss.main)
            yield f"admin-{number:02}-{plain(section)}-editar"
    yield from _unsaved(page, base, boss)


def _unsaved(page: Page, base: str, boss: Agent) -> Tour:
    page.goto(f"{base}/#/admin/respuestas/nuevo")
    page.get_by_role("button", name="Crear").click()
    page.get_by_text(re.compile("Falta|necesario|obligatorio", re.IGNORECASE)).first.wait_for()
    yield "admin-faltan-datos"
    boss.main.get_by_label("Atajo").fill("provisional")
    boss.go("Administración")
    page.get_by_role("dialog", name="Hay cambios sin guardar").wait_for()
    yield "admin-sin-guardar"
    page.get_by_role("button", name="Descartar").last.click()


def widget(page: Page, shop: str, attend: Callable[[str], None]) -> Tour:
    """The chat in a shop; `attend` has somebody answer the visitor of that name."""
    visitor = Visitor(Seat(page)).come(shop)
    visitor.launcher.wait_for()
    yield "chat-boton"
    visitor.launcher.click()
    visitor.panel.get_by_role("button", name="Empezar").wait_for()
    yield "chat-antes"
    visitor.panel.get_by_role("button", name="Empezar").click()
    visitor.panel.get_by_text("Este dato es necesario").first.wait_for()
    yield "chat-antes-faltan-datos"
    visitor.panel.get_by_role("button", name="Minimizar").click()
    visitor.begin("Camila Duarte")
    visitor.say(LONG_TEXT)
    visitor.panel.get_by_text("en la fila", exact=False).last.wait_for()
    yield "chat-espera"
    attend("Camila Duarte")
    visitor.panel.get_by_text("¿Me envía una foto?", exact=False).wait_for()
    yield "chat-conversacion"
    visitor.panel.get_by_role("button", name="Más opciones").click()
    yield "chat-menu"
    page.keyboard.press("Escape")
    visitor.end()
    visitor.panel.get_by_role("button", name="Iniciar otra conversación").wait_for()
    yield "chat-terminado"


def answering(page: Page) -> Callable[[str], None]:
    """An agent who takes whoever comes and says a word."""
    agent = Agent(Seat(page))

    def attend(name: str) -> None:
        agent.go("Gestiones")
        agent.set_presence("Disponible", ANY_STANCE)
        take(agent, name)
        agent.reply("¡Hola! Claro que sí: la revisión no tiene costo. ¿Me envía una foto?")

    return attend


def settled(main: Locator) -> None:
    """Nothing is being fetched any more, as far as one sees."""
    expect(main.get_by_text("Cargando…")).to_have_count(0)


def plain(text: str) -> str:
    pairs = str.maketrans("áéíóúñ ", "aeioun-")
    return text.lower().translate(pairs)
