"""Which case does a new interaction belong to?  cases/ asks when an episode begins.

Rule (domain.md, Episodes): the newest open case of the same customer and campaign; else
the one resolved within the window is reopened; else a new one.  Closed is final.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from atiende.core.specs import Id

REOPEN_WITHIN = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class CaseSeen:
    """A case of the customer, as the rows tell it."""

    id: Id
    campaign: Id
    state: str
    opened_at: datetime
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True)
class Choice:
    """What to do: ``case`` is None only for a new one."""

    action: Literal["join", "reopen", "new"]
    case: Id | None = None


def case_for(
    campaign: Id, seen: Iterable[CaseSeen], now: datetime, within: timedelta = REOPEN_WITHIN
) -> Choice:
    """The case that a new interaction in ``campaign`` belongs to."""
    mine = [c for c in seen if c.campaign == campaign and c.state != "closed"]
    live = [c for c in mine if c.state != "resolved"]
    if live:
        return Choice("join", max(live, key=lambda c: (c.opened_at, c.id)).id)
    lately = [c for c in mine if c.resolved_at is not None and now - c.resolved_at < within]
    if lately:
        return Choice("reopen", max(lately, key=lambda c: (c.resolved_at, c.id)).id)
    return Choice("new")
