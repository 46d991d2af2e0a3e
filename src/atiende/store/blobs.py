"""Attachments (later recordings) as files under random names, outside any web root.

A blob is on disk (flushed) before the row that names it is committed; a crash between the two
leaves a file without a row, which a job removes, never a row without a file.
"""

import hashlib
import os
import secrets
from pathlib import Path


class Blobs:
    """A folder of blobs. The calls block on small files: run them in a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> tuple[str, bytes]:
        """Stores bytes; returns (key, sha256)."""
        key = secrets.token_hex(16)
        path = self.path(key)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = path.with_suffix(".part")
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        return key, hashlib.sha256(content).digest()

    def path(self, key: str) -> Path:
        """Where a blob lies. Keys are ours (32 hexadecimal digits), never a caller's text."""
        if len(key) != 32 or not set(key) <= set("0123456789abcdef"):
            raise ValueError("not a blob key")
        return self._folder / key[:2] / key

    def remove(self, key: str) -> None:
        self.path(key).unlink(missing_ok=True)
