"""The demo's shop: a furniture store that is not ours, with our chat on it.  PURE.

The server shows it at /demo/site; the tests serve the same files from another origin, under the
strict policy of ``policy``, to show that the widget asks a shop for nothing more.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib.resources import files

MEDIA_TYPES = {
    "index.html": "text/html; charset=utf-8",
    "shop.css": "text/css; charset=utf-8",
    "shop.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}


@cache
def asset(name: str) -> str:
    """One of the shop's files, by a name in ``MEDIA_TYPES``."""
    return (files(__name__) / name).read_text("utf-8")


def page(chat_origin: str, key: str, *, base: str = ".", identity: str = "", lang: str = "") -> str:
    """The shop's one page.  ``base`` is where its own files stand; an ``identity`` is the signed
    token of a customer who has logged in to the shop; ``lang`` is the chat's language where it is
    not the page's."""
    values = {"CHAT": chat_origin, "KEY": key, "BASE": base, "IDENTITY": identity, "LANG": lang}
    html = asset("index.html")
    for name, value in values.items():
        html = html.replace(f"[[{name}]]", escape(value, quote=True))
    return html


def policy(chat_origin: str) -> str:
    """The shop's Content-Security-Policy: nothing inline, nothing evaluated, and of others only
    what the guide tells a shop to allow: our scripts and our calls."""
    live = "ws" + chat_origin.removeprefix("http")
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {chat_origin}",
            "style-src 'self'",
            f"img-src 'self' {chat_origin}",
            f"connect-src {chat_origin} {live}",
            "require-trusted-types-for 'script'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


def sign_identity(claims: Mapping[str, object], secret: str) -> str:
    """What a shop's own server does for a customer who has logged in to it, as the guide says:
    `claims` = id, name, email, exp; `secret` is the chat account's."""
    first = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=")
    digest = hmac.new(secret.encode(), first, hashlib.sha256).digest()
    return f"{first.decode()}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"
