"""A call that is recorded, whole: tracks, silence for card data, two agents, stereo, the audit."""

from __future__ import annotations

import asyncio
import io
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import soundfile

from atiende.demo.phone.audio import RATE, rms, share, tone
from atiende.engines.asterisk import Exchange
from atiende.jobs import run_forever
from atiende.recordings import Keeper, run_recordings
from tests.product import Person, client_id, person
from tests.voice.line import Line, line


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
    query = "select id from interactions where case_id = $1 order by started_at desc limit 1"
    interaction = await here.sql.fetchval(query, case)
    await here.until(
        "select recording from calls where interaction_id = $1",
        interaction,
        seconds=30,
        met=lambda state: state == "ready",
    )
    return (await who.get(f"/api/cases/{case}/recordings"))["items"][-1]


async def heard(who: Person, recording: str) -> tuple[list[int], list[int]]:
    """Both sides of it, listened to as a player does."""
    await who.post(f"/api/recordings/{recording}/listens")
    answer = await who.http.get(f"/api/recordings/{recording}/audio", headers={"Range": "bytes=0-"})
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
        assert audit is not None
        assert audit["actor"] == "Sonia Vega"
        await here.dispose(ana.desk, case)


async def until_running(here: Line, count: int) -> None:
    query = (
        "select count(*) from recording_tracks where started_at is not null and ended_at is null"
    )
    await here.until(query, met=lambda n: n == count)


