"""The states of a work item: what is queued and routed.  routing/ writes it, the floor decides.

Theory of operation
-------------------
scheduled (a callback, parked work) becomes queued when its time comes; queued work is offered,
or taken by hand (queued -> assigned); an offer that is not accepted takes it back to queued, at
its old static key; the agent who has it may transfer it, lose it (queued), park it (scheduled) or
end it (done).  Work that nobody attends in the end is canceled, with a reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from atiende.core import states

WorkItem = Literal["scheduled", "queued", "offered", "assigned", "done", "canceled"]

TRANSITIONS: Mapping[WorkItem, frozenset[WorkItem]] = {
    # scheduled -> assigned: an agent or a supervisor takes it by hand before its time
    "scheduled": states.to("queued", "assigned", "canceled"),
    "queued": states.to("offered", "assigned", "scheduled", "canceled"),
    # offered -> assigned also by a supervisor's hand, after the offer was canceled
    "offered": states.to("assigned", "queued", "canceled"),
    # assigned -> assigned: a supervisor moves it from one agent to another
    "assigned": states.to("queued", "scheduled", "assigned", "done"),
    "done": states.to(),
    "canceled": states.to(),
}
START: tuple[WorkItem, ...] = ("scheduled", "queued", "assigned")


def advance(old: WorkItem, new: WorkItem) -> WorkItem:
    """The new state, or Illegal."""
    return states.advance("work_item", TRANSITIONS, old, new)
