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
    with os.fdopen(handle, "wb") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    return key


def _read(path: Path) -> bytes:
    if path.stat().st_mode & 0o077:
        raise Problem(500, "key_file_open", path=str(path))
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise Problem(500, "key_file_damaged", path=str(path))
    return key


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


async def read_secret(conn: Connection, key: bytes, name: str) -> bytes | None:
    """For the program's own use; no route answers it."""
    sealed = await conn.fetchval(Q["secret_get"], name)
    return None if sealed is None else unseal(key, name, sealed)


def account_secret(account_id: object) -> str:
    """The name of a channel account's secret."""
    return f"channel_account/{account_id}"