@pytest.mark.parametrize(("first", "second"), [(40_000, 100), (100, 40_000)])
async def test_after_a_transfer_both_agents_are_on_the_right(
    here: Line, first: int, second: int
) -> None:
    """A second agent's sound numbered lower than the first's is where the write side falls
    silent."""
    async with here.agent(first_sequence=first) as ana, here.caller() as luz:
        case = await here.talk(ana, luz)
        await until_running(here, 2)
        assert share((await luz.heard(1.5))[RATE // 2 :], 1000) > 0.9
        async with here.agent("beto@nogal.example", first_sequence=second) as beto:
            body = {"client_id": client_id(), "agent_id": beto.id}
            await ana.desk.post(f"/api/cases/{case}/transfer", body)
            await ana.phone.until("ended")
            await beto.rings()
            await beto.phone.answer()
            await beto.until_call(case, "connected")
            beto.phone.say(tone(700))
            await until_running(here, 2)
            assert share((await luz.heard(1.5))[RATE // 2 :], 700) > 0.9
            await luz.hang_up()
            await beto.wraps_up(case)
            await here.silent()
            async with person(here.product, "sonia@nogal.example") as sonia:
                item = await found(here, sonia, case)
                left, right = await heard(sonia, item["id"])
            await here.dispose(beto.desk, case)
    for span in item["spans"]:
        wanted = {None: 440, "Ana Torres": 1000, "Beto Ruiz": 700}[span["agent"]]
        side = left if span["role"] == "customer" else right
        part = side[span["from_ms"] * 8 + RATE // 4 : span["to_ms"] * 8 - RATE // 4]
        assert rms(part) > 3_000, span
        assert share(part, wanted) > 0.9, span
    joined = [mark["agent"] for mark in item["marks"] if mark["kind"] == "agent"]
    assert joined == ["Ana Torres", "Beto Ruiz"]


async def test_card_data_is_silence_on_both_sides_and_time_goes_on(here: Line) -> None:
    async with here.agent() as ana, here.caller() as luz:
        case = await here.talk(ana, luz)
        await until_running(here, 2)
        await luz.heard(1)
        await ana.ask(case, "recording", 409, act="resume")
        await ana.ask(case, "recording", act="pause")
        await ana.desk.until(lambda: told(ana.desk, case) == "paused")
        await luz.heard(2)
        await ana.ask(case, "recording", act="resume")
        await ana.desk.until(lambda: told(ana.desk, case) == "on")
        await luz.heard(1)
        await ana.ask(case, "hangup")
        await ana.wraps_up(case)
        await here.silent()
        async with person(here.product, "sonia@nogal.example") as sonia:
            item = await found(here, sonia, case)
            sides = await heard(sonia, item["id"])
        await here.dispose(ana.desk, case)
    (paused,) = [mark for mark in item["marks"] if mark["kind"] == "paused"]
    assert paused["to_ms"] - paused["from_ms"] > 1800
    assert item["duration_ms"] > 3800
    for side, hertz in zip(sides, (440, 1000), strict=True):
        inside = side[paused["from_ms"] * 8 + RATE // 5 : paused["to_ms"] * 8 - RATE // 5]
        assert rms(inside) < 10
        before = side[RATE // 4 : paused["from_ms"] * 8 - RATE // 4]
        after = side[paused["to_ms"] * 8 + RATE // 4 : -RATE // 4]
        assert share(before, hertz) > 0.7
        assert share(after, hertz) > 0.7


async def test_on_demand_only_what_follows_the_wish_is_recorded(here: Line) -> None:
    await here.sql.execute("update recording_policies set percentage = 0, on_demand = true")
    try:
        async with here.agent() as ana, here.caller() as luz:
            case = await here.talk(ana, luz)
            await ana.desk.until(lambda: told(ana.desk, case) == "may")
            await luz.heard(1)
            assert plain(here) == []
            await ana.ask(case, "recording", act="start")
            await ana.desk.until(lambda: told(ana.desk, case) == "on")
            await until_running(here, 2)
            await luz.heard(1)
            await luz.hang_up()
            await ana.wraps_up(case)
            await here.silent()
            async with person(here.product, "sonia@nogal.example") as sonia:
                item = await found(here, sonia, case)
                left, _ = await heard(sonia, item["id"])
            assert 800 < item["duration_ms"] < 3500
            assert share(left[RATE // 4 :], 440) > 0.9
            await here.dispose(ana.desk, case)
    finally:
        await here.sql.execute("update recording_policies set percentage = 100, on_demand = false")


async def test_a_call_that_no_policy_chose_leaves_no_sound(here: Line) -> None:
    await here.sql.execute("update recording_policies set percentage = 0")
    try:
        async with here.agent() as ana, here.caller() as luz:
            case = await here.talk(ana, luz)
            await ana.ask(case, "recording", 409, act="start")
            await luz.heard(1)
            assert plain(here) == []
            await luz.hang_up()
            await ana.wraps_up(case)
            await here.silent()
            assert (
                await here.sql.fetchval("select recording from calls order by answered_at desc")
                == "no"
            )
            rows = "select count(*) from recordings where state = 'open'"
            assert await here.sql.fetchval(rows) == 0
            await here.dispose(ana.desk, case)
    finally:
        await here.sql.execute("update recording_policies set percentage = 100")


async def test_a_recording_goes_on_while_the_application_is_away(here: Line) -> None:
    async with here.agent() as ana, here.caller() as luz:
        case = await here.talk(ana, luz)
        await until_running(here, 2)
        await here.stop()
        await luz.heard(2)
        here.start()
        await ana.ask(case, "hold")
        await ana.until_call(case, "held")
        await ana.ask(case, "resume")
        await ana.until_call(case, "connected")
        await ana.ask(case, "hangup")
        await ana.wraps_up(case)
        await here.silent()
        async with person(here.product, "sonia@nogal.example") as sonia:
            item = await found(here, sonia, case)
            left, right = await heard(sonia, item["id"])
        await here.dispose(ana.desk, case)
    assert item["duration_ms"] > 2000
    assert len(item["spans"]) == 2
    assert share(left[RATE // 4 : 2 * RATE], 440) > 0.9
    assert share(right[RATE // 4 : 2 * RATE], 1000) > 0.9


async def test_of_a_call_that_asterisk_took_with_it_the_part_that_exists_is_heard(
    here: Line,
) -> None:
    """Last: the carrier and the phones are put into the new one."""
    watching = asyncio.create_task(here.exchange.supervise())
    try:
        async with here.agent() as ana, here.caller() as luz:
            case = await here.talk(ana, luz)
            await until_running(here, 2)
            await luz.heard(3)
            os.kill(here.exchange.pid, signal.SIGKILL)
            await here.until(
                "select cause = 'platform' from calls order by answered_at desc limit 1",
                seconds=15,
            )
            await ana.wraps_up(case)
            async with person(here.product, "sonia@nogal.example") as sonia:
                item = await found(here, sonia, case)
                left, right = await heard(sonia, item["id"])
            assert plain(here) == []
            await here.dispose(ana.desk, case)
        assert item["duration_ms"] > 1500
        assert share(left[RATE // 4 : RATE], 440) > 0.9
        assert share(right[RATE // 4 : RATE], 1000) > 0.9
        await here.ready(15)
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


def told(desk: Person, case: str) -> Any:
    state = desk.screen.of("case").get(case, {})
    return next((i["recording"] for i in reversed(state.get("interactions", ()))), None)
