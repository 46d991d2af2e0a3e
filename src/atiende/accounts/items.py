"""What an administrator keeps in lists (teams, skills, hours, queues …): all changed the same way.

A ``Kind`` is a row of the table of kinds: where its statements are, which columns they take.
The statements of a kind are named ``<kind>_list``, ``_get`` (locks the row), ``_insert``,
``_update``, ``_archive``, ``_archived`` and ``_restore``; where something may stand on it,
``_in_use``; where it stands on others, ``_stands_on``.  Every act checks the
version, writes the record, and lets the kind say what else it moves (``after``): commands for
the router, events for the screens.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg

from atiende.accounts.audit import Act, record, who
from atiende.accounts.context import Context
from atiende.accounts.shapes import Patch
from atiende.core.problem import Problem
from atiende.store import Change, Connection, Queries, Row, load_queries

Q = load_queries("atiende.accounts")

Values = Mapping[str, Any]
After = Callable[[Connection, Context, Row], Awaitable[Sequence[Change]]]


async def nothing_else(conn: Connection, ctx: Context, row: Row) -> Sequence[Change]:
    """A kind that moves nothing but itself."""
    return ()


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of item.  ``columns`` in the order of ``_insert`` ($1…) and ``_update`` ($2…);
    ``unique`` names the field behind each constraint of the table."""

    name: str
    permission: str
    columns: tuple[str, ...]
    queries: Queries
    unique: Mapping[str, str] = field(default_factory=dict)
    nullable: frozenset[str] = frozenset()
    guarded: bool = False  # has an ``_in_use`` statement
    stands: bool = False  # has a ``_stands_on`` statement
    after: After = nothing_else

    def sql(self, verb: str) -> str:
        return self.queries[f"{self.name}_{verb}"]


async def all_of(ctx: Context, kind: Kind) -> list[Row]:
    """Every item that is not archived."""
    ctx.need(kind.permission)
    async with ctx.db.connection() as conn:
        return await conn.fetch(kind.sql("list"))


async def create(ctx: Context, kind: Kind, values: Values) -> Row:
    """A new item; returns its row."""
    ctx.need(kind.permission)
    async with act(ctx, kind) as (conn, changes):
        row = await create_in(conn, ctx, kind, values)
        changes.extend(await kind.after(conn, ctx, row))
        await note(conn, ctx, kind, "created", None, row)
    return row


async def create_in(conn: Connection, ctx: Context, kind: Kind, values: Values) -> Row:
    """The insert alone, for acts that make several things at once (setup)."""
    (row,) = await conn.fetch(kind.sql("insert"), *(values[c] for c in kind.columns))
    return row


async def change(ctx: Context, kind: Kind, item_id: UUID, patch: Patch) -> Row:
    """Changes what the patch gives; 409 `changed_meanwhile` when it was read at an older
    version."""
    return await change_values(ctx, kind, item_id, patch.version, patch.given())


async def change_values(
    ctx: Context, kind: Kind, item_id: UUID, version: int, given: Values
) -> Row:
    """``change`` with the values apart, for kinds that check or complete them first."""
    ctx.need(kind.permission)
    async with act(ctx, kind) as (conn, changes):
        before = await current(conn, kind, item_id, version)
        (row,) = await conn.fetch(kind.sql("update"), item_id, *merged(kind, before, given))
        changes.extend(await kind.after(conn, ctx, row))
        await note(conn, ctx, kind, "changed", before, row)
    return row


def merged(kind: Kind, before: Row, given: Values) -> list[Any]:
    """The columns of ``_update``: what is given, else what was.  None empties only what may be
    empty."""
    return [
        given[c] if c in given and (given[c] is not None or c in kind.nullable) else before[c]
        for c in kind.columns
    ]


