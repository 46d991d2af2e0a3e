"""A sound file as it was uploaded, made into what telephones play: 16 bits, one channel, 16 kHz.

WAV, FLAC, Ogg and MP3 are read by libsndfile. The bytes are a stranger's: what is read is bounded
by length, not by what the file says of itself, and it is read in a process of its own
(``read_apart`` runs this file), for a fault in a library must end no call. Asterisk brings it down
to 8 kHz where it must.
"""

from __future__ import annotations

import asyncio
import io
import os
import resource
import sys
from asyncio.subprocess import DEVNULL, PIPE
from dataclasses import dataclass
from math import gcd
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atiende.core.problem import Problem

if TYPE_CHECKING:
    import numpy as np

    Samples = np.ndarray[Any, np.dtype[np.float32]]

HZ, LEAST_S, MOST_S = 16_000, 0.2, 600
FORMATS = frozenset({"WAV", "WAVEX", "FLAC", "OGG", "MP3"})
#: No prompt needs more; and a file of ten minutes stays within some hundred MB while it is read.
MOST_CHANNELS, LEAST_HZ, MOST_HZ = 2, 4_000, 48_000
#: Of the resampling kernel, in zero crossings to each side.
ZEROS = 16
BLOCK = 65_536
#: Of the process that reads: how long, how much memory, and how it says what is wrong.
PATIENCE_S, CPU_S, MEMORY = 120.0, 60, 3 * 2**30
REFUSED, LENGTH = 3, 4
WAV_HEAD = 44


@dataclass(frozen=True, slots=True)
class Sound:
    """``wav`` is the file that is kept and played."""

    wav: bytes
    seconds: float


async def read_apart(content: bytes) -> Sound:
    """``read_sound`` in a process of its own, within bounds of time and memory; what it dies of is
    the file's fault. Problems as there."""
    path = str(Path(__file__).parents[2])
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-P", __file__,
        stdin=PIPE, stdout=PIPE, stderr=DEVNULL,
        env={**os.environ, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    try:
        wav, _ = await asyncio.wait_for(child.communicate(content), PATIENCE_S)
    except TimeoutError:
        raise Problem(415, "sound_refused") from None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode == LENGTH:
        raise Problem(422, "sound_length", minutes=MOST_S // 60)
    if child.returncode != 0:
        raise Problem(415, "sound_refused")
    return Sound(wav, (len(wav) - WAV_HEAD) / 2 / HZ)


def read_sound(content: bytes) -> Sound:
    """Problem 415 `sound_refused` (no such file, or none that can be
    read), 422 `sound_length` (shorter than 0.2 s, or longer than ten minutes)."""
    import numpy as np
    import soundfile

    try:
        with soundfile.SoundFile(io.BytesIO(content)) as file:
            if file.format not in FORMATS or file.channels > MOST_CHANNELS:
                raise Problem(415, "sound_refused")
            if not LEAST_HZ <= file.samplerate <= MOST_HZ:
                raise Problem(415, "sound_refused")
            rate, most = file.samplerate, MOST_S * file.samplerate
            blocks, frames = [], 0
            while frames <= most and len(block := file.read(BLOCK, "float32", always_2d=True)):
                blocks.append(block.mean(axis=1))
                frames += len(block)
    except (soundfile.SoundFileError, RuntimeError, ValueError) as error:
        raise Problem(415, "sound_refused") from error
    if not LEAST_S * rate <= frames <= most:
        raise Problem(422, "sound_length", minutes=MOST_S // 60)
    samples = _resampled(np.nan_to_num(np.concatenate(blocks)), rate)
    out = io.BytesIO()
    soundfile.write(out, np.clip(samples, -1, 1), HZ, format="WAV", subtype="PCM_16")
    return Sound(out.getvalue(), len(samples) / HZ)


def _resampled(samples: Samples, rate: int) -> Samples:
    """To 16 kHz by a windowed sinc; each place between two samples has weights of its own."""
    import numpy as np

    if rate == HZ:
        return samples
    up, down = HZ // gcd(HZ, rate), rate // gcd(HZ, rate)
    narrow = min(1.0, HZ / rate) * 0.95
    reach = int(ZEROS / narrow) + 1
    taps = np.arange(1 - reach, reach + 1)
    padded = np.concatenate([np.zeros(reach), samples, np.zeros(reach + 1)]).astype(np.float32)
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach)
    made = np.empty(int(len(samples) * up / down), dtype=np.float32)
    for n in range(min(up, len(made))):
        near, part = divmod(n * down, up)
        away = taps - part / up
        weights = np.sinc(away * narrow) * (0.5 + 0.5 * np.cos(np.pi * away / (reach + 1)))
        weights = (weights / weights.sum()).astype(np.float32)
        places = made[n::up]
        places[:] = around[near + 1 :: down][: len(places)] @ weights
    return made


def main() -> int:
    """A file at the standard input; what is made of it, at the output."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        made = read_sound(sys.stdin.buffer.read())
    except Problem as problem:
        return LENGTH if problem.key == "sound_length" else REFUSED
    sys.stdout.buffer.write(made.wav)
    return 0


if __name__ == "__main__":
    sys.exit(main())
