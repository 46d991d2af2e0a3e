"""Pictures of the desk in its states, light, dark and on a phone, with axe on each. Development only.

`npm run build:desk && python ui/desk/dev/look.py FOLDER [name…]`. The server and the socket are answered here.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import fixtures as fx
from playwright.sync_api import Page, Route, WebSocketRoute, sync_playwright

UI = Path(__file__).resolve().parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
]
CASE = "#/mesa/" + fx.uid(2013)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None: ...


#: In place of the SIP library's chunk: a phone that is at once where the picture wants it.
PHONE_STUB = """
export class JsSipPhone {
  watch(told) { this.told = told; return () => {}; }
  connect() { this.told({ link: 'ready', session: { call: '%s', stage: '%s' } }); }
  async sound() {
    this.n = (this.n ?? 0) + 1;
    const level = [0.09, 0.02, 0.04, 0.16, 0.2, 0.11, 0.03, 0.01, 0.06, 0.14, 0.03, 0.001][this.n %% 12];
    return { level, energy: this.n, loss: 0, rtt: 40, jitter: 4 };
  }
  async devices() {} async answer() {} mute() {} dtmf() {} hangup() {} reject() {} disconnect() {}
}
"""


@dataclass
class Shot:
    """One picture: where, with what on the floor, after which acts."""

    name: str
    hash: str = CASE
    size: tuple[int, int] = (1440, 900)
    theme: str = "light"
    offer: bool = False
    act: Callable[[Page], None] = lambda page: None
    agent: dict[str, Any] | None = None
    empty: bool = False
    fail: str = ""
    status: int = 0
    call: str = ""


def answer(route: Route, shot: Shot) -> None:
    path = route.request.url.split("/api", 1)[1].split("?")[0]
    if shot.fail and shot.fail in path and route.request.method == "POST":
        return route.fulfill(status=409, json={"key": "conversation_ended"})
    if path.startswith("/customers/"):
        body: Any = fx.CUSTOMER
    elif path.endswith("/timeline"):
        body = {
            "version": 10,
            "messages": fx.MESSAGES if "2013" in path else fx.MESSAGES[:2],
            "more": False,
        }
    elif path.endswith("/search"):
        body = {
            "customers": [
                {"id": fx.uid(4013), "name": "María Fernanda Quispe", "document": "45120812"}
            ],
            "cases": [],
        }
    else:
        body = {
            "/public": fx.PUBLIC,
            "/me": fx.me(shot.theme),
            "/reference": fx.reference(),
            "/drafts": {"drafts": []},
        }.get(path, {"result": "done", "rev": 1})
    return route.fulfill(json=body)


def live(socket: WebSocketRoute, shot: Shot) -> None:
    state = shot.agent or fx.agent(fx.OFFER if shot.offer else None)
    events = [{"topic": "agent", "id": fx.ME, "v": 3, "state": state}]
    if shot.call:
        state = {
            **fx.agent(fx.CALL_OFFER if shot.offer else None),
            "used": {"voice": 1, "messages": 2},
        }
        events = [{"topic": "agent", "id": fx.ME, "v": 3, "state": state}]
    if not shot.empty:
        events += [
            {"topic": "case", "id": c["id"], "v": 10, "state": c}
            for c in fx.CASES[1 if talking(shot) else 0 :]
        ]
    if talking(shot):
        one = fx.CALL_CASE
        events.append({"topic": "case", "id": one["id"], "v": 10, "state": one})
    socket.on_message(
        lambda m: (
            "hello" in m
            and socket.send(
                json.dumps({"t": "snapshot", "at": fx.at(0), "e": events, "held": False})
            )
        )
    )  # type: ignore[arg-type]
    socket.send(
        json.dumps(
            {"t": "typing", "case": fx.uid(2013), "conversation": "", "who": "customer", "on": True}
        )
    )


def talking(shot: Shot) -> bool:
    """A call is in hand; the phone itself is PHONE_STUB."""
    return shot.call == "talking"


def keypad(page: Page) -> None:
    page.get_by_role("button", name="Teclado", exact=True).click()
    page.keyboard.type("12#")


def devices(page: Page) -> None:
    presence(page)
    page.get_by_role("menuitem", name="Audio del teléfono").click()


def write(text: str) -> Callable[[Page], None]:
    return lambda page: page.locator("textarea").first.fill(text)


def press(key: str) -> Callable[[Page], None]:
    return lambda page: page.keyboard.press(key)


def quick(page: Page) -> None:
    page.locator("textarea").first.click()
    page.keyboard.type("/")


def note(page: Page) -> None:
    page.keyboard.press("n")
    page.keyboard.type("Confirmar con almacén antes de las 12.")


def failed(page: Page) -> None:
    write("¿Sigue en línea, María?")(page)
    page.keyboard.press("Control+Enter")
    page.get_by_text("Reintentar").wait_for()


def outcome(page: Page) -> None:
    page.keyboard.press("F9")
    page.keyboard.type("promesa")
    page.keyboard.press("Enter")


def presence(page: Page) -> None:
    page.get_by_role("button", name="Estado:").click()


def undo(page: Page) -> None:
    page.keyboard.press("1")
    page.locator("main").click(position={"x": 600, "y": 200})
    page.keyboard.press("e")
    page.get_by_text("Deshacer").wait_for()


def context(page: Page) -> None:
    page.get_by_role("button", name="Cliente y tipificación").click()


def edit(page: Page) -> None:
    page.get_by_role("button", name="Cambiar Dirección").click()


def off(page: Page) -> None:
    page.evaluate("window.dispatchEvent(new Event('offline'))")
    page.route_web_socket("**/live", lambda s: s.close())
    page.locator(".banner .down").wait_for()


PHONE = (390, 844)
SHOTS = [
    Shot("case", act=write("Listo, María: queda para el sábado 28 de 9 a 11 a. m."), offer=True),
    Shot("case-dark", act=write("Listo, María: queda para el sábado 28 de 9 a 11 a. m."), offer=True, theme="dark"),
    Shot("empty", hash="#/mesa", empty=True, agent=fx.agent(None, active=0)),
    Shot("offline-agent", hash="#/mesa", empty=True, agent=fx.agent(None, "offline", 0)),
    Shot("none-chosen", hash="#/mesa"),
    Shot("quick", act=quick), Shot("note", act=note), Shot("note-dark", act=note, theme="dark"), Shot("failed", act=failed, fail="/messages"),
    Shot("transfer", act=press("t")), Shot("transfer-dark", act=press("t"), theme="dark"), Shot("outcome", act=outcome), Shot("picker", act=press("F9")),
    Shot("resolve-asks", act=press("e")), Shot("undo", act=undo), Shot("presence", act=presence), Shot("presence-dark", act=presence, theme="dark"),
    Shot("palette", act=press("Control+k")), Shot("shortcuts", act=press("?")), Shot("edit", act=edit), Shot("line-down", act=off),
    Shot("wrapping", hash="#/mesa/" + fx.uid(2017)), Shot("wrapping-dark", hash="#/mesa/" + fx.uid(2017), theme="dark"),
    Shot("medium", size=(1024, 768), act=context), Shot("zoom-200", size=(720, 450)),
    Shot("phone-list", hash="#/mesa", size=PHONE, offer=True), Shot("phone-list-dark", hash="#/mesa", size=PHONE, theme="dark"),
    Shot("phone-case", size=PHONE, offer=True, act=write("Paso a verla hoy a las 16:30, ¿le queda bien?")),
    Shot("call", call="talking"), Shot("call-dark", call="talking", theme="dark"), Shot("call-keypad", call="talking", act=keypad),
    Shot("call-elsewhere", call="talking", hash="#/mesa/" + fx.uid(2014)), Shot("call-medium", call="talking", size=(1024, 768)),
    Shot("call-phone", call="talking", size=PHONE), Shot("call-phone-dark", call="talking", size=PHONE, theme="dark"),
    Shot("call-offer", call="offer", offer=True), Shot("call-offer-phone", call="offer", offer=True, hash="#/mesa", size=PHONE),
    Shot("call-devices", call="offer", act=devices), Shot("call-devices-dark", call="offer", act=devices, theme="dark"),
    Shot("phone-case-dark", size=PHONE, theme="dark"), Shot("phone-context", size=PHONE, act=context),
]  # fmt: skip


def take(page: Page, shot: Shot, address: str, folder: Path) -> list[str]:
    said: list[str] = []
    page.on(
        "console",
        lambda m: (
            said.append(f"console: {m.text}") if m.type == "error" and "409" not in m.text else None
        ),
    )
    page.on("pageerror", lambda e: said.append(f"error: {e}"))
    page.route("**/api/**", lambda route: answer(route, shot))
    if shot.call:
        stub = PHONE_STUB % (fx.uid(7000), "talking" if talking(shot) else "ringing")
        script = "text/javascript"
        page.route("**/assets/jssip-*.js", lambda r: r.fulfill(body=stub, content_type=script))
    page.route_web_socket("**/live", lambda socket: live(socket, shot))
    page.goto(address + shot.hash)
    page.wait_for_selector(".shell")
    page.wait_for_timeout(500)
    shot.act(page)
    page.wait_for_timeout(3600 if shot.call else 1300 if shot.name.startswith("case") else 500)
    page.screenshot(path=folder / f"{shot.name}.png")
    page.add_script_tag(path=UI / "node_modules/axe-core/axe.min.js")
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = page.evaluate("tags => axe.run({ runOnly: tags })", tags)
    said += [
        f"axe {v['id']}: {v['nodes'][0]['html'][:160]} | {v['nodes'][0]['failureSummary'][:200]}"
        for v in found["violations"]
    ]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        said.append("scrolls sideways")
    return said


def main() -> int:
    folder, only = Path(sys.argv[1]), set(sys.argv[2:])
    folder.mkdir(parents=True, exist_ok=True)
    server = ThreadingHTTPServer(
        ("127.0.0.1", 0),
        partial(Quiet, directory=os.environ.get("ATIENDE_DESK", str(UI / "dist/desk"))),
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    bad = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for shot in SHOTS:
            if only and shot.name not in only:
                continue
            context_ = browser.new_context(
                viewport={"width": shot.size[0], "height": shot.size[1]},
                locale="es-PE",
                reduced_motion="reduce",
            )
            page = context_.new_page()
            page.set_default_timeout(6000)
            try:
                said = take(page, shot, f"http://127.0.0.1:{server.server_port}/", folder)
            finally:
                context_.close()
            bad += bool(said)
            print(shot.name, "ok" if not said else "", *said, sep="\n   " if said else " ")
        browser.close()
    server.shutdown()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
