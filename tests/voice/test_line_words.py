"""What a caller really hears while he waits, and when nobody will attend him."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest_asyncio

from atiende.demo.phone import Phone
from atiende.demo.phone.audio import share, tone
from atiende.engines.asterisk import Exchange
from tests.product import person
from tests.prompts.files import file, put
from tests.voice.line import NUMBER, Line, hears_music, line

VOICE = 3_000


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(
    database: str, exchange: Exchange, tmp_path_factory: "object"
) -> AsyncIterator[Line]:
    folder = Path(tmp_path_factory.mktemp("line"))  # type: ignore[attr-defined]
    async with line(database, folder, exchange) as made:
        yield made


async def sentence(here: Line, seconds: float = 20) -> list[str]:
    """What is said to the caller who waits, from its first word to its last."""
    call = await here.sql.fetchval("select interaction_id from calls where state = 'waiting'")
    access = (here.exchange.ari_user, here.exchange.ari_password)
    name = f"{here.exchange.ari_url}/playbacks/say:{call}:3"
    heard: list[str] = []
    end = asyncio.get_running_loop().time() + seconds
    async with httpx.AsyncClient(auth=access) as http:
        while True:
            answer = await http.get(name)
            if answer.status_code == 200:
                told = answer.json()["media_uri"]
                heard += [told] if told not in heard else []
            elif heard:
                return heard
            assert asyncio.get_running_loop().time() < end, heard
            await asyncio.sleep(0.05)


async def waits(here: Line, luz: Phone) -> None:
    await luz.call(NUMBER)
    await luz.until("talking")
    await here.until("select count(*) from calls where state = 'waiting'")


async def test_without_a_past_a_caller_is_told_his_place_and_then_music_goes_on(here: Line) -> None:
    async with here.caller() as luz:
        await waits(here, luz)
        await hears_music(luz)
        said = asyncio.create_task(sentence(here))
        while not said.done():
            await loud(luz)
        assert await said == ["sound:custom/es/position-1", "sound:custom/es/patience"]
        await hears_music(luz)
        assert (await here.last())["state"] == "waiting"
        await luz.hang_up()
        await here.silent()


async def test_the_wait_is_told_once_some_calls_have_been_handled(here: Line) -> None:
    async with here.agent() as ana, here.caller("+51933000111") as eva, here.caller() as luz:
        for n in range(4):
            case = await here.talk(ana, eva)
            if n < 3:
                await eva.hang_up()
                await ana.wraps_up(case)
                await here.dispose(ana.desk, case)
        await waits(here, luz)
        assert await sentence(here) == ["sound:custom/es/position-1", "sound:custom/es/wait-soon"]
        await _too_long(here)
        await luz.hang_up()
        await eva.hang_up()
        await ana.wraps_up(case)
        await here.dispose(ana.desk, case)
        await here.silent()


async def _too_long(here: Line) -> None:
    """Had the calls lasted ten minutes more, the next caller would not be let wait."""
    await here.sql.execute("update offers set offered_at = offered_at - interval '10 minutes'")
    await here.sql.execute("update queues set max_estimate_s = 30")
    async with here.caller("+51933000444") as late:
        await late.call(NUMBER)
        await late.until("talking")
        await loud(late)
        await late.until("ended", 20)
        assert (await here.last())["outcome"] == "overflow"
    await here.sql.execute("update offers set offered_at = offered_at + interval '10 minutes'")
    await here.sql.execute("update queues set max_estimate_s = null")


async def test_an_agent_who_answers_in_mid_sentence_is_heard_at_once(here: Line) -> None:
    async with here.caller("+51933000222") as luz, here.agent() as ana:
        await ana.desk.presence("paused", pause_code="lunch")
        await ana.desk.until(lambda: ana.desk.agent.get("presence") == "paused")
        await waits(here, luz)
        call = await here.sql.fetchval("select interaction_id from calls where state = 'waiting'")
        await begun(here, f"playbacks/say:{call}:3")
        await ana.desk.presence("available")
        offer = await ana.offered()
        await ana.rings()
        await ana.phone.answer()
        await ana.until_call(offer["case_id"], "connected", 2)
        ana.phone.say(tone(1000))
        assert share(await luz.heard(1), 1000) > 0.9
        await luz.hang_up()
        await ana.wraps_up(offer["case_id"])
        await here.dispose(ana.desk, offer["case_id"])
        await here.silent()


async def test_whom_the_line_does_not_hold_is_told_so(here: Line) -> None:
    await here.sql.execute("update queues set max_len = 1")
    async with here.caller() as luz, here.caller("+51933000333") as eva:
        await waits(here, luz)
        await eva.call(NUMBER)
        await eva.until("talking")
        await loud(eva)
        await eva.until("ended", 20)
        assert eva.ending is not None
        assert eva.ending.by == "them"
        row = await here.last()
        assert (row["outcome"], row["ended_by"], row["queued_at"]) == ("overflow", "system", None)
        await luz.hang_up()
        await here.silent()
    await here.sql.execute("update queues set max_len = null")


async def test_what_the_line_does_not_hold_waits_in_another(here: Line) -> None:
    async with person(here.product, "rosa@nogal.example") as rosa:
        first = (await rosa.get("/api/admin/queues"))["items"][0]
        body = {"name": "Desborde", "campaign_id": first["campaign_id"]}
        second = await rosa.post("/api/admin/queues", body)
        wish = {"version": first["version"], "max_len": 1, "overflow_queue_id": second["id"]}
        first = await rosa.call("PATCH", f"/api/admin/queues/{first['id']}", wish)
        async with here.caller() as luz, here.caller("+51933000555") as eva:
            await waits(here, luz)
            await eva.call(NUMBER)
            await eva.until("talking")
            await here.until("select count(*) = 2 from calls where state = 'waiting'")
            work = await here.sql.fetch(
                "select queue_id::text from work_items where state = 'queued' order by created_at"
            )
            assert [row["queue_id"] for row in work] == [here.queue, second["id"]]
            await luz.hang_up()
            await eva.hang_up()
            await here.silent()
        wish = {"version": first["version"], "max_len": None, "overflow_queue_id": None}
        await rosa.call("PATCH", f"/api/admin/queues/{first['id']}", wish)
        await rosa.call("DELETE", f"/api/admin/queues/{second['id']}")


async def test_who_has_waited_too_long_is_told_so(here: Line) -> None:
    await configure(here, "max_wait_s = 10, announce_s = null")
    async with here.caller() as luz:
        await waits(here, luz)
        await here.until("select state = 'closing' from calls where ended_at is null", seconds=20)
        await loud(luz)
        await luz.until("ended", 20)
        await here.silent()
        row = await here.last()
        assert (row["interaction"], row["outcome"]) == ("ended", "overflow")
    await configure(here, "max_wait_s = null, announce_s = 60")


async def test_without_us_a_caller_hears_an_apology_and_the_carrier_looks_elsewhere(
    here: Line,
) -> None:
    await here.stop()
    async with here.caller() as luz:
        await luz.call(NUMBER)
        await luz.until("ringing")
        await loud(luz)
        await luz.until("ended", 20)
        assert luz.ending is not None
        assert luz.ending.status == 503
    here.start()
    await here.ready()


async def begun(here: Line, playback: str, seconds: float = 15) -> None:
    end = asyncio.get_running_loop().time() + seconds
    while "state" not in await here.ari(playback):
        assert asyncio.get_running_loop().time() < end


async def test_the_companys_own_words_and_music_are_heard(here: Line) -> None:
    """Uploaded while calls go on: heard by the next caller, in the music of his number."""
    async with person(here.product, "rosa@nogal.example") as rosa:
        said = await put(rosa, "Saludo", file(seconds=2))
        music = await put(rosa, "Cumbia", file(seconds=5, pitch=500), kind="music")
    number = "+5117003000"
    await here.number(number, greeting=said["value"], music=music["value"])
    folder = here.exchange.place.folder
    await lies(folder / "data" / "sounds" / f"{said['value']}.wav16")
    await lies(folder / "data" / "music" / music["value"] / f"{music['value']}.wav16")
    async with here.caller() as luz:
        await luz.call(number)
        await luz.until("talking")
        await tone_of(luz, 700)
        await here.until("select count(*) from calls where state = 'waiting'")
        await tone_of(luz, 500)
        await luz.hang_up()
        await here.silent()


async def lies(path: Path, seconds: float = 10) -> None:
    """Laid by the loop of calls."""
    end = asyncio.get_running_loop().time() + seconds
    while not path.exists():
        assert asyncio.get_running_loop().time() < end, path
        await asyncio.sleep(0.05)


async def tone_of(phone: Phone, pitch: int, seconds: float = 10) -> None:
    end = asyncio.get_running_loop().time() + seconds
    while share(await phone.heard(0.5), pitch) < 0.8:
        assert asyncio.get_running_loop().time() < end, pitch


async def configure(here: Line, what: str) -> None:
    """The queue's settings, and the router told of them."""
    await here.sql.execute(f"update queues set {what}")
    await here.sql.execute(
        "insert into commands (kind, args, at) values ('configure', '{}'::jsonb, now())"
    )
    await here.until("select count(*) from commands where result is null", met=lambda n: n == 0)


async def loud(phone: Phone, seconds: float = 10) -> None:
    """A voice: louder than the music is."""
    end = asyncio.get_running_loop().time() + seconds
    while max(map(abs, await phone.heard(0.3)), default=0) < VOICE:
        assert asyncio.get_running_loop().time() < end
