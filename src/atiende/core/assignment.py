"""The states of an assignment: one agent's stretch on one work item.  routing/ writes it.

Theory of operation
-------------------
Accepted is not connected: a call is `connecting` until media flows both ways, and `failed` when
it never does (the work goes back to its place, the agent is paused).  Text is active at once.
A call may be held.  When the agent is lost the assignment is `lost`: he may come back to it in
the grace time, or it is done and the work is queued again.  When the interaction ends, the last
live assignment of the case goes to `wrapping`, the earlier ones straight to done; so does one
that is transferred, parked or moved.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from atiende.core import states

Assignment = Literal["connecting", "active", "held", "lost", "wrapping", "failed", "done"]

TRANSITIONS: Mapping[Assignment, frozenset[Assignment]] = {
    "connecting": states.to("active", "failed", "lost", "done"),
    "active": states.to("held", "wrapping", "lost", "done"),
    "held": states.to("active", "wrapping", "lost", "done"),
    "lost": states.to("active", "wrapping", "done"),
    "wrapping": states.to("done"),
    "failed": states.to(),
    "done": states.to(),
}
START: tuple[Assignment, ...] = ("connecting", "active")
LIVE: frozenset[Assignment] = frozenset({"connecting", "active", "held", "lost"})


def advance(old: Assignment, new: Assignment) -> Assignment:
    """The new state, or Illegal."""
    return states.advance("assignment", TRANSITIONS, old, new)
