"""Which case a new interaction joins."""

from __future__ import annotations

from dataclasses import replace

from atiende.core.grouping import REOPEN_S, Candidate, Grouping, group

OPEN = Candidate(id=1, customer="c", campaign="ventas", state="open", touched_at=10)
RESOLVED = replace(OPEN, id=2, state="resolved", touched_at=20, resolved_at=100)


def test_it_joins_the_open_case_of_the_same_customer_and_campaign() -> None:
    assert group("c", "ventas", [RESOLVED, OPEN], 200) == Grouping("join", 1)
    waiting = replace(OPEN, id=3, state="waiting_customer", touched_at=30)
    assert group("c", "ventas", [OPEN, waiting], 200) == Grouping("join", 3)


def test_it_opens_again_what_was_resolved_lately() -> None:
    assert group("c", "ventas", [RESOLVED], 100 + REOPEN_S - 1) == Grouping("reopen", 2)
    assert group("c", "ventas", [RESOLVED], 100 + REOPEN_S) == Grouping("new")


def test_another_campaign_another_customer_and_closed_cases_do_not_count() -> None:
    assert group("c", "cobranzas", [OPEN], 20) == Grouping("new")
    assert group("d", "ventas", [OPEN], 20) == Grouping("new")
    assert group("c", "ventas", [replace(RESOLVED, state="closed")], 101) == Grouping("new")


def test_of_two_touched_at_once_the_younger_wins() -> None:
    assert group("c", "ventas", [replace(OPEN, id=5), OPEN], 20) == Grouping("join", 5)
