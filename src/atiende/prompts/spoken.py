"""What the product itself says to a caller: the sentences, and the audio that ships with it.

``spoken.<language>.json`` holds the texts; ``audio/<language>/<name>.opus`` what a synthetic voice
made of them (`tools/prompts/make.py`, see CONTRIBUTING). In Asterisk a sentence is
``custom/<language>/<name>``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from atiende.channels.voice import MINUTES, POSITIONS

LANGUAGES = ("es", "en")
FOLDER = Path(__file__).parent / "audio"
#: What the audio files are, to Asterisk and to a browser.
SUFFIX, MEDIA_TYPE = ".opus", "audio/ogg"
_NUMBERED: Mapping[str, tuple[int, ...]] = {"position-n": POSITIONS, "wait-n": MINUTES}


@cache
def sentences(language: str) -> Mapping[str, str]:
    """Name -> text: each number has a sentence of its own, so that it is said in one breath."""
    path = Path(__file__).with_name(f"spoken.{language}.json")
    found: dict[str, str] = {}
    for name, text in json.loads(path.read_text(encoding="utf-8")).items():
        for n in _NUMBERED.get(name, ()):
            found[f"{name.removesuffix('n')}{n}"] = text.replace("{n}", str(n))
        if name not in _NUMBERED:
            found[name] = text
    return found


def audio(language: str, name: str) -> Path:
    """The file that says a sentence."""
    return FOLDER / language / f"{name}{SUFFIX}"
