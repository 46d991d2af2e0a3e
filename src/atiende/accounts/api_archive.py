"""API of what was archived in the administration's lists: seen, and brought back.

One pair of handlers a list, made from its ``Kind``; web/routes.py registers them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from atiende.accounts import items
from atiende.accounts.context import Ctx
from atiende.accounts.items import Kind
from atiende.accounts.shapes import Empty, Items, Out, Time


class ArchivedOut(Out):
    id: UUID
    name: str
    archived_at: Time
    #: Of accounts, whose lists are one for each channel.
    channel: str | None = None


def archived_of(kind: Kind) -> Callable[..., Awaitable[Items[ArchivedOut]]]:
    """The handler that lists what is archived of a kind."""

    async def list_archived(ctx: Ctx) -> Items[ArchivedOut]:
        rows = await items.archived(ctx, kind)
        return Items(items=[ArchivedOut(**dict(row)) for row in rows])

    return list_archived


def restore_of(kind: Kind) -> Callable[..., Awaitable[Empty]]:
    """The handler that brings one of a kind back into use."""

    async def restore(ctx: Ctx, id: UUID) -> Empty:
        await items.restore(ctx, kind, id)
        return Empty()

    return restore
