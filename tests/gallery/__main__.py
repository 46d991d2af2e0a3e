"""`./atiende gallery [FOLDER [--only WORD] [--width wide|phone] [--docs]]`: every state on a page.

Each tour is walked at both widths and each state photographed in both themes, from the demo's own
data; then states that a healthy floor does not show (loading, failed, a cut line). The pictures
go into FOLDER (data/gallery unless told) with an index.html that shows them side by side.
"""

import argparse
import html
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from playwright.sync_api import Error, Page

from tests.e2e.at_shop import Visitor
from tests.e2e.axe import show
from tests.e2e.shop import shop
from tests.e2e.stage import PHONE, WIDE, Browsers, House, Seat, browsers, house
from tests.gallery import broken, pictures, tour
from tests.gallery.quiet import own_door
from tests.sources import ROOT

WIDTHS = {"wide": WIDE, "phone": PHONE}
THEMES = ("light", "dark")
ADMINISTRATOR, SUPERVISOR = "Patricia Echeverri", "Lucía Benavides"
#: Who alone serves a queue of our visitors (quiet.py): another at each width, to begin afresh.
AGENTS = {
    "wide": ("Julián Andrés Peña", "Garantías"),
    "phone": ("Camila Ospina", "Cambios y devoluciones"),
}


class Album:
    """The pictures taken so far, and who complained."""

    def __init__(self, folder: Path, only: str) -> None:
        self.folder, self.only = folder, only
        self.names: dict[str, None] = {}
        self.faults: list[str] = []
        folder.mkdir(parents=True, exist_ok=True)

    def take(self, page: Page, name: str, width: str) -> None:
        self.names[name] = None
        for theme in THEMES:
            show(page, theme)
            page.screenshot(path=self.folder / f"{name}-{width}-{theme}.png", animations="disabled")
        if page.evaluate("() => document.documentElement.scrollWidth > innerWidth"):
            self.faults.append(f"{name} ({width}) scrolls sideways")

    def walk(self, page: Page, steps: Iterator[str], width: str) -> None:
        """One tour; what stops it is told, and the other tours go on."""
        last = "…"
        try:
            for name in steps:
                last = name
                if self.only in name:
                    self.take(page, name, width)
        except (Error, AssertionError) as stopped:
            page.screenshot(path=self.folder / f"stopped-after-{last}-{width}.png")
            self.faults.append(f"after {last} ({width}): {str(stopped)[:400]}")

    def write(self) -> Path:
        """The page with all of them."""
        rows = []
        for name in self.names:
            cells = "".join(
                f'<a href="{name}-{width}-{theme}.png"><img loading="lazy" alt="{name}" '
                f'class="{width}" src="{name}-{width}-{theme}.png"></a>'
                for width in WIDTHS
                for theme in THEMES
                if (self.folder / f"{name}-{width}-{theme}.png").exists()
            )
            rows.append(
                f'<section id="{name}"><h2>{html.escape(name)}</h2><p>{cells}</p></section>'
            )
        page = (Path(__file__).parent / "page.html").read_text(encoding="utf-8")
        target = self.folder / "index.html"
        target.write_text(page.replace("[[ROWS]]", "\n".join(rows)), encoding="utf-8")
        return target


Door = Callable[[Page], None]


def visitors(browser: Browsers, url: str, door: Door) -> Callable[[str], Visitor]:
    def come(name: str) -> Visitor:
        seat = browser.seat()
        door(seat.page)
        return Visitor(seat).come(url).begin(name)

    return come


def demo(album: Album, browser: Browsers, opened: House, width: str) -> None:
    size, base = WIDTHS[width], opened.url
    name, queue = AGENTS[width]
    door = own_door(browser, base, ADMINISTRATOR, name, queue)
    site = f"{base}/demo/site/"

    def page() -> Page:
        return browser.seat(size).page

    album.walk((p := page()), tour.entry(p, base), width)
    album.walk(
        (mine := page()),
        tour.desk(mine, lambda agent: agent.enter_demo(base, name), visitors(browser, site, door)),
        width,
    )
    door(p := page())
    album.walk(p, tour.widget(p, site, tour.answering(mine)), width)
    album.walk((p := page()), tour.floor(p, base, SUPERVISOR), width)
    album.walk(p, tour.search(p, base), width)
    album.walk((p := page()), tour.administration(p, base, ADMINISTRATOR), width)
    album.walk((p := page()), broken.tours(p, base, SUPERVISOR, ADMINISTRATOR), width)


def first_start(album: Album, browser: Browsers, width: str) -> None:
    with house() as fresh, shop():
        page = Seat(browser.context(WIDTHS[width]).new_page()).page
        album.walk(page, tour.setup(page, fresh.link()), width)


def main() -> int:
    words = argparse.ArgumentParser(prog="atiende gallery", description=__doc__)
    words.add_argument("folder", nargs="?", type=Path, default=ROOT / "data" / "gallery")
    words.add_argument("--only", default="", help="states whose name has this word")
    words.add_argument("--width", choices=[*WIDTHS], action="append")
    words.add_argument("--docs", action="store_true", help="write docs/images from them, too")
    given = words.parse_args()
    album = Album(given.folder, given.only)
    with house("--demo") as opened, browsers() as browser:
        for width in given.width or WIDTHS:
            demo(album, browser, opened, width)
            browser.close()
            first_start(album, browser, width)
            browser.close()
        if given.docs:
            album.faults += pictures.write(browser, given.folder)
    print(album.write())
    for fault in album.faults:
        print(f"  {fault}", file=sys.stderr)
    return 1 if album.faults else 0


if __name__ == "__main__":
    sys.exit(main())
