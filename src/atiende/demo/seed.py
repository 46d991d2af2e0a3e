"""Seeds the demo once: the company, its past, the logins. Called by boot before anything is served.

Theory of operation
-------------------
The company's row says whether the seed has run (`setup.demo`). Everything is written in one
transaction on a connection of its own, so that a crash leaves nothing half-made; the files with
the logins are written before it commits (if the commit fails they are written anew at the next
start). A company that is not the demo's is never touched. Logins that were lost (a restored
backup, a deleted file) are made anew.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from atiende.accounts import hash_password
from atiende.core.problem import Problem
from atiende.demo.company import Q, found, keep_shop_secret
from atiende.demo.data import company
from atiende.demo.history import write_history
from atiende.demo.logins import Login, are_written, new_logins, write_logins
from atiende.settings import Settings
from atiende.store import Connection, connect, ensure_partitions

FOUNDED = timedelta(days=120)


async def seed_demo(settings: Settings, dsn: str, now: datetime) -> bool:
    """True when the company was made now. Problem 409 `demo_foreign`."""
    conn = await connect(dsn)
    try:
        row = await conn.fetchrow(Q["standing"])
        if row is not None:
            if not row["setup"].get("demo"):
                raise Problem(409, "demo_foreign", path=str(settings.data_dir))
            if not await asyncio.to_thread(are_written, settings.data_dir):
                await _again(conn, settings, now)
            return False
        await _seed(conn, settings, now)
        await conn.execute("analyze")
        return True
    finally:
        await conn.close()


async def _seed(conn: Connection, settings: Settings, now: datetime) -> None:
    logins = new_logins()
    hashed = await _hashed(settings, logins)
    secret = secrets.token_urlsafe(32)
    founded = now - FOUNDED
    async with conn.transaction():
        month = founded
        while month <= now:
            await ensure_partitions(conn, month)
            month += timedelta(days=28)
        made, ctx = await found(conn, settings, hashed, founded)
        await conn.execute(Q["backdate_events"], founded)
        await conn.execute(Q["backdate_commands"])
        await write_history(conn, made, now)
        await keep_shop_secret(conn, settings, list(made.accounts.values()), secret, ctx.now)
        shop = str(made.accounts[company()["shop"]])
        await conn.execute(Q["mark"], {"step": "done", "demo": True, "demo_shop": shop})
        await _files(conn, settings, logins, secret)


async def _again(conn: Connection, settings: Settings, now: datetime) -> None:
    """New passwords, and a new secret, in place of those whose files are gone."""
    logins = new_logins()
    hashed = await _hashed(settings, logins)
    secret = secrets.token_urlsafe(32)
    async with conn.transaction():
        for login, value in hashed:
            await conn.execute(Q["new_password"], login.email, value)
        accounts = [row["id"] for row in await conn.fetch(Q["accounts"])]
        await keep_shop_secret(conn, settings, accounts, secret, now)
        await _files(conn, settings, logins, secret)


async def _files(
    conn: Connection, settings: Settings, logins: Sequence[Login], secret: str
) -> None:
    by_name = {row["name"]: row["public_key"] for row in await conn.fetch(Q["accounts"])}
    keys = {
        each["key"]: by_name[each["name"]]
        for each in company()["accounts"]
        if each["name"] in by_name
    }
    await asyncio.to_thread(write_logins, settings.data_dir, logins, secret, keys)


async def _hashed(settings: Settings, logins: Sequence[Login]) -> list[tuple[Login, str]]:
    fast = settings.test_fast_passwords
    hashes = await asyncio.gather(*(hash_password(x.password, fast=fast) for x in logins))
    return list(zip(logins, hashes, strict=True))
