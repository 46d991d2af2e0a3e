"""What people see when a network is cut or the server dies: nothing lost, nothing twice."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e import truth
from tests.e2e.at_desk import Agent
from tests.e2e.at_shop import Visitor
from tests.e2e.conftest import Company, attended

pytestmark = pytest.mark.e2e


def test_a_cut_in_mid_sentence_loses_nothing_on_either_side(
    company: Company, ana: Agent, arrives: Callable[[str], Visitor]
) -> None:
    carla = arrives("Carla")
    attended(ana, carla, "Carla")
    carla.box.press_sequentially("¿Y viene en ")
    carla.page.context.set_offline(True)
    carla.panel.get_by_text("Sin conexión. Lo que escriba se enviará al volver.").wait_for()
    carla.box.press_sequentially("roble?")
    carla.box.press("Enter")
    carla.panel.get_by_text("Se enviará al volver la conexión").wait_for()
    carla.box.press_sequentially("y otra co")
    expect(ana.heard("¿Y viene en roble?")).to_have_count(0)
    ana.page.context.set_offline(True)
    ana.main.page.get_by_text("Sin conexión.", exact=False).first.wait_for()
    ana.reply("Le confirmo enseguida")
    carla.page.context.set_offline(False)
    expect(carla.panel.get_by_text(re.compile("^Enviado"))).to_be_visible()
    expect(carla.heard("Le confirmo enseguida")).to_have_count(0)
    ana.page.context.set_offline(False)
    expect(ana.heard("¿Y viene en roble?")).to_have_count(1)
    expect(carla.heard("Le confirmo enseguida")).to_have_count(1)
    expect(carla.box).to_have_value("y otra co")
    carla.page.reload()
    carla.launcher.click()
    expect(carla.heard("¿Y viene en roble?")).to_have_count(1)
    expect(carla.box).to_have_value("y otra co")
    for text in ("¿Y viene en roble?", "Le confirmo enseguida"):
        assert truth.times_said(company.house, text) == 1


def test_the_server_dies_and_comes_back_and_nobody_notices_more_than_a_pause(
    company: Company, ana: Agent, arrives: Callable[[str], Visitor]
) -> None:
    dora, waiting = arrives("Dora"), arrives("Elsa")
    attended(ana, dora, "Dora")
    ana.set_presence("Descanso")
    waiting.say("Espero mi turno")
    waiting.panel.get_by_text("Usted es la siguiente persona en la fila").wait_for()
    ana.box.fill("Respuesta a medio escr")
    ana.main.get_by_text("Borrador guardado en este equipo y en el servidor").wait_for()
    company.house.product.kill()
    dora.panel.get_by_text("Sin conexión. Lo que escriba se enviará al volver.").wait_for()
    dora.say("¿Sigue ahí?")
    company.house.start()
    expect(ana.heard("¿Sigue ahí?")).to_have_count(1)
    expect(ana.box).to_have_value("Respuesta a medio escr")
    ana.box.press_sequentially("ita")
    ana.page.keyboard.press("Control+Enter")
    expect(dora.heard("Respuesta a medio escrita")).to_have_count(1)
    waiting.panel.get_by_text("Usted es la siguiente persona en la fila").wait_for()
    ana.page.reload()
    expect(ana.heard("Respuesta a medio escrita")).to_have_count(1)
    expect(ana.presence).to_contain_text("Descanso")
    ana.set_presence("Disponible", "En atención")
    ana.accept("Elsa")
    for text in ("¿Sigue ahí?", "Respuesta a medio escrita", "Espero mi turno"):
        assert truth.times_said(company.house, text) == 1
    for name in ("Dora", "Elsa"):
        assert truth.assignments_of(company.house, name) == 1
