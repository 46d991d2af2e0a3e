"""Listening to calls over HTTP: who may, what he wants, and what became of it."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from atiende.accounts import Act, Context, Ctx, record, who
from atiende.calls.api import AskIn
from atiende.calls.supervise import Q
from atiende.cases import case_row, place_of
from atiende.channels.voice.supervision import shown_call
from atiende.core.problem import Problem
from atiende.store import Connection, Row

PERMISSION = "calls.listen"


class ListenIn(AskIn):
    mode: Literal["listen", "whisper"] = "listen"


class SupervisionOut(BaseModel):
    """``call`` is what his phone rings for; ``reason`` why it ended."""

    id: UUID
    call: str
    interaction_id: UUID
    case_id: UUID
    agent_id: UUID
    agent: str
    mode: Literal["listen", "whisper"]
    state: Literal["ringing", "ready", "open", "ended"]
    reason: str | None


async def post_listen(ctx: Ctx, interaction: UUID, body: ListenIn) -> SupervisionOut:
    """Listens to a call, or whispers to its agent; again: the other mode. His own phone rings.
    Errors: 404 call_not_found; 409 call_not_now, own_call, listen_busy, listen_no_phone."""

    async def write(conn: Connection) -> SupervisionOut:
        call = await _heard_call(ctx, conn, interaction)
        now = await conn.fetchrow(Q["supervision_of"], ctx.actor.user_id)
        if now is not None and now["interaction_id"] == interaction:
            if now["mode"] != body.mode:
                await conn.execute(Q["wish_mode"], now["id"], body.mode)
                await _record(ctx, conn, "call.listen_mode", interaction, body.mode, call)
            return await _last(conn, ctx.actor.user_id)
        if now is not None:
            raise Problem(409, "listen_busy")
        await _has_phone(ctx, conn)
        row = (interaction, ctx.actor.user_id, call["agent_id"], body.mode, ctx.now)
        await conn.execute(Q["open_supervision"], *row)
        told = await _last(conn, ctx.actor.user_id)
        await _record(ctx, conn, "call.listen", interaction, body.mode, call)
        return told

    told = await ctx.db.retrying(write)
    ctx.bus.wake("calls")
    return told


async def post_leave(ctx: Ctx, body: AskIn) -> SupervisionOut:
    """Stops listening. Errors: 404 not_listening."""

    async def write(conn: Connection) -> SupervisionOut:
        now = await conn.fetchrow(Q["supervision_of"], ctx.actor.user_id)
        if now is not None:
            await conn.execute(Q["leave_supervision"], now["id"], ctx.now)
        return await _last(conn, ctx.actor.user_id)

    told = await ctx.db.retrying(write)
    ctx.bus.wake("calls")
    return told


async def get_listening(ctx: Ctx) -> SupervisionOut:
    """What he listens to, or listened to last. Errors: 404 not_listening."""
    async with ctx.db.connection() as conn:
        return await _last(conn, ctx.actor.user_id)


async def _heard_call(ctx: Context, conn: Connection, interaction: UUID) -> Row:
    """A call that he may listen to, in an agent's hands."""
    call = await conn.fetchrow(Q["supervised_call"], interaction)
    if call is None:
        raise Problem(404, "call_not_found")
    if not ctx.may(PERMISSION, place_of(await case_row(conn, call["case_id"]))):
        raise Problem(404, "call_not_found")
    if call["state"] not in ("connected", "held") or call["agent_id"] is None:
        raise Problem(409, "call_not_now")
    if call["agent_id"] == ctx.actor.user_id:
        raise Problem(409, "own_call")
    return call


async def _has_phone(ctx: Context, conn: Connection) -> None:
    phone = await conn.fetchrow(Q["own_phone"], ctx.actor.user_id)
    if phone is None:
        raise Problem(409, "listen_no_phone")
    if phone["talks"]:
        raise Problem(409, "listen_busy")


async def _record(
    ctx: Context, conn: Connection, action: str, interaction: UUID, mode: str, call: Row
) -> None:
    told = {"agent_id": str(call["agent_id"]), "mode": mode}
    await record(conn, who(ctx), Act(action, "call", interaction, None, told), ctx.now)


async def _last(conn: Connection, supervisor: UUID) -> SupervisionOut:
    row = await conn.fetchrow(Q["last_supervision"], supervisor)
    if row is None:
        raise Problem(404, "not_listening")
    return SupervisionOut(call=shown_call(str(row["id"])), **dict(row))
