"""From plain files to a recording that may be heard: the loop beside that of the calls.

Theory of operation
-------------------
The rows say what is to be done; nothing is remembered between two rounds, so that a program killed
anywhere goes on where it stopped.

1. *Seal*: a track that is over is enciphered at once (its file is read once), its row names the
   blob, and only then the plain file is removed. A file of a call that ended without a word about
   it (Asterisk died) is taken after ``QUIET``, repaired by ``wave``.
2. *Mix*: when a call is over and all of its tracks are sealed, they are mixed to stereo Opus in
   memory, enciphered, and the recording is ready. That may take its time: nothing is in the clear.
3. *Remove*: what expired; tracks that were mixed long ago; plain files that no row knows.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog

from atiende.accounts import key_in, load_key, seal, unseal
from atiende.core.problem import Problem
from atiende.recordings.cipher import DamagedError, Deciphered, encipher, new_key
from atiende.recordings.mix import Laid, Mixed, mix
from atiende.recordings.rows import Q, show
from atiende.recordings.wave import NotSoundError, sound
from atiende.store import AWAY, Blobs, Bus, Change, Database, Row, fault, wake_event

log = structlog.get_logger("recordings")
LOOK_S = 1.0
#: How long after its end a track is left alone, for Asterisk to close the file.
QUIET = timedelta(seconds=2)
#: How long mixed tracks stay (a backup that dumps the rows first copies the files later).
KEPT_AFTER = timedelta(hours=1)
#: How old a plain file that no row knows must be to be removed, and how often that is looked at.
STRAY_S, SWEEP_S = 60.0, 20.0
TRIES = 3
WAKE = "recordings"


def opening_key(file: Path) -> bytes:
    """The house's key, to open what it closed. Problem 500 `key_file_damaged` when it is not in
    its place: a new one would open nothing."""
    return load_key(file) if file.exists() else key_in(file)


def track_secret(track: object) -> str:
    """The name that a track's key is sealed under."""
    return f"recording_track/{track}"


def recording_secret(recording: object) -> str:
    """The name that a recording's key is sealed under."""
    return f"recording/{recording}"


