"""Asterisk dies with ten calls in it: each has its end, and who called is on a list."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest_asyncio

from atiende.engines.asterisk import Exchange
from tests.product import client_id, person
from tests.voice.line import NUMBER, Attendant, Line, hears_music, line, mint

CALLERS = [f"+5199000{n:04}" for n in range(10)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(
    database: str, exchange: Exchange, tmp_path_factory: "object"
) -> AsyncIterator[Line]:
    folder = Path(tmp_path_factory.mktemp("line"))  # type: ignore[attr-defined]
    async with line(database, folder, exchange) as made:
        watching = asyncio.create_task(exchange.supervise())
        yield made
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def registers_again(here: Line, ana: Attendant) -> None:
    """As a page does: its call is over by the server's word, and its phone is known again."""
    await ana.phone.hang_up()
    await here.sql.execute("delete from phones where agent_id = $1", ana.id)
    name, password = await mint(here.sql, here.product.settings.key_file, ana.id)
    here.product.web.bus.wake("calls")
    pushed = "select pushed_at is not null from phones where endpoint = $1"
    await here.until(pushed, name, seconds=15)
    assert await ana.phone.register(name, password) == 200


async def cut_list(desk: Any) -> list[dict[str, Any]]:
    told: dict[str, Any] = await desk.get("/api/calls/cut")
    return list(told["calls"])


async def test_ten_calls_end_by_the_platform_and_their_callers_are_on_a_list(here: Line) -> None:
    async with (
        here.agent() as ana,
        here.agent("beto@nogal.example") as beto,
        person(here.product, "sonia@nogal.example") as sonia,
        AsyncExitStack() as outside,
    ):
        callers = [await outside.enter_async_context(here.caller(each)) for each in CALLERS]
        cases = [await here.talk(ana, callers[0]), await here.talk(beto, callers[1])]
        await asyncio.gather(*(each.call(NUMBER) for each in callers[2:]))
        await here.until("select count(*) from calls where state = 'waiting'", met=lambda n: n == 8)
        await hears_music(callers[-1])
        before = here.exchange.pid
        os.kill(before, signal.SIGKILL)
        began = asyncio.get_running_loop().time()
        await here.until(
            "select count(*) from calls where cause = 'platform' and ended_at is not null",
            met=lambda n: n == len(CALLERS),
            seconds=15,
        )
        assert asyncio.get_running_loop().time() - began < 15
        outcomes = await here.sql.fetch("select outcome, count(*) from interactions group by 1")
        assert dict(map(tuple, outcomes)) == {"served": 2, "failed": 8}
        await here.ready(15)
        assert here.exchange.pid != before

        told = await cut_list(sonia)
        assert sorted(each["number"] for each in told) == CALLERS
        assert [each["number"] for each in told if each["was_attended"]] != []
        served = {each["agent"] for each in told if each["was_attended"]}
        assert served == {"Ana Torres", "Beto Ruiz"}
        assert all(each["case_id"] and each["ended_at"] and each["queue"] for each in told)
        assert {each["case_id"] for each in await cut_list(ana.desk)} <= {
            each["case_id"] for each in told
        }

        for agent, case in ((ana, cases[0]), (beto, cases[1])):
            await agent.wraps_up(case)
            await here.dispose(agent.desk, case)
        await registers_again(here, ana)
        first = next(each for each in told if each["number"] == CALLERS[5])
        body = {"client_id": client_id(), "number": first["number"], "purpose": "callback"}
        made = await ana.desk.call("POST", "/api/calls", body, 200)
        await ana.phone.until("incoming")
        await ana.phone.answer()
        await here.outside.until("incoming")
        await here.outside.answer()
        await ana.until_call(made["case_id"], "connected")
        left = await cut_list(sonia)
        assert sorted(each["number"] for each in left) == sorted({*CALLERS} - {CALLERS[5]})
        await here.outside.hang_up()
        await ana.wraps_up(made["case_id"])
        await here.dispose(ana.desk, made["case_id"])
        await here.silent()
