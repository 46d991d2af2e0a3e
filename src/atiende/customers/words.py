"""How a customer is found: the same folding for what is stored and for what is typed."""

import unicodedata


def search_text(*parts: str | None) -> str:
    """Lower case, without accents, digits of phone numbers joined; parts apart by a line break."""
    return "\n".join(_fold(part) for part in parts if part)


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.lower())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


def like_text(typed: str) -> str:
    """What was typed, folded, with LIKE's own signs made literal."""
    folded = _fold(typed)
    return folded.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
