"""API of the carriers' lines (trunks): kept like every list of the administration.

Registered in web/routes.py. A password comes in and is never answered; whoever changes a line
wakes the loop of calls, which tells Asterisk. ``state`` is what ``watched`` last saw.
"""

from __future__ import annotations

import asyncio
from ipaddress import ip_address
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Request
from pydantic import Field, StringConstraints

from atiende.accounts import (
    Act,
    Context,
    Ctx,
    Empty,
    In,
    Item,
    Name,
    Out,
    Patch,
    Time,
    items,
    keep_secret,
    load_key,
    record,
    who,
)
from atiende.calls.line_test import Told, run_test
from atiende.calls.pushed import trunk_secret
from atiende.calls.rows import Q
from atiende.core.problem import Problem
from atiende.store import Change, Connection, Row

Host = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z0-9.:-]{1,253}$")]
User = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z0-9._+@-]{1,80}$")]
CallerId = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[+]?[0-9]{1,20}$")]
Dialled = Annotated[str, StringConstraints(pattern=r"^\+?[0-9*#]{2,20}$")]
Password = Annotated[str, StringConstraints(max_length=200, pattern=r"^[\x20-\x7e]*$")]
Transport = Literal["udp", "tcp"]
Port = Annotated[int, Field(ge=1, le=65535)]
Many = Annotated[int, Field(ge=1, le=100_000)]


async def _told(conn: Connection, ctx: Context, row: Row) -> list[Change]:
    """The loop looks at its rows a moment after the commit, and each second anyway."""
    ctx.bus.wake("calls")
    return []


TRUNK = items.Kind(
    "trunk",
    "channels.manage",
    (
        "name", "host", "port", "transport", "username", "register", "max_calls", "caller_id",
        "active", "max_minute", "max_day",
    ),
    Q,
    {"trunks_name_key": "name"},
    nullable=frozenset({"username", "max_calls", "caller_id"}),
    guarded=True,
    after=_told,
)  # fmt: skip


class TrunkOut(Item):
    name: str
    host: str
    port: int
    transport: Transport
    username: str | None
    register_: bool = Field(alias="register")
    max_calls: int | None
    caller_id: str | None
    active: bool
    max_minute: int
    max_day: int
    has_password: bool
    state: str
    state_since: Time | None


class AddressOut(Out):
    """Where a carrier sends calls to; ``loopback``: nobody but this machine can."""

    host: str
    port: int
    loopback: bool


class TrunksOut(Out):
    """``voice``: off, starting, ok or away, of Asterisk itself: a state is worth what it is."""

    items: list[TrunkOut]
    voice: str
    address: AddressOut | None


class NewTrunk(In):
    name: Name
    host: Host
    port: Port = 5060
    transport: Transport = "udp"
    username: User | None = None
    password: Password | None = None
    register_: bool = Field(default=False, alias="register")
    max_calls: Many | None = None
    caller_id: CallerId | None = None
    active: bool = True
    max_minute: Many = 30
    max_day: Many = 2000


class TrunkPatch(Patch):
    name: Name | None = None
    host: Host | None = None
    port: Port | None = None
    transport: Transport | None = None
    username: User | None = None
    password: Password | None = None
    register_: bool | None = Field(default=None, alias="register")
    max_calls: Many | None = None
    caller_id: CallerId | None = None
    active: bool | None = None
    max_minute: Many | None = None
    max_day: Many | None = None


class TestIn(In):
    """``number`` as the carrier wants it dialled."""

    number: Dialled


class TestOut(Out):
    """``outcome``: answered, busy, no_answer, bad_number, rejected, congestion, no_way or failed;
    ``heard``: whether sound came back; ``sip_code``: what the carrier said."""

    outcome: str
    heard: bool
    sip_code: int | None
    seconds: float


def _out(row: Row) -> TrunkOut:
    return TrunkOut.model_validate(dict(row))


