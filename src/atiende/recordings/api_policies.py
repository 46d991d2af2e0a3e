"""API of recording policies: an administrator's list as the others. Registered in web/routes.py."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from atiende.accounts import Ctx, Empty, In, Item, Items, Name, Patch, items
from atiende.recordings.rows import Q

POLICY = items.Kind(
    "recording_policy",
    "recordings.manage",
    (
        "name",
        "queue_id",
        "direction",
        "percentage",
        "on_demand",
        "retention_days",
        "agents_listen",
        "supervisors_listen",
    ),
    Q,
    {"recording_policies_name_key": "name", "recording_policies_place": "queue_id"},
    nullable=frozenset({"queue_id"}),
    stands=True,
)
Direction = Literal["in", "out", "both"]
Percent = Annotated[int, Field(ge=0, le=100)]
Days = Annotated[int, Field(ge=1, le=3650)]


class PolicyOut(Item):
    name: str
    queue_id: UUID | None
    direction: Direction
    percentage: int
    on_demand: bool
    retention_days: int
    agents_listen: bool
    supervisors_listen: bool


class NewPolicy(In):
    """No queue: for every queue that has no policy of its own."""

    name: Name
    queue_id: UUID | None = None
    direction: Direction = "both"
    percentage: Percent = 100
    on_demand: bool = False
    retention_days: Days = 180
    agents_listen: bool = False
    supervisors_listen: bool = True


class PolicyPatch(Patch):
    name: Name | None = None
    queue_id: UUID | None = None
    direction: Direction | None = None
    percentage: Percent | None = None
    on_demand: bool | None = None
    retention_days: Days | None = None
    agents_listen: bool | None = None
    supervisors_listen: bool | None = None


async def list_policies(ctx: Ctx) -> Items[PolicyOut]:
    return Items(items=[PolicyOut(**dict(row)) for row in await items.all_of(ctx, POLICY)])


async def create_policy(ctx: Ctx, body: NewPolicy) -> PolicyOut:
    return PolicyOut(**dict(await items.create(ctx, POLICY, body.model_dump())))


async def change_policy(ctx: Ctx, id: UUID, body: PolicyPatch) -> PolicyOut:
    return PolicyOut(**dict(await items.change(ctx, POLICY, id, body)))


async def archive_policy(ctx: Ctx, id: UUID) -> Empty:
    await items.archive(ctx, POLICY, id)
    return Empty()
