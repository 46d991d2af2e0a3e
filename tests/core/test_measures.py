"""Each measure once, with numbers that can be checked by hand."""

from __future__ import annotations

from atiende.core import measures as m

CONTACTS = [
    m.Contact(0, answered_at=10, done_at=110),
    m.Contact(0, answered_at=30, done_at=90),
    m.Contact(0, answered_at=20),
    m.Contact(0, left_at=3),
    m.Contact(0, left_at=15),
    m.Contact(0, left_at=50),
    m.Contact(70),
]
PARTS = m.parts_of(CONTACTS, threshold_s=20, now=100)


def test_the_parts_count_every_contact_once() -> None:
    assert (PARTS.offered, PARTS.answered, PARTS.answered_in_time) == (7, 3, 2)
    assert (PARTS.abandoned, PARTS.abandoned_in_time, PARTS.short_abandoned) == (2, 1, 1)
    assert (PARTS.waiting, PARTS.waiting_late) == (1, 1)
    assert PARTS.offered == PARTS.answered + PARTS.abandoned + PARTS.short_abandoned + PARTS.waiting


def test_the_four_service_levels_come_from_the_same_parts() -> None:
    assert m.service_level(PARTS) == (2, 4)
    assert m.service_level_of_answered(PARTS) == (2, 3)
    assert m.service_level_of_all(PARTS) == (2, 5)
    assert m.service_level_forgiving(PARTS) == (3, 5)


def test_times_are_sums_over_counts() -> None:
    assert m.ratio(m.speed_of_answer(PARTS)) == 20
    assert m.ratio(m.handling_time(PARTS)) == 80
    assert m.abandonment(PARTS) == (2, 6)
    assert m.longest_wait(CONTACTS, 100) == 30


def test_parts_add_up_and_nothing_divides_by_nothing() -> None:
    half = m.parts_of(CONTACTS[:3], 20, 100) + m.parts_of(CONTACTS[3:], 20, 100)
    assert half == PARTS
    assert m.ratio(m.service_level(m.Parts())) is None
    assert m.longest_wait([], 5) == 0
