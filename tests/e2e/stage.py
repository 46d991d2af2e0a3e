"""The stage of an end to end test: the product as processes, Chromium, and who looks at a page.

`House` is one `atiende up` whose port survives its death; `Browsers` opens fresh contexts, each a
person at another computer; `Seat` is one page with everything that went wrong in it. Everything
that is started is ended by its own number.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Playwright,
    expect,
    sync_playwright,
)

from atiende.house.gate import find_chromium
from tests.house.running import Product, until

#: What a person waits for at most before the test says it never came (a shared, busy machine).
PATIENCE_MS = 15_000
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)
#: A shop's visitor: their browser keeps no cookie of anybody but the shop.
NO_OTHER_COOKIES = "--test-third-party-cookie-phaseout"
WIDE, PHONE = (1440, 900), (390, 844)
#: What a browser says of a cut or of a refusal that the test itself provoked.
PROVOKED = re.compile(r"ERR_INTERNET_DISCONNECTED|ERR_CONNECTION|ERR_NETWORK|WebSocket|status of")


@dataclass
class House:
    """One installation in a folder of its own, and its address while it lives."""

    product: Product

    @property
    def url(self) -> str:
        return self.product.note.url

    def start(self) -> "House":
        """Start, or start again where it was: the address people hold stays the same."""
        with suppress(AssertionError):
            self.product.options = [*self._kept(), "--port", str(self.product.note.port)]
        self.product.said.clear()
        self.product.start().ready()
        return self

    def _kept(self) -> list[str]:
        options = list(self.product.options)
        at = options.index("--port")
        return options[:at] + options[at + 2 :]

    def link(self) -> str:
        """The one-time link that the first start prints."""
        found: list[str] = []

        def told() -> bool:
            found[:] = re.findall(r"https?://\S+#/enlace/\S+", self.product.text)
            return bool(found)

        until(told, "the start prints the one-time link")
        return found[0]

    def logins(self) -> str:
        """What the demo wrote down for whoever opens it."""
        return (self.product.data / "demo-logins.txt").read_text(encoding="utf-8")


@contextmanager
def house(*options: str, **more: str) -> Iterator[House]:
    folder = Path(mkdtemp(prefix="at-"))
    if screens := os.environ.get("ATIENDE_UI"):
        more = {"ATIENDE_UI": screens, **more}
    opened = House(Product(folder / "data", options=["--port", "0", *options], more=more))
    try:
        yield opened.start()
    finally:
        opened.product.end()
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Seat:
    """One page, and what it complained of."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.complaints.append(f"thrown: {error}"))
        self.page.on(
            "console",
            lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None,
        )

    def unexpected(self) -> list[str]:
        """Complaints beyond what a cut line or a refusal makes any browser say."""
        return [said for said in self.complaints if not PROVOKED.search(said)]


@dataclass
class Browsers:
    """Chromium, and the contexts opened in it."""

    browser: Browser

    def context(self, size: tuple[int, int] = WIDE, **more: Any) -> BrowserContext:
        given: dict[str, Any] = {
            "locale": "es-PE",
            "timezone_id": "America/Lima",
            "reduced_motion": "reduce",
            "viewport": {"width": size[0], "height": size[1]},
            "has_touch": size == PHONE,
            **more,
        }
        context = self.browser.new_context(**given)
        context.set_default_timeout(PATIENCE_MS)
        context.set_default_navigation_timeout(PATIENCE_MS)
        return context

    def seat(self, size: tuple[int, int] = WIDE, **more: Any) -> Seat:
        return Seat(self.context(size, **more).new_page())

    def close(self) -> None:
        for context in self.browser.contexts:
            with suppress(Exception):
                context.close()


def chromium() -> str:
    found = find_chromium()
    assert found is not None, "Chromium is not installed"
    return found


def launch(play: Playwright, *flags: str, **more: Any) -> Browser:
    given = {"executable_path": chromium(), "args": [*FLAGS, *flags], **more}
    return play.chromium.launch(**given)


@contextmanager
def browsers(*flags: str, **more: Any) -> Iterator[Browsers]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as play:
        browser = launch(play, *flags, **more)
        try:
            yield Browsers(browser)
        finally:
            browser.close()


def eventually(condition: Callable[[], bool], what: str, page: Page) -> None:
    """Wait on something that no locator can say, while the page goes on living."""
    for _ in range(PATIENCE_MS // 50):
        if condition():
            return
        page.wait_for_function("() => new Promise(r => setTimeout(() => r(true), 50))")
    raise AssertionError(f"waited in vain until {what}")
