"""Opening hours: a week of intervals in one zone, and the days that are different.

The desk, the widget and later the dialer ask ``is_open`` and ``next_opening``; both work on local
wall time, so that 8:00 is 8:00 on both sides of a change of clocks (PEP 495: an hour that happens
twice is open both times, one that does not exist is skipped).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LOOK_AHEAD_DAYS = 366

Interval = tuple[int, int]  # minutes of the local day, the end not included; 1440 = midnight


@dataclass(frozen=True, slots=True)
class Hours:
    """``week[0]`` is Monday; ``days`` replaces the whole day it names."""

    zone: str
    week: tuple[tuple[Interval, ...], ...]
    days: Mapping[date, tuple[Interval, ...]]


def hours_from(
    zone: str, weekly: Mapping[str, Any], exceptions: Iterable[Mapping[str, Any]] = ()
) -> Hours:
    """From a row of ``hours``: ``{"mon": [["08:00", "20:00"]]}`` and
    ``[{"date": "2026-12-25", "intervals": []}]``."""
    week = tuple(_intervals(weekly.get(day, ())) for day in DAYS)
    days = {date.fromisoformat(e["date"]): _intervals(e["intervals"]) for e in exceptions}
    return Hours(zone, week, days)


def is_open(hours: Hours, at: datetime) -> bool:
    """Open at this moment (aware)?"""
    local = at.astimezone(ZoneInfo(hours.zone))
    minute = local.hour * 60 + local.minute
    return any(start <= minute < end for start, end in _day(hours, local.date()))


def next_opening(hours: Hours, at: datetime) -> datetime | None:
    """When it next opens, in UTC; ``at`` itself when it is open; None when it never does."""
    if is_open(hours, at):
        return at
    zone = ZoneInfo(hours.zone)
    today = at.astimezone(zone).date()
    for offset in range(LOOK_AHEAD_DAYS):
        day = today + timedelta(days=offset)
        for start, _ in sorted(_day(hours, day)):
            opening = datetime.combine(day, time(start // 60, start % 60), zone).astimezone(UTC)
            if opening > at and is_open(hours, opening):
                return opening
    return None


def _day(hours: Hours, day: date) -> Sequence[Interval]:
    return hours.days.get(day, hours.week[day.weekday()])


def _intervals(raw: Iterable[Sequence[str]]) -> tuple[Interval, ...]:
    return tuple((_minutes(start), _minutes(end)) for start, end in raw)


def _minutes(text: str) -> int:
    hour, _, minute = text.partition(":")
    return int(hour) * 60 + int(minute)
