"""The settings of a web chat account: their shape, their defaults, what is refused.  PURE.

accounts/ calls ``check_config`` when an administrator saves; the server reads rows back with
``config``; render.py tells the widget what of it a page may know.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from atiende.channels.webchat.limits import MAX_FILE_MB
from atiende.channels.webchat.origins import check_origin
from atiende.core.problem import Problem

FORM_KEYS = ("name", "email", "phone", "topic")
Short = Annotated[str, Meta(max_length=80)]
Long = Annotated[str, Meta(max_length=600)]


class Title(Struct, frozen=True):
    es: Short = ""
    en: Short = ""


class Text(Struct, frozen=True):
    es: Long = ""
    en: Long = ""


class Consent(Struct, frozen=True):
    """Empty texts: no consent is asked."""

    es: Long = ""
    en: Long = ""
    url: Annotated[str, Meta(max_length=500, pattern=r"^(https?://\S+)?$")] = ""


class FormField(Struct, frozen=True):
    key: Literal["name", "email", "phone", "topic"]
    required: bool = False


class Config(Struct, frozen=True):
    allowed_origins: Annotated[list[str], Meta(max_length=50)] = []
    color: Annotated[str, Meta(pattern=r"^#[0-9a-fA-F]{6}$")] = "#0c5a55"
    title: Title = Title()
    welcome: Text = Text()
    consent: Consent = Consent()
    prechat: Annotated[list[FormField], Meta(max_length=4)] = []
    files: bool = True
    max_file_mb: Annotated[int, Meta(ge=1, le=MAX_FILE_MB)] = 10
    languages: Annotated[list[Literal["es", "en"]], Meta(min_length=1, max_length=2)] = (
        msgspec.field(default_factory=lambda: ["es", "en"])
    )
    position: bool = True
    away: Text = Text()
    launcher: Literal["right", "left"] = "right"

    @property
    def asks_consent(self) -> bool:
        return bool(self.consent.es or self.consent.en)


def config(row: Mapping[str, Any]) -> Config:
    """A saved config.  It was checked when saved; what it lacks takes its default."""
    return msgspec.convert(row, Config)


def check_config(value: object) -> dict[str, Any]:
    """The config as it is saved, or the Problem that says which field is wrong."""
    try:
        checked = msgspec.convert(value, Config)
    except msgspec.ValidationError as wrong:
        raise _wrong(_field(str(wrong))) from wrong
    typed = [each for each in checked.allowed_origins if each.strip()]
    origins = [check_origin(each) for each in typed]
    if None in origins:
        raise _wrong("allowed_origins", "origin", line=typed[origins.index(None)].strip()[:80])
    keys = [each.key for each in checked.prechat]
    if len(set(keys)) != len(keys):
        raise _wrong("prechat")
    kept = [each for each in dict.fromkeys(origins) if each]
    result: dict[str, Any] = msgspec.to_builtins(
        msgspec.structs.replace(checked, allowed_origins=kept)
    )
    return result


def _wrong(field: str, why: str = "", **values: str) -> Problem:
    key = why or ("color" if field == "color" else "invalid")
    return Problem(422, "channel_config_invalid", fields={field: key}, **values)


def _field(sentence: str) -> str:
    """msgspec ends its sentence with the path: "… - at `$.prechat[0].key`"."""
    path = sentence.rpartition("`$")[2].rstrip("`").lstrip(".")
    name = path.split(".")[0].split("[")[0]
    return name if name in Config.__struct_fields__ else "config"
