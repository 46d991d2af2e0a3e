"""The enciphered file: read from any place, and refused when one bit of it is not as written."""

from __future__ import annotations

from pathlib import Path

import pytest

from atiende.recordings.cipher import CHUNK, MAGIC, TAG, DamagedError, Deciphered, encipher, new_key

SIZES = (0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 7)


def content(size: int) -> bytes:
    return (bytes(range(251)) * (size // 251 + 1))[:size]


def written(folder: Path, size: int) -> tuple[Path, bytes]:
    path, key = folder / f"{size}", new_key()
    parts = [content(size)[at : at + 10_007] for at in range(0, size, 10_007)]
    path.write_bytes(b"".join(encipher(key, parts)))
    return path, key


@pytest.mark.parametrize("size", SIZES)
def test_what_was_written_is_read_from_any_place(tmp_path: Path, size: int) -> None:
    path, key = written(tmp_path, size)
    file = Deciphered(path, key)
    assert file.size == size
    assert file.read(0, size + 10) == content(size)
    for start in (0, 1, CHUNK - 3, CHUNK, 2 * CHUNK + 5):
        assert file.read(start, 100) == content(size)[start : start + 100]
    file.check()


def test_nothing_of_it_stands_in_the_clear(tmp_path: Path) -> None:
    path, _ = written(tmp_path, 3 * CHUNK)
    assert content(3 * CHUNK)[:64] not in path.read_bytes()


@pytest.mark.parametrize("at", [0, len(MAGIC), 1000, CHUNK + TAG + 9, -1])
def test_one_flipped_bit_is_noticed(tmp_path: Path, at: int) -> None:
    path, key = written(tmp_path, 2 * CHUNK + 100)
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
    with pytest.raises(DamagedError):
        Deciphered(path, key).check()


def test_the_chunks_beside_a_damaged_one_are_read_and_it_is_not(tmp_path: Path) -> None:
    path, key = written(tmp_path, 3 * CHUNK)
    data = bytearray(path.read_bytes())
    data[len(MAGIC) + CHUNK + TAG + 5] ^= 1
    path.write_bytes(data)
    file = Deciphered(path, key)
    assert file.read(0, CHUNK) == content(CHUNK)
    with pytest.raises(DamagedError):
        file.read(CHUNK - 1, 2)


CHUNKED = CHUNK + TAG


@pytest.mark.parametrize(
    "how",
    [
        lambda b: b[:CHUNKED] + b[2 * CHUNKED :],  # one taken out
        lambda b: b[: 2 * CHUNKED],  # the end cut off at a border
        lambda b: b[:-3],
        lambda b: b[CHUNKED : 2 * CHUNKED] + b[:CHUNKED] + b[2 * CHUNKED :],  # two exchanged
        lambda b: b[:CHUNKED] + b,  # one doubled
        lambda b: b"",
    ],
)
def test_a_file_cut_moved_or_doubled_is_refused(tmp_path: Path, how: object) -> None:
    path, key = written(tmp_path, 3 * CHUNK - 5)
    body = path.read_bytes()[len(MAGIC) :]
    path.write_bytes(MAGIC + how(body))  # type: ignore[operator]
    with pytest.raises(DamagedError):
        Deciphered(path, key).check()


def test_another_key_opens_nothing(tmp_path: Path) -> None:
    path, _ = written(tmp_path, 10)
    with pytest.raises(DamagedError):
        Deciphered(path, new_key()).read(0, 10)
