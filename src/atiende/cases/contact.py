"""One contact among those of a case: its end, and the lines that tell of it.

A call ends by itself, whatever else lives in its case: a chat of the same customer goes on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from atiende.cases.receive import Q
from atiende.store import Change, Connection, changes_of, log_event


@dataclass(frozen=True, slots=True)
class Ending:
    """How a contact ended. ``by``: customer, agent, system, platform; ``outcome`` as in
    core.interaction; ``told`` stands in the timeline."""

    by: str
    reason: str
    outcome: str
    told: Mapping[str, Any] = field(default_factory=dict)


async def end_contact(
    conn: Connection, interaction: UUID, ending: Ending, now: datetime
) -> list[Change]:
    """Ends it and tells the router. Unattended and alone in its case, it closes the case with the
    system's outcome; a missed one leaves the case open, for somebody calls back, and whoever has it
    in hand records what came of it. Nothing when it has ended."""
    row = await conn.fetchrow(Q["lock_contact"], interaction)
    if row is None or row["state"] == "ended":
        return []
    line = {"event": "ended", "by": ending.by, "reason": ending.reason, **ending.told}
    how = (ending.by, ending.reason, ending.outcome)
    changes = changes_of(await conn.fetch(Q["end_contact"], interaction, now, *how, line))
    if row["work_id"] is not None:
        kind = "ended" if row["agent_id"] else "cancel"
        args = {"work_id": str(row["work_id"])}
        await conn.fetchval(Q["command"], row["agent_id"], kind, args, None, now)
    attended = row["agent_id"] is not None or ending.outcome in ("served", "missed")
    if not attended and not row["others"]:
        changes += await _close(conn, row["id"], row["campaign_id"], ending, now)
    return changes


async def _close(
    conn: Connection, case: UUID, campaign: UUID, ending: Ending, now: datetime
) -> list[Change]:
    changes: list[Change] = []
    disposition = await conn.fetchval(Q["system_disposition"], campaign, ending.outcome)
    if disposition is not None:
        version = await conn.fetchval(Q["dispose_case"], case, disposition, "", {}, None, now)
        disposed = Change("case", case, version, "case.disposed")
        await log_event(conn, disposed, "system", {"disposition_id": str(disposition)})
        changes.append(disposed)
    version = await conn.fetchval(Q["close_case"], case, now)
    if version is not None:
        closed = Change("case", case, version, "case.closed")
        await log_event(conn, closed, ending.by, {"outcome": ending.outcome})
        changes.append(closed)
    return changes


async def add_line(
    conn: Connection, interaction: UUID, told: Mapping[str, Any], now: datetime
) -> list[Change]:
    """A line in the timeline of its case that no person wrote."""
    return changes_of(await conn.fetch(Q["contact_line"], interaction, dict(told), now))