def _given(body: In, told: dict[str, Any]) -> dict[str, Any]:
    """By the columns' names, without the password."""
    values = {name.rstrip("_"): value for name, value in told.items()}
    values.pop("password", None)
    return values


def _whole(values: Any) -> None:
    """Who registers needs a name to do so with."""
    if values["register"] and not values["username"]:
        raise Problem(422, "trunk_needs_user", fields={"username": "required"})


async def list_trunks(ctx: Ctx, request: Request) -> TrunksOut:
    rows = await items.all_of(ctx, TRUNK)
    web = request.app.state.web
    return TrunksOut(
        items=[_out(row) for row in rows],
        voice=web.voice_state(),
        address=_address(web.sip_address()),
    )


def _address(found: tuple[str, int] | None) -> AddressOut | None:
    if found is None:
        return None
    host, port = found
    return AddressOut(host=host, port=port, loopback=ip_address(host).is_loopback)


async def create_trunk(ctx: Ctx, body: NewTrunk) -> TrunkOut:
    """Errors: 409 taken, 422 trunk_needs_user."""
    ctx.need(TRUNK.permission)
    values = _given(body, body.model_dump())
    _whole(values)
    async with items.act(ctx, TRUNK) as (conn, changes):
        row = await items.create_in(conn, ctx, TRUNK, values)
        changes.extend(await TRUNK.after(conn, ctx, row))
        await items.note(conn, ctx, TRUNK, "created", None, row)
        return await _kept(conn, ctx, row, body.password)


async def change_trunk(ctx: Ctx, id: UUID, body: TrunkPatch) -> TrunkOut:
    """Errors: 404, 409 changed_meanwhile or taken, 422 trunk_needs_user."""
    ctx.need(TRUNK.permission)
    given = _given(body, body.given())
    async with items.act(ctx, TRUNK) as (conn, changes):
        before = await items.current(conn, TRUNK, id, body.version)
        values = items.merged(TRUNK, before, given)
        _whole(dict(zip(TRUNK.columns, values, strict=True)))
        (row,) = await conn.fetch(TRUNK.sql("update"), id, *values)
        changes.extend(await TRUNK.after(conn, ctx, row))
        await items.note(conn, ctx, TRUNK, "changed", before, row)
        return await _kept(conn, ctx, row, body.password)


async def _kept(conn: Connection, ctx: Context, row: Row, password: str | None) -> TrunkOut:
    """The row as it is answered, with its password in the secrets when one was given."""
    if not password:
        return _out(row)
    key = await asyncio.to_thread(load_key, ctx.settings.key_file)
    await keep_secret(conn, key, trunk_secret(row["id"]), password.encode(), ctx.now)
    named = {"name": row["name"]}
    done = Act("trunk.password_set", TRUNK.name, row["id"], named, named)
    await record(conn, who(ctx), done, ctx.now)
    return _out(row).model_copy(update={"has_password": True})


async def archive_trunk(ctx: Ctx, id: UUID) -> Empty:
    """Errors: 404, 409 in_use_numbers."""
    await items.archive(ctx, TRUNK, id)
    return Empty()


async def test_trunk(ctx: Ctx, id: UUID, body: TestIn) -> TestOut:
    """Dials a number through this line and says what became of it; half a minute at most.
    Errors: 404; 409 trunk_not_ready, trunk_test_runs; 503 voice_is_away."""
    ctx.need(TRUNK.permission)
    async with ctx.db.transaction() as conn:
        row = await items.current(conn, TRUNK, id, None)
        if not row["active"]:
            raise Problem(409, "trunk_not_ready")
        # What costs money is in the record, the number's end alone.
        named = {"name": row["name"], "number": f"…{body.number[-3:]}"}
        done = Act("trunk.tested", TRUNK.name, id, None, named)
        await record(conn, who(ctx), done, ctx.now)
    told: Told = await run_test(ctx.bus, id, body.number, row["caller_id"] or row["username"] or "")
    return TestOut(
        outcome=told.outcome, heard=told.heard, sip_code=told.sip_code, seconds=told.seconds
    )
