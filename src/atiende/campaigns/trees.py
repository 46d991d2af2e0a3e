"""Trees of dispositions: a set is edited whole, as a list of nodes where a parent stands before
its children.

Nodes that keep their id keep their history; those left out are archived, never deleted, because
cases closed with them still name them.  Starter trees are data (templates.json), in both
languages.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any
from uuid import UUID

from atiende.core.problem import Problem
from atiende.store import Connection, Row, load_queries

Q = load_queries("atiende.campaigns")

FLAGS = ("contact", "rpc", "success", "callback", "dnc", "unworkable", "closes_record")
REQUIRES = ("none", "note", "date", "amount", "agreement")
DEEPEST = 5
MOST = 500


@dataclass(frozen=True, slots=True)
class Node:
    """A node as a screen sends it.  ``parent`` is the index of a node that stands before it, or
    its id."""

    name: str
    id: UUID | None = None
    parent: int | UUID | None = None
    flags: tuple[str, ...] = ()
    requires: str = "none"


async def disposition_sets(conn: Connection) -> list[dict[str, Any]]:
    """The sets in use, each with its nodes in order."""
    sets = [dict(row) | {"nodes": []} for row in await conn.fetch(Q["disposition_set_list"])]
    by_id = {each["id"]: each["nodes"] for each in sets}
    for row in await conn.fetch(Q["nodes_list"], None):
        if row["set_id"] in by_id:
            by_id[row["set_id"]].append(dict(row))
    return sets


async def nodes_of(conn: Connection, set_id: UUID) -> list[Row]:
    return await conn.fetch(Q["nodes_list"], set_id)


async def write_nodes(conn: Connection, set_id: UUID, nodes: Sequence[Node], now: datetime) -> None:
    """Makes the set's tree what the list says."""
    parents = checked(nodes)
    kept = {row["id"] for row in await nodes_of(conn, set_id)}
    if any(node.id is not None and node.id not in kept for node in nodes):
        raise Problem(422, "unknown_reference", fields={"nodes": "unknown"})
    ids: list[UUID] = []
    for position, node in enumerate(nodes):
        parent = parents[position]
        values = (
            set_id,
            None if parent is None else ids[parent],
            node.name,
            list(node.flags),
            node.requires,
            position,
        )
        if node.id is None:
            ids.append(await conn.fetchval(Q["node_insert"], *values))
        else:
            await conn.execute(Q["node_update"], node.id, *values)
            ids.append(node.id)
    await conn.execute(Q["nodes_archive_others"], set_id, ids, now)


def checked(nodes: Sequence[Node]) -> list[int | None]:
    """Each node's parent as an index; refuses what is no tree."""
    if len(nodes) > MOST:
        raise Problem(422, "tree_too_big", most=MOST)
    places = {node.id: index for index, node in enumerate(nodes) if node.id is not None}
    if len(places) != sum(node.id is not None for node in nodes):
        raise Problem(422, "tree_wrong", fields={"nodes": "twice"})
    parents: list[int | None] = []
    depths: list[int] = []
    seen: set[tuple[int | None, str]] = set()
    for index, node in enumerate(nodes):
        parent = places.get(node.parent, -1) if isinstance(node.parent, UUID) else node.parent
        if parent is not None and not 0 <= parent < index:
            raise Problem(422, "tree_wrong", fields={"nodes": "parent"})
        depth = 1 if parent is None else depths[parent] + 1
        if depth > DEEPEST:
            raise Problem(422, "tree_too_deep", most=DEEPEST)
        if (parent, node.name.casefold()) in seen:
            raise Problem(422, "tree_twin", name=node.name)
        seen.add((parent, node.name.casefold()))
        parents.append(parent)
        depths.append(depth)
    return parents


@cache
def templates() -> dict[str, list[dict[str, Any]]]:
    """The starter trees by language."""
    text = files("atiende.campaigns").joinpath("templates.json").read_text(encoding="utf-8")
    found: dict[str, list[dict[str, Any]]] = json.loads(text)
    return found


def template_codes() -> tuple[str, ...]:
    return tuple(template["code"] for template in templates()["es"])


def template_nodes(code: str, locale: str) -> tuple[str, list[Node]]:
    """A starter tree's name and nodes, parents before children."""
    language = "en" if locale.startswith("en") else "es"
    for template in templates()[language]:
        if template["code"] == code:
            nodes: list[Node] = []
            _unfold(template["nodes"], None, nodes)
            return template["name"], nodes
    raise Problem(422, "unknown_reference", fields={"template": "unknown"})


def _unfold(branch: list[dict[str, Any]], parent: int | None, into: list[Node]) -> None:
    for each in branch:
        into.append(
            Node(
                each["name"],
                None,
                parent,
                tuple(each.get("flags", ())),
                each.get("requires", "none"),
            )
        )
        _unfold(each.get("nodes", []), len(into) - 1, into)


async def set_from_template(conn: Connection, code: str, locale: str, now: datetime) -> UUID:
    """A new set grown from a starter tree, for setup and the demo's seed."""
    name, nodes = template_nodes(code, locale)
    (row,) = await conn.fetch(Q["disposition_set_insert"], name)
    await write_nodes(conn, row["id"], nodes, now)
    await add_system_nodes(conn, row["id"], locale)
    found: UUID = row["id"]
    return found


@cache
def _system_words() -> dict[str, list[tuple[str, str]]]:
    text = files("atiende.campaigns").joinpath("system.json").read_text(encoding="utf-8")
    found: dict[str, list[tuple[str, str]]] = json.loads(text)
    return found


async def add_system_nodes(conn: Connection, set_id: UUID, locale: str) -> None:
    """The outcomes that no person records: contacts that ended without an agent.  They stand
    beside the tree, out of every list that people choose from (cases/ finds them by code)."""
    for code, name in _system_words()["en" if locale.startswith("en") else "es"]:
        await conn.execute(Q["node_insert_system"], set_id, code, name)
