"""Calling out over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

import structlog
from fastapi import Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from atiende import cases
from atiende.accounts import Act, Context, Ctx, record, who
from atiende.calls import dial
from atiende.calls.api import ClientId
from atiende.calls.rows import Q
from atiende.channels.text import text
from atiende.core.problem import Problem
from atiende.routing import ask
from atiende.store import Connection

log = structlog.get_logger("calls")


class CallIn(BaseModel):
    """``number`` as a person types it; without one, whoever called last in the case is called."""

    model_config = ConfigDict(extra="forbid")
    client_id: ClientId
    number: Annotated[str, AfterValidator(text)] = Field(default="", max_length=40)
    case_id: UUID | None = None
    purpose: Literal["manual", "callback"] = "manual"


class CallOut(BaseModel):
    """`pending`: it stands in the rows, and the agent's phone has not been told yet."""

    result: Literal["done", "pending"]
    interaction_id: UUID
    case_id: UUID


async def post_call(ctx: Ctx, body: CallIn, response: Response) -> CallOut:
    """Calls a number out; the agent's own phone is rung first. Errors: 422 number_needed,
    number_invalid; 404 case_not_found; 409 call_no_phone, call_no_number, call_no_trunk,
    call_prefix_*, call_cap_*, and the router's (agent_full, agent_offline)."""
    if not ctx.actor.is_agent:
        raise Problem(409, "not_an_agent")
    wish = dial.Dialling(ctx.actor.user_id, body.client_id, body.number, body.case_id, body.purpose)

    async def write(conn: Connection) -> dial.Placed:
        known = await dial.again(conn, wish)
        if known is not None:
            return known
        if body.case_id is not None:
            await _reaches(ctx, conn, body.case_id)
        placed = await dial.place(conn, wish, ctx.now)
        await _audit(ctx, conn, placed)
        return placed

    placed = await ctx.db.retrying(write)
    if placed.interaction is None or placed.case is None:
        raise Problem(409, placed.reasons[0])
    ctx.publish(placed.changes)
    ctx.bus.wake("calls")
    result = await _begin(ctx, placed, placed.interaction)
    response.status_code = 200 if result == "done" else 202
    return CallOut.model_validate(
        {"result": result, "interaction_id": placed.interaction, "case_id": placed.case}
    )


async def _reaches(ctx: Context, conn: Connection, case: UUID) -> None:
    """His own cases, those of his scope, and those of the queues he serves: he could be offered
    them."""
    row = await conn.fetchrow(Q["case_called"], case)
    if row is None:
        raise Problem(404, "case_not_found")
    if await conn.fetchval(Q["serves_queue"], row["queue_id"], ctx.actor.user_id) is None:
        await cases.seen_case(ctx, conn, case, "cases.write")


async def _audit(ctx: Context, conn: Connection, placed: dial.Placed) -> None:
    """What was refused, and what comes near a cap: for who watches over fraud."""
    if placed.reasons:
        log.warning("call_out_refused", reasons=list(placed.reasons))
        about = {"reasons": list(placed.reasons)}
        act = Act("call_refused", "user", ctx.actor.user_id, None, about)
        await record(conn, who(ctx), act, ctx.now)
    if placed.alarms:
        log.warning("calls_near_cap", caps=list(placed.alarms))
        act = Act("calls_near_cap", "user", ctx.actor.user_id, None, {"caps": list(placed.alarms)})
        await record(conn, who(ctx), act, ctx.now)


async def _begin(ctx: Context, placed: dial.Placed, interaction: UUID) -> str:
    """The router gives it to him, or says why not: then nobody is called."""
    if placed.command is None:  # this very click again
        return "done"
    try:
        return await ask(ctx.db, ctx.bus, placed.command, ctx.now)
    except Problem as problem:
        told = {"event": "call_out_not_begun"}
        ending = cases.Ending("system", problem.key, "failed", told)

        async def end(conn: Connection) -> None:
            ctx.publish(await cases.end_contact(conn, interaction, ending, ctx.now))

        await ctx.db.retrying(end)
        ctx.bus.wake("calls")
        raise
