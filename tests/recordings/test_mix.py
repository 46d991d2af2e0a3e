"""Tracks beside each other: sides, offsets, sums; and wavs whose head says nothing."""

from __future__ import annotations

import io
import wave
from array import array
from collections.abc import Sequence
from pathlib import Path

import pytest
import soundfile

from atiende.demo.phone.audio import RATE, rms, share, tone
from atiende.recordings.mix import BARS, Laid, Mixed, length, mix
from atiende.recordings.wave import NotSoundError, sound


def laid(samples: Sequence[int], start_s: float = 0, *, customer: bool, rate: int = RATE) -> Laid:
    data = array("h", samples).tobytes()

    def read(at: int, count: int) -> bytes:
        return data[at : at + count]

    return Laid(customer, round(start_s * rate), len(samples), rate, read)


def sides(mixed: Mixed) -> tuple[list[int], list[int]]:
    found, rate = soundfile.read(io.BytesIO(mixed.opus), dtype="int16")
    assert rate == RATE
    return [int(each) for each in found[:, 0]], [int(each) for each in found[:, 1]]


def test_the_customer_is_left_and_each_agent_right_from_his_own_time() -> None:
    mixed = mix(
        [
            laid(tone(440, 6), customer=True),
            laid(tone(1000, 2), 1.0, customer=False),
            laid(tone(700, 1.5), 4.0, customer=False),
        ]
    )
    left, right = sides(mixed)
    assert mixed.duration_ms == 6000
    assert share(left, 440) > 0.95
    assert rms(right[: RATE * 9 // 10]) < 20
    assert share(right[RATE * 11 // 10 : RATE * 29 // 10], 1000) > 0.95
    assert rms(right[RATE * 32 // 10 : RATE * 39 // 10]) < 20
    assert share(right[RATE * 41 // 10 : RATE * 54 // 10], 700) > 0.95


def test_two_agents_at_once_are_added_and_never_overflow() -> None:
    loud = tone(500, 1, level=0.9)
    _, right = sides(mix([laid(loud, customer=False), laid(loud, customer=False)]))
    assert rms(right) > 0.75 * 32767
    quiet = [laid(tone(300, 1), customer=False), laid(tone(1100, 1), customer=False)]
    _, right = sides(mix(quiet))
    assert 0.4 < share(right, 300) < 0.6
    assert 0.4 < share(right, 1100) < 0.6


def test_a_track_of_16_khz_keeps_its_length_and_its_tone() -> None:
    wide = array("h", [0]) * (2 * RATE)
    narrow = tone(440, 1)
    wide[0::2], wide[1::2] = narrow, narrow
    mixed = mix([laid(wide, customer=True, rate=2 * RATE)])
    assert mixed.duration_ms == 1000
    assert share(sides(mixed)[0], 440) > 0.95


def test_the_bars_say_when_each_side_was_loud() -> None:
    mixed = mix([laid(tone(440, 30), customer=True), laid(tone(1000, 15), 15, customer=False)])
    half = len(mixed.peaks) // 2
    left, right = mixed.peaks[:half], mixed.peaks[half:]
    assert half <= BARS
    assert min(left) > 80
    assert max(right[: half // 2 - 1]) == 0
    assert min(right[half // 2 + 1 :]) > 80


def test_the_longest_track_is_the_length() -> None:
    assert length([]) == 0
    short = laid(tone(440, 1), 5, customer=False)
    assert length([laid(tone(440, 2), customer=True), short]) == 6 * RATE


def wav(path: Path, samples: Sequence[int], rate: int = RATE) -> Path:
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(array("h", samples).tobytes())
    return path


def test_a_wav_is_read_as_it_was_written(tmp_path: Path) -> None:
    found = sound(wav(tmp_path / "a.wav", tone(440, 1)))
    assert (found.samples, found.rate) == (RATE, RATE)
    assert array("h", b"".join(found.parts())) == tone(440, 1)


@pytest.mark.parametrize("told", [0, 0xFFFFFFFF])
def test_of_a_wav_whose_writer_was_killed_everything_behind_the_head_counts(
    tmp_path: Path, told: int
) -> None:
    path = wav(tmp_path / "a.wav", tone(440, 1))
    data = bytearray(path.read_bytes())
    data[4:8] = data[40:44] = told.to_bytes(4, "little")
    path.write_bytes(bytes(data) + b"\x01")  # and half a sample
    found = sound(path)
    assert found.samples == RATE
    assert array("h", b"".join(found.parts())) == tone(440, 1)


@pytest.mark.parametrize("data", [b"", b"RIFF", b"no sound at all" * 9])
def test_what_is_no_sound_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.wav").write_bytes(data)
    with pytest.raises(NotSoundError):
        sound(tmp_path / "a.wav")
