"""Routing over HTTP: presence, offers, transfer, and the supervisor's hand on the floor."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from atiende.accounts import Act, Context, Ctx, people, record, who
from atiende.cases import add_note, case_row, place_of, seen_case
from atiende.channels.text import text
from atiende.core.problem import Problem
from atiende.routing.ask import Command, ask
from atiende.routing.floor_state import counters
from atiende.routing.rows import Q
from atiende.store import Change, Connection, Row

ClientId = Annotated[str, Field(pattern=r"^[!-~]{8,64}$")]
Text = Annotated[str, AfterValidator(text)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PresenceIn(Strict):
    presence: Literal["available", "paused", "offline"]
    pause_code: Text | None = Field(default=None, max_length=40)
    after_work: bool = False
    client_id: ClientId


class ForcedPresenceIn(Strict):
    presence: Literal["available", "paused", "offline"]
    pause_code: Text | None = Field(default=None, max_length=40)
    reason: Text = Field(default="", max_length=200)
    client_id: ClientId


class LogOutIn(Strict):
    client_id: ClientId | None = None
    reason: Text = Field(default="", max_length=200)


class AskIn(Strict):
    client_id: ClientId


class RejectIn(Strict):
    client_id: ClientId
    reason: Text | None = Field(default=None, max_length=200)


class TargetIn(Strict):
    """One of both."""

    client_id: ClientId
    queue_id: UUID | None = None
    agent_id: UUID | None = None
    note: Text | None = Field(default=None, max_length=4000)


class Result(BaseModel):
    result: Literal["done", "pending"]
    case_id: UUID | None = None


async def _run(ctx: Context, response: Response, command: Command) -> Result:
    result = await ask(ctx.db, ctx.bus, command, ctx.now)
    response.status_code = 200 if result == "done" else 202
    return Result.model_validate({"result": result})


async def _force(ctx: Context, response: Response, command: Command, act: Act) -> Result:
    """A supervisor's hand on the floor: the router does it, then the audit has it, once a click."""
    async with ctx.db.connection() as conn:
        again = await conn.fetchval(
            "select 1 from commands where client_id = $1", command.client_id
        )
    result = await _run(ctx, response, command)
    if again is None:
        async with ctx.db.transaction() as conn:
            await record(conn, who(ctx), act, ctx.now)
    return result


async def _check_pause(ctx: Context, code: str | None) -> None:
    async with ctx.db.connection() as conn:
        known = await conn.fetchval(
            "select 1 from pause_reasons where code = $1 and archived_at is null", code
        )
    if known is None:
        raise Problem(422, "pause_unknown")


async def post_presence(ctx: Ctx, body: PresenceIn, response: Response) -> Result:
    """Sets one's own presence. Errors: 422 pause_unknown; 409 with the router's reason."""
    if body.presence == "paused":
        await _check_pause(ctx, body.pause_code)
    args = {
        "presence": body.presence,
        "code": body.pause_code if body.presence == "paused" else None,
        "after_work": body.after_work,
    }
    return await _run(ctx, response, Command("presence", ctx.actor.user_id, args, body.client_id))


async def post_accept(ctx: Ctx, work_id: UUID, body: AskIn, response: Response) -> Result:
    """Takes the offer. Errors: 409 when it is gone."""
    command = Command("accept", ctx.actor.user_id, {"work_id": str(work_id)}, body.client_id)
    result = await _run(ctx, response, command)
    async with ctx.db.connection() as conn:
        case = await conn.fetchval("select case_id from work_items where id = $1", work_id)
    return Result(result=result.result, case_id=case)


async def post_reject(ctx: Ctx, work_id: UUID, body: RejectIn, response: Response) -> Result:
    """Declines the offer; a reason where the queue asks for one. Errors: 422 reason_needed."""
    async with ctx.db.connection() as conn:
        needed = await conn.fetchval(
            "select q.reject_needs_reason from work_items w join queues q on q.id = w.queue_id"
            " where w.id = $1",
            work_id,
        )
    if needed and not (body.reason or "").strip():
        raise Problem(422, "reason_needed")
    args = {"work_id": str(work_id), "reason": body.reason}
    return await _run(ctx, response, Command("reject", ctx.actor.user_id, args, body.client_id))


async def _asked_before(
    ctx: Context, kind: str, case_id: UUID, body: AskIn | TargetIn
) -> Command | None:
    """The command that this click already is: the same client id gives the same answer, also when
    the case has left his hands."""
    me = ctx.actor.user_id
    async with ctx.db.connection() as conn:
        args = await conn.fetchval(Q["asked_before"], body.client_id, me, kind, case_id)
    asked = _target(body) if isinstance(body, TargetIn) else {}
    if args is None or not asked.items() <= args.items():
        return None
    return Command(kind, me, args, body.client_id)


async def post_transfer(ctx: Ctx, case_id: UUID, body: TargetIn, response: Response) -> Result:
    """Passes one's work of a case on, with a note. Errors: 422 target_needed; 409 not_yours."""
    args = _target(body)
    try:
        args["work_id"] = str(await _to_pass_on(ctx, case_id, body))
    except Problem:
        again = await _asked_before(ctx, "transfer", case_id, body)
        if again is None:
            raise
        return await _run(ctx, response, again)
    return await _run(ctx, response, Command("transfer", ctx.actor.user_id, args, body.client_id))


