"""A file enciphered in chunks, each readable alone: AES-256-GCM under a key of the file's own.

The nonce of a chunk is its number and whether it is the last (the STREAM construction of Hoang,
Reyhanitabar, Rogaway and Vizár, 2015): a chunk that was moved, doubled or cut away does not open.
A key is random and enciphers one file, so no nonce is ever used twice.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC = b"ATR1"
CHUNK = 64 * 1024
TAG = 16
KEY_BYTES = 32


class DamagedError(Exception):
    """What is on the disk is not what was written, or the key is another's."""


def new_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


def encipher(key: bytes, parts: Iterable[bytes]) -> Iterator[bytes]:
    """The file, piece by piece, of bytes that come in parts of any size."""
    box, number, held = AESGCM(key), 0, bytearray()
    yield MAGIC
    for part in parts:
        held += part
        # One more byte than a chunk: only then is this one known not to be the last.
        while len(held) > CHUNK:
            yield box.encrypt(_nonce(number, last=False), bytes(held[:CHUNK]), MAGIC)
            del held[:CHUNK]
            number += 1
    yield box.encrypt(_nonce(number, last=True), bytes(held), MAGIC)


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


class Deciphered:
    """An enciphered file, read from any place: only the chunks in question are opened."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._path = path
        self._box = AESGCM(key)
        body = path.stat().st_size - len(MAGIC)
        if body < TAG:
            raise DamagedError
        self.chunks = max(1, -(-body // (CHUNK + TAG)))
        self.size = body - self.chunks * TAG
        with path.open("rb") as file:
            if self.size < 0 or file.read(len(MAGIC)) != MAGIC:
                raise DamagedError

    def read(self, start: int, length: int) -> bytes:
        """The bytes from ``start``, fewer at the end. DamagedError."""
        end = min(start + length, self.size)
        if start >= end:
            return b""
        first, last = start // CHUNK, (end - 1) // CHUNK
        opened = b"".join(self._opened(range(first, last + 1)))
        return opened[start - first * CHUNK : end - first * CHUNK]

    def check(self) -> None:
        """Opens every chunk. DamagedError."""
        for _ in self._opened(range(self.chunks)):
            pass

    def _opened(self, numbers: range) -> Iterator[bytes]:
        with self._path.open("rb") as file:
            file.seek(len(MAGIC) + numbers.start * (CHUNK + TAG))
            for number in numbers:
                sealed = file.read(CHUNK + TAG)
                nonce = _nonce(number, last=number == self.chunks - 1)
                try:
                    yield self._box.decrypt(nonce, sealed, MAGIC)
                except InvalidTag:
                    raise DamagedError from None
