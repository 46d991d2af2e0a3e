"""Passwords: argon2id in two threads of their own, so that the loop never waits for a hash.

19 MiB, t=2, p=1 (OWASP's floor).  Who logs in pays exactly one verification, whether the account
exists or not: ``verify(None, …)`` spends it on a hash that nobody's password fits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from atiende.core.problem import Problem

SHORTEST = 10
LONGEST = 200
#: More people than this waiting for the two threads are told to come back.
WAITING_MOST = 200

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_FAST = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
#: argon2 gives up Python's lock while it works; two at once bound memory and processors.
_POOL = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")
_waiting = 0

#: Too common to accept, beside those made of a few repeated signs.
COMMON = frozenset(
    {
        "1234567890",
        "0123456789",
        "contraseña",
        "contrasena",
        "password12",
        "password123",
        "qwertyuiop",
        "atiende123",
        "bienvenido",
        "bienvenida",
        "administrador",
        "callcenter",
    }
)

T = TypeVar("T")


async def hash_password(password: str, *, fast: bool) -> str:
    """The string kept in ``users.password_hash``."""
    return await _in_pool(lambda: _hasher(fast).hash(password))


async def verify(stored: str | None, password: str, *, fast: bool) -> bool:
    """One verification, always: with no stored hash it is spent all the same, and fails."""
    return await _in_pool(lambda: _verify(stored, password, fast))


def is_stale(stored: str, *, fast: bool) -> bool:
    """True when the hash was made with other parameters than today's."""
    return _hasher(fast).check_needs_rehash(stored)


def check_strength(password: str, email: str) -> None:
    """Refuse what is guessed first; length does the rest (no composition rules)."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Problem(422, "password_length", least=SHORTEST, most=LONGEST)
    lowered = password.lower()
    if lowered in COMMON or lowered == email.lower() or len(set(lowered)) < 5:
        raise Problem(422, "password_weak")


def _hasher(fast: bool) -> PasswordHasher:
    return _FAST if fast else _HASHER


@cache
def _nobody(fast: bool) -> str:
    return _hasher(fast).hash("nobody has this one")


def _verify(stored: str | None, password: str, fast: bool) -> bool:
    try:
        _hasher(fast).verify(stored or _nobody(fast), password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


async def _in_pool(work: Callable[[], T]) -> T:
    global _waiting  # noqa: PLW0603
    if _waiting >= WAITING_MOST:
        raise Problem(503, "busy")
    _waiting += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_POOL, work)
    finally:
        _waiting -= 1
