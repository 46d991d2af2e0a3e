"""Agents with phones and a number that leads to them, for bench/calls.py: planted by SQL."""

from __future__ import annotations

import contextlib
import json
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg

from atiende.accounts import load_key, seal
from atiende.calls import phone_secret
from bench._company import plant_agent, plant_frame
from bench._sipp import NUMBER


@dataclass
class Floor:
    """Session tokens, and each phone's name and password."""

    sessions: list[str] = field(default_factory=list)
    phones: list[tuple[str, str]] = field(default_factory=list)


async def plant(conn: asyncpg.Connection[Any], key_file: Path, size: int) -> Floor:
    """`size` agents who wait for calls, and free again as soon as one has ended."""
    floor, now = Floor(), datetime.now(UTC)
    key = load_key(key_file)
    async with conn.transaction():
        base = await plant_frame(conn, now)
        await conn.execute("update queues set wrapup_mode = 'none'")
        await conn.execute(
            "insert into channel_accounts (channel, name, public_key, queue_id, config)"
            " values ('voice', $1, $1, $2, $3)",
            NUMBER, base["queue"], json.dumps({"number": NUMBER}),
        )  # fmt: skip
        # The carrier is whoever calls from this machine; nobody is called through it.
        await conn.execute(
            "insert into trunks (name, host, port) values ('Operador', '127.0.0.1', 9)"
        )
        for number in range(size):
            session, name, password = (secrets.token_urlsafe(32), *phone_of(number))
            agent = await plant_agent(conn, base, session, number, now)
            await conn.execute(
                "insert into phones (agent_id, endpoint, sealed, kind, minted_at, expires_at)"
                " values ($1, $2, $3, 'plain', now(), now() + interval '1 day')",
                agent, name, seal(key, phone_secret(name), password.encode()),
            )  # fmt: skip
            floor.sessions.append(session)
            floor.phones.append((name, password))
    await conn.execute("analyze")
    return floor


def phone_of(number: int) -> tuple[str, str]:
    """Name and password of a phone."""
    return f"bench-{number:04}-{secrets.token_hex(4)}", secrets.token_hex(12)


async def pushed(conn: asyncpg.Connection[Any]) -> bool:
    """Whether Asterisk knows every phone."""
    with contextlib.suppress(asyncpg.PostgresError):
        return bool(await conn.fetchval("select bool_and(pushed_at is not null) from phones"))
    return False
