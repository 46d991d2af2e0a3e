"""What the command line and the launcher say: the catalogues, and a sentence by its key.

Called by `atiende.house` and by boot (the line with the first administrator's link). A problem
that a slice raises may have its words among those of the screens, so these are looked through.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

SCREENS = Path(__file__).parents[3] / "ui" / "i18n"


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Every sentence we know in one language; those of the command line win."""
    screens: dict[str, str] = {}
    for place in (SCREENS, files("atiende.words")):
        file = place.joinpath(f"{language}.json")
        if file.is_file():
            screens.update(flat(json.loads(file.read_text(encoding="utf-8"))))
    own = files("atiende.words").joinpath(f"cli.{language}.json").read_text(encoding="utf-8")
    return {**screens, **json.loads(own)}


def phrase(language: str, key: str, /, **values: object) -> str:
    """The sentence of a key, its placeholders filled; the key itself when there is none."""
    text = catalogue(language).get(key)
    if text is None:
        return " ".join([key, *(f"{name}={value}" for name, value in values.items())])
    for name, value in values.items():
        text = text.replace("{" + name + "}", str(value))
    return text


def flat(tree: Mapping[str, object], prefix: str = "") -> dict[str, str]:
    """A catalogue as one level of dotted keys."""
    found: dict[str, str] = {}
    for key, value in tree.items():
        if isinstance(value, Mapping):
            found.update(flat(value, f"{prefix}{key}."))
        else:
            found[prefix + key] = str(value)
    return found
