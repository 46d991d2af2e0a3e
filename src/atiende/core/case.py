"""The states of a case (gestión): the business matter that groups interactions.  cases/ writes it.

Theory of operation
-------------------
open, waiting_customer and waiting_internal follow one another freely; from any of them the case
is resolved, and a resolved one is closed some time later or opened again (reopened_count + 1)
when the customer comes back soon (grouping.py).  closed is final: later contact is a new case,
linked to it.  A case is resolved only when all its interactions have ended and, where its
campaign wants one, with a disposition; "por tipificar" is a resolved case whose disposition is
pending because the time for wrap-up ran out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from atiende.core import states

CaseState = Literal["open", "waiting_customer", "waiting_internal", "resolved", "closed"]

TRANSITIONS: Mapping[CaseState, frozenset[CaseState]] = {
    "open": states.to("waiting_customer", "waiting_internal", "resolved"),
    "waiting_customer": states.to("open", "waiting_internal", "resolved"),
    "waiting_internal": states.to("open", "waiting_customer", "resolved"),
    "resolved": states.to("open", "closed"),
    "closed": states.to(),
}
START: CaseState = "open"
LIVE: frozenset[CaseState] = frozenset({"open", "waiting_customer", "waiting_internal"})


def advance(old: CaseState, new: CaseState) -> CaseState:
    """The new state, or Illegal."""
    return states.advance("case", TRANSITIONS, old, new)


def is_reopening(old: CaseState, new: CaseState) -> bool:
    """Does this change count in reopened_count?"""
    return old == "resolved" and new == "open"


def why_not_resolved(
    *, live_interactions: int, needs_disposition: bool, has_disposition: bool
) -> str | None:
    """The catalogue key of what stands in the way of resolving a case; None = nothing does."""
    if live_interactions:
        return "case_still_attended"
    if needs_disposition and not has_disposition:
        return "case_needs_disposition"
    return None
