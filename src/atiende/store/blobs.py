"""Attachments and recordings as files under random names, outside any web root.

A blob is on disk (flushed) before the row that names it is committed; a crash between the two
leaves a file without a row, which a job removes, never a row without a file.
"""

import hashlib
import os
import secrets
from collections.abc import Iterable
from pathlib import Path


class Blobs:
    """A folder of blobs. The calls block on small files: run them in a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> tuple[str, bytes]:
        """Stores bytes; returns (key, sha256)."""
        return self.put_parts([content])

    def put_parts(self, parts: Iterable[bytes]) -> tuple[str, bytes]:
        """Stores bytes that come in parts, whole or not at all; returns (key, sha256)."""
        key, digest = secrets.token_hex(16), hashlib.sha256()
        path = self.path(key)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = path.with_suffix(".part")
        try:
            with partial.open("wb") as file:
                for part in parts:
                    file.write(part)
                    digest.update(part)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
        return key, digest.digest()

    def path(self, key: str) -> Path:
        """Where a blob lies. Keys are ours (32 hexadecimal digits), never a caller's text."""
        if len(key) != 32 or not set(key) <= set("0123456789abcdef"):
            raise ValueError("not a blob key")
        return self._folder / key[:2] / key

    def remove(self, key: str) -> None:
        self.path(key).unlink(missing_ok=True)
