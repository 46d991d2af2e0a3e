"""What every table of states has in common: one way to advance, one way to be wrong.

Each machine is a module of its own (agent, interaction, work, offer, assignment, case, delivery)
that opens with its theory of operation and holds one table, ``TRANSITIONS``.  Slices call the
module's ``advance`` before they write a state; nothing else decides whether a change is legal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

State = TypeVar("State", bound=str)


class Illegal(Exception):  # noqa: N818 -- read at the place where it is raised: `raise Illegal`
    """A change of state that the table does not have: a bug, or a stale command."""

    def __init__(self, machine: str, old: str, new: str) -> None:
        super().__init__(f"{machine}: {old} -> {new}")
        self.machine = machine
        self.old = old
        self.new = new


def advance(machine: str, table: Mapping[State, frozenset[State]], old: State, new: State) -> State:
    """The new state when the table allows it from the old one; else raises Illegal."""
    if new not in table.get(old, frozenset()):
        raise Illegal(machine, old, new)
    return new


def finals(table: Mapping[State, frozenset[State]]) -> frozenset[State]:
    """The states with no way out."""
    return frozenset(state for state, following in table.items() if not following)


def to(*states: State) -> frozenset[State]:
    """One row of a table: where it can go."""
    return frozenset(states)


def unreachable(table: Mapping[State, frozenset[State]], start: Iterable[State]) -> set[State]:
    """The states of a table that no walk from the start reaches (a test keeps this empty)."""
    seen = set(start)
    edge = list(seen)
    while edge:
        following = table[edge.pop()] - seen
        seen |= following
        edge.extend(following)
    return set(table) - seen
