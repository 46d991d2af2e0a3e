"""Origins a chat may be used from: what the browser says, against what the administrator allowed.

PURE.  parse.py offers ``origin_allowed`` to the server; config.py checks what was typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit


def origin_allowed(origin: str | None, allowed: Iterable[str]) -> bool:
    """May a page of this origin use the chat?  ``https://*.shop.pe`` allows its subdomains.

    No origin, ``null`` (a sandboxed frame, a file) and whatever is not an origin are refused.
    """
    asked = _origin(origin or "")
    return asked is not None and any(_matches(asked, rule) for rule in allowed)


_DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"^(\*\.)?[a-z0-9._-]+$|^\[[0-9a-f:.]+\]$")


def _origin(value: str) -> tuple[str, str, int] | None:
    try:
        parts = urlsplit(value.strip().lower())
        host, port = parts.netloc, parts.port
    except ValueError:
        return None
    host = host.removesuffix(f":{port}") if port is not None else host
    if parts.scheme not in _DEFAULT_PORTS or not _HOST.match(host):
        return None
    if parts.path.strip("/") or parts.query or parts.fragment:
        return None
    return parts.scheme, host, _DEFAULT_PORTS[parts.scheme] if port is None else port


def _matches(asked: tuple[str, str, int], rule: str) -> bool:
    wanted = _origin(rule)
    if wanted is None or (asked[0], asked[2]) != (wanted[0], wanted[2]) or "*" in asked[1]:
        return False
    if wanted[1].startswith("*."):
        return asked[1].endswith(wanted[1][1:])
    return asked[1] == wanted[1]


def check_origin(value: str) -> str | None:
    """An origin as an administrator typed it, made canonical; None when it is not one.

    Whoever types only the site's name means its https address.
    """
    typed = value.strip()
    origin = _origin(f"https://{typed}" if "://" not in typed and "." in typed else typed)
    if origin is None:
        return None
    scheme, host, port = origin
    return f"{scheme}://{host}" + ("" if port == _DEFAULT_PORTS[scheme] else f":{port}")
