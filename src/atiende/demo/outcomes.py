"""Finding a leaf of a tipificación tree by the names that lead to it. For the virtual agents.

The trees come from `GET /api/reference`, as the desk gets them; an administrator may have changed
them meanwhile, and then some other honest leaf must do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Outcome:
    id: str
    requires: str


def leaf_of(nodes: Sequence[dict[str, Any]], path: Sequence[str]) -> Outcome | None:
    """The leaf at the end of the path; None when the tree has it no more."""
    parent: str | None = None
    node: dict[str, Any] | None = None
    for name in path:
        node = next((n for n in nodes if n["parent_id"] == parent and n["name"] == name), None)
        if node is None:
            return None
        parent = node["id"]
    if node is None or any(n["parent_id"] == node["id"] for n in nodes):
        return None
    return Outcome(node["id"], node["requires"])


def any_outcome(nodes: Sequence[dict[str, Any]]) -> Outcome | None:
    """A leaf that asks for nothing, rather one without success; None for an empty tree."""
    parents = {n["parent_id"] for n in nodes}
    leaves = [n for n in nodes if n["id"] not in parents]
    simple = [n for n in leaves if n["requires"] == "none"] or leaves
    chosen = next((n for n in simple if "unworkable" in n["flags"]), simple[0] if simple else None)
    return None if chosen is None else Outcome(chosen["id"], chosen["requires"])
