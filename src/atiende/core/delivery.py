"""The status of an outgoing message.  cases/ and the outbox write it; providers report it.

Theory of operation
-------------------
draft -> (scheduled ->) queued -> sending -> sent -> delivered -> read, or failed, or canceled
before it was sent.  Two things make it hard:

- *Reports come late, twice and in disorder* (webhooks are at-least-once).  ``reported`` never
  goes back: a `sent` that comes after `read` changes nothing, a `read` right after `sending`
  jumps ahead.  A failure reported after the message was delivered changes nothing either.
- *A send may end without an answer* (the process died, the line broke).  Then the truth is
  `unknown`: it is reconciled to sent or failed, or queued again, but only by an agent's retry,
  because a machine that retries might send twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from atiende.core import states

Delivery = Literal[
    "draft",
    "scheduled",
    "queued",
    "sending",
    "unknown",
    "sent",
    "delivered",
    "read",
    "failed",
    "canceled",
]

TRANSITIONS: Mapping[Delivery, frozenset[Delivery]] = {
    "draft": states.to("scheduled", "queued", "canceled"),
    "scheduled": states.to("queued", "canceled"),
    "queued": states.to("sending", "failed", "canceled"),
    "sending": states.to("sent", "delivered", "read", "failed", "unknown", "queued"),
    "unknown": states.to("sent", "delivered", "read", "failed", "queued"),
    "sent": states.to("delivered", "read", "failed"),
    "delivered": states.to("read"),
    "read": states.to(),
    "failed": states.to("queued"),  # the agent's retry
    "canceled": states.to(),
}
START: tuple[Delivery, ...] = ("draft", "queued")

# How far a report takes the message; a report of less than what is known is old news.
_RANK: Mapping[Delivery, int] = {"sent": 1, "failed": 1, "delivered": 2, "read": 3}
_REPORTABLE: frozenset[Delivery] = frozenset({"sending", "unknown", "sent", "delivered"})


def advance(old: Delivery, new: Delivery) -> Delivery:
    """The new status for what *we* do, or Illegal."""
    return states.advance("delivery", TRANSITIONS, old, new)


def reported(known: Delivery, report: Delivery) -> Delivery:
    """The status after a provider's report: never backwards, never an error."""
    if known not in _REPORTABLE or report not in _RANK:
        return known
    if report == "failed":
        return "failed" if known != "delivered" else known
    return report if _RANK[report] > _RANK.get(known, 0) else known
