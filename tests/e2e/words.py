"""The words on a page against the catalogues: raw keys, and sentences of the other language."""

import json
import re
from functools import cache

from playwright.sync_api import Page

from atiende.words import flat
from tests.sources import ROOT

#: Every text a person reads or hears, through shadow roots: text nodes, names, hints, titles.
SAID = """() => {
    const said = new Set();
    const look = root => {
        const walk = document.createTreeWalker(root, 5);  // elements and texts
        for (let at = walk.currentNode; at; at = walk.nextNode()) {
            if (at.nodeType === Node.TEXT_NODE) {
                if (!/^(SCRIPT|STYLE|TEXTAREA)$/.test(at.parentNode.nodeName)) said.add(at.data);
                continue;
            }
            // Not the preview of a chat, which speaks its visitors' language.
            if (at.shadowRoot && at.className.indexOf('place') < 0) look(at.shadowRoot);
            for (const name of ['aria-label', 'title', 'placeholder', 'alt']) {
                if (at.getAttribute && at.hasAttribute(name)) said.add(at.getAttribute(name));
            }
        }
    };
    look(document.body);
    said.add(document.title);
    return [...said].map(text => text.trim().replace(/\\s+/g, ' ')).filter(Boolean);
}"""


@cache
def catalogue(code: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in (ROOT / "ui/i18n" / f"{code}.json", ROOT / "ui/widget" / f"words.{code}.json"):
        found |= flat(json.loads(path.read_text(encoding="utf-8")))
    return found


@cache
def only_in(code: str, other: str) -> tuple[frozenset[str], tuple[re.Pattern[str], ...]]:
    """Sentences of one language that the other never uses; those with values, as patterns."""
    same = set(catalogue(other).values())
    mine = {text for text in catalogue(code).values() if text not in same and len(text) > 3}
    whole = frozenset(text for text in mine if "{" not in text)
    parts = []
    for text in mine - whole:
        fixed = re.sub(r"\\{\w+[^}]*\\}", "(.+)", re.escape(text))
        if len(re.findall(r"[^\W\d_]{3,}", re.sub(r"\{[^}]*\}", "", text))) >= 2:
            parts.append(re.compile(fixed))
    return whole, tuple(parts)


def said(page: Page) -> list[str]:
    found: list[str] = page.evaluate(SAID)
    return found


def raw_keys(page: Page) -> list[str]:
    """Texts that are a key and not its words."""
    heads = {key.split(".")[0] for key in catalogue("es") if "." in key}
    looks = re.compile(r"[a-z_]+(\.[\w-]+)+")
    return [t for t in said(page) if looks.fullmatch(t) and t.split(".")[0] in heads]


def leftovers(page: Page, *, of: str, when: str) -> list[str]:
    """Sentences of the language `of` on a page shown in the language `when`."""
    whole, parts = only_in(of, when)
    return [t for t in said(page) if t in whole or any(p.fullmatch(t) for p in parts)]
