"""API of campaigns, disposition sets and the starter trees.  Registered in web/routes.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from atiende.accounts import (
    Act,
    Context,
    Ctx,
    Empty,
    In,
    Item,
    Items,
    Name,
    Out,
    Patch,
    items,
    record,
    who,
)
from atiende.campaigns import trees
from atiende.store import Change, Connection, Row, changes_of, load_queries

Q = load_queries("atiende.campaigns")


async def _campaign_after(conn: Connection, ctx: Context, row: Row) -> Sequence[Change]:
    return changes_of(await conn.fetch(Q["campaign_touch_cases"], row["id"]))


CAMPAIGN = items.Kind(
    "campaign",
    "campaigns.manage",
    (
        "name",
        "direction",
        "state",
        "disposition_set_id",
        "disposition_required",
        "reopen_h",
        "idle_end_h",
    ),
    Q,
    {"campaigns_name_key": "name"},
    nullable=frozenset({"disposition_set_id"}),
    guarded=True,
    stands=True,
    after=_campaign_after,
)
SET = items.Kind(
    "disposition_set",
    "dispositions.manage",
    ("name",),
    Q,
    {"disposition_sets_name_key": "name"},
    guarded=True,
)

# --- campaigns

Direction = Literal["inbound", "outbound", "mixed"]
State = Literal["draft", "running", "paused", "stopped"]
Hours = Annotated[int, Field(ge=0, le=24 * 90)]


class CampaignOut(Item):
    name: str
    direction: Direction
    state: State
    disposition_set_id: UUID | None
    disposition_required: bool
    reopen_h: int
    idle_end_h: int


class NewCampaign(In):
    name: Name
    direction: Direction = "inbound"
    state: State = "running"
    disposition_set_id: UUID | None = None
    disposition_required: bool = True
    reopen_h: Hours = 72
    idle_end_h: Annotated[int, Field(ge=1, le=24 * 90)] = 24


class CampaignPatch(Patch):
    name: Name | None = None
    direction: Direction | None = None
    state: State | None = None
    disposition_set_id: UUID | None = None
    disposition_required: bool | None = None
    reopen_h: Hours | None = None
    idle_end_h: Annotated[int, Field(ge=1, le=24 * 90)] | None = None


async def list_campaigns(ctx: Ctx) -> Items[CampaignOut]:
    return Items(items=[CampaignOut(**dict(row)) for row in await items.all_of(ctx, CAMPAIGN)])


async def create_campaign(ctx: Ctx, body: NewCampaign) -> CampaignOut:
    return CampaignOut(**dict(await items.create(ctx, CAMPAIGN, body.model_dump())))


async def change_campaign(ctx: Ctx, id: UUID, body: CampaignPatch) -> CampaignOut:
    return CampaignOut(**dict(await items.change(ctx, CAMPAIGN, id, body)))


async def archive_campaign(ctx: Ctx, id: UUID) -> Empty:
    await items.archive(ctx, CAMPAIGN, id)
    return Empty()


# --- disposition sets

Flag = Literal["contact", "rpc", "success", "callback", "dnc", "unworkable", "closes_record"]
Requires = Literal["none", "note", "date", "amount", "agreement"]


class NodeIn(In):
    """``parent``: the index of a node before this one, or its id."""

    id: UUID | None = None
    parent: Annotated[int, Field(ge=0)] | UUID | None = None
    name: Name
    flags: Annotated[list[Flag], Field(max_length=7)] = Field(default_factory=list)
    requires: Requires = "none"

    def node(self) -> trees.Node:
        flags = tuple(dict.fromkeys(self.flags))
        return trees.Node(self.name, self.id, self.parent, flags, self.requires)


class NodeOut(Out):
    id: UUID
    parent_id: UUID | None
    name: str
    flags: list[str]
    requires: str


class SetOut(Item):
    name: str
    nodes: list[NodeOut]


Nodes = Annotated[list[NodeIn], Field(max_length=trees.MOST)]


class NewSet(In):
    name: Name
    nodes: Nodes = Field(default_factory=list)


class SetPatch(Patch):
    name: Name | None = None
    nodes: Nodes | None = None


class TemplateNode(Out):
    parent: int | None
    name: str
    flags: list[str]
    requires: str


class TemplateOut(Out):
    code: str
    locale: str
    name: str
    nodes: list[TemplateNode]


async def list_sets(ctx: Ctx) -> Items[SetOut]:
    ctx.need(SET.permission)
    async with ctx.db.connection() as conn:
        return Items(items=[SetOut(**each) for each in await trees.disposition_sets(conn)])


async def create_set(ctx: Ctx, body: NewSet) -> SetOut:
    ctx.need(SET.permission)
    async with items.act(ctx, SET) as (conn, _):
        row = await items.create_in(conn, ctx, SET, {"name": body.name})
        await trees.write_nodes(conn, row["id"], [n.node() for n in body.nodes], ctx.now)
        await trees.add_system_nodes(conn, row["id"], ctx.actor.locale)
        answer = await _set(conn, row)
        await _note(conn, ctx, "created", None, answer)
    return answer


async def change_set(ctx: Ctx, id: UUID, body: SetPatch) -> SetOut:
    ctx.need(SET.permission)
    async with items.act(ctx, SET) as (conn, _):
        row = await items.current(conn, SET, id, body.version)
        before = await _set(conn, row)
        if body.nodes is not None:
            await trees.write_nodes(conn, id, [n.node() for n in body.nodes], ctx.now)
        (row,) = await conn.fetch(SET.sql("update"), id, body.name or row["name"])
        answer = await _set(conn, row)
        await _note(conn, ctx, "changed", before, answer)
    return answer


async def archive_set(ctx: Ctx, id: UUID) -> Empty:
    await items.archive(ctx, SET, id)
    return Empty()


async def _set(conn: Connection, row: Row) -> SetOut:
    nodes = [NodeOut(**dict(node)) for node in await trees.nodes_of(conn, row["id"])]
    return SetOut(**dict(row), nodes=nodes)


async def _note(
    conn: Connection, ctx: Context, verb: str, before: SetOut | None, after: SetOut
) -> None:
    def told(value: SetOut | None) -> dict[str, Any] | None:
        return None if value is None else value.model_dump(include={"name", "nodes"})

    done = Act(f"{SET.name}.{verb}", SET.name, after.id, told(before), told(after))
    await record(conn, who(ctx), done, ctx.now)


async def list_templates(ctx: Ctx) -> Items[TemplateOut]:
    """The starter trees in both languages, ready to be sent back as a new set's nodes."""
    ctx.need(SET.permission)
    found = []
    for locale in trees.templates():
        for code in trees.template_codes():
            name, nodes = trees.template_nodes(code, locale)
            shown = [
                TemplateNode(
                    parent=node.parent if isinstance(node.parent, int) else None,
                    name=node.name,
                    flags=list(node.flags),
                    requires=node.requires,
                )
                for node in nodes
            ]
            found.append(TemplateOut(code=code, locale=locale, name=name, nodes=shown))
    return Items(items=found)
