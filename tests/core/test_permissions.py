"""Permissions deny by default, and scopes reach exactly what they say."""

from __future__ import annotations

import pickle

import pytest

from atiende.core.permissions import (
    DEFAULT_ROLES,
    PERMISSIONS,
    SCOPES,
    Grant,
    Membership,
    Place,
    Scope,
    grants_of,
    holds,
    may,
    reach,
    unknown_permissions,
)
from atiende.core.problem import Problem

MINE = Place(
    owners=frozenset({"ana"}),
    teams=frozenset({"t1"}),
    queues=frozenset({"q1"}),
    campaigns=frozenset({"c1"}),
)
OTHER = Place(frozenset({"beto"}), frozenset({"t2"}), frozenset({"q2"}), frozenset({"c2"}))
ANA = Membership("ana", frozenset({"t1"}), frozenset({"q1"}), frozenset({"c1"}))


@pytest.mark.parametrize("scope", SCOPES)
def test_a_scope_reaches_its_own_and_nothing_else(scope: Scope) -> None:
    grants = grants_of([{"cases.read": scope}], ANA)
    assert may(grants, "cases.read", MINE)
    assert may(grants, "cases.read", OTHER) == (scope == "all")
    assert may(grants, "cases.read") == (scope == "all"), "the organisation is only for `all`"
    assert not may(grants, "cases.write", MINE)
    assert holds(grants, "cases.read")


def test_nobody_without_grants_may_anything() -> None:
    assert not any(may((), permission, MINE) for permission in PERMISSIONS)
    empty = grants_of([{"cases.read": "team"}], Membership("ana"))
    assert not may(empty, "cases.read", MINE)


def test_the_reach_is_a_filter() -> None:
    roles = [{"cases.read": "own"}, {"cases.read": "queues"}]
    found = reach(grants_of(list(roles), ANA), "cases.read")  # type: ignore[arg-type]
    assert found == Place(owners=frozenset({"ana"}), queues=frozenset({"q1"}))
    assert reach((Grant("cases.read", "all"),), "cases.read") is None
    assert reach((), "cases.read") == Place()


def test_the_default_roles_name_only_permissions_that_exist() -> None:
    assert set(DEFAULT_ROLES) == {"agent", "supervisor", "quality", "administrator", "auditor"}
    for role in DEFAULT_ROLES.values():
        assert unknown_permissions(role) == frozenset()
    assert unknown_permissions(["cases.burn"]) == {"cases.burn"}


def test_an_agent_administers_nothing_and_an_auditor_changes_nothing() -> None:
    agent = DEFAULT_ROLES["agent"]
    assert not any(p.endswith(".manage") or p.startswith("floor.") for p in agent)
    writes = (".write", ".manage", ".act", ".use")
    assert not any(p.endswith(writes) for p in DEFAULT_ROLES["auditor"])


def test_a_problem_carries_its_key_and_values_even_between_processes() -> None:
    problem = Problem(409, "work_taken", agent="Ana")
    again = pickle.loads(pickle.dumps(problem))
    assert (again.status, again.key, again.values) == (409, "work_taken", {"agent": "Ana"})
    assert repr(again) == repr(problem)
