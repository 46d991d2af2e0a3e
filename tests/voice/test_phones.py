"""Phone against phone, no exchange between them: each act of a call, over UDP and TCP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from atiende.demo.phone import Ending, LateError, Options, Phone, sip
from atiende.demo.phone.audio import share, tone
from atiende.demo.phone.line import Line, Source


@pytest.fixture(params=["udp", "tcp"])
async def pair(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Phone, Phone]]:
    """Two phones; the first one's calls go to the second."""
    async with AsyncExitStack() as stack:
        base = Options(transport=request.param)
        theirs = await stack.enter_async_context(Phone(replace(base, user="200")))
        place = ("127.0.0.1", theirs.line.port)
        ours = await stack.enter_async_context(
            Phone(replace(base, user="100", name='Ana "A" Pérez', proxy=place))
        )
        yield ours, theirs


async def talking(ours: Phone, theirs: Phone) -> None:
    await ours.call("200")
    await theirs.until("incoming")
    await ours.until("ringing")
    await theirs.answer()
    await ours.until("talking")


async def test_a_call_with_sound_and_digits_both_ways(pair: tuple[Phone, Phone]) -> None:
    ours, theirs = pair
    await talking(ours, theirs)
    assert theirs.caller == ("100", 'Ana "A" Pérez')
    ours.say(tone(440))
    theirs.say(tone(1000))
    await asyncio.sleep(0.2)
    left, right = await asyncio.gather(ours.heard(1), theirs.heard(1))
    assert share(left, 1000) > 0.95
    assert share(right, 440) > 0.95
    await asyncio.gather(ours.digits("12#"), theirs.digits("9"))
    assert await theirs.digits_heard(3) == "12#"
    assert await ours.digits_heard(1) == "9"
    await ours.hang_up()
    await theirs.until("ended")
    assert ours.ending == Ending(200, None, "us")
    assert theirs.ending == Ending(200, None, "them")


async def test_hold_is_heard_as_silence_and_told(pair: tuple[Phone, Phone]) -> None:
    ours, theirs = pair
    await talking(ours, theirs)
    ours.say(tone(440))
    theirs.say(tone(1000))
    assert await ours.hold() == 200
    await theirs.until("held")
    await asyncio.sleep(0.1)
    assert len(await ours.heard(0.4)) == 0
    assert await ours.unhold() == 200
    await theirs.until("resumed")
    assert await theirs.hold() == 200
    await ours.until("held")
    assert await theirs.unhold() == 200
    await ours.until("resumed")
    await asyncio.sleep(0.1)
    assert share(await ours.heard(0.5), 1000) > 0.9
    await theirs.hang_up()
    await ours.until("ended")


@pytest.mark.parametrize("status", [404, 480, 486, 603])
async def test_a_refusal_reaches_the_caller(pair: tuple[Phone, Phone], status: int) -> None:
    ours, theirs = pair
    await ours.call("200")
    await theirs.until("incoming")
    await theirs.reject(status)
    await ours.until("ended")
    assert ours.ending == Ending(status, None, "them")
    with pytest.raises(LateError):
        await ours.until("talking", 1)


async def test_hanging_up_while_it_rings_cancels(pair: tuple[Phone, Phone]) -> None:
    ours, theirs = pair
    await ours.call("200")
    await theirs.until("incoming")
    await ours.hang_up()
    await theirs.until("ended")
    assert ours.ending == Ending(487, None, "us")
    assert theirs.ending == Ending(487, None, "them")
    await talking(ours, theirs)  # and the next call goes through


async def test_a_second_caller_hears_busy(pair: tuple[Phone, Phone]) -> None:
    ours, theirs = pair
    await talking(ours, theirs)
    async with Phone(replace(ours.options, user="300")) as third:
        await third.call("200")
        await third.until("ended")
        assert third.ending == Ending(486, None, "them")


