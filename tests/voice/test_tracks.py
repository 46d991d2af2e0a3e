"""Recordings of a real Asterisk: a track a leg holds that leg's voice, whatever else happens."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from uuid import uuid4

import pytest

from atiende.channels.voice import effects as do
from atiende.channels.voice import facts as has
from atiende.demo.phone import Options, Phone
from atiende.demo.phone.audio import RATE, read_wav, rms, share, tone
from atiende.engines.asterisk import Exchange
from tests.voice.scenarios import DID
from tests.voice.session import Session, session


@pytest.fixture
async def now(exchange: Exchange) -> AsyncIterator[Session]:
    async with session(exchange) as made:
        yield made


async def record(now: Session, leg: str, name: str) -> None:
    await now.do(do.Snoop(leg, f"snoop-{leg}"))
    await now.until(has.SnoopReady)
    await now.do(do.Record(f"snoop-{leg}", name))
    await now.until(has.RecordingStarted)


async def stop(now: Session, name: str) -> array[int]:
    await now.do(do.StopRecording(name))
    await now.until(has.RecordingFinished)
    return read_wav(now.exchange.recordings / f"{name}.wav")


async def joins(now: Session, phone: Phone, leg: str, call: str) -> None:
    await now.do(do.RingAgent(leg, phone.options.user, "call-1", "5512"))
    await phone.until("incoming")
    await phone.answer()
    await now.until(has.LegAnswered)
    await now.do(do.Connect("call-1", (call, leg)))


@pytest.mark.parametrize(("first", "second"), [(40_000, 100), (100, 40_000)])
async def test_a_second_agents_track_holds_his_voice(now: Session, first: int, second: int) -> None:
    """Trap: with a lower RTP sequence number than the first agent's, what is written *to* the
    customer is recorded as silence. Tracks of what each leg says are not hurt."""
    async with AsyncExitStack() as stack:
        base = Options(proxy=now.proxy)
        caller = await stack.enter_async_context(Phone(base))
        await now.put_trunk("carrier", caller.line.port)
        agents = []
        for name, sequence in (("uno", first), ("dos", second)):
            phone = Phone(Options(user=name, proxy=now.proxy, first_sequence=sequence))
            agents.append(await stack.enter_async_context(phone))
            await now.put_phone(name, "s3cret")
            assert await phone.register(name, "s3cret") == 200
        await caller.call(DID)
        call = (await now.until(has.CallArrived)).call
        await now.do(do.Answer(call))
        await caller.until("talking")
        caller.say(tone(440))
        await now.do(do.OpenBridge("call-1"))
        folder = uuid4().hex
        await record(now, call, f"{folder}/customer")
        for number, phone in enumerate(agents):
            await joins(now, phone, f"leg-{number}", call)
            phone.say(tone(1000))
            await record(now, f"leg-{number}", f"{folder}/agent-{number}")
            assert share((await caller.heard(1.2))[RATE // 2 :], 1000) > 0.9
            track = await stop(now, f"{folder}/agent-{number}")
            assert rms(track) > 3_000
            assert share(track, 1000) > 0.9
            await now.do(do.Hangup(f"leg-{number}"))
            await now.until(has.LegEnded)
        track = await stop(now, f"{folder}/customer")
        assert len(track) > 2 * RATE
        assert share(track, 440) > 0.9


async def test_card_data_is_silence_in_the_track_and_time_goes_on(now: Session) -> None:
    async with Phone(Options(proxy=now.proxy)) as caller:
        await now.put_trunk("carrier", caller.line.port)
        await caller.call(DID)
        call = (await now.until(has.CallArrived)).call
        await now.do(do.Answer(call))
        await caller.until("talking")
        caller.say(tone(440))
        name = uuid4().hex
        await record(now, call, name)
        await asyncio.sleep(0.6)
        await now.do(do.MuteRecording(name))
        await asyncio.sleep(1.0)
        await now.do(do.MuteRecording(name, on=False))
        await asyncio.sleep(0.6)
        track = await stop(now, name)
        loud = [rms(track[at : at + RATE // 10]) > 1_000 for at in range(0, len(track), RATE // 10)]
        first, last = loud.index(False, 2), len(loud) - 1 - loud[::-1].index(False, 2)
        assert 7 <= last - first + 1 <= 14, loud
        assert not any(loud[first : last + 1])
        assert len(track) > 1.8 * RATE
