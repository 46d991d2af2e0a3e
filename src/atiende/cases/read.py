"""Reading cases: one case, its timeline, its history, the search."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from atiende.cases.receive import Q
from atiende.core.permissions import Place
from atiende.core.problem import Problem
from atiende.customers import like_text
from atiende.store import Connection, Row

PAGE = 50


def place_of(row: Row | Mapping[str, Any]) -> Place:
    """Where a live row (case, work, agent, customer, queue) stands, for core.permissions."""
    return Place(
        owners=frozenset(row["agents"] or ()),
        teams=frozenset(row["teams"] or ()),
        queues=frozenset({row["queue_id"]} if row["queue_id"] else ()),
        campaigns=frozenset({row["campaign_id"]} if row["campaign_id"] else ()),
    )


async def case_row(conn: Connection, case: UUID) -> Row:
    """The live row of a case (version, state, where it stands). Problem 404 `case_not_found`."""
    row = await conn.fetchrow(Q["live_case"], case)
    if row is None:
        raise Problem(404, "case_not_found")
    return row


async def timeline(
    conn: Connection, case: UUID, before: UUID | None, limit: int
) -> tuple[list[dict[str, Any]], bool]:
    """A page of messages, oldest first, and whether there are older ones."""
    size = max(1, min(limit, 200))
    rows = await conn.fetch(Q["timeline"], case, before, size + 1)
    states = [r["state"] for r in rows]
    return states[:size][::-1], len(states) > size


async def messages_since(conn: Connection, case: UUID, version: int) -> list[dict[str, Any]]:
    """The messages that changed after a version of their case."""
    return [r["state"] for r in await conn.fetch(Q["messages_since"], case, version)]


async def visitor_messages(
    conn: Connection, conversation: UUID, rev: int, limit: int = 200
) -> list[dict[str, Any]]:
    """What a visitor may see of a conversation after `rev`, oldest first: never a note."""
    rows = await conn.fetch(Q["visitor_messages"], conversation, rev, limit)
    return [r["state"] for r in rows][::-1]


async def history(conn: Connection, case: UUID) -> list[dict[str, Any]]:
    """Who did what, when: the log of a case and of its work."""
    return [dict(r) for r in await conn.fetch(Q["history"], case)]


async def offers_made(conn: Connection, case: UUID) -> list[dict[str, Any]]:
    """To whom a case was offered, how it ended, and why that agent."""
    return [dict(r) for r in await conn.fetch(Q["offers_of_case"], case)]


@dataclass(frozen=True, slots=True)
class Search:
    """Filters of the search; None or '' = any. `before` = the number of the last case seen."""

    text: str = ""
    customer: UUID | None = None
    agent: UUID | None = None
    queue: UUID | None = None
    campaign: UUID | None = None
    state: str | None = None
    opened_from: datetime | None = None
    opened_to: datetime | None = None
    disposition: UUID | None = None
    before: int | None = None
    limit: int = 50


async def find_cases(
    conn: Connection, search: Search, reach: Place | None
) -> tuple[list[dict[str, Any]], int | None]:
    """(cases, cursor) newest first, inside what the asker may see (None = everything)."""
    place = reach or Place()
    text = search.text.strip()[:200]
    # A quoted phrase is looked for as it stands.
    words = [] if '"' in text else text.split()[:8]
    rows = await conn.fetch(
        Q["find_cases"],
        reach is None,
        list(place.owners),
        list(place.queues),
        list(place.campaigns),
        list(place.teams),
        text.lstrip("#") if text.lstrip("#").isdigit() else text,
        like_text(text),
        search.customer,
        search.agent,
        search.queue,
        search.campaign,
        search.state,
        search.opened_from,
        search.opened_to,
        search.disposition,
        search.before,
        search.limit + 1,
        " or ".join(words) if words else text,
        words or [text],
        [like_text(word) for word in words] or [like_text(text)],
    )
    found = [dict(r) for r in rows[: search.limit]]
    more = len(rows) > search.limit
    return found, found[-1]["number"] if more else None
