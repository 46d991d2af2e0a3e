"""A call out, all real: the desk asks, the agent's phone, the carrier's line, what became of it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from atiende.demo.phone.audio import share, tone
from atiende.engines.asterisk import Exchange
from tests.product import client_id
from tests.voice.line import NUMBER, Attendant, Line, line

PEDRO = "+51912345678"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(
    database: str, exchange: Exchange, tmp_path_factory: "object"
) -> AsyncIterator[Line]:
    folder = Path(tmp_path_factory.mktemp("line"))  # type: ignore[attr-defined]
    async with line(database, folder, exchange) as made:
        await made.sql.execute("update organisation set calls_minute = 100")
        yield made


async def dials(ana: Attendant, number: str = "912 345 678", status: int = 200, **more: Any) -> Any:
    body = {"client_id": client_id(), "number": number, **more}
    return await ana.desk.call("POST", "/api/calls", body, status)


async def rings_there(here: Line, ana: Attendant, number: str = "912 345 678", **more: Any) -> str:
    """The desk asks, his own phone answers, and it rings at the other end."""
    asked = await dials(ana, number, **more)
    await ana.rings()
    await ana.phone.answer()
    await here.outside.until("incoming")
    case: str = asked["case_id"]
    await ana.until_call(case, "alerting")
    return case


async def lines(ana: Attendant, case: str) -> list[str]:
    return [m["data"]["event"] for m in await ana.desk.load(case) if m["kind"] == "system"]


async def test_somebody_is_called_answers_and_is_talked_with(here: Line) -> None:
    async with here.agent() as ana:
        case = await rings_there(here, ana)
        assert here.outside.caller[0] == NUMBER
        assert here.outside.invite is not None
        assert f"{PEDRO}@" in here.outside.invite.uri
        shown = {"state": "alerting", "direction": "out", "number": PEDRO, "agent_id": ana.id}
        assert shown.items() <= ana.call(case).items()
        assert share(await ana.phone.heard(1), 425) > 0.9  # it rings in his ear
        await here.outside.answer()
        await ana.until_call(case, "connected")
        here.outside.say(tone(440))
        ana.phone.say(tone(1000))
        await asyncio.sleep(0.3)
        assert share(await here.outside.heard(1), 1000) > 0.9
        assert share(await ana.phone.heard(1), 440) > 0.9
        await ana.ask(case, "hold")
        await ana.until_call(case, "held")
        await ana.ask(case, "resume")
        await ana.until_call(case, "connected")
        await here.outside.hang_up()
        await ana.phone.until("ended")
        await ana.wraps_up(case)
        row = await here.last()
        assert (row["outcome"], row["cause"], row["result"]) == ("served", "customer", "answered")
        assert await lines(ana, case) == ["call_outgoing", "call_ended"]
        await here.dispose(ana.desk, case)
        await here.silent()


#: What the other side's network says -> what became of the call, and of the interaction.
REFUSALS = {
    486: ("busy", "no_reply"),
    603: ("rejected", "no_reply"),
    404: ("wrong_number", "failed"),
    480: ("no_answer", "no_reply"),
    503: ("congestion", "failed"),
}


@pytest.mark.parametrize("status", REFUSALS)
async def test_what_the_other_side_says_is_told_in_words(here: Line, status: int) -> None:
    async with here.agent() as ana:
        case = await rings_there(here, ana)
        await here.outside.reject(status)
        await ana.wraps_up(case)
        row = await here.last()
        assert (row["result"], row["outcome"], row["interaction"]) == (*REFUSALS[status], "ended")
        assert (await lines(ana, case))[-1] == f"call_{REFUSALS[status][0]}"
        await ana.phone.until("ended")
        await here.dispose(ana.desk, case)
        await here.silent()


async def test_the_agent_gives_up_before_anybody_answers(here: Line) -> None:
    async with here.agent() as ana:
        case = await rings_there(here, ana)
        await ana.ask(case, "hangup")
        await here.outside.until("ended")
        await ana.phone.until("ended")
        await ana.wraps_up(case)
        assert (await here.last())["result"] == "canceled"
        await here.dispose(ana.desk, case)
        await here.silent()


async def test_his_own_phone_says_no_and_nobody_is_called(here: Line) -> None:
    async with here.agent() as ana:
        before = len(here.outside.history)
        asked = await dials(ana)
        await ana.rings()
        await ana.phone.reject(486)
        await ana.wraps_up(asked["case_id"])
        assert (await here.last())["result"] == "canceled"
        assert len(here.outside.history) == before
        await here.dispose(ana.desk, asked["case_id"])
        await here.silent()


async def test_a_lost_call_is_returned_with_one_key_in_its_case(here: Line) -> None:
    async with here.agent() as ana, here.caller(PEDRO) as pedro:
        case = await here.talk(ana, pedro)
        await pedro.hang_up()
        await ana.wraps_up(case)
        asked = await dials(ana, "", case_id=case, purpose="callback")
        assert asked["case_id"] == case
        await ana.rings()
        await ana.phone.answer()
        await here.outside.until("incoming")
        assert here.outside.invite is not None
        assert f"{PEDRO}@" in here.outside.invite.uri
        await here.outside.answer()
        await ana.until_call(case, "connected")
        await ana.phone.hang_up()
        await here.outside.until("ended")
        await ana.wraps_up(case)
        await here.dispose(ana.desk, case)
        await here.silent()
