"""The tracks of a call laid beside each other: the customer left, the agents right, as Opus.

Each track begins at its own time; where two agents speak at once they are added. It goes through
in blocks, so that a call of hours needs no more memory than one of minutes. The encoder is
libsndfile's (decisions/0015); it is loaded when the first call is mixed.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.int16]

RATE = 8_000
BLOCK = 10 * RATE
#: How many bars a waveform has at most, and how much of the sound one stands for at least.
BARS, BAR_MS = 400, 50
#: libsndfile's scale from 0 (most bits) to 1; 0.95 gives about 38 kbit/s for two.
COMPRESSION = 0.95


@dataclass(frozen=True, slots=True)
class Laid:
    """A track in its place. ``read(start, count)`` gives bytes of its samples; ``start`` is where
    it begins in the mix, both in samples of ``rate``."""

    is_customer: bool
    start: int
    samples: int
    rate: int
    read: Callable[[int, int], bytes]


@dataclass(frozen=True, slots=True)
class Mixed:
    """``opus`` is an Ogg file; ``peaks`` as the row has them."""

    opus: bytes
    duration_ms: int
    peaks: bytes


def length(tracks: Sequence[Laid]) -> int:
    """How long the mix is, in its own samples."""
    return max((_start(track) + _count(track) for track in tracks), default=0)


def mix(tracks: Sequence[Laid]) -> Mixed:
    """All of it. Blocks for as long as it takes: some half a second for each minute of talk."""
    import numpy as np
    import soundfile

    whole = length(tracks)
    out = io.BytesIO()
    bar = max(RATE * BAR_MS // 1000, -(-whole // BARS))
    loud = np.zeros((2, -(-whole // bar)), dtype=np.int32)
    kind: dict[str, Any] = {"format": "OGG", "subtype": "OPUS", "compression_level": COMPRESSION}
    with soundfile.SoundFile(out, "w", RATE, 2, **kind) as file:
        for at in range(0, whole, BLOCK):
            count = min(BLOCK, whole - at)
            sides = np.zeros((count, 2), dtype=np.int32)
            for track in tracks:
                _add(sides, track, at)
            sides = np.clip(sides, -32768, 32767)
            _measure(loud, np.abs(sides), at, bar)
            file.write(sides.astype(np.int16))
    peaks = np.minimum(255, loud // 128).astype(np.uint8).tobytes()
    return Mixed(out.getvalue(), whole * 1000 // RATE, peaks)


def _start(track: Laid) -> int:
    return track.start * RATE // track.rate


def _count(track: Laid) -> int:
    return track.samples * RATE // track.rate


def _add(sides: NDArray[np.int32], track: Laid, at: int) -> None:
    """What of a track falls into the block that begins at ``at``."""
    begin, end = _start(track), _start(track) + _count(track)
    low, high = max(at, begin), min(at + len(sides), end)
    if low < high:
        samples = _samples(track, low - begin, high - low)
        sides[low - at : low - at + len(samples), 0 if track.is_customer else 1] += samples


def _samples(track: Laid, start: int, count: int) -> Samples:
    """At 8 kHz: of a wider track every second sample, after the mean with its neighbour."""
    import numpy as np

    step = track.rate // RATE
    data = track.read(start * step * 2, count * step * 2)
    found: Samples = np.frombuffer(data[: len(data) // 2 * 2], dtype="<i2")
    if step == 1:
        return found
    pairs = found[: len(found) // step * step].reshape(-1, step)
    narrow: Samples = pairs.mean(axis=1).astype(np.int16)
    return narrow


def _measure(loud: NDArray[np.int32], sides: NDArray[np.int32], at: int, bar: int) -> None:
    """The loudest sample of each bar."""
    import numpy as np

    edges = np.arange(-(at % bar), len(sides), bar).clip(0)
    found = np.maximum.reduceat(sides, edges, axis=0).T
    first = at // bar
    part = loud[:, first : first + len(edges)]
    np.maximum(part, found, out=part)
