"""Which case does a new interaction join?  Asked by cases/receive for every inbound contact.

The rule (domain.md, episodes): the open case of the same customer and campaign; else the one of
them resolved less than 72 hours ago, which is opened again; else a new one.  A closed case is
final: a new case is linked to it when it is recent enough to be the same story.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from atiende.core.case import LIVE, CaseState
from atiende.core.specs import Id

REOPEN_S = 72 * 3600.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A case of the customer.  ``touched_at`` = its last contact; ``resolved_at`` if resolved."""

    id: Id
    customer: Id
    campaign: Id
    state: CaseState
    touched_at: float
    resolved_at: float | None = None


@dataclass(frozen=True, slots=True)
class Grouping:
    """What to do: join ``case``, reopen it, or open a new one (``case`` None)."""

    action: Literal["join", "reopen", "new"]
    case: Id | None = None


def group(
    customer: Id,
    campaign: Id,
    cases: Iterable[Candidate],
    now: float,
    reopen_s: float = REOPEN_S,
) -> Grouping:
    """Decide.  Of several the one touched last wins, then the greater id (the younger)."""
    same = [c for c in cases if c.customer == customer and c.campaign == campaign]
    live = [c for c in same if c.state in LIVE]
    if live:
        return Grouping("join", _latest(live).id)
    recent = [
        c
        for c in same
        if c.state == "resolved" and c.resolved_at is not None and now - c.resolved_at < reopen_s
    ]
    if recent:
        return Grouping("reopen", _latest(recent).id)
    return Grouping("new")


def _latest(cases: list[Candidate]) -> Candidate:
    best = cases[0]
    for one in cases[1:]:
        if (best.touched_at, best.id) < (one.touched_at, one.id):
            best = one
    return best
