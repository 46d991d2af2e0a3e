"""Channel accounts: a channel's settings as its folder declares them, kept with a public key.

The API (api_channels.py) and the first steps (routing.admin.setup) go through here.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from atiende.accounts import items
from atiende.accounts.context import Context
from atiende.accounts.items import Kind
from atiende.channels import channels
from atiende.core.problem import Problem
from atiende.store import Connection, load_queries

Q = load_queries("atiende.accounts")

ACCOUNT = Kind(
    "channel_account",
    "channels.manage",
    ("channel", "name", "public_key", "config", "queue_id", "hours_id", "active"),
    Q,
    {"channel_accounts_name_key": "name", "channel_accounts_public_key_key": "public_key"},
    nullable=frozenset({"hours_id"}),
    stands=True,
)


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What an account begins with."""

    channel: str
    name: str
    queue_id: UUID
    hours_id: UUID | None = None
    config: Mapping[str, Any] = field(default_factory=dict)
    active: bool = True


def checked_config(code: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """The config as its channel keeps it; a Problem says which field is wrong."""
    channel = channels().get(code)
    if channel is None:
        raise Problem(422, "unknown_channel", fields={"channel": "unknown"})
    try:
        return channel.check_config(config)
    except Problem as wrong:
        # Forms name the settings by where they stand in the account.
        told = {f"config.{name}": key for name, key in wrong.fields.items()}
        raise Problem(wrong.status, wrong.key, fields=told, **wrong.values) from wrong


def public_key(code: str, config: Mapping[str, Any]) -> str | None:
    """What the config itself names as the account's key; None: a made one stays."""
    field = channels()[code].key_field
    return str(config[field]) if field else None


async def create_in(conn: Connection, ctx: Context, new: NewAccount) -> UUID:
    """Inserts an account with a public key of its own, in the caller's transaction."""
    config = checked_config(new.channel, new.config)
    values = {
        "channel": new.channel,
        "name": new.name,
        "public_key": public_key(new.channel, config) or secrets.token_urlsafe(12),
        "config": config,
        "queue_id": new.queue_id,
        "hours_id": new.hours_id,
        "active": new.active,
    }
    await queue_stands(conn, new.queue_id)
    row = await items.create_in(conn, ctx, ACCOUNT, values)
    await items.note(conn, ctx, ACCOUNT, "created", None, row)
    found: UUID = row["id"]
    return found


async def change_in(conn: Connection, ctx: Context, account_id: UUID, new: NewAccount) -> UUID:
    """Changes name and config of an account, in the caller's transaction."""
    before = await items.current(conn, ACCOUNT, account_id, None)
    if new.channel != before["channel"]:
        raise Problem(422, "unknown_channel", fields={"channel": "unknown"})
    given = {"name": new.name, "config": checked_config(before["channel"], new.config)}
    values = items.merged(ACCOUNT, before, given)
    (row,) = await conn.fetch(ACCOUNT.sql("update"), account_id, *values)
    await items.note(conn, ctx, ACCOUNT, "changed", before, row)
    return account_id


async def queue_stands(conn: Connection, queue_id: UUID | None) -> None:
    """Refuse a queue that is not there, or no longer."""
    if queue_id is not None and await conn.fetchval(Q["queue_open"], queue_id) is None:
        raise Problem(422, "unknown_reference", fields={"queue_id": "unknown"})
