"""Which calls are recorded, and who may listen: as values.  PURE.

The most particular policy rules: one for the call's queue before one for every queue, then one for
its direction before one for both. The share is decided by the call's own id, so that asking twice
gives the same answer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from atiende.core.permissions import Grant, Place, may

LISTEN = "recordings.listen"


@dataclass(frozen=True, slots=True)
class Policy:
    """``percentage`` of the calls are recorded; ``on_demand``: the agent may begin the others'."""

    id: UUID
    queue_id: UUID | None
    direction: str  # in, out, both
    percentage: int
    on_demand: bool
    retention_days: int


def choose(policies: Iterable[Policy], queue: UUID | None, direction: str) -> Policy | None:
    """The policy of a call; None: it is not recorded."""
    fitting = [
        policy
        for policy in policies
        if policy.queue_id in (None, queue) and policy.direction in ("both", direction)
    ]
    return max(
        fitting,
        key=lambda policy: (policy.queue_id is not None, policy.direction != "both"),
        default=None,
    )


def is_chosen(call: UUID, percentage: int) -> bool:
    """Whether this call is among so many of a hundred."""
    drawn = int.from_bytes(hashlib.sha256(call.bytes).digest()[:8], "big")
    return drawn % 100 < percentage


def may_listen(grants: Iterable[Grant], place: Place, *, agents: bool, supervisors: bool) -> bool:
    """Whether somebody may hear a call that stands at ``place``. A policy closes what is one's own
    to agents and what is a team's to supervisors; wider scopes it does not bind."""
    closed = {scope for scope, is_open in (("own", agents), ("team", supervisors)) if not is_open}
    return may([grant for grant in grants if grant.scope not in closed], LISTEN, place)
