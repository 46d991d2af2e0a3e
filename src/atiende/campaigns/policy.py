"""What a campaign says of its cases: which tree closes them, whether one must, and when a case
reopens or a silent one ends.  cases/ and routing.admin ask here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from atiende.store import Connection, Row, load_queries

Q = load_queries("atiende.campaigns")


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of one campaign."""

    campaign_id: UUID
    disposition_set_id: UUID | None
    disposition_required: bool
    reopen: timedelta
    idle_end: timedelta


async def policy_of(conn: Connection, campaign_id: UUID) -> Policy | None:
    row = await conn.fetchrow(Q["campaign_policy"], campaign_id)
    if row is None:
        return None
    return Policy(
        row["id"],
        row["disposition_set_id"],
        row["disposition_required"],
        timedelta(hours=row["reopen_h"]),
        timedelta(hours=row["idle_end_h"]),
    )


async def campaign_list(conn: Connection) -> list[Row]:
    """Those in use, by name."""
    return await conn.fetch(Q["campaign_list"])


async def new_campaign(conn: Connection, name: str, disposition_set_id: UUID | None) -> UUID:
    """An inbound campaign, running; for setup and the demo's seed."""
    (row,) = await conn.fetch(
        Q["campaign_insert"], name, "inbound", "running", disposition_set_id, True, 72, 24
    )
    found: UUID = row["id"]
    return found
