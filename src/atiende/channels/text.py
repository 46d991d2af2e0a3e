"""Cleaning of what a stranger typed, before it is kept, and the shape of an address.  PURE."""

from __future__ import annotations

import re

# Kept: tab and line feed.  Gone: the other controls (PostgreSQL refuses NUL), lone surrogates, and
# the marks that turn the direction of text round, which make a link or a name read as another.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


_EMAIL = re.compile(r"[^\s@<>\"',;:()]{1,64}@[^\s@<>\"',;:()]+\.[^\s@<>\"',;:()]{2,}")
_PHONE = re.compile(r"\+?[0-9 ().-]+")


def is_email(value: str) -> bool:
    """Can this be an address? Whether it is one, only a message sent there can tell."""
    return len(value) <= 254 and _EMAIL.fullmatch(value) is not None


def is_phone(value: str) -> bool:
    """Digits (6 to 15) with what people put between them."""
    digits = sum(c.isdigit() for c in value)
    return 6 <= digits <= 15 and len(value) <= 25 and _PHONE.fullmatch(value) is not None


def seen(value: str) -> str:
    """A text without its unseen signs, one kind of line end; its border stays (a draft)."""
    return _UNSEEN.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))


def text(value: str) -> str:
    """A visitor's text as it is kept: one kind of line end, nothing unseen, no blank border."""
    return seen(value).strip()
