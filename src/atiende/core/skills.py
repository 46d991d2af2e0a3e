"""Skills as bits: what an agent knows and what a step asks, each as one integer.

Theory: every skill gets five bits, one a level.  An agent of level 3 has the lowest three set;
a demand of at least 3 sets only the third.  So ``agent & demand == demand`` answers "does he
match?" for any number of skills at once.  An agent's *level for a step* is the weakest of his
levels among the skills asked: a chain is as good as its weakest link.  Used by lines.py (index)
and matching.py (choice).
"""

from __future__ import annotations

from collections.abc import Mapping

from atiende.core.specs import Id

LEVELS = 5
NO_SKILL = -1  # the pivot of a demand that asks nothing


class Demand:
    """One distinct set of (skill, least level), shared by all the work that asks it."""

    __slots__ = ("mask", "numbers", "pivot")

    def __init__(self, skills: tuple[tuple[int, int], ...], pivot: int) -> None:
        # skills: (skill's number, least level)
        self.mask = 0
        for number, least in skills:
            self.mask |= 1 << (number * LEVELS + least - 1)
        self.numbers = tuple(number for number, _ in skills)
        # The pivot is the rarest of its skills: waiting work is filed under it (lines.py).
        self.pivot = pivot


def level_of(levels: Mapping[int, int], demand: Demand) -> int:
    """The level of an agent who matches the demand; 0 when nothing was asked."""
    if not demand.numbers:
        return 0
    weakest = LEVELS
    for number in demand.numbers:
        level = levels[number]
        weakest = level if level < weakest else weakest
    return weakest


class SkillBook:
    """Numbers the skills, keeps how many agents have each, and shares equal demands."""

    __slots__ = ("_demands", "_holders", "_numbers")

    def __init__(self) -> None:
        self._numbers: dict[Id, int] = {}
        self._holders: dict[int, int] = {}
        self._demands: dict[tuple[tuple[Id, int], ...], Demand] = {}

    def levels(self, skills: Mapping[Id, int]) -> dict[int, int]:
        """An agent's skills by number, each level brought into 1..5; below 1 is not having it."""
        return {self._number(s): min(n, LEVELS) for s, n in skills.items() if n >= 1}

    def count(self, levels: Mapping[int, int], by: int) -> None:
        """An agent with these skills came (1) or went (-1)."""
        for number in levels:
            self._holders[number] = self._holders.get(number, 0) + by

    def demand(self, skills: tuple[tuple[Id, int], ...]) -> Demand:
        """The shared Demand for what a step asks."""
        found = self._demands.get(skills)
        if found is None:
            asked: dict[int, int] = {}
            for skill, least in skills:
                number = self._number(skill)
                asked[number] = min(max(least, 1, asked.get(number, 1)), LEVELS)
            pivot = min(asked, key=lambda n: (self._holders.get(n, 0), n), default=NO_SKILL)
            found = self._demands[skills] = Demand(tuple(sorted(asked.items())), pivot)
        return found

    def _number(self, skill: Id) -> int:
        return self._numbers.setdefault(skill, len(self._numbers))


def bits(levels: Mapping[int, int]) -> int:
    """The integer of an agent's skills."""
    mask = 0
    for number, level in levels.items():
        mask |= ((1 << level) - 1) << (number * LEVELS)
    return mask
