"""The client and a real Asterisk: what happens to both when one of them dies."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator

import pytest

from atiende.channels.voice import effects as do
from atiende.channels.voice import facts as has
from atiende.channels.voice.ari import Access, Ari, AriError
from atiende.channels.voice.render import render
from atiende.channels.voice.rest import Rest
from atiende.demo.phone.audio import share, tone
from atiende.engines.asterisk import Exchange
from tests.voice.scenarios import DID
from tests.voice.session import Session, caller_and_agent, session


@pytest.fixture
async def now(exchange: Exchange) -> AsyncIterator[Session]:
    async with session(exchange) as made:
        yield made


async def test_asterisks_own_refusals_are_told(now: Session) -> None:
    assert await now.do(do.Answer("nobody")) is None
    assert await now.status(do.Connect("nowhere", ("nobody",))) in (200, 400, 404)
    with pytest.raises(AriError) as refused:
        await now.do(do.RingAgent("leg-x", "unknown", "c", "1"))
    assert refused.value.status == 500
    with pytest.raises(AriError):
        await now.ari.request(Rest("POST", "channels", {"endpoint": "no/such"}))


async def test_requests_in_one_line_are_quick(now: Session) -> None:
    started = time.perf_counter()
    await asyncio.gather(*(now.ari.get("asterisk/ping") for _ in range(300)))
    assert time.perf_counter() - started < 10


async def test_a_wrong_password_gets_nothing(exchange: Exchange) -> None:
    async with Ari(Access(exchange.ari_url, exchange.ari_user, "wrong")) as ari:
        with pytest.raises(TimeoutError):
            await ari.wait_ready(0.5)


async def test_a_call_outlives_its_controller(exchange: Exchange) -> None:
    """The first controller goes away in mid-call; the second finds the call and its end."""
    access = Access(exchange.ari_url, exchange.ari_user, exchange.ari_password)
    async with session(exchange) as first, caller_and_agent(first) as (caller, agent):
        await caller.call(DID)
        call = (await first.until(has.CallArrived)).call
        await first.do(do.Answer(call))
        await first.do(do.RingAgent("leg-1", "ana", "call-1", "5512"))
        await agent.until("incoming")
        await agent.answer()
        await first.until(has.LegAnswered)
        await first.do(do.OpenBridge("call-1"))
        await first.do(do.Connect("call-1", (call, "leg-1")))
        agent.say(tone(1000))
        found: list[str] = []

        async def compare(ari: Ari) -> None:
            found.extend(each["id"] for each in await ari.get("channels"))

        async with Ari(access, compare) as second:  # it takes the application over
            await second.wait_ready(5)
            assert sorted(found) == sorted([call, "leg-1"])
            bridge = await second.get("bridges/call-1")
            assert sorted(bridge["channels"]) == sorted([call, "leg-1"])
            assert share(await caller.heard(1), 1000) > 0.9
            async with asyncio.timeout(5):
                await first.listening  # the first one's events have ended
            assert first.ari.replaced
            await caller.hang_up()
            async with asyncio.timeout(5):
                async for event in second.events():
                    if event["type"] == "StasisEnd" and event["channel"]["id"] == call:
                        break
            await second.request(render(do.Hangup("leg-1")))
            await second.request(render(do.CloseBridge("call-1")))
            await agent.until("ended")


async def test_the_line_comes_back_with_asterisk(exchange: Exchange) -> None:
    """Killed with a call in it: the client waits, connects again, and compares with nothing."""
    again = asyncio.Event()

    async def compare(ari: Ari) -> None:
        if ari.connections > 1:
            assert await ari.get("channels") == []
            again.set()

    watching = asyncio.create_task(exchange.supervise())
    access = Access(exchange.ari_url, exchange.ari_user, exchange.ari_password)
    try:
        async with Ari(access, compare) as ari:
            await ari.wait_ready(5)
            await ari.request(render(do.PutObject("aor", "gone", {"max_contacts": "1"})))
            os.kill(exchange.pid, signal.SIGKILL)
            async with asyncio.timeout(30):
                await again.wait()
            assert await ari.get("asterisk/config/dynamic/res_pjsip/aor/gone") is None
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
