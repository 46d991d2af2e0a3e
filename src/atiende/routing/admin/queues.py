"""API of queues and routing profiles.  Registered in web/routes.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, Field

from atiende.accounts import (
    Act,
    Context,
    Ctx,
    Empty,
    Ids,
    In,
    Item,
    Items,
    Name,
    Patch,
    items,
    record,
    who,
)
from atiende.core.problem import Problem
from atiende.routing.admin.membership import set_queue_agents
from atiende.store import Change, Connection, Row, changes_of, load_queries, log_event

Q = load_queries("atiende.routing.admin")


async def _queue_after(conn: Connection, ctx: Context, row: Row) -> Sequence[Change]:
    return [await _told(conn, ctx, row, "queue.configured")]


QUEUE = items.Kind(
    "queue",
    "queues.manage",
    (
        "campaign_id",
        "name",
        "priority",
        "boost_s",
        "tier_boost",
        "hours_id",
        "offer_timeout_s",
        "max_wait_s",
        "max_len",
        "overflow_queue_id",
        "sl_target_s",
        "sl_goal_pct",
        "wrapup_mode",
        "wrapup_s",
        "reject_needs_reason",
        "preferred_agent_s",
        "steps",
        "announce_s",
        "max_estimate_s",
    ),
    Q,
    {"queues_name_key": "name"},
    nullable=frozenset(
        {
            "hours_id",
            "max_wait_s",
            "max_len",
            "overflow_queue_id",
            "announce_s",
            "max_estimate_s",
        }
    ),
    guarded=True,
    stands=True,
    after=_queue_after,
)


async def _profile_after(conn: Connection, ctx: Context, row: Row) -> Sequence[Change]:
    await items.configure(conn, ctx, "profile", row["id"])
    return changes_of(await conn.fetch(Q["profile_touch_agents"], row["id"]))


PROFILE = items.Kind(
    "routing_profile",
    "profiles.manage",
    ("name", "slots", "messages_during_call"),
    Q,
    {"routing_profiles_name_key": "name"},
    guarded=True,
    after=_profile_after,
)

# --- queues

Percent = Annotated[int, Field(ge=0, le=100)]
Seconds = Annotated[int, Field(ge=0, le=86_400)]
Tier = Literal["vip", "customer", "prospect"]
Wrapup = Literal["none", "optional", "mandatory", "timed"]
Level = Annotated[int, Field(ge=1, le=5)]


class StepIn(In):
    """What is asked of an agent from ``after_s`` seconds on; it replaces the step before."""

    after_s: Seconds
    skills: Annotated[list[tuple[UUID, Level]], Field(max_length=20)]


def _rising(steps: list[StepIn]) -> list[StepIn]:
    seconds = [step.after_s for step in steps]
    if seconds != sorted(set(seconds)):
        raise ValueError("each step comes later than the one before")
    return steps


Steps = Annotated[list[StepIn], Field(max_length=10), AfterValidator(_rising)]
Boost = dict[Tier, Percent]


def _vip_first() -> dict[Tier, int]:
    return {"vip": 5}


OfferTimeout = Annotated[int, Field(ge=5, le=300)]
MaxWait = Annotated[int, Field(ge=10, le=86_400)]
MaxLen = Annotated[int, Field(ge=1, le=100_000)]
Goal = Annotated[int, Field(ge=1, le=100)]
Announce = Annotated[int, Field(ge=15, le=600)]
MaxEstimate = Annotated[int, Field(ge=30, le=86_400)]


class QueueOut(Item):
    campaign_id: UUID
    name: str
    priority: int
    boost_s: int
    tier_boost: Boost
    hours_id: UUID | None
    offer_timeout_s: int
    max_wait_s: int | None
    max_len: int | None
    overflow_queue_id: UUID | None
    sl_target_s: int
    sl_goal_pct: int
    wrapup_mode: Wrapup
    wrapup_s: int
    reject_needs_reason: bool
    preferred_agent_s: int
    steps: list[StepIn]
    announce_s: int | None
    max_estimate_s: int | None
    agents: list[UUID]


class NewQueue(In):
    campaign_id: UUID
    name: Name
    priority: Percent = 0
    boost_s: Seconds = 60
    tier_boost: Boost = Field(default_factory=_vip_first)
    hours_id: UUID | None = None
    offer_timeout_s: OfferTimeout = 20
    max_wait_s: MaxWait | None = None
    max_len: MaxLen | None = None
    overflow_queue_id: UUID | None = None
    sl_target_s: Seconds = 30
    sl_goal_pct: Goal = 80
    wrapup_mode: Wrapup = "mandatory"
    wrapup_s: Seconds = 120
    reject_needs_reason: bool = False
    preferred_agent_s: Seconds = 30
    steps: Steps = Field(default_factory=list)
    announce_s: Announce | None = 60
    max_estimate_s: MaxEstimate | None = None
    agents: Ids = Field(default_factory=list)


class QueuePatch(Patch):
    campaign_id: UUID | None = None
    name: Name | None = None
    priority: Percent | None = None
    boost_s: Seconds | None = None
    tier_boost: Boost | None = None
    hours_id: UUID | None = None
    offer_timeout_s: OfferTimeout | None = None
    max_wait_s: MaxWait | None = None
    max_len: MaxLen | None = None
    overflow_queue_id: UUID | None = None
    sl_target_s: Seconds | None = None
    sl_goal_pct: Goal | None = None
    wrapup_mode: Wrapup | None = None
    wrapup_s: Seconds | None = None
    reject_needs_reason: bool | None = None
    preferred_agent_s: Seconds | None = None
    steps: Steps | None = None
    announce_s: Announce | None = None
    max_estimate_s: MaxEstimate | None = None
    agents: Ids | None = None


async def list_queues(ctx: Ctx) -> Items[QueueOut]:
    return Items(items=[QueueOut(**dict(row)) for row in await items.all_of(ctx, QUEUE)])


async def create_queue(ctx: Ctx, body: NewQueue) -> QueueOut:
    ctx.need(QUEUE.permission)
    async with items.act(ctx, QUEUE) as (conn, changes):
        return await add_queue(conn, ctx, body, changes)


async def add_queue(
    conn: Connection, ctx: Context, body: NewQueue, changes: list[Change]
) -> QueueOut:
    """A new queue with its agents, in the caller's transaction (setup makes one too)."""
    values = body.model_dump() | {"steps": [s.model_dump(mode="json") for s in body.steps]}
    await _skills_known(conn, body.steps)
    row = await items.create_in(conn, ctx, QUEUE, values)
    changes.extend(await set_queue_agents(conn, ctx, row["id"], (), body.agents))
    changes.append(await _told(conn, ctx, row, "queue.configured"))
    answer = await _queue(conn, row["id"])
    await _note(conn, ctx, "created", None, answer)
    return answer


