"""Cleaning of what a stranger typed, before it is kept.  PURE."""

from __future__ import annotations

import re

# Kept: tab and line feed.  Gone: the other controls (PostgreSQL refuses NUL), lone surrogates, and
# the marks that turn the direction of text round, which make a link or a name read as another.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def seen(value: str) -> str:
    """A text without its unseen signs, one kind of line end; its border stays (a draft)."""
    return _UNSEEN.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))


def text(value: str) -> str:
    """A visitor's text as it is kept: one kind of line end, nothing unseen, no blank border."""
    return seen(value).strip()
