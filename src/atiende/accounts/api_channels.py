"""API of channel accounts: each channel's folder says what its config is; here it is kept.

Registered in web/routes.py.  ``public_key`` is what a page or a provider names; the secret is
answered once, when it is made.
"""

from __future__ import annotations

import asyncio
import secrets
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from atiende.accounts import items
from atiende.accounts.audit import Act, record, who
from atiende.accounts.channel_account import (
    ACCOUNT,
    NewAccount,
    checked_config,
    create_in,
    public_key,
    queue_stands,
)
from atiende.accounts.context import Ctx
from atiende.accounts.sealed import account_secret, keep_secret, load_key
from atiende.accounts.shapes import Empty, In, Item, Name, Out, Patch
from atiende.channels import channels


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


async def create_account(ctx: Ctx, body: NewChannelAccount) -> ChannelAccountOut:
    ctx.need(ACCOUNT.permission)
    async with items.act(ctx, ACCOUNT) as (conn, _):
        account_id = await create_in(conn, ctx, NewAccount(**dict(body)))
        return ChannelAccountOut(**dict(await items.current(conn, ACCOUNT, account_id, None)))


async def change_account(ctx: Ctx, id: UUID, body: ChannelAccountPatch) -> ChannelAccountOut:
    ctx.need(ACCOUNT.permission)
    given = body.given()
    async with ctx.db.transaction() as conn:
        before = await items.current(conn, ACCOUNT, id, body.version)
        await queue_stands(conn, body.queue_id)
    if body.config is not None:
        given["config"] = config = checked_config(before["channel"], body.config)
        if key := public_key(before["channel"], config):
            given["public_key"] = key
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
        named = {"name": (await items.current(conn, ACCOUNT, id, None))["name"]}
        await keep_secret(conn, key, account_secret(id), value.encode(), ctx.now)
        done = Act("channel_account.secret_made", ACCOUNT.name, id, named, named)
        await record(conn, who(ctx), done, ctx.now)
    return SecretOut(secret=value)
