"""A contact that an agent begins: the right case, an interaction going out, work for him alone."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from atiende.cases.receive import Q, choose_case
from atiende.channels import channels
from atiende.core.case import LIVE
from atiende.core.problem import Problem
from atiende.store import Change, Connection, fetch_one, log_event


@dataclass(frozen=True, slots=True)
class Begun:
    """What an agent has begun. The router gives ``work`` to him when it is asked to (`begin`)."""

    case: UUID
    interaction: UUID
    work: UUID
    changes: tuple[Change, ...]


async def begin_contact(
    conn: Connection, conversation: UUID, case: UUID | None, now: datetime
) -> Begun:
    """In ``case`` when it still lives or may be opened again; else in the one that a contact of the
    customer's own would join. Problem 409 ``conversation_lives``: it has a live contact already."""
    row = await fetch_one(conn, Q["lock_episode"], conversation)
    if row["interaction_id"] is not None:
        raise Problem(409, "conversation_lives")
    queue: UUID = row["queue_id"]
    named = None if case is None else await conn.fetchrow(Q["case_to_join"], case)
    if named is not None and named["state"] != "closed":
        queue = named["queue_id"] or queue
        change = await _join(conn, named["id"], named["state"] in LIVE, queue)
        chosen, changes = change.id, [change]
        await log_event(conn, change, "agent", {"queue_id": str(queue)})
    else:
        chosen, changes = await choose_case(conn, row, queue, now)
    made = (row["channel"], row["account_id"], row["identity_id"], queue, now)
    interaction = await conn.fetchval(Q["begin_interaction"], chosen, conversation, *made)
    version = await conn.fetchval(Q["attach_interaction"], conversation, chosen, interaction)
    begun = Change("conversation", conversation, version, "conversation.begun")
    await log_event(conn, begun, "agent", {"interaction_id": str(interaction)})
    media = channels()[row["channel"]].media
    of = (interaction, chosen, row["customer_id"], queue, media, now)
    work = await fetch_one(conn, Q["begin_work"], *of)
    changes += [begun, Change("work", work["id"], work["version"], "work.scheduled")]
    return Begun(chosen, interaction, work["id"], tuple(changes))


async def _join(conn: Connection, case: UUID, lives: bool, queue: UUID) -> Change:
    if lives:
        version = await conn.fetchval(Q["bump_case"], case)
        return Change("case", case, version, "case.interaction_joined")
    version = await conn.fetchval(Q["reopen_case"], case, queue)
    return Change("case", case, version, "case.reopened")


async def contact_answered(conn: Connection, interaction: UUID, now: datetime) -> list[Change]:
    """Who was called has answered."""
    rows = await conn.fetch(Q["contact_answered"], interaction, now)
    return [Change(r["topic"], r["id"], r["version"], r["kind"]) for r in rows]
