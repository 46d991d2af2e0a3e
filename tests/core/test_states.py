"""The tables of states: closed, reachable, and the stories of the domain are legal walks."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import pytest

from atiende.core import agent, assignment, case, delivery, interaction, offer, states, work

MACHINES: dict[str, Any] = {
    "agent": agent,
    "interaction": interaction,
    "work": work,
    "offer": offer,
    "assignment": assignment,
    "case": case,
    "delivery": delivery,
}

# The stories of the domain as walks: machine, states.  A walk begins at a start of its machine.
TRACES: dict[str, list[tuple[str, str]]] = {
    "a call, a chat and a mail in one case": [
        ("interaction", "created waiting active self_service ended"),
        ("case", "open resolved closed"),
        ("work", "queued offered assigned done"),
        ("offer", "pending accepted"),
        ("assignment", "connecting active wrapping done"),
        ("interaction", "created active ended"),
        ("work", "assigned done"),
        ("assignment", "active done"),
        ("delivery", "queued sending sent delivered read"),
        ("interaction", "created active ended"),
    ],
    "nobody answers, media fails, a callback": [
        (
            "work",
            "queued offered queued offered assigned queued scheduled queued offered assigned done",
        ),
        ("offer", "pending timeout"),
        ("agent", "offline available paused available paused available"),
        ("offer", "pending accepted"),
        ("assignment", "connecting failed"),
        ("interaction", "created waiting active waiting ended"),
        ("offer", "pending accepted"),
        ("assignment", "connecting active held active wrapping done"),
    ],
    "a thread that sleeps three days": [
        ("interaction", "created waiting active parked active ended"),
        ("work", "queued offered assigned scheduled queued offered assigned done"),
        ("assignment", "active done"),
        ("case", "open waiting_customer open resolved open resolved closed"),
        ("delivery", "draft scheduled queued sending unknown sent delivered"),
    ],
    "the agent's tab dies": [
        ("assignment", "active lost done"),
        ("work", "queued offered assigned queued offered assigned done"),
        ("agent", "offline available offline available"),
        ("interaction", "created waiting active waiting active ended"),
    ],
    "the customer hangs up while it rings": [
        ("offer", "pending rescinded"),
        ("work", "queued offered canceled"),
        ("interaction", "created waiting ended"),
        ("case", "open resolved closed"),
    ],
    "a message fails and is sent again": [
        ("delivery", "queued sending failed queued sending sent read"),
        ("delivery", "queued canceled"),
    ],
}


@pytest.mark.parametrize("name", MACHINES)
def test_every_table_is_closed_and_every_state_is_reached(name: str) -> None:
    table: Mapping[str, frozenset[str]] = MACHINES[name].TRANSITIONS
    start = MACHINES[name].START
    starts = (start,) if isinstance(start, str) else start
    assert set().union(*table.values()) <= set(table)
    assert states.unreachable(table, starts) == set()
    assert MACHINES[name].__doc__.count("Theory of operation") == 1


@pytest.mark.parametrize("story", TRACES)
def test_the_stories_of_the_domain_are_legal(story: str) -> None:
    for name, walk in TRACES[story]:
        machine = MACHINES[name]
        start = machine.START
        steps = walk.split()
        assert steps[0] in ((start,) if isinstance(start, str) else start)
        for old, new in itertools.pairwise(steps):
            assert machine.advance(old, new) == new


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("interaction", "ended", "active"),
        ("work", "done", "queued"),
        ("offer", "timeout", "accepted"),
        ("assignment", "wrapping", "active"),
        ("case", "closed", "open"),
        ("delivery", "read", "sent"),
        ("delivery", "sent", "queued"),
        ("agent", "offline", "offline"),
    ],
)
def test_what_is_not_in_the_table_is_illegal(name: str, old: str, new: str) -> None:
    with pytest.raises(states.Illegal, match=f"{old} -> {new}"):
        MACHINES[name].advance(old, new)


def test_the_final_states_are_the_ones_meant() -> None:
    assert states.finals(interaction.TRANSITIONS) == {"ended"}
    assert states.finals(work.TRANSITIONS) == {"done", "canceled"}
    assert states.finals(case.TRANSITIONS) == {"closed"}
    assert states.finals(delivery.TRANSITIONS) == {"read", "canceled"}


@pytest.mark.parametrize(
    ("known", "report", "then"),
    [
        ("sending", "sent", "sent"),
        ("sending", "read", "read"),
        ("sent", "delivered", "delivered"),
        ("read", "delivered", "read"),
        ("delivered", "sent", "delivered"),
        ("delivered", "failed", "delivered"),
        ("sent", "failed", "failed"),
        ("failed", "delivered", "failed"),
        ("unknown", "delivered", "delivered"),
        ("queued", "sent", "queued"),
        ("canceled", "sent", "canceled"),
    ],
)
def test_a_report_never_takes_a_message_back(known: Any, report: Any, then: str) -> None:
    assert delivery.reported(known, report) == then


def test_what_an_agent_is_doing_is_derived() -> None:
    assert agent.engagement(is_offered=False, assignments=[]) == "idle"
    assert agent.engagement(is_offered=True, assignments=["wrapping"]) == "offered"
    assert agent.engagement(is_offered=True, assignments=["held"]) == "engaged"
    assert agent.engagement(is_offered=False, assignments=["wrapping"]) == "wrapping"
    assert agent.engagement(is_offered=False, assignments=[], code="rona") == "not_responding"


def test_a_case_is_resolved_only_when_nothing_stands_in_the_way() -> None:
    def why(live: int, needs: bool, has: bool) -> str | None:
        return case.why_not_resolved(
            live_interactions=live, needs_disposition=needs, has_disposition=has
        )

    assert why(1, False, False) == "case_still_attended"
    assert why(0, True, False) == "case_needs_disposition"
    assert why(0, True, True) is None
    assert case.is_reopening("resolved", "open")
    assert interaction.may_end(customers_live=0)
