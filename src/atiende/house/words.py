"""How the command line speaks: one line to the terminal, or the one sentence of a failure.

Called by all of `atiende.house` and by the cli; the sentences themselves are in `atiende.words`.
"""

import sys
from collections.abc import Callable

from atiende.core.problem import Problem
from atiende.words import phrase


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
