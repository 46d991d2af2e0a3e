"""The states of an interaction: one bounded, measured episode on one channel.  cases/ writes it.

Theory of operation
-------------------
It is created when the customer (or we) begin, may be served by a flow (self_service), waits for
an agent, is active while somebody attends, and ends once.  A transfer takes it back to waiting:
never a new interaction, so that one contact is counted once.  Only asynchronous channels park.
After a call a survey may take it (active -> self_service).  `ended` is final; what the customer
writes afterwards is a new interaction, of the same case or not (grouping.py).

The outcome is given with the end, and says how it ended; ``OUTCOMES`` are the only ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from atiende.core import states

Interaction = Literal["created", "self_service", "waiting", "active", "parked", "ended"]

TRANSITIONS: Mapping[Interaction, frozenset[Interaction]] = {
    "created": states.to("self_service", "waiting", "active", "ended"),
    "self_service": states.to("waiting", "active", "ended"),
    "waiting": states.to("active", "self_service", "ended"),
    "active": states.to("waiting", "self_service", "parked", "ended"),
    "parked": states.to("waiting", "active", "ended"),
    "ended": states.to(),
}
START: Interaction = "created"

OUTCOMES: frozenset[str] = frozenset(
    {
        "served",
        "self_served",
        "abandoned_flow",
        "abandoned_queue",
        "short_abandon",
        "callback_converted",
        "overflow",
        "missed",
        "failed",
        "spam",
        "no_reply",
    }
)
# Ended without an agent: such an interaction gets a system disposition and closes its own case.
UNATTENDED: frozenset[str] = OUTCOMES - {"served", "missed"}


def advance(old: Interaction, new: Interaction) -> Interaction:
    """The new state, or Illegal."""
    return states.advance("interaction", TRANSITIONS, old, new)


def may_end(*, customers_live: int) -> bool:
    """It ends only when no live customer takes part any more (invariant 9)."""
    return customers_live == 0
