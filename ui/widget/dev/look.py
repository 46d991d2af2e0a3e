"""Walks the widget through its states in Chromium against dev/server.py, and photographs each.

    PYTHONPATH=src python ui/widget/dev/look.py FOLDER [CHAT_PORT] [SHOP_PORT]

Prints what axe finds and what the console said; both should be nothing.
"""

import sys
import urllib.request
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Page, sync_playwright

AXE = (Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js").read_text()
FOLDER = Path(sys.argv[1])
CHAT, SHOP = (int(each) for each in (*sys.argv[2:], "8810", "8811")[:2])
URL = f"http://127.0.0.1:{SHOP}/"


def control(query: str) -> None:
    urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{CHAT}/control?{query}", method="POST"))


def photo(page: Page, name: str) -> None:
    page.wait_for_timeout(300)
    page.screenshot(path=FOLDER / f"{name}.png")
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, {runOnly: ['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa']}).then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.target.join(' ')+' '+n.failureSummary)]))")
    for violation in found:
        print(name, "axe:", violation)


def say(page: Page, text: str) -> None:
    page.get_by_role("textbox", name="Escriba su mensaje").fill(text)
    page.keyboard.press("Enter")


def walk(page: Page, tag: str) -> None:
    control("rows=0&phase=none")
    page.goto(URL)
    launcher = page.get_by_role("button", name="Abrir el chat")
    launcher.wait_for()
    photo(page, f"{tag}-0-launcher")
    launcher.click()
    start = page.get_by_role("button", name="Empezar")
    start.wait_for()
    photo(page, f"{tag}-1-form")
    start.click()
    photo(page, f"{tag}-2-form-wrong")
    page.get_by_label("Nombre").fill("Andrés Ruiz")
    page.get_by_label("Correo").fill("andres@nogal.example")
    page.get_by_role("checkbox").check()
    start.click()
    page.get_by_role("textbox", name="Escriba su mensaje").wait_for()
    say(page, "Busco una mesa para seis, cola")
    page.get_by_text("Puesto 2 en la fila").wait_for()
    photo(page, f"{tag}-3-queue")
    say(page, "Un adjunto por favor")
    page.get_by_text("Aquí van las medidas").wait_for()
    say(page, "¿Viene en roble claro?")
    page.get_by_text("Recibido: ¿Viene").wait_for()
    say(page, "escribe algo más")
    page.get_by_text("está escribiendo").wait_for()
    page.get_by_role("textbox", name="Escriba su mensaje").fill("Sí, a nombre de Andrés")
    photo(page, f"{tag}-4-talk")
    page.get_by_role("button", name="Más opciones").click()
    photo(page, f"{tag}-5-menu")
    page.keyboard.press("Escape")
    say(page, "rechaza esto")
    page.get_by_text("No se envió").wait_for()
    page.get_by_role("textbox", name="Escriba su mensaje").fill("a" * 4100)
    photo(page, f"{tag}-6-refused")
    page.get_by_role("textbox", name="Escriba su mensaje").fill("")
    say(page, "termina")
    page.get_by_text("Iniciar otra conversación").wait_for()
    photo(page, f"{tag}-7-ended")
    control("open=0&phase=none")
    page.evaluate("localStorage.clear()")
    page.reload()
    page.get_by_role("button", name="Abrir el chat").click()
    photo(page, f"{tag}-8-away")


with sync_playwright() as play:
    browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
    looks = [
        ("light", {"viewport": {"width": 1280, "height": 800}}),
        ("dark", {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"}),
        ("phone", {"viewport": {"width": 390, "height": 780}, "device_scale_factor": 1.5, "has_touch": True}),
        ("phone-dark", {"viewport": {"width": 390, "height": 780}, "color_scheme": "dark"}),
    ]
    only = sys.argv[4] if len(sys.argv) > 4 else ""
    for tag, options in looks:
        if only and tag != only:
            continue
        context = browser.new_context(locale="es-CO", bypass_csp=False, **options)
        page = context.new_page()
        page.on("console", lambda m: print("console", m.type, m.text))
        page.on("pageerror", lambda e: print("pageerror", e))
        walk(page, tag)
        context.close()
    browser.close()
