"""Telephone numbers in one form, E.164: ``+`` and digits.  PURE.

For now by the company's country alone; a table of all numbering plans takes its place here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

#: Country -> its prefix, and what is dialled before a national number inside of it.
PREFIXES: Mapping[str, tuple[str, str]] = {
    "AR": ("54", "0"),
    "BO": ("591", "0"),
    "BR": ("55", "0"),
    "CL": ("56", "0"),
    "CO": ("57", "0"),
    "CR": ("506", ""),
    "DO": ("1", ""),
    "EC": ("593", "0"),
    "ES": ("34", ""),
    "GT": ("502", ""),
    "HN": ("504", ""),
    "MX": ("52", "0"),
    "NI": ("505", ""),
    "PA": ("507", ""),
    "PE": ("51", "0"),
    "PR": ("1", ""),
    "PY": ("595", "0"),
    "SV": ("503", ""),
    "US": ("1", ""),
    "UY": ("598", "0"),
    "VE": ("58", "0"),
}
SHORTEST, LONGEST = 7, 15
_SPACING = re.compile(r"[\s().\-/]+")


def e164(text: str, country: str) -> str | None:
    """``+51987654321`` of ``987 654 321`` in PE; None when it is no telephone number (hidden, an
    extension, a name)."""
    plain = _SPACING.sub("", text)
    if plain.startswith("00"):
        plain = f"+{plain[2:]}"
    digits = plain.removeprefix("+")
    if not (digits.isascii() and digits.isdigit() and len(digits) >= SHORTEST):
        return None
    if not plain.startswith("+"):
        prefix, trunk = PREFIXES.get(country, ("", ""))
        if trunk and digits.startswith(trunk):
            digits = digits.removeprefix(trunk)
        if not (prefix and digits.startswith(prefix) and len(digits) > 10):
            digits = prefix + digits
    return f"+{digits}" if len(digits) <= LONGEST else None
