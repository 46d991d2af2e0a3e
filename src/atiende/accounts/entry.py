"""Login and logout: one answer and one hash for whoever fails, known or not.

The API (accounts/api.py) calls it; the demo's virtual people log in through the same door.
"""

from __future__ import annotations

from uuid import UUID

from atiende.accounts import lock, passwords
from atiende.accounts.audit import Act, Who, record, who
from atiende.accounts.context import Anonymous, Context
from atiende.accounts.sessions import end_session, send_offline, start_session
from atiende.core.problem import Problem
from atiende.store import load_queries

Q = load_queries("atiende.accounts")


async def login(anon: Anonymous, email: str, password: str) -> tuple[UUID, str]:
    """The person and a new session's token; 401 `login_failed`, 429 `login_locked`."""
    email = email.strip().lower()
    place = lock.address(anon.address)
    async with anon.db.transaction() as conn:
        account = await lock.account_at(conn, email, anon.address, anon.now)
        shut_s = await lock.reserve(conn, (account, place), anon.now)
        user = await conn.fetchrow(Q["login_user"], email)
    fast = anon.settings.test_fast_passwords
    stored = user["password_hash"] if user is not None else None
    if not await passwords.verify(stored, password, fast=fast) or user is None:
        await _failed(anon, email, shut_s)
        raise Problem(401, "login_failed")
    renewed = None
    if passwords.is_stale(user["password_hash"], fast=fast):
        renewed = await passwords.hash_password(password, fast=fast)
    async with anon.db.transaction() as conn:
        # The person may have been disabled while the hash was worked out.
        if await conn.fetchval(Q["login_confirm"], user["id"], user["password_hash"]) is None:
            raise Problem(401, "login_failed")
        if renewed is not None:
            await conn.execute(Q["password_set"], user["id"], renewed)
        await lock.release(conn, account, place)
        token = await start_session(conn, user["id"], anon.now, anon.address, anon.browser)
        author = Who(user["id"], user["name"], anon.address)
        await record(conn, author, Act("login", "user", user["id"]), anon.now)
    return user["id"], token


async def _failed(anon: Anonymous, email: str, shut_s: int) -> None:
    async with anon.db.transaction() as conn:
        act = Act("login_failed", "user", email[:254], after={"locked_s": shut_s})
        await record(conn, who(anon, email[:254]), act, anon.now)


async def logout(ctx: Context) -> None:
    """Ends this session; the last one of an agent gives the work back at once."""
    actor = ctx.actor
    async with ctx.db.transaction() as conn:
        await end_session(conn, actor.session_id, ctx.now, "logout")
        others = await conn.fetchval(Q["session_others"], actor.user_id, actor.session_id, ctx.now)
        if actor.is_agent and not others:
            await send_offline(conn, actor.user_id, ctx.now, "logout")
        await record(conn, who(ctx), Act("logout", "user", actor.user_id), ctx.now)
    ctx.wake()
