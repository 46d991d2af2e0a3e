"""A call that is recorded, whole: tracks, silence for card data, two agents, stereo, the audit."""

from __future__ import annotations

import asyncio
import io
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from atiende.demo.phone.audio import RATE, rms, share, tone
from atiende.engines.asterisk import Exchange
from atiende.jobs import run_forever
from atiende.recordings import Keeper, run_recordings
from tests.product import Person, person
from tests.voice.line import NUMBER, Line, line


@pytest.fixture(scope="module")
async def here(database: str, exchange: Exchange) -> AsyncIterator[Line]:
    folder = Path(tempfile.mkdtemp(prefix="av-"))
    async with line(database, folder, exchange) as made:
        web = made.product.web
        key = made.product.settings.key_file
        keeper = Keeper(web.db, web.blobs, web.bus, key, exchange.recordings)
        loop = asyncio.create_task(run_forever("recordings", lambda: run_recordings(keeper)))
        yield made
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)
    shutil.rmtree(folder, ignore_errors=True)


def plain(here: Line) -> list[Path]:
    return list(here.exchange.recordings.rglob("*.wav"))


async def ready(here: Line, case: str) -> Any:
    """The recording of a case, once there is one."""
    async with person(here.product, "sonia@nogal.example") as sonia:
        return await found(here, sonia, case)


async def found(here: Line, who: Person, case: str) -> Any:
    interaction = await here.sql.fetchval("select id from interactions where case_id = $1", case)
    await here.until(
        "select recording from calls where interaction_id = $1",
        interaction,
        seconds=30,
        met=lambda state: state == "ready",
    )
    return (await who.get(f"/api/cases/{case}/recordings"))["items"][0]


async def heard(who: Person, recording: str) -> tuple[list[int], list[int]]:
    """Both sides of it, listened to as a player does."""
    await who.post(f"/api/recordings/{recording}/listens")
    answer = await who.http.get(
        f"/api/recordings/{recording}/audio", headers={"Range": "bytes=0-"}
    )
    assert answer.status_code == 206
    assert answer.headers["Cache-Control"] == "no-store"
    sound, rate = soundfile.read(io.BytesIO(answer.content), dtype="int16")
    assert rate == 8000
    return [int(each) for each in sound[:, 0]], [int(each) for each in sound[:, 1]]


async def test_a_call_is_recorded_each_party_on_its_side(here: Line) -> None:
    async with here.agent() as ana, here.caller() as luz:
        case = await here.talk(ana, luz)
        assert ana.call(case)
        await ana.desk.until(lambda: told(ana.desk, case) == "on")
        await here.until("select count(*) from recording_tracks where started_at is not null",
                         met=lambda n: n == 2)  # fmt: skip
        assert len(plain(here)) == 2
        await asyncio.sleep(2)
        await luz.hang_up()
        await ana.wraps_up(case)
        await here.silent()
        async with person(here.product, "sonia@nogal.example") as sonia:
            item = await found(here, sonia, case)
            assert plain(here) == []
            left, right = await heard(sonia, item["id"])
        assert item["duration_ms"] > 1500
        assert {span["role"] for span in item["spans"]} == {"customer", "agent"}
        assert share(left[RATE // 2 : RATE * 3 // 2], 440) > 0.9
        assert share(right[RATE // 2 : RATE * 3 // 2], 1000) > 0.9
        audit = await here.sql.fetchrow("select * from audit where action = 'recording.listened'")
        assert audit["actor"] == "Sonia Vega"
        await here.dispose(ana.desk, case)


def told(desk: Person, case: str) -> Any:
    state = desk.screen.of("case").get(case, {})
    return next((i["recording"] for i in state.get("interactions", ())), None)
