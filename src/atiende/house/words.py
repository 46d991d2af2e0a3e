"""What the command line says, in the person's language. Called by all of `atiende.house`.

Sentences live in `atiende/words/cli.{es,en}.json`; a problem that a slice raises may have its
words among those of the screens, so these are looked through too.
"""

import json
import sys
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

from atiende.core.problem import Problem

SCREENS = Path(__file__).parents[3] / "ui" / "i18n"


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Every sentence we know in one language; those of the command line win."""
    screens: dict[str, str] = {}
    for place in (SCREENS, files("atiende.words")):
        file = place.joinpath(f"{language}.json")
        if file.is_file():
            screens.update(_flat(json.loads(file.read_text(encoding="utf-8"))))
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


def speaker(language: str) -> Callable[..., None]:
    """`say("up.ready", url=…)`: one line to whoever looks at the terminal, at once."""

    def say(key: str, /, **values: object) -> None:
        sys.stdout.write(phrase(language, key, **values) + "\n")
        sys.stdout.flush()

    return say


def complain(language: str, problem: Problem) -> None:
    """The one clear sentence of a failure."""
    sys.stdout.flush()
    text = phrase(language, f"problem.{problem.key}", **problem.values)
    sys.stderr.write(f"atiende: {text}\n")


def _flat(tree: Mapping[str, object], prefix: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in tree.items():
        if isinstance(value, Mapping):
            found.update(_flat(value, f"{prefix}{key}."))
        else:
            found[prefix + key] = str(value)
    return found
