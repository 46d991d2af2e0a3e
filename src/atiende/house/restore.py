"""`atiende restore FILE --data DIR`: a backup becomes a data folder, checked, whole or not at all.

Everything is unpacked, verified and loaded in a folder beside the wanted one, which takes its
name only at the end. Called by the command line.
"""

import asyncio
import hashlib
import json
import os
import shutil
import tarfile
import zlib
from dataclasses import replace
from pathlib import Path, PurePosixPath

import asyncpg

from atiende.accounts import keep_key, key_in
from atiende.core.problem import Problem
from atiende.engines import start
from atiende.house.backup import BLOBS, DUMP, FORMAT, MANIFEST, postgres_tool
from atiende.house.words import speaker
from atiende.settings import Settings
from atiende.store import known_migrations


def restore(settings: Settings, file: Path, key: Path | None) -> int:
    """Restore into an empty or new folder; refuses any other."""
    folder = settings.data_dir
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Problem(400, "restore_not_empty", path=str(folder))
    half = folder.with_name(f"{folder.name}.restoring-{os.getpid()}")
    sealing = None if key is None else key_in(key)
    try:
        half.mkdir(parents=True, mode=0o700)
        blobs = _unpack(file, half)
        tables = asyncio.run(_load(replace(settings, data_dir=half, database_url=None)))
        if sealing is not None:
            keep_key(half / settings.key_file.name, sealing)
        (half / DUMP).unlink()
        shutil.rmtree(half / "run")
        if folder.exists():
            folder.rmdir()
        half.rename(folder)
    except OSError as error:
        raise Problem(500, "restore_failed", reason=str(error)) from error
    finally:
        shutil.rmtree(half, ignore_errors=True)
    say = speaker(settings.language)
    say("restore.done", path=folder, tables=tables, blobs=blobs)
    if not settings.key_file.exists():
        say("restore.key_missing", key=settings.key_file)
    say("restore.next", path=folder)
    return 0


def _unpack(file: Path, half: Path) -> int:
    """Take the members out, then compare each with the list; the number of attachments."""
    try:
        with tarfile.open(file, "r:*") as tar:
            for member in tar:
                _take(tar, member, half)
    except FileNotFoundError:
        raise
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise Problem(400, "restore_broken", path=str(file), reason=str(error)) from error
    try:
        manifest = json.loads((half / MANIFEST).read_text())
        sums: dict[str, str] = manifest["sha256"]
        names: list[str] = manifest["migrations"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Problem(400, "restore_broken", path=str(file), reason=MANIFEST) from error
    unknown = sorted(set(names) - {migration.name for migration in known_migrations()})
    if unknown or manifest.get("format", 0) > FORMAT:
        raise Problem(400, "restore_newer", name=(unknown or ["?"])[-1])
    (half / MANIFEST).unlink()
    found = {str(path.relative_to(half)) for path in half.rglob("*") if path.is_file()}
    if strange := sorted(found ^ set(sums)):
        raise Problem(400, "restore_broken", path=str(file), reason=strange[0])
    for name, wanted in sums.items():
        with (half / name).open("rb") as content:
            if hashlib.file_digest(content, "sha256").hexdigest() != wanted:
                raise Problem(400, "restore_broken", path=str(file), reason=name)
    (half / BLOBS).mkdir(exist_ok=True)
    return len(sums) - 1


def _take(tar: tarfile.TarFile, member: tarfile.TarInfo, half: Path) -> None:
    """One member into the folder; only what a backup holds, and never outside of it.

    By hand, because Python before 3.11.4 (Debian 12's) has no filters for `extractall`.
    """
    name = PurePosixPath(member.name)
    content = tar.extractfile(member) if member.isreg() else None
    expected = name.parts[0] == BLOBS or member.name in {DUMP, MANIFEST}
    if content is None or not expected or ".." in name.parts:
        raise tarfile.TarError(member.name)
    (half / name).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with content, (half / name).open("xb") as out:
        shutil.copyfileobj(content, out)


async def _load(settings: Settings) -> int:
    """Make a cluster in the half-made folder and load the dump; the number of tables."""
    engine = await start(settings)
    try:
        dump = str(settings.data_dir / DUMP)
        arguments = ("--no-owner", "--exit-on-error", "--single-transaction", "--dbname=atiende")
        await asyncio.to_thread(
            postgres_tool,
            settings,
            engine.dsn,
            "pg_restore",
            "--clean",
            "--if-exists",
            *arguments,
            dump,
        )
        connection = await asyncpg.connect(engine.dsn, timeout=20)
        try:
            return int(
                await connection.fetchval(
                    "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
                )
            )
        finally:
            await connection.close()
    finally:
        await engine.stop()
