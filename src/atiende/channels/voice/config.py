"""The settings of a number that is called: their shape, their defaults, what is refused.  PURE."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from atiende.channels.voice.announce import sound
from atiende.core.problem import Problem

#: A sound that Asterisk knows: a file below its folder of sounds, without extension.
Sound = Annotated[str, Meta(pattern=r"^([a-z0-9][a-z0-9_-]*(/[a-z0-9][a-z0-9_-]*){0,3})?$")]


class Config(Struct, frozen=True):
    """``greeting``, then ``recording`` (that the call is recorded), is heard before anything else;
    ``closed`` out of hours, and without it the caller hears busy. Empty: nothing is said. ``full``
    is heard by one whom nobody will attend; empty: the product's own words. ``music`` is what he
    hears waiting; empty: the usual."""

    number: Annotated[str, Meta(pattern=r"^(\+[0-9]{3,15})?$")] = ""
    greeting: Sound = ""
    recording: Sound = ""
    closed: Sound = ""
    full: Sound = ""
    music: Annotated[str, Meta(pattern=r"^[a-z0-9_-]{0,40}$")] = ""
    trunk_id: Annotated[str, Meta(pattern=r"^([0-9a-f-]{36})?$")] = ""

    @property
    def prompts(self) -> tuple[str, ...]:
        """What is played to an open line."""
        return tuple(f"sound:{name}" for name in (self.greeting, self.recording) if name)

    @property
    def unrecorded(self) -> Config:
        """Of a call that nobody records: nothing is said of it."""
        return msgspec.structs.replace(self, recording="")

    def turned_away(self, language: str) -> tuple[str, ...]:
        """What is played when the line is too long, or the wait was."""
        return (f"sound:{self.full}" if self.full else sound("overflow", language),)

    @property
    def closing(self) -> tuple[str, ...]:
        """What is played out of hours."""
        return (f"sound:{self.closed}",) if self.closed else ()


def config(row: Mapping[str, Any]) -> Config:
    """A saved config.  It was checked when saved; what it lacks takes its default."""
    return msgspec.convert(row, Config)


def check_config(value: object) -> dict[str, Any]:
    """The config as it is saved, or the Problem that says which field is wrong."""
    try:
        kept: dict[str, Any] = msgspec.to_builtins(msgspec.convert(value, Config))
    except msgspec.ValidationError as wrong:
        raise _wrong(_field(str(wrong))) from wrong
    if not kept["number"]:
        raise _wrong("number")
    return kept


def _wrong(field: str) -> Problem:
    return Problem(422, "channel_config_invalid", fields={field: "invalid"})


def _field(sentence: str) -> str:
    """msgspec ends its sentence with the path: "… - at `$.number`"."""
    name = sentence.rpartition("`$")[2].rstrip("`").lstrip(".")
    return name if name in Config.__struct_fields__ else "config"
