"""API of channel accounts: each channel's folder says what its config is; here it is kept.

Registered in web/routes.py.  ``public_key`` is what a page or a provider names; the secret is
answered once, when it is made.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from atiende.accounts import items
from atiende.accounts.audit import Act, record, who
from atiende.accounts.context import Context, Ctx
from atiende.accounts.items import Kind
from atiende.accounts.sealed import account_secret, keep_secret, load_key
from atiende.accounts.shapes import Empty, In, Item, Name, Out, Patch
from atiende.channels import channels
from atiende.core.problem import Problem
from atiende.store import Connection, Row, load_queries

Q = load_queries("atiende.accounts")

ACCOUNT = Kind(
    "channel_account",
    "channels.manage",
    ("channel", "name", "public_key", "config", "queue_id", "hours_id", "active"),
    Q,
    {"channel_accounts_name_key": "name", "channel_accounts_public_key_key": "public_key"},
    nullable=frozenset({"hours_id"}),
)


class ChannelAccountOut(Item):
    channel: str
    name: str
    public_key: str
    config: dict[str, Any]
    queue_id: UUID
    hours_id: UUID | None
    active: bool
    has_secret: bool


class NewChannelAccount(In):
    channel: Annotated[str, Field(max_length=40)]
    name: Name
    queue_id: UUID
    hours_id: UUID | None = None
    active: bool = True
    config: dict[str, Any] = Field(default_factory=dict)


class ChannelAccountPatch(Patch):
    name: Name | None = None
    queue_id: UUID | None = None
    hours_id: UUID | None = None
    active: bool | None = None
    config: dict[str, Any] | None = None


class ChannelField(Out):
    key: str
    kind: str
    required: bool


class ChannelOut(Out):
    """A kind of channel that may have accounts, with the fields of its form."""

    code: str
    name: dict[str, str]
    words: dict[str, dict[str, str]]
    fields: list[ChannelField]


class ChannelAccountsOut(Out):
    items: list[ChannelAccountOut]
    channels: list[ChannelOut]


class SecretOut(Out):
    secret: str


async def list_accounts(ctx: Ctx) -> ChannelAccountsOut:
    rows = await items.all_of(ctx, ACCOUNT)
    return ChannelAccountsOut(
        items=[ChannelAccountOut(**dict(row)) for row in rows], channels=_kinds()
    )


def _kinds() -> list[ChannelOut]:
    return [
        ChannelOut(
            code=channel.code,
            name={language: channel.name(language) for language in channel.words},
            words={language: dict(words) for language, words in channel.words.items()},
            fields=[
                ChannelField(key=f.key, kind=f.kind, required=f.required) for f in channel.fields
            ],
        )
        for channel in channels().values()
    ]


def checked_config(code: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """The config as its channel keeps it; a Problem says which field is wrong."""
    channel = channels().get(code)
    if channel is None:
        raise Problem(422, "unknown_channel", fields={"channel": "unknown"})
    return channel.check_config(config)


async def new_account(conn: Connection, ctx: Context, body: NewChannelAccount) -> Row:
    """Inserts an account with a public key of its own, in the caller's transaction."""
    values = {
        **body.model_dump(),
        "config": checked_config(body.channel, body.config),
        "public_key": secrets.token_urlsafe(12),
    }
    await _queue_stands(conn, body.queue_id)
    row = await items.create_in(conn, ctx, ACCOUNT, values)
    await items.note(conn, ctx, ACCOUNT, "created", None, row)
    return row


async def _queue_stands(conn: Connection, queue_id: UUID | None) -> None:
    if queue_id is not None and await conn.fetchval(Q["queue_open"], queue_id) is None:
        raise Problem(422, "unknown_reference", fields={"queue_id": "unknown"})


async def create_account(ctx: Ctx, body: NewChannelAccount) -> ChannelAccountOut:
    ctx.need(ACCOUNT.permission)
    async with items.act(ctx, ACCOUNT) as (conn, _):
        row = await new_account(conn, ctx, body)
    return ChannelAccountOut(**dict(row))


async def change_account(ctx: Ctx, id: UUID, body: ChannelAccountPatch) -> ChannelAccountOut:
    ctx.need(ACCOUNT.permission)
    given = body.given()
    async with ctx.db.transaction() as conn:
        before = await items.current(conn, ACCOUNT, id, body.version)
        await _queue_stands(conn, body.queue_id)
    if body.config is not None:
        given["config"] = checked_config(before["channel"], body.config)
    return ChannelAccountOut(
        **dict(await items.change_values(ctx, ACCOUNT, id, body.version, given))
    )


async def archive_account(ctx: Ctx, id: UUID) -> Empty:
    await items.archive(ctx, ACCOUNT, id)
    return Empty()


async def new_secret(ctx: Ctx, id: UUID) -> SecretOut:
    """A fresh secret in place of the old one; this answer is the only time it is shown."""
    ctx.need(ACCOUNT.permission)
    value = secrets.token_urlsafe(32)
    key = await asyncio.to_thread(load_key, ctx.settings.key_file)
    async with ctx.db.transaction() as conn:
        await items.current(conn, ACCOUNT, id, None)
        await keep_secret(conn, key, account_secret(id), value.encode(), ctx.now)
        done = Act("channel_account.secret_made", ACCOUNT.name, id)
        await record(conn, who(ctx), done, ctx.now)
    return SecretOut(secret=value)
