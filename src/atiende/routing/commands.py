"""Command rows to facts: one small builder a kind, in a table.

A command says what a person or a slice asked; what cannot be is answered by the floor's `Refuse`.
Unknown work (already done, say) is refused here with `work_gone`.
"""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from atiende.core import facts
from atiende.core.facts import Fact
from atiende.core.problem import Problem
from atiende.routing.rows import Q, agent_spec, queue_spec, work_spec
from atiende.store import Connection, Row

EXTENSION_S = 60.0
Builder = Callable[[Connection, Row], Awaitable[list[Fact]]]


def _uuid(args: dict[str, Any], name: str) -> UUID | None:
    value = args.get(name)
    return UUID(value) if value else None


def _work_id(row: Row) -> UUID:
    work = _uuid(row["args"], "work_id")
    if work is None:
        raise Problem(422, "work_gone")
    return work


async def _work_row(conn: Connection, row: Row) -> Row:
    found = await conn.fetchrow(Q["work"], [_work_id(row)])
    if found is None:
        raise Problem(409, "work_gone")
    return found


async def _new_work(conn: Connection, row: Row) -> list[Fact]:
    return [facts.WorkQueued(work_spec(await _work_row(conn, row)))]


async def _presence(_: Connection, row: Row) -> list[Fact]:
    args = row["args"]
    asked = facts.PresenceAsked(
        row["agent_id"], args["presence"], args.get("code"), bool(args.get("after_work"))
    )
    if args["presence"] == "offline" or args.get("by_supervisor"):
        return [asked]
    return [facts.AgentSeen(row["agent_id"]), asked]


async def _still_there(conn: Connection, row: Row, key: str) -> None:
    """The customer may have left before this command's turn; what follows is already asked."""
    found = await conn.fetchrow(Q["work"], [_work_id(row)])
    if found is not None and found["interaction"] == "ended" and found["assignment"] is None:
        raise Problem(409, key)


async def _accept(conn: Connection, row: Row) -> list[Fact]:
    await _still_there(conn, row, "offer_gone")
    return [facts.OfferAccepted(_work_id(row), row["agent_id"])]


async def _reject(_: Connection, row: Row) -> list[Fact]:
    reason = str(row["args"].get("reason") or "rejected")[:200]
    return [facts.OfferRejected(_work_id(row), row["agent_id"], reason)]


async def _media_failed(_: Connection, row: Row) -> list[Fact]:
    return [facts.MediaFailed(_work_id(row), row["agent_id"])]


async def _ended(conn: Connection, row: Row) -> list[Fact]:
    work = await _work_row(conn, row)
    if work["assigned_to"] is None:
        return [facts.WorkCanceled(work["id"], "ended")]
    return [facts.AssignmentEnded(work["id"], work["assigned_to"])]


async def _done(conn: Connection, row: Row) -> list[Fact]:
    work = await _work_row(conn, row)
    if work["assigned_to"] is None:
        return [facts.WorkCanceled(work["id"], "resolved")]
    return [facts.AssignmentDone(work["id"], work["assigned_to"])]


async def _cancel(_: Connection, row: Row) -> list[Fact]:
    return [facts.WorkCanceled(_work_id(row), str(row["args"].get("reason", "customer_left")))]


async def _transfer(_: Connection, row: Row) -> list[Fact]:
    args = row["args"]
    return [
        facts.TransferAsked(
            _work_id(row),
            row["agent_id"],
            _uuid(args, "queue_id"),
            _uuid(args, "agent_id"),
            args.get("until"),
        )
    ]


async def _move(conn: Connection, row: Row) -> list[Fact]:
    await _still_there(conn, row, "work_gone")
    args = row["args"]
    return [facts.MoveAsked(_work_id(row), _uuid(args, "queue_id"), _uuid(args, "agent_id"))]


async def _pull(conn: Connection, row: Row) -> list[Fact]:
    await _still_there(conn, row, "work_gone")
    return [facts.PullAsked(_work_id(row), row["agent_id"])]


async def _begin(conn: Connection, row: Row) -> list[Fact]:
    """Work that begins in the agent's hands."""
    work = await _work_row(conn, row)
    return [facts.PullAsked(work["id"], row["agent_id"], work_spec(work))]


async def _extend(_: Connection, row: Row) -> list[Fact]:
    return [facts.WrapExtended(_work_id(row), row["agent_id"], EXTENSION_S)]


async def _resumed(_: Connection, row: Row) -> list[Fact]:
    return [facts.WorkResumed(_work_id(row))]


async def _configure(conn: Connection, row: Row) -> list[Fact]:
    what, target = row["args"].get("what", "all"), _uuid(row["args"], "id")
    found: list[Fact] = []
    if what in ("queue", "all"):
        found += await _queues(conn, target if what == "queue" else None)
    if what in ("agent", "all"):
        found += await _agents(conn, target if what == "agent" else None)
    if what == "profile":
        for agent in await conn.fetch(Q["agents_of_profile"], target):
            found += await _agents(conn, agent["id"])
    return found


async def _queues(conn: Connection, queue: UUID | None) -> list[Fact]:
    rows = await conn.fetch(Q["queues"], queue)
    if queue is not None and not rows:
        return [facts.QueueRemoved(queue)]
    return [facts.QueueConfigured(queue_spec(r)) for r in rows]


async def _agents(conn: Connection, agent: UUID | None) -> list[Fact]:
    rows = await conn.fetch(Q["agents"], agent)
    if agent is not None and not rows:
        return [facts.AgentRemoved(agent)]
    return [facts.AgentConfigured(agent_spec(r)) for r in rows]


BUILDERS: dict[str, Builder] = {
    "work": _new_work,
    "presence": _presence,
    "force_presence": _presence,
    "accept": _accept,
    "reject": _reject,
    "media_failed": _media_failed,
    "ended": _ended,
    "done": _done,
    "cancel": _cancel,
    "transfer": _transfer,
    "move": _move,
    "pull": _pull,
    "begin": _begin,
    "extend_wrap": _extend,
    "resumed": _resumed,
    "configure": _configure,
}


async def facts_of(conn: Connection, row: Row) -> list[Fact]:
    """What a command means for the floor. Problem `command_unknown`, `work_gone`."""
    builder = BUILDERS.get(row["kind"])
    if builder is None:
        raise Problem(422, "command_unknown")
    return await builder(conn, row)
