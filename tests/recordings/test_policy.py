"""Which policy rules a call, which calls are chosen, who may listen."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from atiende.core.permissions import Grant, Place
from atiende.recordings.policy import LISTEN, Policy, choose, is_chosen, may_listen

SALES, CARE = UUID(int=1), UUID(int=2)


def policy(queue: UUID | None, direction: str) -> Policy:
    return Policy(uuid4(), queue, direction, 100, False, 30)


def test_the_most_particular_policy_rules() -> None:
    everything, calls_out = policy(None, "both"), policy(None, "out")
    sales, sales_in = policy(SALES, "both"), policy(SALES, "in")
    known = [everything, sales_in, calls_out, sales]
    assert choose(known, SALES, "in") is sales_in
    assert choose(known, SALES, "out") is sales
    assert choose(known, CARE, "out") is calls_out
    assert choose(known, CARE, "in") is everything
    assert choose(known, None, "in") is everything
    assert choose([sales], CARE, "in") is None


def test_so_many_of_a_hundred_are_chosen_and_always_the_same() -> None:
    calls = [UUID(int=number) for number in range(4000)]
    chosen = [call for call in calls if is_chosen(call, 30)]
    assert 0.26 < len(chosen) / len(calls) < 0.34
    assert chosen == [call for call in calls if is_chosen(call, 30)]
    assert set(chosen) < {call for call in calls if is_chosen(call, 60)}
    assert all(is_chosen(call, 100) for call in calls)
    assert not any(is_chosen(call, 0) for call in calls)


PLACE = Place(owners=frozenset({"ana"}), teams=frozenset({"blue"}))
OWN = Grant(LISTEN, "own", frozenset({"ana"}))
TEAM = Grant(LISTEN, "team", frozenset({"blue"}))


@pytest.mark.parametrize(
    ("grant", "agents", "supervisors", "may"),
    [
        (OWN, True, False, True),
        (OWN, False, True, False),
        (TEAM, False, True, True),
        (TEAM, True, False, False),
        (Grant(LISTEN, "own", frozenset({"luz"})), True, True, False),
        (Grant("cases.read", "all"), True, True, False),
        (Grant(LISTEN, "all"), False, False, True),
    ],
)
def test_who_may_listen(grant: Grant, agents: bool, supervisors: bool, may: bool) -> None:
    assert may_listen([grant], PLACE, agents=agents, supervisors=supervisors) is may
