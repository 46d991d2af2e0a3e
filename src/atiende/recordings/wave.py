"""The samples of a wav of Asterisk's, whatever its head says.

Asterisk writes the sizes into the head when it closes the file. One that was killed leaves them at
nothing: then everything behind the head is sound, and the last half sample is dropped.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PART = 256 * 1024
RATES = frozenset({8_000, 16_000})


class NotSoundError(ValueError):
    """A file without a wav's head, or of a kind that we never ask for."""


@dataclass(frozen=True, slots=True)
class Sound:
    """``start`` and ``end`` in bytes: mono, 16 bits, little-endian, ``rate`` a second."""

    path: Path
    rate: int
    start: int
    end: int

    @property
    def samples(self) -> int:
        return (self.end - self.start) // 2

    def parts(self) -> Iterator[bytes]:
        """The samples as bytes."""
        left = self.samples * 2
        with self.path.open("rb") as file:
            file.seek(self.start)
            while left and (part := file.read(min(PART, left))):
                left -= len(part)
                yield part


def sound(path: Path) -> Sound:
    """Where the sound of a file is. NotSoundError; OSError when there is no file."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(4096)
    if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        raise NotSoundError
    at, rate = 12, 0
    while at + 8 <= len(head):
        name, length = head[at : at + 4], int.from_bytes(head[at + 4 : at + 8], "little")
        if name == b"fmt ":
            kind, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", head, at + 8)
            if (kind, channels, bits) != (1, 1, 16) or rate not in RATES:
                raise NotSoundError
        if name == b"data" and rate:
            start = at + 8
            told = start + length
            return Sound(path, rate, start, told if start < told <= size else size)
        at += 8 + length + length % 2
    raise NotSoundError
