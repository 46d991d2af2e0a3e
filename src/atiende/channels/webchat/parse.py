"""What a visitor's page sends, turned into typed values or refused with a key.  PURE.

web/chat_live.py calls ``frame`` for each frame of the socket, ``start`` and ``check_start`` for
the form before the chat, ``identity`` for the signed token, ``origin_allowed`` for every request.
Whatever arrives, these return a value or raise ``BadPayload``; nothing else comes out of them.
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, Struct

from atiende.channels.base import BadPayload, Inbound
from atiende.channels.text import is_email, is_phone, text
from atiende.channels.webchat.config import FORM_KEYS, Config
from atiende.channels.webchat.limits import (
    MAX_ATTACHMENTS,
    MAX_BODY,
    MAX_FORM_BYTES,
    MAX_FRAME_BYTES,
    MAX_REV,
    MAX_TOKEN,
)
from atiende.channels.webchat.origins import origin_allowed
from atiende.channels.webchat.signed import Identity, identity, sign_identity

__all__ = [
    "End",
    "Frame",
    "Hello",
    "Identity",
    "Message",
    "Pong",
    "Read",
    "Start",
    "Typing",
    "check_start",
    "frame",
    "identity",
    "inbound",
    "origin_allowed",
    "page",
    "sign_identity",
    "start",
    "text",
]

Token = Annotated[str, Meta(min_length=1, max_length=MAX_TOKEN)]
Rev = Annotated[int, Meta(ge=0, le=MAX_REV)]
ClientId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
Uuid = Annotated[str, Meta(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")]


class Hello(Struct, frozen=True, tag_field="t", tag="hello"):
    """The first frame: who this is, and the newest rev its page holds (0: nothing)."""

    token: Token
    held: Rev = 0


class Message(Struct, frozen=True, tag_field="t", tag="message"):
    client_id: ClientId
    body: str = ""
    attachments: list[Uuid] = []


class Typing(Struct, frozen=True, tag_field="t", tag="typing"):
    on: bool


class Read(Struct, frozen=True, tag_field="t", tag="read"):
    rev: Rev


class Pong(Struct, frozen=True, tag_field="t", tag="pong"):
    pass


class End(Struct, frozen=True, tag_field="t", tag="end"):
    pass


Frame = Hello | Message | Typing | Read | Pong | End

_frames = msgspec.json.Decoder(Frame)


class _Named(Struct):
    """Only what is needed to tell the page which of its messages was refused."""

    client_id: ClientId | None = None


_named = msgspec.json.Decoder(_Named)


def frame(raw: str | bytes) -> Frame:
    """One frame of the visitor's socket."""
    data = raw.encode("utf-8", "replace") if isinstance(raw, str) else raw
    if len(data) > MAX_FRAME_BYTES:
        raise BadPayload("frame_too_big")
    try:
        value = _frames.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as broken:
        raise BadPayload("bad_frame", client_id=_client_id(data)) from broken
    return _message(value) if isinstance(value, Message) else value


def _message(message: Message) -> Message:
    body = text(message.body)
    if len(body) > MAX_BODY:
        raise BadPayload("message_too_long", client_id=message.client_id)
    if len(message.attachments) > MAX_ATTACHMENTS:
        raise BadPayload("too_many_files", client_id=message.client_id)
    if not body and not message.attachments:
        raise BadPayload("message_empty", client_id=message.client_id)
    return Message(message.client_id, body, list(dict.fromkeys(message.attachments)))


def _client_id(data: bytes) -> str | None:
    try:
        return _named.decode(data).client_id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def inbound(message: Message, sender: str) -> Inbound:
    """The frame as the value every channel hands to cases."""
    return Inbound(
        sender=sender,
        body=message.body,
        client_id=message.client_id,
        attachments=tuple(message.attachments),
    )


class Start(Struct, frozen=True):
    """The form before the chat, cleaned."""

    key: Annotated[str, Meta(min_length=1, max_length=100)]
    consent: bool = False
    lang: str = "es"
    page: str = ""
    visitor: Annotated[str, Meta(max_length=MAX_TOKEN)] | None = None
    identity: Annotated[str, Meta(max_length=4_000)] | None = None
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    topic: str | None = None


_starts = msgspec.json.Decoder(Start)
_FORM_LIMITS = {"name": 120, "email": 254, "phone": 25, "topic": 200}
_SHAPES = {"email": (is_email, "email_invalid"), "phone": (is_phone, "phone_invalid")}


def start(raw: bytes) -> Start:
    """The body of POST /chat/start, without the account's own rules (``check_start``)."""
    if len(raw) > MAX_FORM_BYTES:
        raise BadPayload("frame_too_big")
    try:
        value = _starts.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as broken:
        raise BadPayload("bad_frame") from broken
    cleaned = {key: text(getattr(value, key) or "") or None for key in FORM_KEYS}
    return msgspec.structs.replace(
        value,
        **cleaned,
        lang=value.lang[:2] if value.lang[:2] in ("es", "en") else "es",
        page=page(value.page),
    )


def check_start(form: Start, config: Config, *, known: bool = False) -> None:
    """Refuse a form that leaves out what the account asks for, or holds what cannot be right.

    A ``known`` visitor (a returning token, or a signed identity) has filled in the form before, and
    need not again; consent is asked of everybody, each time a chat is started.
    """
    wrong: dict[str, str] = {}
    required = {each.key for each in config.prechat if each.required and not known}
    for key in FORM_KEYS:
        value = getattr(form, key)
        if value is None:
            if key in required:
                wrong[key] = "required"
        elif len(value) > _FORM_LIMITS[key]:
            wrong[key] = "too_long"
        elif key in _SHAPES and not _SHAPES[key][0](value):
            wrong[key] = _SHAPES[key][1]
    if config.asks_consent and not form.consent:
        wrong["consent"] = "required"
    if wrong:
        raise BadPayload("form_invalid", fields=wrong)


def page(value: str) -> str:
    """The address of the page the visitor was on, without its query: queries carry secrets."""
    try:
        parts = urlsplit(text(value))
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"[:500] * (
            parts.scheme in ("http", "https")
        )
    except ValueError:
        return ""
