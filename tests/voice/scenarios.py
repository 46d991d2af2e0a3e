"""The stories that a real Asterisk is put through: played by the tests, and kept as fixtures."""

import asyncio
from uuid import uuid4

from atiende.channels.voice import effects as do
from atiende.channels.voice import facts as has
from atiende.demo.phone.audio import rms, share, tone
from tests.voice.session import Session, caller_and_agent

DID = "+525500001111"


async def inbound(now: Session, transport: str = "udp") -> None:
    """A call in: greeted, digits, waits with music, is answered, recorded, held, hung up."""
    async with caller_and_agent(now, transport=transport) as (caller, agent):
        await caller.call(DID)
        arrived = await now.until(has.CallArrived)
        assert (arrived.did, arrived.caller) == (DID, "+525512345678")
        assert (arrived.name, arrived.trunk) == ("Ana Pérez", "carrier")
        call = arrived.call
        await now.do(do.Ring(call))
        await caller.until("ringing")
        await now.do(do.Answer(call))
        await caller.until("talking")
        await now.do(do.Play(call, "greet-1", ("sound:tt-monkeys", "sound:vm-goodbye")))
        assert rms(await caller.heard(1.0)) > 300
        await caller.digits("12#")
        heard = [(await now.until(has.Digit)).digit for _ in range(3)]
        assert heard == ["1", "2", "#"]
        await now.do(do.StopPlay("greet-1"))
        assert await now.until(has.PlaybackFinished) == has.PlaybackFinished("greet-1")
        assert await now.do(do.StopPlay("greet-1")) is None
        await now.do(do.OpenBridge("wait-1", "holding"))
        await now.do(do.Music("wait-1"))
        await now.do(do.Wait(call, "wait-1"))
        await now.do(do.RingAgent("leg-1", "ana", "call-1", arrived.caller, arrived.name))
        await now.until(has.LegRinging)
        await agent.until("incoming")
        assert agent.caller == ("+525512345678", "Ana Pérez")
        assert agent.invite is not None
        assert agent.invite.get("X-CC-ID") == "call-1"
        assert rms(await caller.heard(0.5)) > 0
        await agent.answer()
        assert await now.until(has.LegAnswered) == has.LegAnswered("leg-1", "call-1")
        await now.do(do.OpenBridge("talk-1"))
        await now.do(do.Connect("talk-1", (call, "leg-1")))
        caller.say(tone(440))
        agent.say(tone(1000))
        await asyncio.sleep(0.4)
        left, right = await asyncio.gather(caller.heard(1), agent.heard(1))
        assert share(left, 1000) > 0.9
        assert share(right, 440) > 0.9
        await asyncio.gather(agent.digits("7"), caller.digits("8"))
        assert await caller.digits_heard(1) == "7"
        assert await agent.digits_heard(1) == "8"
        await recorded(now, "leg-1")
        assert await agent.hold() == 200
        assert await now.until(has.Held) == has.Held("leg-1")
        assert await agent.unhold() == 200
        assert await now.until(has.Unheld) == has.Unheld("leg-1")
        await caller.hang_up()
        assert await now.until(has.HungUp) == has.HungUp(call, 16)
        assert await now.until(has.CallEnded) == has.CallEnded(call)
        await now.do(do.Hangup("leg-1"))
        await agent.until("ended")
        assert await now.until(has.LegEnded) == has.LegEnded("leg-1", 16)


async def recorded(now: Session, leg: str) -> None:
    """A track of a leg, with a stretch of silence."""
    name = f"2026/11/{uuid4().hex}/{leg}"
    await now.do(do.Snoop(leg, "snoop-1"))
    assert await now.until(has.SnoopReady) == has.SnoopReady("snoop-1")
    await now.do(do.Record("snoop-1", name))
    started = await now.until(has.RecordingStarted)
    assert (started.name, started.at is not None) == (name, True)
    await asyncio.sleep(0.5)
    await now.do(do.MuteRecording(name))
    await asyncio.sleep(0.7)
    await now.do(do.MuteRecording(name, on=False))
    await now.do(do.StopRecording(name))
    finished = await now.until(has.RecordingFinished)
    assert (finished.name, finished.failed) == (name, False)
    await now.do(do.Hangup("snoop-1"))
    assert await now.until(has.SnoopEnded) == has.SnoopEnded("snoop-1")


async def held_by_us(now: Session) -> None:
    """The agent holds by the product: music to the caller alone, and back."""
    async with caller_and_agent(now) as (caller, agent):
        await caller.call(DID)
        call = (await now.until(has.CallArrived)).call
        await now.do(do.Answer(call))
        await now.do(do.RingAgent("leg-1", "ana", "call-1", "5512", 'A "quoted" <name>'))
        await agent.until("incoming")
        assert agent.caller == ("5512", "A quoted name")
        await agent.answer()
        await now.until(has.LegAnswered)
        await now.do(do.OpenBridge("talk-1"))
        await now.do(do.OpenBridge("hold-1", "holding"))
        await now.do(do.Music("hold-1"))
        await now.do(do.Connect("talk-1", (call, "leg-1")))
        agent.say(tone(1000))
        await now.do(do.Hold(call, "hold-1"))
        await asyncio.sleep(0.3)
        left, right = await asyncio.gather(caller.heard(2), agent.heard(2))
        assert share(left, 1000) < 0.2
        assert rms(left) > 50
        assert rms(right) < 50
        await now.do(do.Unhold(call, "talk-1"))
        await now.do(do.CloseBridge("hold-1"))
        await asyncio.sleep(0.3)
        assert share(await caller.heard(1), 1000) > 0.9
        await now.do(do.Mute("leg-1"))
        await asyncio.sleep(0.3)
        assert rms(await caller.heard(0.5)) < 50
        await now.do(do.Mute("leg-1", on=False))
        await now.do(do.SendDigits(call, "42"))
        assert await caller.digits_heard(2) == "42"
        await agent.hang_up()
        await now.until(has.LegEnded)
        await now.do(do.Hangup(call))
        await caller.until("ended")
        assert caller.ending is not None
        assert (caller.ending.by, caller.ending.cause) == ("them", 16)


