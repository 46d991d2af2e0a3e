"""``GET /api/reference``: the lists every screen needs beside its live entities.

Names only, the same for whoever is logged in: what may be done with them is asked elsewhere.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from atiende.accounts import Ctx, Out
from atiende.campaigns import campaign_list, disposition_sets
from atiende.knowledge import quick_replies
from atiende.store import load_queries

Q = load_queries("atiende.routing.admin")


class QueueRef(Out):
    id: UUID
    name: str
    campaign_id: UUID
    channel_hint: str | None


class AgentRef(Out):
    id: UUID
    name: str
    presence: str
    team_id: UUID | None


class TeamRef(Out):
    id: UUID
    name: str
    site_id: UUID | None


class PauseRef(Out):
    """``builtin``: set by the program (a missed offer), never chosen."""

    code: str
    name: str
    productive: bool
    builtin: bool


class NodeRef(Out):
    id: UUID
    parent_id: UUID | None
    name: str
    flags: list[str]
    requires: str


class SetRef(Out):
    id: UUID
    name: str
    nodes: list[NodeRef]


class ReplyRef(Out):
    id: UUID
    shortcut: str
    title: str
    body: str


class Named(Out):
    id: UUID
    name: str


class CampaignRef(Named):
    disposition_set_id: UUID | None
    disposition_required: bool


class ReferenceOut(Out):
    queues: list[QueueRef]
    agents: list[AgentRef]
    teams: list[TeamRef]
    pause_reasons: list[PauseRef]
    disposition_sets: list[SetRef]
    quick_replies: list[ReplyRef]
    skills: list[Named]
    campaigns: list[CampaignRef]


async def reference(ctx: Ctx) -> ReferenceOut:
    async with ctx.db.connection() as conn:

        async def rows(query: str) -> list[dict[str, Any]]:
            return [dict(row) for row in await conn.fetch(Q[query])]

        return ReferenceOut.model_validate(
            {
                "queues": await rows("reference_queues"),
                "agents": await rows("reference_agents"),
                "teams": await rows("reference_teams"),
                "pause_reasons": await rows("reference_pauses"),
                "disposition_sets": await disposition_sets(conn),
                "quick_replies": [dict(row) for row in await quick_replies(conn)],
                "skills": await rows("reference_skills"),
                "campaigns": [dict(row) for row in await campaign_list(conn)],
            }
        )
