"""Measures from facts, each defined once: waiting, service level, speed of answer, handling.

reports/ and the supervisor's screens take the parts (numerator and denominator) so that sums over
queues and hours stay right, and any of the four service levels in use can be computed from them.
A screen shows a formula's name; the words are in the catalogues under measure.<name>.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

SHORT_ABANDON_S = 5.0


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact as the queue saw it, counted once whatever its legs.  ``answered_at`` = an
    agent accepted; ``left_at`` = the customer left unattended; neither = still waiting."""

    queued_at: float
    answered_at: float | None = None
    left_at: float | None = None
    done_at: float | None = None  # end of the wrap-up


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of which every measure is a quotient.  Adding two is adding their fields."""

    offered: int = 0
    answered: int = 0
    answered_in_time: int = 0
    abandoned: int = 0  # short ones excluded
    abandoned_in_time: int = 0
    short_abandoned: int = 0
    waiting: int = 0
    waiting_late: int = 0  # still waiting, and beyond the threshold already
    wait_answered_s: float = 0
    handled: int = 0
    handle_s: float = 0

    def __add__(self, other: Parts) -> Parts:
        return Parts(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Parts)))


def parts_of(contacts: Iterable[Contact], threshold_s: float, now: float) -> Parts:
    """Count some contacts against a threshold (80/20: 20 seconds)."""
    total = Parts()
    for contact in contacts:
        total += _one(contact, threshold_s, now)
    return total


def _one(contact: Contact, threshold_s: float, now: float) -> Parts:
    if contact.answered_at is not None:
        wait = contact.answered_at - contact.queued_at
        done = contact.done_at
        return Parts(
            offered=1,
            answered=1,
            answered_in_time=int(wait <= threshold_s),
            wait_answered_s=wait,
            handled=int(done is not None),
            handle_s=0 if done is None else done - contact.answered_at,
        )
    if contact.left_at is None:
        late = now - contact.queued_at > threshold_s
        return Parts(offered=1, waiting=1, waiting_late=int(late))
    wait = contact.left_at - contact.queued_at
    if wait < SHORT_ABANDON_S:
        return Parts(offered=1, short_abandoned=1)
    return Parts(offered=1, abandoned=1, abandoned_in_time=int(wait <= threshold_s))


def service_level(parts: Parts) -> tuple[int, int]:
    """Ours: answered in time / (answered + abandoned after the threshold)."""
    late = parts.abandoned - parts.abandoned_in_time
    return parts.answered_in_time, parts.answered + late


def service_level_of_answered(parts: Parts) -> tuple[int, int]:
    """Answered in time / answered: abandonment is left out."""
    return parts.answered_in_time, parts.answered


def service_level_of_all(parts: Parts) -> tuple[int, int]:
    """Answered in time / (answered + abandoned): every abandonment counts against."""
    return parts.answered_in_time, parts.answered + parts.abandoned


def service_level_forgiving(parts: Parts) -> tuple[int, int]:
    """(Answered + abandoned, both in time) / (answered + abandoned)."""
    in_time = parts.answered_in_time + parts.abandoned_in_time
    return in_time, parts.answered + parts.abandoned


def speed_of_answer(parts: Parts) -> tuple[float, int]:
    """ASA: the waits of the answered / the answered."""
    return parts.wait_answered_s, parts.answered


def handling_time(parts: Parts) -> tuple[float, int]:
    """AHT: talk, hold and wrap-up of the handled / the handled."""
    return parts.handle_s, parts.handled


def abandonment(parts: Parts) -> tuple[int, int]:
    """Abandoned / offered, the short ones in neither."""
    return parts.abandoned, parts.offered - parts.short_abandoned


def ratio(quotient: tuple[float, float]) -> float | None:
    """The quotient as a number; None when there is nothing to divide by."""
    above, below = quotient
    return above / below if below else None


def longest_wait(contacts: Iterable[Contact], now: float) -> float:
    """How long the one who waits longest has waited; 0 when nobody waits."""
    return max(
        (now - c.queued_at for c in contacts if c.answered_at is None and c.left_at is None),
        default=0.0,
    )
