"""The presence of an agent.  routing/ writes it; on_agents.py of the floor decides it.

Theory of operation
-------------------
offline, available, paused: declared, never guessed.  Every presence may follow every other, for
people change their minds; what bounds them is the work in hand:

- a presence asked for "after this one" is *pending*; it takes hold at the instant the work
  empties, and from the moment it is asked nothing more is offered;
- only the floor writes the codes `rona`, `technical_failure` and `lost`.

What an agent is *doing* (idle, offered, engaged, wrapping, not_responding) is derived from his
offers and assignments (``engagement``), so that "stuck in wrap-up" cannot be stored.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal

from atiende.core import states
from atiende.core.specs import Presence

Engagement = Literal["idle", "offered", "engaged", "wrapping", "not_responding"]

TRANSITIONS: Mapping[Presence, frozenset[Presence]] = {
    "offline": states.to("available", "paused"),
    "available": states.to("paused", "offline"),
    "paused": states.to("available", "offline", "paused"),  # from one pause code to another
}
START: Presence = "offline"

# The codes that the floor itself writes; the companies' own pause codes may not be called so.
FLOOR_CODES: frozenset[str] = frozenset({"rona", "technical_failure", "lost"})


def advance(old: Presence, new: Presence) -> Presence:
    """The new presence, or Illegal."""
    return states.advance("agent", TRANSITIONS, old, new)


def engagement(
    *, is_offered: bool, assignments: Collection[str], code: str | None = None
) -> Engagement:
    """What he is doing, from his pending offer and the states of his assignments."""
    live = {"connecting", "active", "held", "lost"}
    if any(state in live for state in assignments):
        return "engaged"
    if is_offered:
        return "offered"
    if "wrapping" in assignments:
        return "wrapping"
    return "not_responding" if code == "rona" else "idle"
