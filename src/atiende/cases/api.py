"""Cases over HTTP: reading, answering, notes, outcome, drafts. No rule lives here."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from atiende.accounts import MAX_COUNT, Context, Ctx
from atiende.cases.drafts import Draft, drafts, put_draft
from atiende.cases.outcome import Outcome, dispose, end_talk, recorded
from atiende.cases.read import (
    Search,
    find_cases,
    history,
    offers_made,
    place_of,
    timeline,
)
from atiende.cases.receive import Q
from atiende.cases.reply import Reply, add_note, mark_read, reply, sent_before
from atiende.cases.scope import readable_case, seen_case
from atiende.channels.text import seen, text
from atiende.core.problem import Problem
from atiende.customers import search_customers
from atiende.store import Change, Connection, Row, fault, fetch_one, log_event

ClientId = Annotated[str, Field(pattern=r"^[!-~]{8,64}$")]
#: What people type, without what PostgreSQL refuses and what deceives the eye.
Text = Annotated[str, AfterValidator(text)]
Rev = Annotated[int, Field(ge=0, le=MAX_COUNT)]


class Strict(BaseModel):
    """Bodies with unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class MessageIn(Strict):
    client_id: ClientId
    body: Text = Field(default="", max_length=8000)
    attachments: list[UUID] = Field(default_factory=list, max_length=10)


class NoteIn(Strict):
    client_id: ClientId
    body: Text = Field(min_length=1, max_length=8000)


class ReadIn(Strict):
    rev: Rev


class TypingIn(Strict):
    on: bool


class EndIn(Strict):
    client_id: ClientId


Detail = (
    Annotated[str, Field(max_length=40), AfterValidator(text)]
    | Annotated[int, Field(ge=-MAX_COUNT, le=MAX_COUNT)]
)


class OutcomeIn(Strict):
    client_id: ClientId
    disposition_id: UUID
    #: Left out: as it was recorded before, when the disposition is the same one.
    note: Text | None = Field(default=None, max_length=4000)
    data: dict[Literal["date", "amount"], Detail] | None = None
    resolve: bool = True


class CaseIn(Strict):
    topic: Text = Field(max_length=120)


class DraftIn(Strict):
    body: Annotated[str, AfterValidator(seen)]
    base_rev: int = Field(ge=-1, le=MAX_COUNT)


class CaseOut(BaseModel):
    """A case as screens hold it: see live_cases."""

    version: int
    state: dict[str, Any]


class TimelineOut(BaseModel):
    version: int
    messages: list[dict[str, Any]]
    more: bool


class SentOut(BaseModel):
    message: dict[str, Any]
    case_version: int


class ResultOut(BaseModel):
    result: str


class Cases(BaseModel):
    cases: list[dict[str, Any]]
    cursor: int | None


async def _case_of(ctx: Context, conn: Connection, conversation: UUID, permission: str) -> Row:
    place = await conn.fetchrow(Q["conversation_place"], conversation)
    if place is None or place["case_id"] is None:
        raise Problem(404, "conversation_not_found")
    return await seen_case(ctx, conn, place["case_id"], permission)


def _holds(row: Row, user: UUID) -> bool:
    return any(a["agent_id"] == str(user) for a in row["state"]["assignments"])


async def get_case(ctx: Ctx, case_id: UUID) -> CaseOut:
    """One case. Errors: 404 case_not_found."""
    async with ctx.db.connection() as conn:
        row = await readable_case(ctx, conn, case_id)
    return CaseOut(version=row["version"], state=row["state"])


async def get_timeline(
    ctx: Ctx, case_id: UUID, before: UUID | None = None, limit: int = 50
) -> TimelineOut:
    """A page of a case's messages, oldest first. Errors: 404 case_not_found."""
    async with ctx.db.connection() as conn:
        row = await readable_case(ctx, conn, case_id)
        messages, more = await timeline(conn, case_id, before, limit)
    return TimelineOut(version=row["version"], messages=messages, more=more)


async def get_history(ctx: Ctx, case_id: UUID) -> dict[str, Any]:
    """Who did what and when in a case. Errors: 404 case_not_found."""
    async with ctx.db.connection() as conn:
        await readable_case(ctx, conn, case_id)
        return {
            "events": await history(conn, case_id),
            "offers": await offers_made(conn, case_id),
        }


async def post_message(ctx: Ctx, conversation_id: UUID, body: MessageIn) -> SentOut:
    """Answers the customer, once per client_id. Errors: 409 conversation_ended, not_yours."""

    async def send(conn: Connection) -> tuple[dict[str, Any], list[Change]]:
        try:
            row = await _case_of(ctx, conn, conversation_id, "cases.write")
        except Problem:
            # What was taken stays taken, also when the case has left his hands meanwhile.
            known = await sent_before(conn, conversation_id, body.client_id, ctx.actor.user_id)
            if known is None:
                raise
            return known, []
        message = Reply(
            conversation_id,
            body.client_id,
            ctx.actor.user_id,
            body.body,
            body.attachments,
            takes_part=not _holds(row, ctx.actor.user_id)
            and ctx.may("floor.read_chats", place_of(row)),
        )
        return await reply(conn, message, ctx.now)

    message, changes = await ctx.db.retrying(send)
    fault.reach("before_ack")
    ctx.publish(changes)
    return SentOut(message=message, case_version=message["case_rev"])


async def post_note(ctx: Ctx, case_id: UUID, body: NoteIn) -> SentOut:
    """A private note, once per client_id. Errors: 404 case_not_found."""

    async def write(conn: Connection) -> tuple[dict[str, Any], list[Change]]:
        await seen_case(ctx, conn, case_id, "cases.write")
        return await add_note(conn, case_id, body.client_id, ctx.actor.user_id, body.body, ctx.now)

    message, changes = await ctx.db.retrying(write)
    ctx.publish(changes)
    return SentOut(message=message, case_version=message["case_rev"])


