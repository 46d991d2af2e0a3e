"""Sound as numbers: G.711 both laws, tones, how much of a sound is one tone, wav files.  PURE
but for ``read_wav``.

Samples are ``array('h')``: 16 bits signed, 8,000 a second.  G.711 follows ITU-T G.711 (2000-02
software tools' way of counting): A-law keeps 13 bits, µ-law 14 with a bias of 33.
"""

from __future__ import annotations

import math
import wave
from array import array
from collections.abc import Sequence
from functools import cache
from pathlib import Path

RATE = 8_000
FRAME = 160  # samples in 20 ms
ALAW, ULAW = 8, 0  # static RTP payload types (RFC 3551)
SILENCE = {ALAW: 0xD5, ULAW: 0xFF}


def _from_alaw(code: int) -> int:
    code ^= 0x55
    part, step = code & 0x0F, (code >> 4) & 7
    value = (part << 4) + 8 if step == 0 else ((part << 4) + 0x108) << (step - 1)
    return value if code & 0x80 else -value


def _from_ulaw(code: int) -> int:
    code = ~code & 0xFF
    value = ((((code & 0x0F) << 3) + 0x84) << ((code >> 4) & 7)) - 0x84
    return -value if code & 0x80 else value


@cache
def _decoding(law: int) -> tuple[int, ...]:
    one = _from_alaw if law == ALAW else _from_ulaw
    return tuple(one(code) for code in range(256))


@cache
def _encoding(law: int) -> bytes:
    """The nearest code for each of the 65,536 samples, found by walking both sorted lists."""
    codes = sorted(range(256), key=lambda code: _decoding(law)[code])
    values = [_decoding(law)[code] for code in codes]
    table, at = bytearray(), 0
    for sample in range(-32768, 32768):
        while at < 255 and abs(values[at + 1] - sample) <= abs(values[at] - sample):
            at += 1
        table.append(codes[at])
    return bytes(table)


def encode(samples: Sequence[int], law: int = ALAW) -> bytes:
    """Samples as G.711 bytes of ``law`` (an RTP payload type: 8 A-law, 0 µ-law)."""
    table = _encoding(law)
    return bytes([table[sample + 32768] for sample in samples])


def decode(data: bytes, law: int = ALAW) -> array[int]:
    """G.711 bytes as samples."""
    table = _decoding(law)
    return array("h", [table[code] for code in data])


def tone(frequency: float, seconds: float = 1.0, level: float = 0.4) -> array[int]:
    """A sine of ``frequency`` Hz; ``level`` 1.0 is full scale."""
    top, turn = 32767 * level, 2 * math.pi * frequency / RATE
    return array("h", [round(top * math.sin(turn * n)) for n in range(int(seconds * RATE))])


def rms(samples: Sequence[int]) -> float:
    """How loud: the root of the mean square, 0 for nothing at all."""
    if not samples:
        return 0.0
    return math.sqrt(sum(sample * sample for sample in samples) / len(samples))


def share(samples: Sequence[int], frequency: float) -> float:
    """How much of the sound's energy lies at ``frequency`` Hz, 0 to 1 (Goertzel's filter).

    Measured in blocks of 100 ms, so that a gap or a jump of phase costs only its own block.
    """
    block, total, found = RATE // 10, 0.0, 0.0
    turn = 2 * math.cos(2 * math.pi * frequency / RATE)
    for start in range(0, len(samples) - block + 1, block):
        before = earlier = 0.0
        for sample in samples[start : start + block]:
            before, earlier = sample + turn * before - earlier, before
            total += sample * sample
        power = before * before + earlier * earlier - turn * before * earlier
        found += 2 * power / block
    return min(1.0, found / total) if total else 0.0


def read_wav(path: Path) -> array[int]:
    """A mono wav of 16 bits at 8 or 16 kHz, as samples.  ValueError for any other."""
    with wave.open(str(path), "rb") as file:
        shape = (file.getnchannels(), file.getsampwidth(), file.getframerate())
        samples = array("h", file.readframes(file.getnframes()))
    if shape[:2] != (1, 2) or shape[2] not in (RATE, 2 * RATE):
        raise ValueError("only mono wav of 16 bits at 8 or 16 kHz")
    return samples if shape[2] == RATE else halve(samples)


def halve(samples: Sequence[int]) -> array[int]:
    """Every second sample, after a short low pass that keeps the upper half from folding down."""
    taps = (-0.032, 0.0, 0.286, 0.492, 0.286, 0.0, -0.032)
    padded = [0, 0, 0, *samples, 0, 0, 0]
    return array(
        "h",
        [
            max(-32768, min(32767, round(sum(t * padded[n + k] for k, t in enumerate(taps)))))
            for n in range(0, len(samples), 2)
        ],
    )
