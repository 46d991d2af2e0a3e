"""`atiende backup FILE`: one file with the database, the attachments and a list of checksums.

The database is dumped first and the attachments copied after it: an attachment's file is written
before its row and never changed, so whatever the dump names is there. The key that opens stored
secrets is left out on purpose, and the command says so. Called by the command line; `restore` is
the other half and shares the names below.
"""

import asyncio
import gzip
import hashlib
import io
import json
import os
import subprocess
import tarfile
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg

from atiende import __version__
from atiende.core.problem import Problem
from atiende.engines import dsn_of, start
from atiende.engines.cluster import environment, find_binaries
from atiende.house import state
from atiende.house.words import speaker
from atiende.settings import Settings

FORMAT = 1
DUMP = "database.dump"
BLOBS = "blobs"
MANIFEST = "manifest.json"


def backup(settings: Settings, file: Path) -> int:
    """Make the backup, whole or not at all."""
    if file.exists():
        raise Problem(400, "backup_exists", path=str(file))
    own = settings.data_dir / "postgres"
    if not settings.database_url and not own.exists():
        raise Problem(404, "backup_empty", path=str(settings.data_dir))
    half = file.with_name(file.name + ".part")
    try:
        count = asyncio.run(_backup(settings, half))
        half.rename(file)
    except OSError as error:
        raise Problem(500, "backup_failed", reason=str(error)) from error
    finally:
        half.unlink(missing_ok=True)
    say = speaker(settings.language)
    size = f"{file.stat().st_size / 2**20:.1f}"
    say("backup.done", path=file, size=size, blobs=count)
    present = settings.key_file.exists()
    say("backup.key_apart" if present else "backup.no_key", key=settings.key_file)
    return 0


@asynccontextmanager
async def database(settings: Settings) -> AsyncIterator[str]:
    """The address of this installation's database, started for the moment when it is stopped."""
    running = dsn_of(settings)
    if running is not None:
        yield running
        return
    with state.lock(settings):
        engine = await start(settings)
        try:
            yield engine.dsn
        finally:
            await engine.stop()


def postgres_tool(settings: Settings, dsn: str, *command: str) -> None:
    """Run pg_dump or pg_restore; the password travels in the environment, not on the line."""
    program = str(find_binaries(settings) / command[0])
    done = subprocess.run(
        [program, *command[1:]],
        capture_output=True,
        text=True,
        check=False,
        env={**environment(), **connection_environment(dsn)},
    )
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or [str(done.returncode)]
        errors = [line for line in lines if "error" in line.lower()]
        raise OSError((errors or lines)[0])


def connection_environment(dsn: str) -> dict[str, str]:
    """libpq's variables for an address."""
    parts = urlsplit(dsn)
    host = parts.hostname or parse_qs(parts.query).get("host", [""])[0]
    found = {
        "PGHOST": host,
        "PGPORT": str(parts.port or 5432),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": unquote(parts.path.lstrip("/")),
    }
    return {name: value for name, value in found.items() if value}


async def _backup(settings: Settings, half: Path) -> int:
    file = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with tempfile.TemporaryDirectory(prefix="atiende-") as folder, os.fdopen(file, "wb") as out:
        dump = Path(folder) / DUMP
        async with database(settings) as dsn:
            migrations = await applied(dsn)
            arguments = ("--format=custom", "--no-owner", "--file", str(dump))
            await asyncio.to_thread(postgres_tool, settings, dsn, "pg_dump", *arguments)
        return await asyncio.to_thread(_pack, settings, out, dump, migrations)


def _pack(settings: Settings, out: io.BufferedWriter, dump: Path, migrations: list[str]) -> int:
    sums: dict[str, str] = {}
    # The dump is compressed already, and so are most attachments: the quickest level is enough.
    with (
        gzip.GzipFile(fileobj=out, mode="wb", compresslevel=1) as packed,
        tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar,
    ):
        _add(tar, dump, DUMP, sums)
        for path in sorted(settings.blobs_dir.rglob("*")):
            if path.is_file() and not path.name.startswith("."):
                _add(tar, path, f"{BLOBS}/{path.relative_to(settings.blobs_dir)}", sums)
        manifest = {
            "format": FORMAT,
            "version": __version__,
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "migrations": migrations,
            "sha256": sums,
        }
        text = json.dumps(manifest, indent=1).encode()
        member = tarfile.TarInfo(MANIFEST)
        member.size = len(text)
        tar.addfile(member, io.BytesIO(text))
    out.flush()
    os.fsync(out.fileno())
    return len(sums) - 1


def _add(tar: tarfile.TarFile, path: Path, name: str, sums: dict[str, str]) -> None:
    member = tarfile.TarInfo(name)
    with path.open("rb") as content:
        sums[name] = hashlib.file_digest(content, "sha256").hexdigest()
        member.size = content.tell()
        content.seek(0)
        tar.addfile(member, content)


async def applied(dsn: str) -> list[str]:
    """The migrations that the database has had."""
    connection = await asyncpg.connect(dsn, timeout=20)
    try:
        if not await connection.fetchval("SELECT to_regclass('migrations') IS NOT NULL"):
            return []
        rows = await connection.fetch("SELECT name FROM migrations ORDER BY name")
        return [str(row["name"]) for row in rows]
    finally:
        await connection.close()
