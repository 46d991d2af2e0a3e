"""What a call survives and what not: our own crash, Asterisk's, a phone that falls silent."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from atiende.demo.phone.audio import share
from atiende.engines.asterisk import Exchange
from tests.voice.line import NUMBER, Line, hears_music, line


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(
    database: str, exchange: Exchange, tmp_path_factory: "object"
) -> AsyncIterator[Line]:
    folder = Path(tmp_path_factory.mktemp("line"))  # type: ignore[attr-defined]
    async with line(database, folder, exchange) as made:
        yield made


async def test_a_talk_outlives_the_application_and_ends_after_it(here: Line) -> None:
    async with here.agent() as ana, here.caller() as luz:
        case = await here.talk(ana, luz)
        await here.stop()
        assert share(await luz.heard(1), 1000) > 0.9
        assert share(await ana.phone.heard(1), 440) > 0.9
        here.start()
        await ana.ask(case, "hold")
        await hears_music(luz)
        await ana.ask(case, "resume")
        assert share(await luz.heard(1), 1000) > 0.9
        await luz.hang_up()
        await ana.phone.until("ended")
        await ana.wraps_up(case)
        await here.dispose(ana.desk, case)
        await here.silent()


async def test_who_left_while_nobody_watched_is_found(here: Line) -> None:
    async with here.agent() as ana, here.caller() as luz:
        case = await here.talk(ana, luz)
        await here.stop()
        await luz.hang_up()
        here.start()
        await ana.phone.until("ended")
        await ana.wraps_up(case)
        assert (await here.last())["cause"] == "customer"
        await here.dispose(ana.desk, case)
        await here.silent()


async def test_who_waits_goes_on_waiting(here: Line) -> None:
    """Stopped while the caller hears music, and the offer comes while nobody is there."""
    async with here.caller("+51933444555") as luz:
        await luz.call(NUMBER)
        await luz.until("talking")
        await here.until("select state = 'waiting' from calls where ended_at is null")
        async with here.agent() as ana:
            await ana.rings()
            await here.stop()
            await ana.phone.answer()  # into the void: Asterisk drops a leg that nobody expects
            await ana.phone.until("ended")
            here.start()
            await ana.rings()
            offer = await ana.offered()
            await ana.phone.answer()
            await ana.until_call(offer["case_id"], "connected")
            await luz.hang_up()
            await ana.wraps_up(offer["case_id"])
            await here.dispose(ana.desk, offer["case_id"])
            await here.silent()


async def test_a_leg_that_is_lost_leaves_the_caller_with_music(here: Line) -> None:
    async with here.agent() as ana, here.caller("+51955666777") as luz:
        case = await here.talk(ana, luz)
        leg = await here.sql.fetchval(
            "select channel_id from call_legs where role = 'agent' and state = 'bridged'"
        )
        await here.cut(leg)
        await hears_music(luz)
        await ana.until_call(case, "ringing")
        await ana.phone.until("ended")
        await ana.ask(case, "rejoin")
        await ana.rings()
        await ana.phone.answer()
        await ana.until_call(case, "connected")
        assert share(await ana.phone.heard(1), 440) > 0.9
        await luz.hang_up()
        await ana.wraps_up(case)
        await here.dispose(ana.desk, case)
        await here.silent()


async def test_asterisk_that_dies_ends_every_call_by_the_platform(here: Line) -> None:
    """Last: the carrier and the phones are put into the new one."""
    watching = asyncio.create_task(here.exchange.supervise())
    try:
        async with here.agent() as ana, here.caller("+51977888999") as luz:
            case = await here.talk(ana, luz)
            os.kill(here.exchange.pid, signal.SIGKILL)
            await here.until(
                "select cause = 'platform' from calls order by answered_at desc limit 1",
                seconds=15,
            )
            await ana.wraps_up(case)
            await here.dispose(ana.desk, case)
        await here.ready(15)
        assert [each for each in await here.ari("endpoints") if "trunk" in each["resource"]]
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
