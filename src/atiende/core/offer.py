"""The states of an offer: one proposal of a work item to one agent.  routing/ writes it.

Theory of operation
-------------------
An offer is pending for a bounded time and ends once: accepted, rejected (he said no), timeout
(nobody answered: RONA), rescinded (the customer left, somebody else won), canceled (the agent
paused or went, a supervisor moved the work, the queue is gone).  There is at most one pending
offer a work item, and at most one an agent, all channels together.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from atiende.core import states

OfferState = Literal["pending", "accepted", "rejected", "timeout", "rescinded", "canceled"]

TRANSITIONS: Mapping[OfferState, frozenset[OfferState]] = {
    "pending": states.to("accepted", "rejected", "timeout", "rescinded", "canceled"),
    "accepted": states.to(),
    "rejected": states.to(),
    "timeout": states.to(),
    "rescinded": states.to(),
    "canceled": states.to(),
}
START: OfferState = "pending"


def advance(old: OfferState, new: OfferState) -> OfferState:
    """The new state, or Illegal."""
    return states.advance("offer", TRANSITIONS, old, new)
