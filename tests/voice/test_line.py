"""The straight line of a call, all real: number, queue, offer, the agent's phone, wrap-up."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from atiende.demo.phone.audio import share, tone
from atiende.engines.asterisk import Exchange
from tests.voice.line import CALLER, NUMBER, Line, hears_music, line


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(
    database: str, exchange: Exchange, tmp_path_factory: "object"
) -> AsyncIterator[Line]:
    folder = Path(tmp_path_factory.mktemp("line"))  # type: ignore[attr-defined]
    async with line(database, folder, exchange) as made:
        yield made


async def test_a_call_in_is_attended_and_ended_by_the_caller(here: Line) -> None:
    async with here.agent() as ana, here.caller(name="Luz Díaz") as luz:
        await luz.call(NUMBER)
        offer = await ana.offered()
        assert (offer["media"], offer["customer"]) == ("voice", "Luz Díaz")
        await ana.rings()
        assert ana.phone.caller[0] == CALLER
        await ana.phone.answer()
        case = offer["case_id"]
        await ana.until_call(case, "connected")
        assert ana.call(case)["number"] == CALLER
        luz.say(tone(440))
        ana.phone.say(tone(1000))
        assert share(await luz.heard(1), 1000) > 0.9
        assert share(await ana.phone.heard(1), 440) > 0.9
        await luz.hang_up()
        await ana.phone.until("ended")
        await ana.wraps_up(case)
        row = await here.last()
        assert (row["interaction"], row["outcome"], row["ended_by"], row["cause"]) == (
            "ended", "served", "customer", "customer",
        )  # fmt: skip
        lines = [m["data"] for m in await ana.desk.load(case)]
        assert [line["event"] for line in lines] == ["call_incoming", "joined", "call_ended"]
        assert lines[2]["time"] in ("00:02", "00:03", "00:04", "00:05")
        await here.dispose(ana.desk, case)
        await here.silent()


async def test_the_agent_hangs_up(here: Line) -> None:
    async with here.agent() as ana, here.caller() as luz:
        case = await here.talk(ana, luz)
        await ana.phone.hang_up()
        await luz.until("ended")
        await ana.wraps_up(case)
        row = await here.last()
        assert (row["outcome"], row["cause"]) == ("served", "agent")
        await here.dispose(ana.desk, case)
        await here.silent()


async def test_a_caller_leaves_the_queue_soon_or_late(here: Line) -> None:
    async with here.caller() as luz:
        await luz.call(NUMBER)
        await luz.until("talking")
        await luz.hang_up()
        await here.silent()
        soon = await here.last()
        assert (soon["interaction"], soon["outcome"]) == ("ended", "short_abandon")
        await luz.call(NUMBER)
        await luz.until("talking")
        await hears_music(luz)
        born = (
            "select answered_at < now() - interval '5.1 seconds' from calls where ended_at is null"
        )
        await here.until(born)
        await luz.hang_up()
        await here.silent()
        late = await here.last()
        assert (late["outcome"], late["cause"]) == ("abandoned_queue", "customer")
        assert await here.sql.fetchval(
            "select state from cases where id = $1", late["case_id"]
        ) == ("closed")


async def test_a_phone_that_nobody_answers_gives_the_caller_his_place_back(here: Line) -> None:
    async with here.agent() as ana, here.caller("+51911222333") as luz:
        await luz.call(NUMBER)
        offer = await ana.offered()
        await ana.rings()
        await ana.desk.until(lambda: ana.desk.agent.get("pause_code") == "rona", 10)
        await ana.phone.until("ended")
        place = await here.sql.fetchval(
            "select row(state, created_at - virtual_start < interval '1 second')::text"
            " from work_items where id = $1",
            offer["work_id"],
        )
        assert place == "(queued,t)"
        assert (await here.last())["state"] == "waiting"
        await hears_music(luz)
        await ana.desk.presence("available")
        await ana.rings()
        await ana.phone.answer()
        await ana.until_call(offer["case_id"], "connected")
        await luz.hang_up()
        await ana.wraps_up(offer["case_id"])
        await here.dispose(ana.desk, offer["case_id"])
        await here.silent()


async def test_two_calls_and_two_agents(here: Line) -> None:
    async with (
        here.agent() as ana,
        here.agent("beto@nogal.example") as beto,
        here.caller("+51900000001") as one,
        here.caller("+51900000002") as two,
    ):
        await asyncio.gather(one.call(NUMBER), two.call(NUMBER))
        offers = await asyncio.gather(ana.offered(), beto.offered())
        await asyncio.gather(ana.rings(), beto.rings())
        await asyncio.gather(ana.phone.answer(), beto.phone.answer())
        for agent, offer in zip((ana, beto), offers, strict=True):
            await agent.until_call(offer["case_id"], "connected")
        pairs = {CALLER_TONE[agent.phone.caller[0]]: agent for agent in (ana, beto)}
        one.say(tone(440))
        two.say(tone(880))
        for pitch, agent in pairs.items():
            assert share(await agent.phone.heard(1), pitch) > 0.9
        await asyncio.gather(one.hang_up(), two.hang_up())
        for agent, offer in zip((ana, beto), offers, strict=True):
            await agent.wraps_up(offer["case_id"])
            await here.dispose(agent.desk, offer["case_id"])
        await here.silent()


CALLER_TONE = {"+51900000001": 440, "+51900000002": 880}