#: SIP status that a callee refuses with -> the Q.850 cause that Asterisk makes of it.
REFUSALS = {486: 17, 603: 21, 404: 1, 480: 19, 503: 34, 410: 22}


async def outbound(now: Session) -> None:
    """Calls out: each refusal, nobody answers, we give up, answered."""
    async with caller_and_agent(now) as (callee, _):
        for status, cause in REFUSALS.items():
            await dial(now, f"leg-{status}")
            await callee.until("incoming")
            await callee.reject(status)
            ended = await now.until(has.LegEnded)
            assert ended == has.LegEnded(f"leg-{status}", cause, status)
        await dial(now, "leg-late", timeout_s=1)
        await callee.until("ended")
        assert await now.until(has.LegEnded) == has.LegEnded("leg-late", 19, 480)
        await dial(now, "leg-cut")
        await now.until(has.LegRinging)
        await callee.until("incoming")
        await now.do(do.Hangup("leg-cut"))
        await callee.until("ended")
        await now.until(has.LegEnded)
        await dial(now, "leg-yes")
        await callee.until("incoming")
        assert callee.caller[0] == "+525500001111"
        assert callee.invite is not None
        assert "+525599990000@" in callee.invite.uri
        await callee.answer()
        assert await now.until(has.LegAnswered) == has.LegAnswered("leg-yes", "call-2")
        await callee.hang_up()
        ended = await now.until(has.LegEnded)
        assert (ended.leg, ended.sip_code) == ("leg-yes", None)


async def dial(now: Session, leg: str, timeout_s: int = 20) -> None:
    await now.do(do.Originate(leg, "carrier", "+525599990000", "call-2", DID, timeout_s))


async def refused_before_answer(now: Session) -> None:
    """A call that we refuse hears why: busy, no way through, rejected."""
    async with caller_and_agent(now) as (caller, _):
        for cause, status in ((17, 486), (34, 503), (21, 403)):
            await caller.call(DID)
            call = (await now.until(has.CallArrived)).call
            await now.do(do.Hangup(call, cause))
            await caller.until("ended")
            assert caller.ending is not None
            assert caller.ending.status == status
            await now.until(has.CallEnded)


async def hostile(now: Session) -> None:
    """Names that want to be more than names."""
    names = (
        'x" <sip:300&PJSIP/400@carrier>;tag=1',
        "Ñandú \u202egnirts\u202c \x07\x1b[31m ${SHELL(id)}",
        "a" * 4_000,
    )
    for name in names:
        async with caller_and_agent(now, name=name) as (caller, agent):
            await caller.call(DID)
            arrived = await now.until(has.CallArrived)
            assert len(arrived.name) <= 120
            assert arrived.name.isprintable()
            leg = do.RingAgent("leg-h", "ana", "call-h", arrived.caller, arrived.name)
            await now.do(leg)
            await agent.until("incoming")
            assert len(agent.caller[1]) <= 60
            await now.do(do.Hangup("leg-h"))
            await now.do(do.Hangup(arrived.call))
            await now.until(has.CallEnded)


async def dialled_by_an_agent(now: Session) -> None:
    """An agent's own phone dials: known by its endpoint, with proof alone."""
    async with caller_and_agent(now) as (_, agent):
        await agent.call("5512345678")
        asked = await now.until(has.DialAsked)
        assert (asked.number, asked.endpoint) == ("5512345678", "ana")
        await now.do(do.Hangup(asked.call))
        await now.until(has.CallEnded)
        await agent.until("ended")
        agent.options = agent.options.__class__(user="ana", password="wrong", proxy=now.proxy)
        await agent.call("5512345678")
        await agent.until("ended")
        assert agent.ending is not None
        assert agent.ending.status == 401


async def presence(now: Session) -> None:
    """A phone registers and leaves; with its endpoint watched, a digit is still told once."""
    async with caller_and_agent(now) as (caller, agent):
        assert await now.status(do.WatchEndpoints()) == 200
        # A name of its own: the state of one that came and went often cannot be trusted.
        await now.put_phone("eva", "s3cret")
        for expires_s in (60, 0):
            assert await agent.register("eva", "s3cret", expires_s) == 200
            while await now.until(has.EndpointState) != has.EndpointState("eva", expires_s > 0):
                pass
        await caller.call(DID)
        call = (await now.until(has.CallArrived)).call
        await now.do(do.Answer(call))
        await caller.until("talking")
        await caller.digits("11")
        await caller.hang_up()
        await now.until(has.CallEnded)
        digits = [fact for fact in now.facts if isinstance(fact, has.Digit)]
        assert digits == [has.Digit(call, "1")] * 2
