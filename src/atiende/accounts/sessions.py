"""Sessions: a 256-bit token in a cookie, its SHA-256 in a row, and what ends it.

Theory of operation.  A session lives from login until the first of: logout; twelve hours (one
shift); thirty minutes without a request, unless the person has live assignments; the account
disabled; the password changed elsewhere.  A login always makes a new token.  web/ asks
``find_session`` at each request and each socket's hello, and ``sessions_alive`` for the sockets
that are open.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from starlette.responses import Response

from atiende.accounts.context import Actor
from atiende.accounts.roles import grants_of, held_from
from atiende.core.permissions import Membership
from atiende.settings import Settings
from atiende.store import Connection, Row, load_queries

Q = load_queries("atiende.accounts")

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
#: ``seen_at`` is written at most this often.
TOUCH = timedelta(minutes=1)


def new_token() -> str:
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


async def start_session(
    conn: Connection, user_id: UUID, now: datetime, address: str | None, browser: str | None
) -> str:
    """Makes a session; returns the token, which is kept nowhere."""
    token = new_token()
    seen = (browser or "")[:200] or None
    await conn.execute(
        Q["session_insert"], token_hash(token), user_id, now, now + LONGEST, address, seen
    )
    return token


async def find_session(conn: Connection, token: str, now: datetime) -> Actor | None:
    """Who this token is, today's grants included; None when it is over."""
    row = await conn.fetchrow(Q["session_find"], token_hash(token), now)
    if row is None:
        return None
    if row["seen_at"] < now - IDLE and not row["busy"]:
        await conn.execute(Q["session_end"], row["session_id"], now, "idle")
        return None
    if row["seen_at"] < now - TOUCH:
        await conn.execute(Q["session_touch"], row["session_id"], now)
    return actor_of(row)


def actor_of(row: Row) -> Actor:
    """The person of a row of ``session_find``."""
    teams = frozenset() if row["team_id"] is None else frozenset({row["team_id"]})
    member = Membership(row["user_id"], teams, frozenset(row["queues"]))
    return Actor(
        user_id=row["user_id"],
        name=row["name"],
        session_id=row["session_id"],
        grants=grants_of(held_from(row["roles"]), member),
        is_agent=row["is_agent"],
        locale=row["locale"],
        email=row["email"],
        team_id=row["team_id"],
    )


async def sessions_alive(conn: Connection, ids: Iterable[UUID], now: datetime) -> frozenset[UUID]:
    """Those of these sessions that still live: the live sockets ask every few seconds."""
    rows = await conn.fetch(Q["sessions_alive"], list(ids), now, now - IDLE)
    return frozenset(row["id"] for row in rows)


async def actors_alive(conn: Connection, ids: Iterable[UUID], now: datetime) -> dict[UUID, Actor]:
    """``sessions_alive`` with today's grants: an open socket whose actor changed (a role given
    or taken, another team) starts again from a fresh snapshot."""
    rows = await conn.fetch(Q["sessions_actors"], list(ids), now, now - IDLE)
    return {row["session_id"]: actor_of(row) for row in rows}


async def end_session(conn: Connection, session_id: UUID, now: datetime, reason: str) -> None:
    await conn.execute(Q["session_end"], session_id, now, reason)


async def end_sessions(
    conn: Connection, user_id: UUID, now: datetime, reason: str, but: UUID | None = None
) -> int:
    """Ends a person's sessions (all, or all but one); returns how many lived."""
    return len(await conn.fetch(Q["sessions_end"], user_id, now, reason, but))


async def send_offline(conn: Connection, user_id: UUID, now: datetime, reason: str) -> bool:
    """Asks routing to take an agent off and give the work back at once (a command, which the
    caller's transaction writes).  False when the person is no agent."""
    args = {"presence": "offline", "reason": reason}
    return await conn.fetchval(Q["force_offline"], user_id, args, now) is not None


def cookie_name(settings: Settings, https: bool = False) -> str:
    """``__Host-`` only where browsers honour it: on https."""
    return "__Host-atiende" if _secure(settings, https) else "atiende"


def set_cookie(response: Response, token: str, settings: Settings, https: bool = False) -> None:
    response.set_cookie(
        cookie_name(settings, https),
        token,
        max_age=int(LONGEST.total_seconds()),
        secure=_secure(settings, https),
        httponly=True,
        samesite="lax",
        path="/",
    )


def clear_cookie(response: Response, settings: Settings, https: bool = False) -> None:
    secure = _secure(settings, https)
    response.delete_cookie(
        cookie_name(settings, https), secure=secure, httponly=True, samesite="lax", path="/"
    )


def _secure(settings: Settings, https: bool) -> bool:
    """`https`: this request came by it, to us or to a proxy whose word we take."""
    return https or settings.base_url().startswith("https://")
