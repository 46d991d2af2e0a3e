"""What every channel is made of: the values that cross its border and the four ways it can fail.

A channel is a folder of pure functions beside this file.  ``cases`` receives its ``Inbound`` and
``Status`` values, jobs deliver its ``Request``, web/ and accounts read its ``Channel`` record.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib.resources import files
from typing import Any, Literal

LANGUAGES = ("es", "en")

Media = Literal["voice", "messages", "mail"]
Level = Literal["bronze", "silver", "gold"]
FieldKind = Literal["text", "words", "color", "origins", "bool", "int", "choice", "form", "secret"]
Words = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Inbound:
    """Something a person sent us.  ``external_id`` is unique in its account; so is ``client_id``
    in its conversation, where the other end is a program of ours."""

    sender: str
    body: str
    external_id: str | None = None
    client_id: str | None = None
    sender_name: str | None = None
    thread: str = ""
    attachments: tuple[str, ...] = ()
    at: datetime | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Status:
    """What became of something we sent, in the words of ``core.delivery``."""

    external_id: str
    state: Literal["sent", "delivered", "read", "failed"]
    at: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Outbound:
    """Something to send.  ``id`` is the message's own id: providers that take one get it."""

    id: str
    to: str
    body: str
    thread: str = ""
    attachments: tuple[Mapping[str, Any], ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hook:
    """A call a provider made to us, as it arrived."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    """A call to make to a provider."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the provider answered to a ``Request``."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class ChannelError(Exception):
    """The four ways a channel fails.  ``key`` is a word of the catalogues, never a sentence."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class Rejected(ChannelError):  # noqa: N818
    """The provider will never take this message: it fails, and is not tried again."""


class Throttled(ChannelError):  # noqa: N818
    """Too fast: try again after ``retry_s``."""

    def __init__(self, key: str, retry_s: float) -> None:
        super().__init__(key)
        self.retry_s = retry_s


class Unavailable(ChannelError):  # noqa: N818
    """The provider is not there: try again later.  ``unknown`` when it may have taken it."""

    def __init__(self, key: str, *, unknown: bool = False) -> None:
        super().__init__(key)
        self.unknown = unknown


class BadPayload(ChannelError):  # noqa: N818
    """What came in is not what it should be.

    ``client_id`` names the message refused, when it could be read; ``fields`` maps the field of a
    form to the key of what is wrong with it.
    """

    def __init__(
        self, key: str, *, client_id: str | None = None, fields: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(key)
        self.client_id = client_id
        self.fields = dict(fields or {})


@dataclass(frozen=True, slots=True)
class Field:
    """One setting of an account.  Its label is the channel's word ``field.<key>``."""

    key: str
    kind: FieldKind
    required: bool = False


@dataclass(frozen=True, slots=True)
class Wire:
    """The four functions of a channel whose other end is a provider's server."""

    authentic: Callable[[Hook, Mapping[str, Any]], bool]
    parse: Callable[[Hook], Sequence[Inbound | Status]]
    render: Callable[[Outbound, Mapping[str, Any]], Request]
    sent: Callable[[Reply], str]


@dataclass(frozen=True, slots=True)
class Channel:
    """One kind of channel.  ``wire`` is None when we are ourselves the other end (web chat)."""

    code: str
    media: Media
    level: Level
    inbound: Literal["webhook", "listen", "socket"]
    words: Words
    fields: tuple[Field, ...]
    capabilities: frozenset[str]
    check_config: Callable[[object], dict[str, Any]]
    weight: int = 1
    window_s: int | None = None  # how long after their last message we may write freely
    wire: Wire | None = None
    #: The field of the config that is the account's public key: what is called, say. None: one is
    #: made for it.
    key_field: str | None = None

    def name(self, language: str) -> str:
        return self.words.get(language, self.words["es"])["name"]


def load_words(package: str) -> Words:
    """The channel's own words, one flat catalogue a language, read once when it is imported."""
    folder = files(package)
    return {
        language: json.loads((folder / f"words.{language}.json").read_text("utf-8"))
        for language in LANGUAGES
    }
