"""«Locuciones y música»: audio is uploaded, heard, renamed, chosen in a number, archived."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.at_admin import Administrator
from tests.e2e.axe import small_targets, violations
from tests.e2e.conftest import Company
from tests.e2e.stage import PHONE, Seat
from tests.prompts.files import HOSTILE, file

pytestmark = pytest.mark.e2e
PAGE = "Locuciones y música"


@pytest.fixture
def rosa(company: Company, seat: Callable[..., Seat]) -> Administrator:
    administrator = Administrator(seat())
    administrator.enter(company.house.url, "rosa@nogal.example")
    administrator.section(PAGE)
    return administrator


@pytest.fixture
def sounds(tmp_path: Path) -> Path:
    (tmp_path / "Saludo.mp3").write_bytes(file("MP3", "MPEG_LAYER_III", 44_100))
    (tmp_path / "Cumbia.ogg").write_bytes(file("OGG", "VORBIS", 44_100, seconds=3))
    (tmp_path / "malo.wav").write_bytes(HOSTILE["a program"])
    return tmp_path


def put(rosa: Administrator, path: Path, kind: str = "Locución") -> None:
    rosa.main.get_by_label("Archivo").set_input_files(path)
    rosa.main.get_by_label("Para qué").select_option(label=kind)
    rosa.main.get_by_role("button", name="Subir", exact=True).click()


def row(rosa: Administrator, name: str) -> Locator:
    return rosa.main.get_by_role("listitem").filter(has_text=name).first


def hears(rosa: Administrator, name: str) -> None:
    """Its button says that it sounds, and by itself that it is over."""
    button = row(rosa, name).get_by_role("button").first
    button.press("Enter")
    expect(button).to_have_accessible_name("Detener")
    expect(button).not_to_have_accessible_name("Detener", timeout=20_000)


def test_an_audio_is_uploaded_heard_renamed_chosen_and_archived(
    rosa: Administrator, sounds: Path
) -> None:
    put(rosa, sounds / "Saludo.mp3")
    expect(rosa.page.get_by_text("«Saludo» ya se puede elegir")).to_be_visible()
    expect(row(rosa, "Saludo")).to_contain_text("0:01")
    expect(row(rosa, "Saludo")).to_contain_text("Sin usar")
    hears(rosa, "Saludo")
    rosa.main.get_by_role("button", name="Cambiar el nombre de Saludo").click()
    rosa.page.keyboard.type(" de Navidad")
    rosa.page.keyboard.press("Enter")
    expect(row(rosa, "Saludo de Navidad")).to_be_visible()
    put(rosa, sounds / "Cumbia.ogg", "Música de espera")
    expect(row(rosa, "Cumbia")).to_be_visible()
    _number(rosa)
    rosa.section(PAGE)
    expect(row(rosa, "Saludo de Navidad")).to_contain_text("en Ventas")
    rosa.main.get_by_role("button", name="Archivar Saludo de Navidad").click()
    rosa.main.get_by_role("button", name="Archivar", exact=True).click()
    expect(rosa.page.get_by_text("la usan 1 números")).to_be_visible()


def _number(rosa: Administrator) -> None:
    rosa.section("Números")
    rosa.main.get_by_role("button", name="Nuevo número").first.click()
    rosa.main.get_by_label("Nombre").fill("Ventas")
    rosa.main.get_by_label("Número", exact=False).last.fill("+5117001000")
    rosa.main.get_by_label("Cola").select_option(index=1)
    rosa.main.get_by_label("Saludo").select_option(label="Saludo de Navidad")
    rosa.main.get_by_label("Música de espera").select_option(label="Cumbia")
    rosa.main.get_by_role("button", name="Crear").click()
    rosa.saved()


def test_what_is_no_audio_is_refused_in_words(rosa: Administrator, sounds: Path) -> None:
    put(rosa, sounds / "malo.wav")
    expect(rosa.main.get_by_role("alert")).to_contain_text("no es un audio")


def test_the_included_sentences_say_that_their_voice_is_synthetic(rosa: Administrator) -> None:
    own = rosa.main.get_by_role("region", name="Frases incluidas")
    expect(own).to_contain_text("Voz sintética")
    hears(rosa, "Gracias por llamar. En un momento le atendemos.")
    own.get_by_role("button", name="inglés").click()
    expect(own).to_contain_text("Thank you for calling")
    own.get_by_text("Turno y tiempo de espera").click()
    expect(own).to_contain_text("Your call is number 5 in the queue.")


def test_the_page_is_for_everybody_and_fits_a_phone(
    company: Company, seat: Callable[..., Seat]
) -> None:
    rosa = Administrator(seat(*PHONE))
    rosa.enter(company.house.url, "rosa@nogal.example")
    rosa.page.goto(f"{company.house.url}/#/admin/locuciones")
    expect(rosa.main.get_by_text("Frases incluidas").first).to_be_visible()
    assert rosa.page.evaluate("document.scrollingElement.scrollWidth - innerWidth") <= 0
    assert violations(rosa.page) == []
    assert small_targets(rosa.page) == []