async def _to_pass_on(ctx: Context, case_id: UUID, body: TargetIn) -> UUID:
    """The work in his hands; the note is in the case before whoever comes next opens it."""

    async def write(conn: Connection) -> tuple[UUID, list[Change]]:
        await seen_case(ctx, conn, case_id, "cases.write")
        held = await conn.fetchrow(Q["held_work"], case_id, ctx.actor.user_id)
        if held is None:
            raise Problem(409, "not_yours")
        if not body.note or not body.note.strip():
            return held["id"], []
        note = f"{body.client_id[:58]}-note"
        _, changes = await add_note(conn, case_id, note, ctx.actor.user_id, body.note, ctx.now)
        return held["id"], changes

    work, changes = await ctx.db.retrying(write)
    ctx.publish(changes)
    return work


def _target(body: TargetIn) -> dict[str, Any]:
    if (body.queue_id is None) == (body.agent_id is None):
        raise Problem(422, "target_needed")
    chosen = {"queue_id": body.queue_id, "agent_id": body.agent_id}
    return {name: str(value) for name, value in chosen.items() if value is not None}


async def post_extend(ctx: Ctx, case_id: UUID, body: AskIn, response: Response) -> Result:
    """A minute more of wrap-up. Errors: 409 not_yours, and the router's."""
    if again := await _asked_before(ctx, "extend_wrap", case_id, body):
        return await _run(ctx, response, again)
    async with ctx.db.connection() as conn:
        held = await conn.fetchrow(Q["held_work"], case_id, ctx.actor.user_id)
    if held is None:
        raise Problem(409, "not_yours")
    command = Command(
        "extend_wrap", ctx.actor.user_id, {"work_id": str(held["id"])}, body.client_id
    )
    return await _run(ctx, response, command)


async def post_pull(ctx: Ctx, case_id: UUID, body: AskIn, response: Response) -> Result:
    """Takes a waiting case by hand. Errors: 409 work_gone."""
    if again := await _asked_before(ctx, "pull", case_id, body):
        return await _run(ctx, response, again)
    async with ctx.db.connection() as conn:
        row = await case_row(conn, case_id)
        ctx.need("floor.act", place_of(row))
        work = await conn.fetchrow(Q["live_work"], case_id)
    if work is None:
        raise Problem(409, "work_gone")
    command = Command("pull", ctx.actor.user_id, {"work_id": str(work["id"])}, body.client_id)
    return await _force(ctx, response, command, Act("work_pulled", "work", work["id"]))


async def force_presence(
    ctx: Ctx, agent_id: UUID, body: ForcedPresenceIn, response: Response
) -> Result:
    """A supervisor changes an agent's presence. Errors: 404 agent_not_found; 403."""
    await _agent(ctx, agent_id)
    if body.presence == "paused":
        await _check_pause(ctx, body.pause_code)
    args = {
        "presence": body.presence,
        "code": body.pause_code if body.presence == "paused" else None,
        "by_supervisor": str(ctx.actor.user_id),
        "reason": body.reason,
    }
    command = Command("force_presence", agent_id, args, body.client_id)
    after = {name: args[name] for name in ("presence", "code", "reason") if args[name]}
    return await _force(
        ctx, response, command, Act("presence_forced", "user", agent_id, None, after)
    )


async def log_out_agent(ctx: Ctx, agent_id: UUID, body: LogOutIn) -> Result:
    """A supervisor ends an agent's sessions; his work goes back. Errors: 404 agent_not_found."""
    await _agent(ctx, agent_id)
    async with ctx.db.transaction() as conn:
        await people.log_out_everywhere(conn, agent_id, ctx.now, "supervisor")
        after = {"reason": body.reason}
        act = Act("agent_logged_out", "user", agent_id, None, after)
        await record(conn, who(ctx), act, ctx.now)
    ctx.wake()
    return Result(result="done")


async def _agent(ctx: Context, agent: UUID) -> Row:
    async with ctx.db.connection() as conn:
        row = await conn.fetchrow(Q["agent_place"], agent)
    if row is None:
        raise Problem(404, "agent_not_found")
    ctx.need("floor.act", place_of(row))
    return row


async def move_work(ctx: Ctx, work_id: UUID, body: TargetIn, response: Response) -> Result:
    """A supervisor moves work to a queue or into an agent's hands. Errors: 404 work_gone; 403."""
    args = _target(body)
    async with ctx.db.connection() as conn:
        row = await conn.fetchrow(Q["work_place"], work_id)
    if row is None:
        raise Problem(404, "work_gone")
    ctx.need("floor.act", place_of(row))
    if body.agent_id is not None:
        await _agent(ctx, body.agent_id)
    act = Act("work_moved", "work", work_id, None, dict(args))
    args |= {"work_id": str(work_id), "by": str(ctx.actor.user_id)}
    return await _force(ctx, response, Command("move", None, args, body.client_id), act)


async def get_floor(ctx: Ctx) -> dict[str, Any]:
    """Queues and key figures now and today, inside one's scope."""
    async with ctx.db.connection() as conn:
        return await counters(conn, ctx.now, ctx.actor.grants)


async def get_floor_work(ctx: Ctx, queue: UUID | None = None) -> dict[str, Any]:
    """What waits, in order of arrival, inside one's scope."""
    async with ctx.db.connection() as conn:
        rows = await conn.fetch(Q["waiting_work"], queue)
    return {"work": [r["state"] for r in rows if ctx.may("floor.watch", place_of(r))]}
