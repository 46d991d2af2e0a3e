"""An agent who is lost in mid-call: his phone has no line to us, and its sound has stopped."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from atiende.channels.voice import effects as do
from atiende.channels.voice import facts as has
from atiende.channels.voice.call import (
    Asked,
    NoMedia,
    Routed,
    SetTimer,
    Signal,
    SoundBack,
    SoundLost,
    Struck,
    is_watched,
)
from atiende.channels.voice.calls import MUSIC
from atiende.demo.phone.audio import share, tone
from atiende.engines.asterisk import Exchange
from tests.voice.line import Attendant, Line, hears_music, line
from tests.voice.test_calls import LEG, NEW, SECOND, TALK, play

# --- the machine


def test_a_line_that_is_gone_is_shown_and_nothing_else() -> None:
    talks, _ = play(*TALK)
    assert not is_watched(talks)
    call, wanted = play(Signal(False), call=talks)
    assert (call.state, call.signal, wanted) == ("connected", False, [])
    assert is_watched(call)
    assert play(Signal(True), call=call) == (talks, [])


def test_a_lost_agent_leaves_the_caller_with_music_and_his_leg_is_kept() -> None:
    call, wanted = play(*TALK, Signal(False), SoundLost(LEG))
    assert wanted == [do.Wait(NEW.channel, MUSIC), SetTimer("media:int-1:1", 20.0)]
    assert (call.state, call.leg, call.lost) == ("ringing", LEG, True)
    assert is_watched(call)


def test_who_speaks_again_is_back_in_the_talk() -> None:
    lost, _ = play(*TALK, Signal(False), SoundLost(LEG))
    call, wanted = play(SoundBack(LEG), call=lost)
    assert (call.state, call.lost, call.signal) == ("connected", False, True)
    assert wanted[-1] == do.Connect("int-1", (NEW.channel, LEG))
    assert play(Struck("media:int-1:1"), call=call) == (call, [])


def test_who_was_on_hold_stays_on_hold() -> None:
    lost, _ = play(*TALK, Asked("hold"), Signal(False), SoundLost(LEG))
    call, wanted = play(SoundBack(LEG), call=lost)
    assert (call.state, wanted) == ("held", [])
    assert play(Asked("resume"), call=call)[1] == [do.Unhold(NEW.channel, "int-1")]


def test_after_twenty_seconds_the_work_goes_back_and_the_leg_is_hung_up() -> None:
    lost, _ = play(*TALK, Signal(False), SoundLost(LEG))
    call, wanted = play(Struck("media:int-1:1"), call=lost)
    assert wanted == [NoMedia("ana", "media:int-1:1"), do.Hangup(LEG)]
    assert (call.state, call.lost, is_watched(call)) == ("waiting", False, False)
    assert play(Routed(), Routed("beto", "phone-beto"), call=call)[0].agent == "beto"


def test_his_page_loaded_anew_rings_again() -> None:
    lost, _ = play(*TALK, Signal(False), SoundLost(LEG))
    call, wanted = play(Asked("rejoin"), call=lost)
    assert wanted[0] == do.Hangup(LEG)
    assert (call.leg, call.lost) == (SECOND, False)
    assert play(SoundBack(LEG), call=call) == (call, [])


def test_the_sound_of_another_leg_says_nothing() -> None:
    talks, _ = play(*TALK)
    assert play(SoundLost(SECOND), call=talks) == (talks, [])
    lost, _ = play(*TALK, SoundLost(LEG))
    assert play(SoundBack(SECOND), call=lost) == (lost, [])
    gone, _ = play(has.LegEnded(LEG, 44), call=lost)
    assert (gone.state, gone.leg, is_watched(gone)) == ("ringing", "", False)


# --- the real thing


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(
    database: str, exchange: Exchange, tmp_path_factory: "object"
) -> AsyncIterator[Line]:
    folder = Path(tmp_path_factory.mktemp("line"))  # type: ignore[attr-defined]
    async with line(database, folder, exchange) as made:
        yield made


async def socket(here: Line, ana: Attendant, *, lives: bool) -> None:
    """The phone as a browser's, its socket as the web application writes it."""
    at = "now() + interval '1 hour'" if lives else "null"
    await here.sql.execute(
        f"update phones set kind = 'browser', socket_at = {at} where agent_id = $1", ana.id
    )
    here.product.web.bus.wake("calls")


async def test_without_its_line_the_sound_goes_on_and_the_screen_says_so(here: Line) -> None:
    async with here.agent() as ana, here.caller() as luz:
        case = await here.talk(ana, luz)
        await socket(here, ana, lives=True)
        assert ana.call(case)["signal"]
        await socket(here, ana, lives=False)
        await ana.desk.until(lambda: not ana.call(case)["signal"])
        assert share(await luz.heard(2), 1000) > 0.9
        assert ana.call(case)["state"] == "connected"
        await socket(here, ana, lives=True)
        await ana.desk.until(lambda: ana.call(case)["signal"])
        await luz.hang_up()
        await ana.wraps_up(case)
        await here.dispose(ana.desk, case)
        await here.silent()


async def test_silence_alone_loses_nobody(here: Line) -> None:
    async with here.agent() as ana, here.caller() as luz:
        case = await here.talk(ana, luz)
        await socket(here, ana, lives=True)
        ana.phone.media.sending = False
        await luz.heard(0.5)
        assert len(await luz.heard(2)) == 0
        assert ana.call(case)["state"] == "connected"
        ana.phone.media.sending = True
        assert share(await luz.heard(1), 1000) > 0.9
        await luz.hang_up()
        await ana.wraps_up(case)
        await here.dispose(ana.desk, case)
        await here.silent()


async def test_a_frozen_phone_gives_music_and_is_back_when_it_speaks(here: Line) -> None:
    async with here.agent() as ana, here.caller() as luz:
        case = await here.talk(ana, luz)
        await socket(here, ana, lives=True)
        clock = asyncio.get_running_loop().time
        began = clock()
        ana.phone.media.sending = False
        await socket(here, ana, lives=False)
        await ana.until_call(case, "ringing", 3)
        assert clock() - began < 3
        await hears_music(luz)
        row = await here.sql.fetchval(
            "select s.state from assignments s where s.case_id = $1 and s.done_at is null", case
        )
        assert row == "lost"
        ana.phone.media.sending = True
        await ana.until_call(case, "connected", 3)
        assert share(await luz.heard(1), 1000) > 0.9
        assert share(await ana.phone.heard(1), 440) > 0.9
        await luz.hang_up()
        await ana.wraps_up(case)
        await here.dispose(ana.desk, case)
        await here.silent()


async def test_a_phone_that_stays_silent_passes_the_caller_on(here: Line) -> None:
    async with (
        here.agent() as ana,
        here.caller("+51912000111") as luz,
    ):
        case = await here.talk(ana, luz)
        await socket(here, ana, lives=True)
        ana.phone.media.sending = False
        await socket(here, ana, lives=False)
        await ana.until_call(case, "ringing", 4)
        async with here.agent("beto@nogal.example") as beto:
            await hears_music(luz)
            await beto.offered(26)
            await beto.rings()
            await beto.phone.answer()
            await beto.until_call(case, "connected")
            await ana.phone.until("ended")
            assert ana.desk.agent["pause_code"] == "technical_failure"
            beto.phone.say(tone(1000))
            assert share(await luz.heard(1), 1000) > 0.9
            assert (await here.last())["interaction"] == "active"
            await luz.hang_up()
            await beto.wraps_up(case)
            await here.dispose(beto.desk, case)
            await here.silent()