async def archive(ctx: Context, kind: Kind, item_id: UUID) -> None:
    """Takes an item out of use; refused while something stands on it."""
    ctx.need(kind.permission)
    async with act(ctx, kind) as (conn, changes):
        before = await current(conn, kind, item_id, None)
        if kind.guarded:
            await refuse_in_use(conn, kind, item_id)
        (row,) = await conn.fetch(kind.sql("archive"), item_id, ctx.now)
        changes.extend(await kind.after(conn, ctx, row))
        await note(conn, ctx, kind, "archived", before, None)


async def archived(ctx: Context, kind: Kind) -> list[Row]:
    """What was taken out of use, the latest first."""
    ctx.need(kind.permission)
    async with ctx.db.connection() as conn:
        return await conn.fetch(kind.sql("archived"))


async def restore(ctx: Context, kind: Kind, item_id: UUID) -> None:
    """Brings an item back into use; 409 `restore_first` while what it stands on is archived."""
    ctx.need(kind.permission)
    async with act(ctx, kind) as (conn, changes):
        row = await conn.fetchrow(kind.sql("restore"), item_id)
        if row is None:
            raise Problem(404, "not_found")
        if kind.stands and (gone := await conn.fetch(kind.sql("stands_on"), item_id)):
            raise Problem(409, "restore_first", name=gone[0]["name"])
        changes.extend(await kind.after(conn, ctx, row))
        await note(conn, ctx, kind, "restored", None, row)


async def refuse_in_use(conn: Connection, kind: Kind, item_id: UUID) -> None:
    """409 `in_use_<what>` with how many stand on the item, and the name of one."""
    for user in await conn.fetch(kind.sql("in_use"), item_id):
        if user["n"]:
            key = f"in_use_{user['what']}"
            raise Problem(409, key, n=user["n"], name=user["name"] or "")


async def current(conn: Connection, kind: Kind, item_id: UUID, version: int | None) -> Row:
    """The row, locked; 404 when there is none, 409 when it is not the version that was read."""
    row = await conn.fetchrow(kind.sql("get"), item_id)
    if row is None:
        raise Problem(404, "not_found")
    if version is not None and row["version"] != version:
        raise Problem(409, "changed_meanwhile")
    return row


@asynccontextmanager
async def act(ctx: Context, kind: Kind) -> AsyncIterator[tuple[Connection, list[Change]]]:
    """A transaction whose broken constraints become sentences; publishes after commit."""
    changes: list[Change] = []
    try:
        async with ctx.db.transaction() as conn:
            yield conn, changes
    except asyncpg.UniqueViolationError as taken:
        name = kind.unique.get(taken.constraint_name or "", "")
        raise Problem(409, "taken", fields={name: "taken"} if name else None) from taken
    except asyncpg.ForeignKeyViolationError as missing:
        raise Problem(422, "unknown_reference") from missing
    except asyncpg.CheckViolationError as refused:
        raise Problem(422, "invalid_value") from refused
    except asyncpg.DeadlockDetectedError as crossed:
        raise Problem(409, "changed_meanwhile") from crossed
    ctx.publish(changes)
    ctx.wake()


async def note(
    conn: Connection, ctx: Context, kind: Kind, verb: str, before: Row | None, after: Row | None
) -> None:
    """The record's row: the columns of the kind before and after."""
    subject = after if after is not None else before
    if subject is None:
        raise ValueError("an act upon nothing")
    done = Act(
        f"{kind.name}.{verb}",
        kind.name,
        subject["id"],
        None if before is None else {c: before[c] for c in kind.columns},
        None if after is None else {c: after[c] for c in kind.columns},
    )
    await record(conn, who(ctx), done, ctx.now)


async def configure(conn: Connection, ctx: Context, what: str, item_id: UUID | None = None) -> None:
    """Tells the router, in this transaction, that its configuration changed."""
    args: dict[str, Any] = {"what": what}
    if item_id is not None:
        args["id"] = str(item_id)
    await conn.execute(Q["configure"], args, ctx.now)