async def change_queue(ctx: Ctx, id: UUID, body: QueuePatch) -> QueueOut:
    ctx.need(QUEUE.permission)
    given = body.given()
    if body.steps is not None:
        given["steps"] = [s.model_dump(mode="json") for s in body.steps]
    async with items.act(ctx, QUEUE) as (conn, changes):
        row = await items.current(conn, QUEUE, id, body.version)
        before = QueueOut(**dict(row))
        await _skills_known(conn, body.steps or ())
        await _no_loop(conn, id, body.overflow_queue_id)
        values = items.merged(QUEUE, row, given)
        (new,) = await conn.fetch(QUEUE.sql("update"), id, *values)
        if body.name not in (None, before.name):  # cases before agents: lock order
            changes.extend(changes_of(await conn.fetch(Q["queue_touch_cases"], id)))
        if body.agents is not None:
            changes.extend(await set_queue_agents(conn, ctx, id, row["agents"], body.agents))
        changes.append(await _told(conn, ctx, new, "queue.configured"))
        answer = await _queue(conn, id)
        await _note(conn, ctx, "changed", before, answer)
    return answer


async def archive_queue(ctx: Ctx, id: UUID) -> Empty:
    """Refused while an active account, live work or another queue's overflow needs it."""
    ctx.need(QUEUE.permission)
    async with items.act(ctx, QUEUE) as (conn, changes):
        before = QueueOut(**dict(await items.current(conn, QUEUE, id, None)))
        await items.refuse_in_use(conn, QUEUE, id)
        changes.extend(await set_queue_agents(conn, ctx, id, before.agents, ()))
        (row,) = await conn.fetch(QUEUE.sql("archive"), id, ctx.now)
        changes.append(await _told(conn, ctx, row, "queue.archived"))
        done = Act("queue.archived", QUEUE.name, id, before.model_dump(), None)
        await record(conn, who(ctx), done, ctx.now)
    return Empty()


async def _told(conn: Connection, ctx: Context, row: Row, kind: str) -> Change:
    await items.configure(conn, ctx, "queue", row["id"])
    return await log_event(conn, Change("queue", row["id"], row["version"], kind))


async def _queue(conn: Connection, queue_id: UUID) -> QueueOut:
    return QueueOut(**dict(await items.current(conn, QUEUE, queue_id, None)))


async def _skills_known(conn: Connection, steps: Sequence[StepIn]) -> None:
    skills = {skill for step in steps for skill, _ in step.skills}
    if len(await conn.fetch(Q["skills_open"], list(skills))) != len(skills):
        raise Problem(422, "unknown_reference", fields={"steps": "unknown"})


async def _no_loop(conn: Connection, queue_id: UUID, overflow: UUID | None) -> None:
    """Work must not travel in a circle."""
    if overflow is None:
        return
    if overflow == queue_id or await conn.fetchval(Q["queue_overflows_to"], overflow, queue_id):
        raise Problem(422, "overflow_loop", fields={"overflow_queue_id": "loop"})


async def _note(
    conn: Connection, ctx: Context, verb: str, before: QueueOut | None, after: QueueOut
) -> None:
    def told(queue: QueueOut | None) -> dict[str, Any] | None:
        return None if queue is None else queue.model_dump(exclude={"id", "version"})

    done = Act(f"queue.{verb}", QUEUE.name, after.id, told(before), told(after))
    await record(conn, who(ctx), done, ctx.now)


# --- routing profiles

Slot = Annotated[int, Field(ge=0, le=50)]


class Slots(In):
    """How many at once of each group of media."""

    voice: Slot = 1
    messages: Slot = 4
    mail: Slot = 5


class ProfileOut(Item):
    name: str
    slots: Slots
    messages_during_call: int


class NewProfile(In):
    name: Name
    slots: Slots = Field(default_factory=Slots)
    messages_during_call: Slot = 2


class ProfilePatch(Patch):
    name: Name | None = None
    slots: Slots | None = None
    messages_during_call: Slot | None = None


async def list_profiles(ctx: Ctx) -> Items[ProfileOut]:
    return Items(items=[ProfileOut(**dict(row)) for row in await items.all_of(ctx, PROFILE)])


async def create_profile(ctx: Ctx, body: NewProfile) -> ProfileOut:
    return ProfileOut(**dict(await items.create(ctx, PROFILE, body.model_dump())))


async def change_profile(ctx: Ctx, id: UUID, body: ProfilePatch) -> ProfileOut:
    return ProfileOut(**dict(await items.change(ctx, PROFILE, id, body)))


async def archive_profile(ctx: Ctx, id: UUID) -> Empty:
    await items.archive(ctx, PROFILE, id)
    return Empty()
