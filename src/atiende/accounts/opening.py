"""Opening hours from their row, as core.hours understands them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time
from typing import Any

from atiende.core.hours import Hours, Interval

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def hours_of(
    zone: str, weekly: Mapping[str, Any], exceptions: Iterable[Mapping[str, Any]] = ()
) -> Hours:
    """``{"mon": [["08:00", "20:00"]]}`` and ``[{"date": "2026-12-25", "intervals": []}]``."""
    week = {number: _intervals(weekly.get(day, ())) for number, day in enumerate(DAYS)}
    days = {date.fromisoformat(e["date"]): _intervals(e["intervals"]) for e in exceptions}
    return Hours(zone, week, days)


def _intervals(raw: Iterable[Sequence[str]]) -> tuple[Interval, ...]:
    return tuple((_time(start), _time(end)) for start, end in raw)


def _time(text: str) -> time:
    """24:00 is written so by people; on the clock it is the next day's 0:00."""
    hour, _, minute = text.partition(":")
    return time(int(hour) % 24, int(minute))
