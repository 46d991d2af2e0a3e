"""Secrets at rest: AES-256-GCM under a key file that only we may read, written and never shown.

The key lies beside the data, mode 0600, and is in no backup; without it the sealed rows say
nothing.  A sealed value is bound to its name, so that rows cannot be swapped.
"""

from __future__ import annotations

import os
import secrets
from datetime import datetime
from functools import cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from atiende.core.problem import Problem
from atiende.store import Connection, load_queries

Q = load_queries("atiende.accounts")

KEY_BYTES = 32
NONCE_BYTES = 12


@cache
def load_key(path: Path) -> bytes:
    """The installation's key, made at the first call.  A key others may read is refused."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read(path)
    key = secrets.token_bytes(KEY_BYTES)
    _write(handle, key)
    return key


def key_in(path: Path) -> bytes:
    """The key of another place, a copy that was kept apart. Problem 500 `key_file_damaged`."""
    try:
        key = path.read_bytes()
    except OSError as error:
        raise Problem(500, "key_file_damaged", path=str(path)) from error
    if len(key) != KEY_BYTES:
        raise Problem(500, "key_file_damaged", path=str(path))
    return key


def keep_key(path: Path, key: bytes) -> None:
    """Puts a key in its place, which must be empty."""
    _write(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), key)


def _write(handle: int, key: bytes) -> None:
    with os.fdopen(handle, "wb") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())


def _read(path: Path) -> bytes:
    if path.stat().st_mode & 0o077:
        raise Problem(500, "key_file_open", path=str(path))
    return key_in(path)


def seal(key: bytes, name: str, value: bytes) -> bytes:
    """nonce ‖ ciphertext, bound to the secret's name."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, value, name.encode())


def unseal(key: bytes, name: str, sealed: bytes) -> bytes:
    """The value; a Problem when the key is another one or the row was touched."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], name.encode())
    except InvalidTag:
        raise Problem(500, "secret_unreadable", name=name) from None


async def keep_secret(conn: Connection, key: bytes, name: str, value: bytes, now: datetime) -> None:
    """Writes a secret, or replaces it."""
    await conn.execute(Q["secret_set"], name, seal(key, name, value), now)


async def read_secret(conn: Connection, key_file: Path, name: str) -> bytes | None:
    """For the program's own use; no route answers it. Problem 500 `key_file_damaged` when the key
    is not there: a new one would open nothing."""
    sealed = await conn.fetchval(Q["secret_get"], name)
    if sealed is None:
        return None
    if not key_file.exists():
        raise Problem(500, "key_file_damaged", path=str(key_file))
    return unseal(load_key(key_file), name, sealed)


async def unreadable_secrets(conn: Connection, key_file: Path) -> int:
    """How many secrets wait for the key of this installation, which is not in its place."""
    return 0 if key_file.exists() else int(await conn.fetchval(Q["secrets_held"]))


def account_secret(account_id: object) -> str:
    """The name of a channel account's secret."""
    return f"channel_account/{account_id}"
