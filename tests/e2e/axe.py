"""axe-core on a page, in both themes. The rules are WCAG 2.2 A and AA and axe's best practices.

And what axe does not measure: what is touched on a phone is large enough for a finger.
"""

from functools import cache
from typing import Any

from playwright.sync_api import Page

from tests.sources import ROOT

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: Nothing is fetched for it, and only what is shown of a violation is made: it runs at each state.
RUN = """async tags => (await axe.run(document, {
    runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'], preload: false,
})).violations.map(v => [v.id, v.nodes.length, v.nodes[0].html, v.nodes[0].failureSummary])"""
#: The least side of what a finger aims at; of the shop around the chat we answer for nothing.
FINGER_PX = 40
SMALL = """least => {
    const WHAT = 'a[href], button, input, select, textarea, summary, '
        + '[role=tab], [role=option], [role=menuitem], [role=menuitemradio], [role=switch]';
    const large = box => box.width >= least && box.height >= least;
    const found = [];
    const look = root => {
        for (const each of root.querySelectorAll('*')) {
            if (each.shadowRoot && !each.closest('[inert]')) look(each.shadowRoot);
            if (!each.matches(WHAT) || each.disabled || each.closest('[inert], [aria-hidden=true]'))
                continue;
            if (!each.checkVisibility({ visibilityProperty: true })) continue;
            const box = each.getBoundingClientRect();
            const hidden = box.width < 3 || box.height < 3 || box.bottom < 0;
            const inText = getComputedStyle(each).display === 'inline';
            const labels = [...(each.labels ?? [])].map(label => label.getBoundingClientRect());
            if (hidden || inText || large(box) || labels.some(large)) continue;
            const size = `${Math.round(box.width)}×${Math.round(box.height)}`;
            found.push([size, each.outerHTML.slice(0, 160)]);
        }
    };
    const desk = document.querySelector('#app');
    if (desk) look(desk);
    else for (const host of document.querySelectorAll('*'))
        if (host.shadowRoot) look(host.shadowRoot);
    return found;
}"""


@cache
def source() -> str:
    return (ROOT / "ui/node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")


def show(page: Page, theme: str) -> None:
    """The theme of the page, and of whatever follows the system's."""
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)


def violations(page: Page) -> list[Any]:
    """What axe finds, in words, in each theme."""
    # Evaluated, not inserted: a shop's policy lets no script of ours in, and should not.
    page.evaluate(f"() => {{ if (!window.axe) {{ {source()} }} }}")
    found = []
    for theme in ("light", "dark"):
        show(page, theme)
        found += [[theme, *one] for one in page.evaluate(RUN, TAGS)]
    show(page, "light")
    return found


def small_targets(page: Page) -> list[Any]:
    """What a finger would miss: its size, and what it is."""
    found: list[Any] = page.evaluate(SMALL, FINGER_PX)
    return found
