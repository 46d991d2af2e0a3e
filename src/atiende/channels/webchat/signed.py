"""The signed identity: who the shop's own server says the visitor is.  PURE.

``base64url(json {id, name, email, exp}) "." base64url(HMAC-SHA256(secret, first part))``.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from atiende.channels.base import BadPayload
from atiende.channels.text import is_email, text


class Identity(Struct, frozen=True):
    """Who the shop's own server says the visitor is."""

    id: Annotated[str, Meta(min_length=1, max_length=200)]
    exp: int | float
    name: str = ""
    email: str = ""


_identities = msgspec.json.Decoder(Identity)


def identity(token: str, secret: str, now: float) -> Identity:
    """The signed identity, if the account's secret made it and it has not expired."""
    first, dot, second = token.partition(".")
    mine = hmac.new(secret.encode(), first.encode("utf-8", "replace"), hashlib.sha256).digest()
    signature = _unbase64(second)
    if not (secret and dot and hmac.compare_digest(mine, signature)):
        raise BadPayload("identity_invalid")
    try:
        value = _identities.decode(_unbase64(first))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as broken:
        raise BadPayload("identity_invalid") from broken
    if not value.exp > now:
        raise BadPayload("identity_expired")
    name, email, who = text(value.name)[:120], text(value.email)[:254], text(value.id)
    if not who:
        raise BadPayload("identity_invalid")
    return Identity(who, value.exp, name, email if is_email(email) else "")


def sign_identity(claims: Identity, secret: str) -> str:
    """What the shop's server does: the demo shop, the guide's example and the tests use it."""
    first = base64.urlsafe_b64encode(msgspec.json.encode(claims)).rstrip(b"=")
    digest = hmac.new(secret.encode(), first, hashlib.sha256).digest()
    return f"{first.decode()}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def _unbase64(value: str) -> bytes:
    try:
        padded = value.rstrip("=") + "=" * (-len(value.rstrip("=")) % 4)
        return base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""
