"""API of the quick replies.  Registered in web/routes.py."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints

from atiende.accounts import Ctx, Empty, In, Item, Items, LongText, Name, Patch, items
from atiende.store import load_queries

Q = load_queries("atiende.knowledge")

REPLY = items.Kind(
    "quick_reply",
    "quick_replies.manage",
    ("shortcut", "title", "body"),
    Q,
    {"quick_replies_shortcut_key": "shortcut"},
)

Shortcut = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_áéíóúñü-]{1,40}$")]


class QuickReplyOut(Item):
    shortcut: str
    title: str
    body: str


class NewQuickReply(In):
    shortcut: Shortcut
    title: Name
    body: LongText


class QuickReplyPatch(Patch):
    shortcut: Shortcut | None = None
    title: Name | None = None
    body: LongText | None = None


async def list_quick_replies(ctx: Ctx) -> Items[QuickReplyOut]:
    return Items(items=[QuickReplyOut(**dict(row)) for row in await items.all_of(ctx, REPLY)])


async def create_quick_reply(ctx: Ctx, body: NewQuickReply) -> QuickReplyOut:
    return QuickReplyOut(**dict(await items.create(ctx, REPLY, body.model_dump())))


async def change_quick_reply(ctx: Ctx, id: UUID, body: QuickReplyPatch) -> QuickReplyOut:
    return QuickReplyOut(**dict(await items.change(ctx, REPLY, id, body)))


async def archive_quick_reply(ctx: Ctx, id: UUID) -> Empty:
    await items.archive(ctx, REPLY, id)
    return Empty()
