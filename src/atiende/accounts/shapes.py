"""The shapes of the API's bodies: strict, bounded, and free of signs that no column can keep.

Every slice with an API builds its pydantic models on ``In``, ``Patch`` and ``Out``.
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import Annotated, Generic, Literal, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
)

T = TypeVar("T")

#: Kept by no one: NUL (PostgreSQL refuses it), other controls, halves of surrogate pairs, and the
#: marks that turn the direction of text round (a name must not read as another).
_ALLOWED_CONTROLS = frozenset("\n\t\r")
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
#: What JavaScript counts without error, and every bigint column holds.
MAX_COUNT = 2**53 - 1


def clean(text: str) -> str:
    """Refuse controls, marks of direction and lone surrogates."""
    for sign in text:
        code = ord(sign)
        control = (code < 32 and sign not in _ALLOWED_CONTROLS) or 127 <= code < 160
        if control or sign in _TURNING or 0xD800 <= code < 0xE000:
            raise ValueError("control signs are not text")
    return text


def _one_line(text: str) -> str:
    if "\n" in text or "\r" in text:
        raise ValueError("one line only")
    return clean(text)


def _email(text: str) -> str:
    local, at, domain = text.rpartition("@")
    if not (at and local and "." in domain) or any(sign.isspace() for sign in text):
        raise ValueError("not an e-mail address")
    return _one_line(text).lower()


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ValueError, OSError, KeyError):
        raise ValueError("no such time zone") from None
    return text


def iso(at: datetime) -> str:
    """``2026-11-24T15:04:05.123Z``, as the contract writes times."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=120),
    AfterValidator(_one_line),
]
ShortName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=80),
    AfterValidator(_one_line),
]
LongText = Annotated[str, StringConstraints(min_length=1, max_length=4000), AfterValidator(clean)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=3, max_length=254),
    AfterValidator(_email),
]
Password = Annotated[str, StringConstraints(max_length=400), AfterValidator(clean)]
Token = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Zone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_zone)]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Locale = Annotated[str, StringConstraints(pattern=r"^(es|en)(-[A-Z]{2})?$")]
Ids = Annotated[list[UUID], Field(max_length=2000)]
Time = Annotated[datetime, PlainSerializer(iso, return_type=str, when_used="json")]


Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Clock = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$")]


def _in_order(intervals: list[tuple[str, str]]) -> list[tuple[str, str]]:
    for start, end in intervals:
        if start >= end:
            raise ValueError("an interval ends before it begins")
    for (_, end), (start, _) in pairwise(intervals):
        if start < end:
            raise ValueError("intervals overlap")
    return intervals


Intervals = Annotated[
    list[tuple[Clock, Clock]],
    Field(max_length=8),
    AfterValidator(sorted),
    AfterValidator(_in_order),
]
Weekly = dict[Day, Intervals]


class In(BaseModel):
    """A body: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid")


class Patch(In):
    """A change of an item: only what is given changes, and only the version it was read at."""

    version: int

    def given(self) -> dict[str, object]:
        return self.model_dump(include=self.model_fields_set - {"version"})


class Out(BaseModel):
    """An answer."""

    model_config = ConfigDict(extra="ignore")


class Item(Out):
    id: UUID
    version: int


class Items(BaseModel, Generic[T]):
    items: list[T]


class Empty(Out):
    """``{}``"""
