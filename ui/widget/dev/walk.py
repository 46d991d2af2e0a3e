"""Tries what a photograph cannot show: cuts, drafts, tabs, files, keys, identities, refusals.

    PYTHONPATH=src python ui/widget/dev/walk.py [CHAT_PORT] [SHOP_PORT]

Needs dev/server.py running.  Stops at the first thing that is not so.
"""

import sys
import tempfile
import urllib.request
import zlib
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from atiende.channels.webchat.signed import Identity, sign_identity

CHAT, SHOP = (int(each) for each in (*sys.argv[1:], "8810", "8811")[:2])
URL = f"http://127.0.0.1:{SHOP}/"
complaints: list[str] = []


def control(query: str) -> None:
    urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{CHAT}/control?{query}", method="POST"))


def page_of(context: BrowserContext, url: str = URL) -> Page:
    page = context.new_page()
    page.on("console", lambda m: m.type == "error" and "WebSocket" not in m.text and "ERR_INTERNET" not in m.text and complaints.append(m.text))
    page.on("pageerror", lambda e: complaints.append(str(e)))
    page.goto(url)
    return page


def box(page: Page):
    return page.get_by_role("textbox", name="Escriba su mensaje")


def say(page: Page, text: str) -> None:
    box(page).fill(text)
    box(page).press("Enter")


def begin(page: Page) -> None:
    page.get_by_role("button", name="Abrir el chat").click()
    page.get_by_label("Nombre").fill("Ana")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Empezar").click()
    box(page).wait_for()


def log(page: Page):
    return page.get_by_role("log")


def test_keys(page: Page) -> None:
    launcher = page.get_by_role("button", name="Abrir el chat")
    launcher.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Nombre")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(launcher).to_be_focused()
    assert launcher.get_attribute("aria-expanded") == "false"
    begin(page)
    expect(box(page)).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    page.get_by_role("button", name="Más opciones").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Más opciones")).to_be_focused()
    expect(page.get_by_role("dialog")).to_be_visible()


def test_cut_and_resume(context: BrowserContext, page: Page) -> None:
    say(page, "uno")
    log(page).get_by_text("Recibido: uno").wait_for()
    context.set_offline(True)
    page.get_by_text("Sin conexión").wait_for()
    say(page, "dos sin red")
    log(page).get_by_text("Se enviará al volver").wait_for()
    box(page).fill("a medias")
    context.set_offline(False)
    log(page).get_by_text("Recibido: dos sin red").wait_for(timeout=20_000)
    assert log(page).get_by_text("dos sin red", exact=True).count() == 1
    expect(box(page)).to_have_value("a medias")
    page.reload()
    page.get_by_role("button", name="Abrir el chat").click()
    log(page).get_by_text("dos sin red", exact=True).wait_for()
    expect(box(page)).to_have_value("a medias")
    box(page).fill("")
    say(page, "corta la línea")
    log(page).get_by_text("corta la línea", exact=True).wait_for()
    say(page, "tres")
    log(page).get_by_text("Recibido: tres").wait_for(timeout=20_000)


def test_offline_then_closed_page(context: BrowserContext, page: Page) -> None:
    context.set_offline(True)
    page.get_by_text("Sin conexión").wait_for()
    say(page, "escrito antes de cerrar")
    log(page).get_by_text("Se enviará al volver").wait_for()
    page.close()
    context.set_offline(False)
    page = page_of(context)
    page.get_by_role("button", name="Abrir el chat").click()
    log(page).get_by_text("Recibido: escrito antes de cerrar").wait_for(timeout=20_000)
    assert log(page).get_by_text("escrito antes de cerrar", exact=True).count() == 1


def test_navigation_and_unread(page: Page) -> None:
    page.get_by_role("button", name="Minimizar").click()
    page.get_by_role("link", name="Silla Barichara").click()
    page.get_by_role("heading", name="Silla Barichara").wait_for()
    launcher = page.get_by_role("button", name="Abrir el chat")
    expect(launcher).to_be_visible()
    assert page.locator("atiende-chat").count() == 1
    launcher.click()
    say(page, "contésteme luego")
    page.get_by_role("button", name="Minimizar").click()
    page.get_by_role("button", name="Abrir el chat: 1 sin leer").wait_for()
    page.get_by_role("button", name="Abrir el chat: 1 sin leer").click()
    page.get_by_role("button", name="Minimizar").click()
    expect(page.get_by_role("button", name="Abrir el chat", exact=True)).to_be_visible()
    page.get_by_role("button", name="Abrir el chat", exact=True).click()


def chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)


PNG = b"\x89PNG\r\n\x1a\n" + b"".join((
    chunk(b"IHDR", bytes([0, 0, 0, 120, 0, 0, 0, 80, 8, 2, 0, 0, 0])),
    chunk(b"IDAT", zlib.compress((b"\x00" + bytes([200, 120, 60]) * 120) * 80)),
    chunk(b"IEND", b""),
))


def test_files(page: Page) -> None:
    folder = Path(tempfile.mkdtemp())
    (folder / "foto.png").write_bytes(PNG)
    (folder / "mentira.pdf").write_bytes(b"<script>alert(1)</script>")
    (folder / "grande.pdf").write_bytes(b"%PDF-" + b"0" * 11_000_000)
    picker = page.locator("input[type=file]")
    picker.set_input_files(folder / "foto.png")
    page.get_by_role("button", name="Quitar foto.png").wait_for()
    expect(page.get_by_role("button", name="Enviar")).to_be_enabled()
    page.get_by_role("button", name="Enviar").click()
    log(page).get_by_role("button", name="Descargar la imagen foto.png").wait_for()
    with page.expect_download() as saved:
        log(page).get_by_role("button", name="Descargar la imagen foto.png").click()
    assert saved.value.suggested_filename == "foto.png"
    assert Path(saved.value.path()).read_bytes() == PNG
    picker.set_input_files(folder / "mentira.pdf")
    page.get_by_text("No recibimos ese tipo de archivo (mentira.pdf)").wait_for()
    picker.set_input_files(folder / "grande.pdf")
    page.get_by_text("grande.pdf supera el límite de 10 MB").wait_for()


def test_script_in_messages(page: Page) -> None:
    say(page, "<img src=x onerror=alert(1)> javascript:alert(1) https://nogal.example/a?b=(c). fin")
    own = log(page).locator(".u", has_text="<img src=x")
    own.wait_for()
    links = own.locator("a")
    assert [each.get_attribute("href") for each in links.all()] == ["https://nogal.example/a?b=(c)"]


def test_identity(context: BrowserContext) -> None:
    ana = sign_identity(Identity("ana", 2e9, "Ana"), "s")
    eva = sign_identity(Identity("eva", 2e9, "Eva"), "s")
    page = page_of(context, f"{URL}?identity={quote(ana)}")
    page.get_by_role("button", name="Abrir el chat").click()
    assert page.get_by_label("Nombre").count() == 0
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Empezar").click()
    say(page, "soy ana")
    log(page).get_by_text("soy ana", exact=True).wait_for()
    page.evaluate("token => Atiende.identify(token)", eva)
    expect(log(page).get_by_text("soy ana", exact=True)).to_have_count(0)
    assert page.evaluate("localStorage.getItem('atiende.nogal.token')") is None
    page.evaluate("() => Atiende.close()")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_refused_origin(context: BrowserContext) -> None:
    control("allow=https://otra.example")
    said: list[str] = []
    page = context.new_page()
    page.on("console", lambda m: m.type == "info" and said.append(m.text))
    page.goto(URL)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)
    assert page.locator("atiende-chat").count() == 0
    assert said == ["Atiende: no chat on this page (403)"], said
    control(f"allow=http://127.0.0.1:{SHOP}")


with sync_playwright() as play:
    browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
    control("rows=0&phase=none")
    one = browser.new_context(locale="es-CO", viewport={"width": 1280, "height": 800})
    one.set_default_timeout(8000)
    first = page_of(one)
    for name, step in [
        ("keys", lambda: test_keys(first)),
        ("cut and resume", lambda: test_cut_and_resume(one, first)),
        ("navigation and unread", lambda: test_navigation_and_unread(first)),
        ("files", lambda: test_files(first)),
        ("script", lambda: test_script_in_messages(first)),
        ("offline, then a closed page", lambda: test_offline_then_closed_page(one, first)),
    ]:
        step()
        print("so:", name)
    other = browser.new_context(locale="es-CO")
    test_identity(other)
    test_refused_origin(other)
    english = browser.new_context(locale="en-US")
    page = page_of(english)
    page.get_by_role("button", name="Abrir el chat").wait_for()  # the page's own language is first
    browser.close()
complaints = [each for each in complaints if "status of 415" not in each]  # the lie was refused
assert complaints == [], complaints
print("all so")
