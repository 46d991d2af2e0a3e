"""axe-core on a page, in both themes. The rules are WCAG 2.2 A and AA and axe's best practices."""

from functools import cache
from typing import Any

from playwright.sync_api import Page

from tests.sources import ROOT

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: What a theme can change; the rest is the same in both.
OF_A_THEME = ["color-contrast", "link-in-text-block"]
RUN = """async only => (await axe.run(document, { runOnly: only, resultTypes: ['violations'] }))
    .violations.map(v => [v.id, v.nodes.length, v.nodes[0].html, v.nodes[0].failureSummary])"""


@cache
def source() -> str:
    return (ROOT / "ui/node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")


def show(page: Page, theme: str) -> None:
    """The theme of the page, and of whatever follows the system's."""
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)


def violations(page: Page) -> list[Any]:
    """What axe finds, in words: everything in the light theme, then the colours of the dark one."""
    # Evaluated, not inserted: a shop's policy lets no script of ours in, and should not.
    page.evaluate(f"() => {{ if (!window.axe) {{ {source()} }} }}")
    found = []
    for theme, only in (
        ("light", {"type": "tag", "values": TAGS}),
        ("dark", {"type": "rule", "values": OF_A_THEME}),
    ):
        show(page, theme)
        found += [[theme, *one] for one in page.evaluate(RUN, only)]
    show(page, "light")
    return found
