"""Opening hours across nights, holidays and changes of the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from atiende.core.hours import ALWAYS, Hours, is_open, next_closing, next_opening

WORKDAY = ((time(9), time(13)), (time(14), time(18)))
OFFICE = Hours(
    "America/Lima",
    dict.fromkeys(range(5), WORKDAY),
    {date(2026, 7, 28): (), date(2026, 7, 29): ((time(10), time(12)),)},
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_it_is_open_from_the_first_minute_to_before_the_last() -> None:
    assert not is_open(OFFICE, utc("2026-03-02T13:59:59"))
    assert is_open(OFFICE, utc("2026-03-02T14:00:00"))
    assert not is_open(OFFICE, utc("2026-03-02T18:00:00")), "13:00 in Lima: lunch"
    assert not is_open(OFFICE, utc("2026-03-01T15:00:00")), "Sunday"


def test_the_next_opening_skips_weekends_and_holidays() -> None:
    assert next_opening(OFFICE, utc("2026-03-06T23:30:00")) == utc("2026-03-09T14:00:00")
    assert next_opening(OFFICE, utc("2026-07-27T23:00:00")) == utc("2026-07-29T15:00:00")
    now = utc("2026-03-02T15:00:00")
    assert next_opening(OFFICE, now) == now


def test_a_special_day_replaces_the_whole_day() -> None:
    assert is_open(OFFICE, utc("2026-07-29T16:00:00"))
    assert not is_open(OFFICE, utc("2026-07-29T20:00:00"))


def test_a_night_shift_belongs_to_the_day_on_which_it_starts() -> None:
    night = Hours("America/Bogota", {4: ((time(22), time(6)),)})
    assert is_open(night, utc("2026-03-07T04:00:00")), "Friday 23:00"
    assert is_open(night, utc("2026-03-07T10:59:00")), "Saturday 05:59"
    assert not is_open(night, utc("2026-03-07T11:00:00"))
    assert next_closing(night, utc("2026-03-07T04:00:00")) == utc("2026-03-07T11:00:00")


def test_the_wall_clock_rules_when_the_clocks_change() -> None:
    madrid = Hours("Europe/Madrid", {day: ((time(9), time(18)),) for day in range(7)})
    assert next_opening(madrid, utc("2026-03-28T20:00:00")) == utc("2026-03-29T07:00:00")
    assert next_opening(madrid, utc("2026-03-27T20:00:00")) == utc("2026-03-28T08:00:00")
    assert next_opening(madrid, utc("2026-10-24T20:00:00")) == utc("2026-10-25T08:00:00")


def test_a_time_that_does_not_exist_is_the_end_of_the_gap() -> None:
    early = Hours("Europe/Madrid", {6: ((time(2, 30), time(5)),)})
    assert next_opening(early, utc("2026-03-28T20:00:00")) == utc("2026-03-29T01:00:00")


def test_a_time_that_exists_twice_opens_at_the_first_and_closes_at_the_last() -> None:
    twice = Hours("Europe/Madrid", {6: ((time(2, 15), time(2, 45)),)})
    assert next_opening(twice, utc("2026-10-24T20:00:00")) == utc("2026-10-25T00:15:00")
    assert next_closing(twice, utc("2026-10-25T00:20:00")) == utc("2026-10-25T01:45:00")


def test_always_never_closes_and_never_never_opens() -> None:
    now = utc("2026-03-02T15:00:00")
    assert is_open(ALWAYS, now)
    assert next_closing(ALWAYS, now) is None
    assert next_opening(Hours("UTC"), now) is None
    assert next_closing(OFFICE, utc("2026-03-01T15:00:00")) is None