@pytest.mark.parametrize("pair", ["udp"], indirect=True)
async def test_lost_datagrams_are_sent_again(pair: tuple[Phone, Phone]) -> None:
    ours, theirs = pair
    ours.line.lose = 1  # the INVITE
    await ours.call("200")
    await theirs.until("incoming")
    await ours.until("ringing")
    theirs.line.lose = 1  # the 200
    await theirs.answer()
    ours.line.lose = 1  # the ACK
    await ours.until("talking")
    await asyncio.sleep(2.5)
    assert not theirs.line.unacknowledged
    ours.line.lose = 1  # the BYE
    await ours.hang_up()
    await theirs.until("ended")


async def test_nobody_there_is_told_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("atiende.demo.phone.line.LONGEST", 1.0)
    async with Phone(Options(proxy=("127.0.0.1", 9))) as ours:
        await ours.call("200")
        await ours.until("ended", 5)
        assert ours.ending == Ending(408, None, "them")


async def test_the_first_sequence_number_is_ours_to_choose() -> None:
    async with Phone(Options(user="200")) as theirs:
        proxy = ("127.0.0.1", theirs.line.port)
        async with Phone(Options(proxy=proxy, first_sequence=65_500)) as ours:
            await talking(ours, theirs)
            await theirs.heard(1)
            assert theirs.media.first_sequence_heard == 65_500
            assert theirs.media.count.lost == 0
            assert theirs.media.count.received > 40


async def test_a_proxys_challenge_is_met_with_proof() -> None:
    seen: list[str] = []

    def proxy(request: sip.Message, source: Source) -> None:
        if request.method != "INVITE":
            return
        seen.append(request.get("Proxy-Authorization"))
        asks = (("Proxy-Authenticate", 'Digest realm="r", nonce="n", algorithm=MD5, qop="auth"'),)
        answer = sip.response(request, 486, tag="x") if seen[-1] else None
        line.answer(answer or sip.response(request, 407, tag="x", extra=asks), source)

    line = Line("udp", proxy, "127.0.0.1")
    await line.open()
    options = Options(user="ana", password="secret", proxy=("127.0.0.1", line.port))
    async with Phone(options) as phone:
        await phone.call("200")
        await phone.until("ended")
        assert phone.ending == Ending(486, None, "them")
    await line.close()
    assert seen[0] == ""
    assert 'username="ana"' in seen[1]
    assert "secret" not in seen[1]


async def test_a_call_without_an_offer_gets_ours(pair: tuple[Phone, Phone]) -> None:
    """Some carriers leave the offer to the callee, and answer it in the ACK."""
    ours, theirs = pair
    await ours.call("200", extra=())
    await theirs.until("incoming")
    assert theirs.invite is not None
    theirs.invite = replace(theirs.invite, body=b"")
    await theirs.answer()
    await ours.until("talking")
    ours.say(tone(440))
    theirs.say(tone(1000))
    await asyncio.sleep(0.2)
    assert share(await ours.heard(0.5), 1000) < 0.1, "they know no place to send to yet"
    assert await ours.hold() == 200
    assert await ours.unhold() == 200
    await asyncio.sleep(0.2)
    assert share(await ours.heard(0.5), 1000) > 0.9


@pytest.mark.parametrize("method", ["OPTIONS", "BYE", "UPDATE", "CANCEL", "REFER", "MESSAGE"])
async def test_requests_out_of_a_call_are_answered(pair: tuple[Phone, Phone], method: str) -> None:
    ours, theirs = pair
    head = (
        ("Via", ours.line.via()),
        ("From", "<sip:x@y>;tag=1"),
        ("To", "<sip:200@y>" if method in {"OPTIONS", "MESSAGE"} else "<sip:200@y>;tag=2"),
        ("Call-ID", "c"),
        ("CSeq", f"1 {method}"),
    )
    request = sip.Message(head, method, "sip:200@127.0.0.1")
    answer = await ours.line.ask(request, ("127.0.0.1", theirs.line.port))
    expected = {"OPTIONS": 200, "MESSAGE": 501}.get(method, 481)
    assert answer.status == expected
    assert ("INVITE" in answer.get("Allow")) == (method == "OPTIONS")
