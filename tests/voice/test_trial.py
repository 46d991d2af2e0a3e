"""«Simular un cliente», all real: asked for by an administrator, it rings or writes at the desk."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio

from atiende.demo import Trials
from atiende.demo.phone.audio import rms
from atiende.demo.phone.speech import AGENT, CALLERS, speech
from atiende.engines.asterisk import Exchange
from tests.product import Person, person
from tests.voice.line import NUMBER, Line, line


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(
    database: str, exchange: Exchange, tmp_path_factory: "object"
) -> AsyncIterator[Line]:
    folder = Path(tmp_path_factory.mktemp("line"))  # type: ignore[attr-defined]
    async with line(database, folder, exchange) as made:
        web = made.product.web
        web.trials = Trials(made.product.settings, lambda: exchange)
        web.voice_state = lambda: "ok"
        yield made
        await web.trials.close()


@pytest_asyncio.fixture(loop_scope="module")
async def rosa(here: Line) -> AsyncIterator[Person]:
    async with person(here.product, "rosa@nogal.example") as boss:
        yield boss


async def begin(rosa: Person, channel: str, behaviour: str = "patient") -> dict[str, Any]:
    told = await rosa.get("/api/admin/trials")
    place = next(each for each in told["places"] if each["channel"] == channel)
    body = {"account_id": place["id"], "behaviour": behaviour}
    run: dict[str, Any] = await rosa.post("/api/admin/trials", body)
    return run


async def until_ended(rosa: Person, run: str, seconds: float = 10) -> str:
    """How it ended."""
    end = asyncio.get_running_loop().time() + seconds
    while True:
        told = await rosa.get("/api/admin/trials")
        (mine,) = [each for each in told["items"] if each["id"] == run]
        if mine["state"] == "ended":
            return str(mine["outcome"])
        assert asyncio.get_running_loop().time() < end, mine
        await asyncio.sleep(0.1)


async def test_a_simulated_call_rings_and_speaks_and_is_marked_as_such(
    here: Line, rosa: Person
) -> None:
    async with here.agent() as ana:
        run = await begin(rosa, "voice")
        offer = await ana.offered()
        assert offer["customer"] == "Lucía (simulación)"
        await ana.rings()
        await ana.phone.answer()
        await ana.until_call(offer["case_id"], "connected")
        assert rms(await ana.phone.heard(2)) > 100
        row = await here.last()
        assert (row["trunk_id"], row["to_number"]) == (None, NUMBER)
        await rosa.call("DELETE", f"/api/admin/trials/{run['id']}")
        assert await until_ended(rosa, run["id"]) == "stopped"
        await ana.wraps_up(offer["case_id"])
        await here.dispose(ana.desk, offer["case_id"])
    await here.silent()


async def test_one_who_is_hung_up_on_was_attended(here: Line, rosa: Person) -> None:
    async with here.agent() as ana:
        run = await begin(rosa, "voice", "talkative")
        offer = await ana.offered()
        await ana.rings()
        await ana.phone.answer()
        await ana.until_call(offer["case_id"], "connected")
        await ana.ask(offer["case_id"], "hangup")
        assert await until_ended(rosa, run["id"]) == "talked"
        await here.dispose(ana.desk, offer["case_id"])
    await here.silent()


async def test_nobody_but_us_may_call_as_a_simulation(here: Line) -> None:
    """A stranger's header is no key: without a carrier's address he is nobody."""
    trunk = await here.sql.fetchval("select id from trunks where active")
    await here.sql.execute("update trunks set active = false, version = version + 1")
    await here.until_gone(f"endpoints/PJSIP/trunk-{trunk}")
    async with here.caller() as stranger:
        await stranger.call(NUMBER, extra=(("X-Atiende-Trial", "0" * 64),))
        await stranger.until("ended", 5)
        assert stranger.ending is not None
        assert stranger.ending.status == 401
    await here.silent()


async def test_a_simulated_chat_writes_to_the_desk(here: Line, rosa: Person) -> None:
    async with here.agent() as ana:
        run = await begin(rosa, "webchat")
        offer = await ana.offered(40)
        assert offer["customer"].endswith("(simulación)")
        await rosa.call("DELETE", f"/api/admin/trials/{run['id']}")
        assert await until_ended(rosa, run["id"]) == "stopped"


def test_each_of_the_people_has_a_voice() -> None:
    for name in (*CALLERS, AGENT):
        samples = speech(name)
        assert 8 < len(samples) / 8000 < 60
        assert rms(samples) > 300
