"""Opening hours: is it open, and when does it open next?  Used by queues, the widget and flows.

Theory of operation.  A week of local intervals in an IANA zone, and exceptions by date (holidays,
special days) that replace the whole day.  All arithmetic is done in local wall-clock time and
turned into instants at the very end, so that a day of 23 or 25 hours opens and closes when the
clock on the wall says.  An interval that ends at or before its start runs past midnight; it
belongs to the day on which it starts.  A wall-clock time that does not exist (clocks go forward)
means the first instant after the gap; one that exists twice means its first occurrence for
opening and its last for closing: the door is open rather an hour too long than too short.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Interval = tuple[time, time]  # from, to (exclusive); 00:00 to 00:00 is the whole day
LOOK_AHEAD_DAYS = 400  # an exception calendar closes at most a year


@dataclass(frozen=True, slots=True)
class Hours:
    """``week``: weekday (0 = Monday) -> intervals.  ``exceptions``: date -> intervals instead of
    the day's own; an empty tuple closes the day."""

    zone: str
    week: Mapping[int, tuple[Interval, ...]] = field(default_factory=dict)
    exceptions: Mapping[date, tuple[Interval, ...]] = field(default_factory=dict)


ALWAYS = Hours("UTC", {day: ((time(0), time(0)),) for day in range(7)})


def is_open(hours: Hours, at: datetime) -> bool:
    """Open at this instant?  ``at`` must be aware."""
    day = at.astimezone(ZoneInfo(hours.zone)).date()
    return any(start <= at < end for start, end in _spans(hours, day - timedelta(days=1), 2))


def next_opening(hours: Hours, at: datetime) -> datetime | None:
    """The first instant from ``at`` on when it is open (``at`` itself if it is); UTC.  None = not
    within LOOK_AHEAD_DAYS."""
    day = at.astimezone(ZoneInfo(hours.zone)).date()
    ahead = (
        max(start, at)
        for start, end in _spans(hours, day - timedelta(days=1), LOOK_AHEAD_DAYS + 1)
        if end > at
    )
    first = next(ahead, None)
    return None if first is None else first.astimezone(UTC)


def next_closing(hours: Hours, at: datetime) -> datetime | None:
    """When it closes, counting intervals that touch as one; None = it is closed now, or never
    closes within LOOK_AHEAD_DAYS."""
    day = at.astimezone(ZoneInfo(hours.zone)).date()
    last: datetime | None = None
    for start, end in _spans(hours, day - timedelta(days=1), LOOK_AHEAD_DAYS + 1):
        if last is None:
            if start <= at < end:
                last = end
        elif start <= last:
            last = max(last, end)
        else:
            return last.astimezone(UTC)
    return None


def _spans(hours: Hours, first: date, days: int) -> Iterator[tuple[datetime, datetime]]:
    """The open spans that start on these local days, in order, as UTC instants."""
    zone = ZoneInfo(hours.zone)
    for offset in range(days):
        day = first + timedelta(days=offset)
        intervals = hours.exceptions.get(day, hours.week.get(day.weekday(), ()))
        for start, end in sorted(intervals):
            last = day if end > start else day + timedelta(days=1)
            opens = _instant(day, start, zone, fold=0)
            closes = _instant(last, end, zone, fold=1)
            if closes > opens:
                yield opens, closes


def _instant(day: date, at: time, zone: ZoneInfo, *, fold: int) -> datetime:
    """The instant of a wall-clock time, bringing one in a gap to the end of the gap."""
    local = datetime.combine(day, at, zone).replace(fold=fold)
    instant = local.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return instant
    # In a gap the two folds straddle it: the change itself lies between their instants.
    low = local.replace(fold=1).astimezone(UTC)
    high = local.replace(fold=0).astimezone(UTC)
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)
