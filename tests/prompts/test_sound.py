"""A sound file becomes what telephones play, or is refused."""

import io
import random
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
import soundfile

from atiende.core.problem import Problem
from atiende.prompts import sound
from atiende.prompts.sound import HZ, read_apart, read_sound
from tests.prompts.files import HOSTILE, file, share


@pytest.mark.parametrize(
    ("kind", "form", "hz"),
    [
        ("WAV", "PCM_16", 8_000), ("WAV", "PCM_U8", 11_025), ("WAV", "PCM_24", 44_100),
        ("WAV", "FLOAT", 48_000), ("WAV", "ALAW", 8_000), ("FLAC", "PCM_16", 22_050),
        ("OGG", "VORBIS", 44_100), ("OGG", "OPUS", 48_000), ("MP3", "MPEG_LAYER_III", 44_100),
    ],
)  # fmt: skip
@pytest.mark.parametrize("channels", [1, 2])
def test_every_usual_file_is_played_as_it_sounded(
    kind: str, form: str, hz: int, channels: int
) -> None:
    made = read_sound(file(kind, form, hz, channels=channels))
    with soundfile.SoundFile(io.BytesIO(made.wav)) as wav:
        assert (wav.samplerate, wav.channels, wav.subtype) == (HZ, 1, "PCM_16")
    assert made.seconds == pytest.approx(1, abs=0.1)
    assert share(made.wav, 700) > 0.95


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_sound_is_refused(content: bytes) -> None:
    with pytest.raises(Problem) as refused:
        read_sound(content)
    assert refused.value.key in ("sound_refused", "sound_length")


def test_too_short_and_too_long_are_refused() -> None:
    for seconds in (0.1, 601):
        with pytest.raises(Problem, match="sound_length"):
            read_sound(file(hz=8_000, seconds=seconds))


def test_no_change_of_a_file_does_more_than_be_refused() -> None:
    draw = random.Random(1)
    whole = [file(), file("OGG", "VORBIS"), file("MP3", "MPEG_LAYER_III"), file("FLAC", "PCM_16")]
    for n in range(200):
        content = bytearray(whole[n % 4])
        for _ in range(draw.randrange(1, 30)):
            content[draw.randrange(min(len(content), 400))] = draw.randrange(256)
        with suppress(Problem):
            assert read_sound(bytes(content)).seconds <= 601


def test_ten_minutes_are_ready_in_moments() -> None:
    content = file(hz=44_100, seconds=300)
    began = time.process_time()
    assert read_sound(content).seconds == pytest.approx(300, abs=0.01)
    assert time.process_time() - began < 30


async def test_a_file_is_read_in_a_process_of_its_own() -> None:
    content = file("OGG", "VORBIS", 44_100)
    assert await read_apart(content) == read_sound(content)
    with pytest.raises(Problem, match="sound_length"):
        await read_apart(file(seconds=0.1))
    with pytest.raises(Problem, match="sound_refused"):
        await read_apart(HOSTILE["a program"])


async def test_a_reader_that_dies_or_hangs_costs_the_file_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    python = sys.executable
    for body, patience in (("import os; os.abort()", 20.0), ("while True: pass", 0.5)):
        program = tmp_path / "python"
        program.write_text(f"#!{python}\n{body}\n")
        program.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(program))
        monkeypatch.setattr(sound, "PATIENCE_S", patience)
        with pytest.raises(Problem, match="sound_refused"):
            await read_apart(file())
