"""Sound files as people upload them, and as strangers would."""

import io
import struct
from typing import Any

import numpy as np
import soundfile

from tests.product import Person


def file(kind: str = "WAV", form: str = "PCM_16", hz: int = 16_000, **more: Any) -> bytes:
    """A tone of ``pitch`` (700 Hz), ``seconds`` long (1), in ``channels`` (1)."""
    seconds, channels = more.get("seconds", 1.0), more.get("channels", 1)
    at = np.arange(int(hz * seconds)) / hz
    samples = np.repeat(
        (0.3 * np.sin(2 * np.pi * more.get("pitch", 700) * at))[:, None], channels, axis=1
    )
    out = io.BytesIO()
    soundfile.write(out, samples, hz, format=kind, subtype=form)
    return out.getvalue()


async def put(who: Person, name: str, content: bytes, status: int = 200, **more: str) -> Any:
    """Uploads one."""
    form = {"name": name, "kind": "prompt", **more}
    files = {"file": ("audio.wav", content, "audio/wav")}
    answer = await who.http.post("/api/admin/prompts", data=form, files=files)
    assert answer.status_code == status, answer.text
    return answer.json()


def share(wav: bytes, pitch: float) -> float:
    """How much of a file is one tone, from 0 to 1."""
    samples, hz = soundfile.read(io.BytesIO(wav), dtype="float32")
    waves = np.exp(-2j * np.pi * pitch * np.arange(len(samples)) / hz)
    found: float = 2 * abs(np.dot(samples, waves)) ** 2 / (len(samples) * np.dot(samples, samples))
    return found


def forged(**lies: int) -> bytes:
    """A WAV whose header says what is not so."""
    said = {"riff": 36, "code": 1, "channels": 1, "hz": 16_000, "block": 2, "bits": 16, "data": 64}
    said |= lies
    form = (
        said["code"],
        said["channels"],
        said["hz"],
        said["hz"] * 2 % 2**32,
        said["block"],
        said["bits"],
    )
    head = b"RIFF" + struct.pack("<I", said["riff"]) + b"WAVEfmt \x10\0\0\0"
    return head + struct.pack("<HHIIHH", *form) + b"data" + struct.pack("<I", said["data"])


HOSTILE: dict[str, bytes] = {
    "nothing but a name": b"RIFF",
    "text": b"hola, soy un audio" * 40,
    "a program": b"\x7fELF" + bytes(4_000),
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(4_000),
    "a page": b"<!doctype html><script>alert(1)</script>" * 20,
    "no channels": forged(channels=0) + bytes(64),
    "more channels than telephones have": file(channels=6),
    "a thousand channels": forged(channels=1_000, block=2_000) + bytes(64),
    "no rate": forged(hz=0) + bytes(64),
    "a rate beyond sense": forged(hz=4_000_000_000) + bytes(64),
    "four gigabytes that are not there": forged(data=0xFFFFFFFF, riff=0xFFFFFFFF),
    "an MP3 that is cut off": file("MP3", "MPEG_LAYER_III")[:40],
    "an Ogg with noise inside": file("OGG", "VORBIS")[:600] + bytes(range(256)) * 20,
    "a format that nobody plays": file("AU", "PCM_16"),
}
