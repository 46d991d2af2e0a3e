"""From roles to grants: pure."""

from uuid import UUID

import pytest

from atiende.accounts.roles import NATIVE, Held, covers, grants_of
from atiende.core.permissions import DEFAULT_ROLES, Grant, Membership, Scope
from atiende.core.permissions import grants_of as default_grants

ME, TEAM, OTHER, QUEUE = (UUID(int=n) for n in range(1, 5))
WHO = Membership(ME, frozenset({TEAM}), frozenset({QUEUE}))


def _builtin(code: str, scope: Scope, *ids: UUID) -> Held:
    return Held(code, True, tuple(DEFAULT_ROLES[code]), scope, frozenset(ids))


@pytest.mark.parametrize("code", sorted(DEFAULT_ROLES))
def test_a_builtin_role_in_its_own_scope_is_what_the_core_says(code: str) -> None:
    given = grants_of([_builtin(code, NATIVE[code])], WHO)
    assert set(given) == set(default_grants([DEFAULT_ROLES[code]], WHO))


def test_a_supervisor_of_queues_watches_those_queues_only() -> None:
    given = {g.permission: g for g in grants_of([_builtin("supervisor", "queues", OTHER)], WHO)}
    assert given["floor.watch"] == Grant("floor.watch", "queues", frozenset({OTHER}))
    assert given["desk.use"] == Grant("desk.use", "own", frozenset({ME}))
    assert given["customers.read"].scope == "all"


def test_the_ids_of_two_roles_are_put_together() -> None:
    roles = [
        Held("a", False, ("cases.read",), "team", frozenset({OTHER})),
        Held("b", False, ("cases.read",), "team"),
    ]
    assert grants_of(roles, WHO) == (Grant("cases.read", "team", frozenset({OTHER, TEAM})),)


def test_a_permission_that_no_longer_exists_gives_nothing() -> None:
    assert grants_of([Held("a", False, ("gone.away",), "all")], WHO) == ()


def _grant(permission: str, scope: Scope, *ids: UUID) -> Grant:
    return Grant(permission, scope, frozenset(ids))


@pytest.mark.parametrize(
    ("mine", "theirs", "answer"),
    [
        (_grant("cases.read", "all"), _grant("cases.read", "team", TEAM), True),
        (_grant("cases.read", "team", TEAM), _grant("cases.read", "team", TEAM), True),
        (_grant("cases.read", "team", TEAM), _grant("cases.read", "team", OTHER), False),
        (_grant("cases.read", "team", TEAM), _grant("cases.read", "all"), False),
        (_grant("cases.read", "team", TEAM), _grant("cases.read", "own", OTHER), True),
        (_grant("cases.read", "all"), _grant("cases.write", "own", OTHER), False),
        (_grant("cases.read", "own", ME), _grant("desk.use", "own", OTHER), True),
    ],
)
def test_nobody_covers_more_than_he_holds(mine: Grant, theirs: Grant, answer: bool) -> None:
    assert covers([mine], [theirs]) is answer