@dataclass
class Keeper:
    """What a round needs. ``folder`` is where Asterisk writes."""

    db: Database
    blobs: Blobs
    bus: Bus
    key_file: Path
    folder: Path
    clock: Callable[[], float] = time.time

    def __post_init__(self) -> None:
        # One at a time, and after everything else: a call is never late because another is mixed.
        self.pool = ThreadPoolExecutor(1, "mix", initializer=_humble)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock(), UTC)

    def key(self) -> bytes:
        return load_key(self.key_file)

    # --- seal

    async def seal_ended(self) -> int:
        """Enciphers what is over; how many files were taken."""
        async with self.db.connection() as conn:
            rows = await conn.fetch(Q["plain_tracks"], self.now(), QUIET)
        for row in rows:
            await self._seal(row)
        return len(rows)

    async def _seal(self, row: Row) -> None:
        path = self.folder / f"{row['name']}.wav"
        try:
            found = await asyncio.to_thread(self._enciphered, path, row["id"])
        except (FileNotFoundError, NotSoundError) as lost:
            log.warning("track_lost", error=type(lost).__name__)
            async with self.db.transaction() as conn:
                await conn.execute(Q["track_lost"], row["id"])
        except OSError as error:  # a full disk: the others are tried, and this one again
            log.error("track_not_sealed", error=type(error).__name__)
            return
        else:
            fault.reach("track_sealed")
            async with self.db.transaction() as conn:
                await conn.execute(Q["track_sealed"], row["id"], *found)
        await asyncio.to_thread(_remove, path, self.folder)

    def _enciphered(self, path: Path, track: object) -> tuple[str, bytes, int, int]:
        heard, key = sound(path), new_key()
        blob, _ = self.blobs.put_parts(encipher(key, heard.parts()))
        return blob, seal(self.key(), track_secret(track), key), heard.samples, heard.rate

    # --- mix

    async def mix_ended(self) -> int:
        """Mixes what is complete; how many recordings were taken."""
        async with self.db.connection() as conn:
            rows = await conn.fetch(Q["to_mix"])
        for row in rows:
            await self._mix(row)
        return len(rows)

    async def _mix(self, row: Row) -> None:
        async with self.db.transaction() as conn:
            tracks = await conn.fetch(Q["sealed_tracks"], row["id"])
            await conn.execute(Q["attempt"], row["id"])
        loop = asyncio.get_running_loop()
        try:
            made = await loop.run_in_executor(self.pool, self._mixed, tracks) if tracks else None
        except (OSError, DamagedError, Problem, RuntimeError, ValueError) as error:
            log.error("mix_failed", error=type(error).__name__, attempts=row["attempts"] + 1)
            if row["attempts"] + 1 >= TRIES:
                await self._told("failed", row["id"], "failed")
            return
        if made is None:
            await self._told("nothing_said", row["id"], "no")
            return
        key = new_key()
        blob, _ = await asyncio.to_thread(self.blobs.put_parts, encipher(key, [made.opus]))
        sealed = seal(self.key(), recording_secret(row["id"]), key)
        more = (blob, sealed, len(made.opus), made.duration_ms, made.peaks, tracks[0]["began"])
        await self._told("ready", row["id"], "ready", *more)

    def _mixed(self, tracks: list[Row]) -> Mixed:
        first = tracks[0]["began"]
        return mix([self._laid(track, first) for track in tracks])

    def _laid(self, track: Row, first: datetime) -> Laid:
        house = opening_key(self.key_file)
        key = unseal(house, track_secret(track["id"]), track["sealed"])
        file = Deciphered(self.blobs.path(track["blob_key"]), key)
        start = round((track["began"] - first).total_seconds() * track["rate"])
        is_customer = track["role"] == "customer"
        return Laid(is_customer, start, track["samples"], track["rate"], file.read)

    async def _told(self, query: str, recording: object, shown: str, *more: Any) -> None:
        changes: list[Change] = []
        async with self.db.transaction() as conn:
            interaction = await conn.fetchval(Q[query], recording, *more)
            if interaction is not None:
                changes = await show(conn, interaction, shown)
        self.bus.changed(changes)

    # --- remove

    async def remove_old(self) -> None:
        """What expired, what was mixed long ago, what may not be fetched any more."""
        now = self.now()
        async with self.db.connection() as conn:
            expired = await conn.fetch(Q["expired"], now)
            mixed = await conn.fetch(Q["mixed_tracks"], now, KEPT_AFTER)
            await conn.execute(Q["forget_listens"], now - timedelta(days=1))
        for row in expired:
            # The row first: a file without one is garbage, a row without its file a lie.
            async with self.db.transaction() as conn:
                await conn.execute(Q["expire"], row["id"])
                await conn.execute(Q["forget_tracks"], row["id"])
                changes = await show(conn, row["interaction_id"], "expired")
            self.bus.changed(changes)
            for blob in filter(None, (row["blob_key"], *row["tracks"])):
                await asyncio.to_thread(self.blobs.remove, blob)
        for row in mixed:
            async with self.db.transaction() as conn:
                await conn.execute(Q["forget_track"], row["id"])
            await asyncio.to_thread(self.blobs.remove, row["blob_key"])

    async def remove_strays(self) -> None:
        """Plain files that were sealed (the program died before it removed them), or of no row."""
        for path in await asyncio.to_thread(_old_files, self.folder, time.time() - STRAY_S):
            name = str(path.relative_to(self.folder).with_suffix(""))
            async with self.db.connection() as conn:
                row = await conn.fetchrow(Q["known_track"], name)
            if row is None or row["done"]:
                await asyncio.to_thread(_remove, path, self.folder)


async def run_recordings(keeper: Keeper) -> None:
    """Rounds for ever: woken when a track is over, and each second anyway."""
    wake = wake_event(keeper.bus, WAKE)
    swept = 0.0
    while True:
        wake.clear()
        try:
            busy = await keeper.seal_ended() + await keeper.mix_ended()
            if time.monotonic() - swept > SWEEP_S:
                swept = time.monotonic()
                await keeper.remove_strays()
                await keeper.remove_old()
        except AWAY as error:
            busy = 0
            log.warning("rows_away", error=type(error).__name__)
        if not busy:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(wake.wait(), LOOK_S)


def _humble() -> None:
    """Linux counts threads as processes here: only this one gives way."""
    with contextlib.suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)


def _remove(path: Path, root: Path) -> None:
    """The file, and the folders that it leaves empty."""
    path.unlink(missing_ok=True)
    for folder in path.parents:
        if folder == root:
            return
        try:
            folder.rmdir()
        except OSError:
            return


def _old_files(folder: Path, before: float) -> list[Path]:
    found = []
    for path in folder.rglob("*.wav"):
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime < before:
                found.append(path)
    return found
