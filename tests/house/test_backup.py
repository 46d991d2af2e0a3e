"""A backup is worth what it restores: made, carried to an empty folder, compared; and refused."""

import asyncio
import gzip
import io
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from atiende.engines import dsn_of
from atiende.settings import Settings
from tests.house.running import Product, atiende, in_folder

Make = Callable[..., Product]

pytestmark = pytest.mark.house

#: As the program makes it: any bytes, a new line at the end among them.
KEY = bytes(range(200, 231)) + b"\n"
TOKEN = "4b0b4e2a-93c1-4f0e-8ad0-0d6f3a7c1f55"
BLOB = bytes(range(256)) * 64


def asked(settings: Settings, sql: str) -> str:
    async def run() -> str:
        dsn = dsn_of(settings)
        assert dsn is not None
        connection = await asyncpg.connect(dsn)
        try:
            return str(await connection.fetchval(sql))
        finally:
            await connection.close()

    return asyncio.run(run())


@dataclass(frozen=True)
class Copy:
    """A backup, and the stopped product that it was made of."""

    file: Path
    source: Path


@pytest.fixture(scope="module")
def copy(prepared: Path) -> Iterator[Copy]:
    """A backup of a running product with a row, an attachment and a key; made once."""
    folder = Path(tempfile.mkdtemp(prefix="at-"))
    shutil.copytree(prepared, folder / "data")
    running = Product(folder / "data")
    try:
        running.start().ready()
        asked(running.settings, f"INSERT INTO teams (name) VALUES ('{TOKEN}') RETURNING name")
        blob = running.data / "blobs" / "ab" / "cdef"
        blob.parent.mkdir(parents=True)
        blob.write_bytes(BLOB)
        running.settings.key_file.unlink(missing_ok=True)
        running.settings.key_file.write_bytes(KEY)
        done = atiende("backup", folder / "copy.tar.gz", "--data", running.data)
        assert done.returncode == 0, done.stderr
        assert "NO está en la copia" in done.stdout
        assert str(running.settings.key_file) in done.stdout
        assert running.stop() == 0
        yield Copy(folder / "copy.tar.gz", running.data)
    finally:
        running.end()
        shutil.rmtree(folder, ignore_errors=True)


def test_a_backup_restored_in_an_empty_folder_has_everything(
    copy: Copy, product: Make, place: Path
) -> None:
    key = copy.source / "secret.key"
    done = atiende("restore", copy.file, "--data", place / "new", "--key", key)
    assert done.returncode == 0, done.stderr
    restored = product("new").start().ready()
    assert asked(restored.settings, f"SELECT name FROM teams WHERE name = '{TOKEN}'") == TOKEN
    assert (restored.data / "blobs" / "ab" / "cdef").read_bytes() == BLOB
    assert restored.settings.key_file.read_bytes() == KEY
    assert restored.settings.key_file.stat().st_mode & 0o777 == 0o600
    assert restored.get().status_code == 200


def test_a_file_that_is_no_key_is_refused_before_anything_is_made(copy: Copy, place: Path) -> None:
    (place / "some.key").write_text("not a key\n")
    done = atiende("restore", copy.file, "--data", place / "new", "--key", place / "some.key")
    assert done.returncode != 0
    assert len(done.stderr.splitlines()) == 1
    assert "some.key" in done.stderr
    assert not (place / "new").exists()


def test_the_key_is_not_inside_and_the_file_is_private(copy: Copy) -> None:
    with tarfile.open(copy.file) as tar:
        names = tar.getnames()
        contents = b"".join(f.read() for m in tar if (f := tar.extractfile(m)) is not None)
    assert sorted(names) == ["blobs/ab/cdef", "database.dump", "manifest.json"]
    assert KEY not in contents
    assert copy.file.stat().st_mode & 0o777 == 0o600


def test_a_restore_refuses_a_folder_that_is_not_empty(copy: Copy, place: Path) -> None:
    done = atiende("restore", copy.file, "--data", copy.source)
    assert done.returncode == 2
    assert "no está vacía" in done.stderr


@pytest.mark.parametrize("change", ["altered", "cut", "added"])
def test_a_restore_refuses_an_altered_backup_and_leaves_nothing(
    copy: Copy, place: Path, change: str
) -> None:
    broken = place / "broken.tar.gz"
    broken.write_bytes(CHANGES[change](copy.file.read_bytes()))
    done = atiende("restore", broken, "--data", place / "new")
    assert done.returncode == 2, done.stderr
    assert "no está completa o fue alterada" in done.stderr
    assert not (place / "new").exists()
    assert [p for p in place.iterdir() if "restoring" in p.name] == []
    assert in_folder(place) == []


def altered(content: bytes) -> bytes:
    return gzip.compress(gzip.decompress(content).replace(BLOB[:300], BLOB[1:301]))


def cut(content: bytes) -> bytes:
    return content[: len(content) * 3 // 4]


def added(content: bytes) -> bytes:
    """One more member, with a name that tries to leave the folder."""
    out = io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(content)) as old,
        tarfile.open(fileobj=out, mode="w:gz") as new,
    ):
        for member in old:
            new.addfile(member, old.extractfile(member))
        strange = tarfile.TarInfo("../escaped")
        strange.size = 4
        new.addfile(strange, io.BytesIO(b"here"))
    return out.getvalue()


CHANGES: dict[str, Callable[[bytes], bytes]] = {"altered": altered, "cut": cut, "added": added}


def test_a_backup_of_a_stopped_product_starts_the_database_for_the_moment(
    product: Make, place: Path
) -> None:
    stopped = product()
    done = atiende("backup", place / "copy.tar.gz", "--data", stopped.data)
    assert done.returncode == 0, done.stderr
    assert in_folder(stopped.data) == []
    again = atiende("backup", place / "copy.tar.gz", "--data", stopped.data)
    assert again.returncode == 2
    assert "Ya existe" in again.stderr
    assert atiende("backup", place / "x", "--data", place / "nothing").returncode == 2
