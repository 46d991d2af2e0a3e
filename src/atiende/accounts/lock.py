"""The growing lock on failed logins, by account name and by address, whether they exist or not.

Theory of operation.  A subject (the hash of an e-mail, or of an address) is free for its first
failures; from there each failure shuts it for 30 s, then 60, 120 … up to 15 minutes.  An attempt
is counted as a failure *before* the password is tried, so that a hundred tries at once find the
lock that a hundred in a row would find; a right password takes its count back.  An hour without
failures begins afresh.  An address has far more free failures than an account: a whole floor of
agents shares one.

Anybody can fail at somebody else's name.  So that this shuts nobody out, an account is counted
apart for each address from which its person has logged in of late; strangers share one count.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from atiende.core.problem import Problem
from atiende.store import Connection, load_queries

Q = load_queries("atiende.accounts")

FIRST_S = 30
LONGEST_S = 15 * 60
FORGOTTEN = timedelta(hours=1)
KNOWN_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is counted: its key in the table, and how many failures it has free."""

    key: bytes
    free: int


def account(email: str, known_place: str = "") -> Subject:
    """``known_place``: the address, when the person has logged in from there."""
    name = f"account:{email}" + (f"@{known_place}" if known_place else "")
    return Subject(hashlib.sha256(name.encode()).digest(), free=5)


async def account_at(conn: Connection, email: str, address: str | None, now: datetime) -> Subject:
    """The account as it is counted for who asks from this address."""
    known = await conn.fetchval(Q["place_known"], email, address, now - KNOWN_FOR)
    return account(email, address or "" if known else "")


def address(text: str | None) -> Subject:
    return Subject(hashlib.sha256(b"address:" + (text or "").encode()).digest(), free=30)


def locked_s(failures: int, free: int) -> int:
    """Seconds of lock after this many failures."""
    over = failures - free
    return 0 if over < 0 else min(LONGEST_S, FIRST_S * 2 ** min(over, 10))


async def reserve(conn: Connection, subjects: Sequence[Subject], now: datetime) -> int:
    """Counts an attempt; 429 when a subject is shut.  In the caller's transaction.  Returns the
    seconds of lock that stand if the password turns out wrong."""
    longest = 0
    for subject in sorted(subjects, key=lambda s: s.key):
        (row,) = await conn.fetch(Q["failures_lock"], subject.key, now)
        if row["locked_until"] is not None and row["locked_until"] > now:
            seconds = int((row["locked_until"] - now).total_seconds()) + 1
            raise Problem(429, "login_locked", seconds=seconds)
        fresh = row["last_at"] < now - FORGOTTEN
        failures = 1 if fresh else row["failures"] + 1
        seconds = locked_s(failures, subject.free)
        until = now + timedelta(seconds=seconds) if seconds else None
        await conn.execute(Q["failures_set"], subject.key, failures, now, until)
        longest = max(longest, seconds)
    return longest


async def release(conn: Connection, who: Subject, where: Subject) -> None:
    """The password was right: the account begins afresh, the address takes this count back."""
    if who.key < where.key:  # the order of ``reserve``: two logins must not wait for each other
        await conn.execute(Q["failures_clear"], who.key)
        await conn.execute(Q["failures_take_back"], where.key, where.free)
    else:
        await conn.execute(Q["failures_take_back"], where.key, where.free)
        await conn.execute(Q["failures_clear"], who.key)


async def unlock(conn: Connection, email: str) -> None:
    """An administrator opens an account again, wherever it is used from."""
    places = await conn.fetch(Q["places_of"], email)
    for key in sorted(account(email, p).key for p in {"", *(row["address"] for row in places)}):
        await conn.execute(Q["failures_clear"], key)
