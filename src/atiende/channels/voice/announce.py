"""What a caller who waits is told: his place, and how long it will take.  PURE.

Theory of operation. The estimate is noisy, a sentence is heard once: so minutes are said in coarse
steps, and a wait that seems one step longer than what was said before is said as before. A place is
never said higher than the last one (somebody with priority came): then only the time is said.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

#: The numbers that have a sentence; beyond them "more than twenty".
POSITIONS = tuple(range(2, 21))
MINUTES = (*range(2, 11), 12, 15, 20)
#: The steps of a spoken wait: under a minute, one, and so on; the last is "more than twenty".
STEPS = ("wait-soon", "wait-1", *(f"wait-{n}" for n in MINUTES), "wait-many")
#: From how many seconds on a step is no longer true: halfway to the next.
_BOUNDS = (60.0, *(30.0 * (a + b) for a, b in zip((1, *MINUTES), MINUTES, strict=False)), 1200.0)
LANGUAGES = ("es", "en")


@dataclass(frozen=True, slots=True)
class Said:
    """What this caller heard last; -1 = nothing yet."""

    position: int = -1
    step: int = -1


def sound(name: str, language: str) -> str:
    """One of the product's own sentences, as Asterisk finds it."""
    return f"sound:custom/{language if language in LANGUAGES else LANGUAGES[0]}/{name}"


def step_of(wait_s: float) -> int:
    """The step of STEPS that says a wait."""
    return bisect_left(_BOUNDS, wait_s + 1e-9)


def announce(
    position: int, wait_s: float | None, said: Said, language: str
) -> tuple[tuple[str, ...], Said]:
    """What is played, and what will have been said. ``position`` from 1 on; ``wait_s`` in seconds,
    None = nobody knows."""
    names: list[str] = []
    known = said.position
    if known == -1 or position <= known:
        names.append(_place(position))
        known = position
    step = said.step
    if wait_s is None:
        names.append("patience")
    else:
        now = step_of(wait_s)
        step = said.step if now == said.step + 1 and said.step >= 0 else now
        names.append(STEPS[step])
    return tuple(sound(name, language) for name in names), Said(known, step)


def _place(position: int) -> str:
    if position > POSITIONS[-1]:
        return "position-many"
    return f"position-{max(1, position)}"
