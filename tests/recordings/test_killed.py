"""Killed between a leg's end and its enciphering; carried away in a backup: whole processes."""

from __future__ import annotations

import asyncio
import io
import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import soundfile

from atiende.demo.phone.audio import share, tone
from atiende.engines import dsn_of
from tests.chaos.parts import Part
from tests.house.running import BOUND_S, atiende
from tests.product import Guest, found_by, person
from tests.recordings.conftest import Ended, ended_call

pytestmark = pytest.mark.house
#: What no file may hold: a piece of the customer's own sound.
SOUND = tone(440, 0.05).tobytes()
#: The longest that plain sound may lie on the disk after a start.
LIES_S = 60.0


@pytest.fixture
def part() -> Iterator[Part]:
    folder = Path(tempfile.mkdtemp(prefix="at-"))
    made = Part(folder / "data")
    yield made
    made.end()
    shutil.rmtree(folder, ignore_errors=True)


async def look(part: Part) -> Any:
    dsn = dsn_of(part.settings)
    assert dsn is not None
    sql = await asyncpg.connect(dsn)
    await sql.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")
    return sql


async def ends_a_call(part: Part, made: Any) -> Ended:
    sql = await look(part)
    try:
        who = UUID(made["people"]["ana@nogal.example"])
        guest = Guest(part.edge, made["key"])
        return await ended_call(guest, sql, part.settings.tracks_dir, who)
    finally:
        await sql.close()


async def ready(part: Part, call: Ended) -> str:
    """The recording's id, once it may be heard."""
    sql = await look(part)
    try:
        async with asyncio.timeout(BOUND_S):
            while True:
                row = await sql.fetchrow(
                    "select id, state from recordings where interaction_id = $1", call.interaction
                )
                if row["state"] == "ready":
                    return str(row["id"])
                await asyncio.sleep(0.05)
    finally:
        await sql.close()


async def heard(part: Part, recording: str, status: int = 200) -> bytes:
    async with person(part.edge, "sonia@nogal.example") as sonia:
        await sonia.call("POST", f"/api/recordings/{recording}/listens", {}, status)
        answer = await sonia.http.get(f"/api/recordings/{recording}/audio")
        return answer.content if status == 200 else b""


def in_the_clear(folder: Path) -> list[Path]:
    """Every file below it that holds the customer's sound, whatever its name."""
    return [path for path in folder.rglob("*") if path.is_file() and SOUND in path.read_bytes()]


async def test_killed_before_it_is_enciphered_no_plain_sound_outlives_the_next_start(
    part: Part,
) -> None:
    await part.up()
    made = await found_by(part.edge, part.first_token())
    await asyncio.to_thread(part.stop)
    part.more["FAULT"] = "track_sealed"
    await part.up()
    call = await ends_a_call(part, made)
    await asyncio.to_thread(part.wait)  # it kills itself, with the sound sealed and no row yet
    assert in_the_clear(part.data)
    del part.more["FAULT"]
    await part.up()
    async with asyncio.timeout(LIES_S):
        while in_the_clear(part.data):  # noqa: ASYNC110 - nobody tells of files
            await asyncio.sleep(0.2)
    recording = await ready(part, call)
    sound, _ = soundfile.read(io.BytesIO(await heard(part, recording)), dtype="int16")
    assert share([int(each) for each in sound[4000:, 0]], 440) > 0.95


async def test_a_recording_travels_in_the_backup_and_opens_with_its_key_alone(part: Part) -> None:
    await part.up()
    made = await found_by(part.edge, part.first_token())
    recording = await ready(part, await ends_a_call(part, made))
    sound = await heard(part, recording)
    copy = part.data.parent / "copy.tar.gz"
    done = await asyncio.to_thread(atiende, "backup", copy, "--data", part.data)
    assert done.returncode == 0, done.stderr
    await asyncio.to_thread(part.stop)
    with_key = ["--key", str(part.data / "secret.key")]
    for name, key in (("whole", with_key), ("keyless", [])):
        place = part.data.parent / name
        done = await asyncio.to_thread(atiende, "restore", copy, "--data", place, *key)
        assert done.returncode == 0, done.stderr
        other = Part(place)
        try:
            await other.up()
            if key:
                assert await heard(other, recording) == sound
            else:
                await heard(other, recording, 500)
        finally:
            other.end()