async def post_read(ctx: Ctx, conversation_id: UUID, body: ReadIn) -> dict[str, Any]:
    """The attending agent has read up to a rev; anybody else's reading leaves no mark."""

    async def mark(conn: Connection) -> list[Change]:
        row = await _case_of(ctx, conn, conversation_id, "cases.read")
        if not _holds(row, ctx.actor.user_id):
            return []
        return await mark_read(conn, conversation_id, body.rev)

    changes = await ctx.db.retrying(mark)
    ctx.publish(changes)
    if changes:
        ctx.bus.publish("read", (conversation_id, body.rev))
    return {}


async def post_typing(ctx: Ctx, conversation_id: UUID, body: TypingIn) -> dict[str, Any]:
    """Tells the visitor that somebody writes; kept nowhere."""
    async with ctx.db.connection() as conn:
        row = await _case_of(ctx, conn, conversation_id, "cases.write")
    if _holds(row, ctx.actor.user_id):
        ctx.bus.publish("agent_typing", (conversation_id, ctx.actor.name, body.on))
    return {}


async def post_end(ctx: Ctx, case_id: UUID, body: EndIn) -> ResultOut:
    """The talk is over; wrap-up begins. Ending what has ended changes nothing."""

    async def end(conn: Connection) -> list[Change]:
        await seen_case(ctx, conn, case_id, "cases.write")
        return await end_talk(conn, case_id, f"agent:{ctx.actor.user_id}", ctx.now)

    changes = await ctx.db.retrying(end)
    ctx.publish(changes)
    ctx.wake()
    return ResultOut(result="done")


async def post_outcome(ctx: Ctx, case_id: UUID, body: OutcomeIn) -> ResultOut:
    """Records the outcome, once per client_id; with `resolve` the case is resolved and the agent
    freed.
    Errors: 422 disposition_unknown, disposition_not_a_leaf, disposition_needs_*,
    disposition_date_past; 409 case_closed."""
    outcome = Outcome(
        case_id,
        ctx.actor.user_id,
        body.disposition_id,
        body.note,
        None if body.data is None else {str(k): v for k, v in body.data.items()},
        body.resolve,
        body.client_id,
    )

    async def record(conn: Connection) -> list[Change]:
        if await recorded(conn, outcome):
            return []
        await seen_case(ctx, conn, case_id, "cases.write")
        return await dispose(conn, outcome, ctx.now)

    changes = await ctx.db.retrying(record)
    ctx.publish(changes)
    ctx.wake()
    return ResultOut(result="done")


async def patch_case(ctx: Ctx, case_id: UUID, body: CaseIn) -> CaseOut:
    """Changes the topic of a case."""
    async with ctx.db.transaction() as conn:
        await seen_case(ctx, conn, case_id, "cases.write")
        version = await conn.fetchval(Q["set_topic"], case_id, body.topic.strip())
        change = Change("case", case_id, version, "case.topic_set")
        await log_event(conn, change, "agent", {"agent_id": str(ctx.actor.user_id)})
    ctx.publish([change])
    async with ctx.db.connection() as conn:
        row = await fetch_one(conn, Q["live_case"], case_id)
    return CaseOut(version=row["version"], state=row["state"])


async def put_case_draft(ctx: Ctx, case_id: UUID, mode: str, body: DraftIn) -> dict[str, int]:
    """Keeps what was written and not sent. Errors: 409 draft_newer {body, rev}."""
    if len(mode) > 60:
        raise Problem(422, "draft_mode_unknown")
    async with ctx.db.transaction() as conn:
        await seen_case(ctx, conn, case_id, "cases.read")
        draft = Draft(ctx.actor.user_id, case_id, mode, body.body, body.base_rev)
        rev = await put_draft(conn, draft, ctx.now)
    return {"rev": rev}


async def get_drafts(ctx: Ctx) -> dict[str, Any]:
    """All drafts of who asks."""
    async with ctx.db.connection() as conn:
        return {"drafts": await drafts(conn, ctx.actor.user_id)}


class CaseFilter(Strict):
    """Filters of the search, as the address holds them."""

    q: Text = ""
    customer: UUID | None = None
    agent: UUID | None = None
    queue: UUID | None = None
    campaign: UUID | None = None
    state: Text | None = None
    opened_from: datetime | None = Field(default=None, alias="from")
    opened_to: datetime | None = Field(default=None, alias="to")
    disposition: UUID | None = None
    cursor: Rev | None = None


async def get_cases(ctx: Ctx, asked: Annotated[CaseFilter, Query()]) -> Cases:
    """Finds cases by text, customer, agent, queue, date, state or outcome; newest first."""
    search = Search(
        asked.q,
        asked.customer,
        asked.agent,
        asked.queue,
        asked.campaign,
        asked.state or None,
        asked.opened_from,
        asked.opened_to,
        asked.disposition,
        asked.cursor,
    )
    async with ctx.db.connection() as conn:
        found, cursor = await find_cases(conn, search, ctx.reach("cases.search"))
    return Cases(cases=found, cursor=cursor)


async def get_search(ctx: Ctx, q: Text = "") -> dict[str, Any]:
    """The search box: a few customers, a few cases."""
    async with ctx.db.connection() as conn:
        customers = await search_customers(conn, q, 5) if ctx.may("customers.read") else []
        reach = ctx.reach("cases.search") if ctx.holds("cases.search") else ctx.reach("cases.read")
        found, _ = await find_cases(conn, Search(text=q, limit=8), reach) if q.strip() else ([], 0)
    return {"customers": customers, "cases": found}
