"""States that a healthy installation does not show: an answer that does not come, or is no answer.

Only the gallery uses this: it answers in the server's place, which no end to end test may.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from playwright.sync_api import Error, Page, Route, expect

from tests.e2e.at_desk import Insider
from tests.e2e.stage import Seat

Tour = Iterator[str]


_hanging: list[Route] = []


def _never(route: Route) -> None:
    """Left hanging: the page waits, until the picture is taken."""
    _hanging.append(route)


def _failed(route: Route) -> None:
    route.fulfill(status=503, json={"key": "unavailable", "values": {}})


@contextmanager
def answered(page: Page, path: str, by: object) -> Iterator[None]:
    pattern = re.compile(path)
    page.route(pattern, by)  # type: ignore[arg-type]
    try:
        yield
    finally:
        while _hanging:
            with suppress(Error):
                _hanging.pop().abort()
        page.unroute(pattern)


def tours(page: Page, base: str, supervisor: str, administrator: str) -> Tour:
    page.goto(f"{base}/#/entrar")
    with answered(page, "/api/public", _failed):
        page.reload()
        page.get_by_role("button", name="Reintentar").wait_for()
        yield "sin-servidor"
    page.get_by_role("button", name="Reintentar").click()
    boss = Insider(Seat(page))
    boss.enter_demo(base, supervisor)
    # Not of the floor: its figures come by the socket too, whatever the first answer does.
    yield from _both(page, base, "historial", "buscar", r"/api/cases\?")
    page.goto(f"{base}/#/supervision")
    page.get_by_role("main").get_by_role("table").wait_for()
    page.context.set_offline(True)
    page.get_by_text("Sin conexión.").first.wait_for()
    yield "linea-cortada"
    page.context.set_offline(False)
    expect(page.get_by_text("Sin conexión.")).to_have_count(0)
    page.get_by_role("button", name=re.compile("^Cuenta de")).click()
    page.get_by_role("menuitem", name="Cerrar sesión").click()
    page.get_by_role("button", name="Ingresar").wait_for()
    boss.enter_demo(base, administrator)
    yield from _both(page, base, "admin", "admin/colas", r"/api/admin/queues$")


def _both(page: Page, base: str, name: str, place: str, path: str) -> Tour:
    page.goto("about:blank")
    with answered(page, path, _never):
        page.goto(f"{base}/#/{place}")
        # The screen itself has come: it is its content that does not.
        page.get_by_role("main").get_by_role("heading", level=1).first.wait_for()
        page.get_by_role("main").get_by_text("Cargando…").first.wait_for()
        yield f"{name}-cargando"
    page.goto("about:blank")
    with answered(page, path, _failed):
        page.goto(f"{base}/#/{place}")
        page.get_by_role("button", name="Reintentar").wait_for()
        yield f"{name}-fallo"
