"""The machine of one call: by example, and by random histories of everything that can happen."""

import random
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from atiende.channels.voice import effects as do
from atiende.channels.voice import facts as has
from atiende.channels.voice.call import (
    Accept,
    Asked,
    Call,
    Closed,
    Decline,
    End,
    Missing,
    NoMedia,
    Routed,
    SetTimer,
    Signal,
    SoundBack,
    SoundLost,
    Started,
    Struck,
    as_row,
    may_ask,
    of_row,
    owner,
)
from atiende.channels.voice.calls import MUSIC, TRANSITIONS, step

NEW = Call("int-1", "asterisk-1.1", "+5199", "Luz")
LEG, SECOND = "leg:int-1:1", "leg:int-1:2"
OFFER = Routed("ana", "phone-ana")
HAS = Routed("ana", "phone-ana", assigned=True)


def play(*facts: Any, call: Call = NEW) -> tuple[Call, list[Any]]:
    """The call after all of them, and what the last one asked for."""
    wanted: list[Any] = []
    for fact in facts:
        before = call.state
        call, wanted = step(call, fact)
        assert call.state == before or call.state in TRANSITIONS[before], (before, fact)
    return call, wanted


TALK = (Started(), OFFER, has.LegAnswered(LEG), HAS)


def test_the_straight_line() -> None:
    call, wanted = play(Started())
    assert wanted == [do.Answer(NEW.channel), do.Wait(NEW.channel, MUSIC)]
    call, wanted = play(OFFER, call=call)
    assert wanted == [do.RingAgent(LEG, "phone-ana", "int-1", "+5199", "Luz", 25)]
    call, wanted = play(has.LegAnswered(LEG), call=call)
    assert (call.state, wanted) == ("ringing", [Accept("ana", LEG)])
    call, wanted = play(HAS, call=call)
    assert wanted == [do.OpenBridge("int-1"), do.Connect("int-1", (NEW.channel, LEG))]
    call, wanted = play(has.CallEnded(NEW.channel), call=call)
    assert wanted == [End("customer"), do.Hangup(LEG), do.CloseBridge("int-1")]
    assert call.state == "ended"


def test_what_must_be_heard_is_heard_though_an_agent_has_answered() -> None:
    call, wanted = play(Started(("sound:hola",)))
    assert do.Play(NEW.channel, "prompt:int-1", ("sound:hola",), "es") in wanted
    call, wanted = play(OFFER, has.LegAnswered(LEG), HAS, call=call)
    assert (call.state, wanted) == ("ringing", [SetTimer("media:int-1:1", 10.0)])
    call, wanted = play(has.PlaybackFinished("prompt:int-1"), call=call)
    assert call.state == "connected"
    assert wanted[-1] == do.Connect("int-1", (NEW.channel, LEG))


def test_out_of_hours_it_says_so_and_ends() -> None:
    call, _ = play(Started(("sound:x",), closed=True))
    _, wanted = play(has.PlaybackFinished("prompt:int-1"), call=call)
    assert wanted == [do.Hangup(NEW.channel)]
    assert play(Started((), closed=True))[1] == [do.Hangup(NEW.channel, 17)]
    assert play(Started((), closed=True), has.CallEnded(NEW.channel))[0].state == "ended"


def test_an_offer_that_is_gone_takes_the_leg_away() -> None:
    call, wanted = play(Started(), OFFER, Routed())
    assert (call.state, wanted) == ("waiting", [do.Hangup(LEG)])
    _, wanted = play(Started(), OFFER, Routed("beto", "phone-beto"))
    assert wanted[0] == do.Hangup(LEG)
    assert wanted[1].endpoint == "phone-beto"
    assert wanted[1].leg == SECOND


def test_a_leg_that_answers_too_late_is_hung_up() -> None:
    assert play(Started(), OFFER, Routed(), has.LegAnswered(LEG))[1] == [do.Hangup(LEG)]
    ended, _ = play(*TALK, has.CallEnded(NEW.channel))
    assert step(ended, has.LegAnswered(LEG))[1] == [do.Hangup(LEG)]


def test_accepted_at_the_desk_the_phone_rings_and_has_ten_seconds() -> None:
    call, wanted = play(Started(), HAS)
    assert [type(each) for each in wanted] == [do.RingAgent, SetTimer]
    assert wanted[1].seconds == 10
    late, wanted = play(Struck(wanted[1].timer), call=call)
    assert wanted == [NoMedia("ana", "media:int-1:1"), do.Hangup(LEG)]
    assert play(HAS, call=late)[1] == []  # the router has not decided anew yet
    assert play(Routed(), HAS, call=late)[1] != []
    assert play(has.LegAnswered(LEG), call=call)[0].state == "connected"


def test_a_phone_that_says_no_declines_the_offer() -> None:
    assert play(Started(), OFFER, has.LegEnded(LEG, 17, 486))[1] == [Decline("ana", LEG)]
    call, wanted = play(Started(), OFFER, has.LegEnded(LEG, 19, 480))
    assert wanted == []
    assert play(HAS, call=call)[1][0].leg == SECOND


def test_the_agents_bye_ends_the_call() -> None:
    call, wanted = play(*TALK, has.HungUp(LEG, 16))
    assert wanted == [End("agent"), do.Hangup(LEG), do.Hangup(NEW.channel), do.CloseBridge("int-1")]
    assert call.state == "ended"


def test_a_leg_that_is_lost_does_not_end_it() -> None:
    call, wanted = play(*TALK, has.HungUp(LEG, 44), has.LegEnded(LEG, 44))
    assert wanted == [
        do.Wait(NEW.channel, MUSIC),
        SetTimer("media:int-1:1", 20.0),
    ]
    _, again = play(Asked("rejoin"), call=call)
    assert again[0].leg == SECOND
    _, wanted = play(Struck("media:int-1:1"), call=call)
    assert wanted == [NoMedia("ana", "media:int-1:1")]


def test_a_page_loaded_anew_rings_again_and_the_old_leg_goes() -> None:
    call, wanted = play(*TALK, Asked("rejoin"))
    assert wanted[:2] == [do.Wait(NEW.channel, MUSIC), do.Hangup(LEG)]
    assert (wanted[2].leg, wanted[3].seconds) == (SECOND, 20.0)
    again, _ = play(has.LegEnded(LEG, 16), has.LegAnswered(SECOND), call=call)
    assert (again.state, again.leg) == ("connected", SECOND)


def test_a_page_with_another_phone_has_that_one_rung() -> None:
    new = Routed("ana", "phone-new", assigned=True)
    call, wanted = play(*TALK, new)
    assert (call.state, wanted) == ("connected", [])
    call, wanted = play(Asked("rejoin"), call=call)
    assert (wanted[2].leg, wanted[2].endpoint) == (SECOND, "phone-new")
    ringing, wanted = play(Started(), HAS, new)
    assert wanted[0] == do.Hangup(LEG)
    assert (wanted[1].leg, wanted[1].endpoint) == (SECOND, "phone-new")
    assert play(has.LegAnswered(SECOND), call=ringing)[0].state == "connected"
    offered, wanted = play(Started(), OFFER, Routed("ana", "phone-new"))
    assert (offered.assigned, wanted[1].endpoint) == (False, "phone-new")
    assert play(Routed("ana", ""), call=offered)[1] == []


def test_a_timer_of_an_earlier_stretch_changes_nothing() -> None:
    call, _ = play(Started(), HAS, has.LegAnswered(LEG), has.LegEnded(LEG, 44))
    assert play(Struck("media:int-1:1"), call=call) == (call, [])


def test_hold_mute_and_transfer() -> None:
    call, wanted = play(*TALK, Asked("hold"))
    assert (call.state, wanted) == ("held", [do.Hold(NEW.channel, MUSIC)])
    call, wanted = play(Asked("resume"), call=call)
    assert (call.state, wanted) == ("connected", [do.Unhold(NEW.channel, "int-1")])
    call, wanted = play(Asked("mute"), call=call)
    assert (call.muted, wanted) == (True, [do.Mute(LEG, True)])
    call, wanted = play(Routed("beto", "phone-beto"), call=call)
    assert wanted[:2] == [do.Wait(NEW.channel, MUSIC), do.Hangup(LEG)]
    assert (call.state, call.muted, wanted[2].endpoint) == ("ringing", False, "phone-beto")


def test_the_phones_own_hold() -> None:
    call, _ = play(*TALK, has.Held(LEG))
    assert call.state == "held"
    assert play(Asked("resume"), call=call) == (call, [])
    assert play(has.Unheld(LEG), call=call)[0].state == "connected"
    assert play(*TALK, has.Held("other"))[0].state == "connected"


def test_the_desk_ends_it() -> None:
    call, wanted = play(*TALK, Closed())
    assert wanted == [do.Hangup(LEG), do.Hangup(NEW.channel), do.CloseBridge("int-1")]
    assert play(*TALK, Missing(True))[1][0] == End("platform")
    assert call.state == "ended"


def test_who_may_ask() -> None:
    talking, _ = play(*TALK)
    assert may_ask(talking, "hold", "ana")
    assert not may_ask(talking, "hold", "beto")
    assert not may_ask(talking, "resume", "ana")
    assert not may_ask(talking, "fly", "ana")


def test_names_tell_their_call_and_a_row_keeps_it() -> None:
    assert owner(LEG) == owner("prompt:int-1") == owner("media:int-1:1") == "int-1"
    assert owner("asterisk-1.1") == owner("rec-int-1") == ""
    talking, _ = play(*TALK)
    assert of_row({**as_row(talking), "of_another_version": 1}) == talking


@dataclass
class World:
    """What Asterisk and the router would be, if the machine's wishes came true."""

    draw: random.Random
    call: Call = NEW
    caller: bool = True
    legs: dict[str, str] = field(default_factory=dict)  # ringing, up
    bridge: set[str] = field(default_factory=set)
    routed: Routed = field(default_factory=Routed)
    timers: set[str] = field(default_factory=set)
    ends: list[str] = field(default_factory=list)
    late: list[Any] = field(default_factory=list)
    prompts: set[str] = field(default_factory=set)
    heard: set[str] = field(default_factory=set)

    def feed(self, fact: Any) -> None:
        before = self.call
        self.call, wanted = step(before, fact)
        assert self.call.state == before.state or self.call.state in TRANSITIONS[before.state]
        for effect in wanted:
            self._do(effect)
        if isinstance(fact, has.LegAnswered) and fact.leg != before.leg:
            assert wanted == [do.Hangup(fact.leg)]
        if any(isinstance(each, do.Connect) for each in wanted):
            assert self.call.assigned
            assert not self.prompts - self.heard, "connected before he had heard everything"
        if isinstance(fact, Closed):
            self.ends.append("rows")
        assert set(self.legs) <= {self.call.leg}, "a leg that nobody knows"
        assert len(self.bridge & set(self.legs)) <= 1
        if self.draw.random() < 0.3:
            self.late.append(fact)

    def _do(self, effect: Any) -> None:
        match effect:
            case do.RingAgent(leg=leg):
                assert leg not in self.legs
                self.legs[leg] = "ringing"
            case do.Hangup(leg=leg):
                self.bridge.discard(leg)
                self.caller = self.caller and leg != NEW.channel
                self.legs.pop(leg, None)
            case Accept(agent=agent):
                self.routed = replace(self.routed, assigned=self.routed.agent == agent)
            case Decline() | NoMedia():
                self.routed = Routed()
            case do.Play(playback=playback):
                self.prompts.add(playback)
            case SetTimer(timer=timer):
                self.timers.add(timer)
            case End(by=by):
                self.ends.append(by)
            case _:
                self._move(effect)

    def _move(self, effect: Any) -> None:
        """Into and out of the bridge of the talk."""
        match effect:
            case do.Connect(legs=legs):
                self.bridge |= {leg for leg in legs if leg in self.legs or leg == NEW.channel}
            case do.Wait(leg=leg) | do.Hold(leg=leg):
                self.bridge.discard(leg)
            case do.Unhold(leg=leg):
                self.bridge.add(leg)
            case do.CloseBridge():
                self.bridge.clear()

    def happen(self) -> None:
        """One thing that can happen now, or comes late or doubled."""
        leg = self.draw.choice([*self.legs, LEG])
        cause = self.draw.choice((16, 17, 19, 44))
        choices: list[Any] = [
            self.routed,
            Routed(self.draw.choice(("ana", "beto", "")), "p", self.draw.random() < 0.3),
            Asked(self.draw.choice(("hold", "resume", "mute", "unmute", "rejoin"))),
            has.Held(leg),
            has.Unheld(leg),
            has.LegRinging(leg),
            Signal(self.draw.random() < 0.5),
            SoundLost(leg),
            SoundBack(leg),
            *(Struck(timer) for timer in sorted(self.timers)),
            *(has.PlaybackFinished(playback) for playback in sorted(self.prompts)),
            *self.draw.sample(self.late, min(2, len(self.late))),
        ]
        fact = self.draw.choice(choices)
        if self.legs and self.draw.random() < 0.4:
            fact = has.LegAnswered(leg)
            if leg in self.legs:
                self.legs[leg] = "up"
        elif self.legs and self.draw.random() < 0.15:
            self.legs.pop(leg, None)
            self.bridge.discard(leg)
            fact = self.draw.choice((has.HungUp(leg, cause), has.LegEnded(leg, cause)))
        if isinstance(fact, Routed):
            self.routed = fact
        if isinstance(fact, has.PlaybackFinished | Struck):
            self.heard |= {getattr(fact, "playback", ""), getattr(fact, "timer", "")}
        self.feed(fact)


@pytest.mark.parametrize("seed", range(400))
def test_any_history_ends_well(seed: int) -> None:
    draw = random.Random(seed)
    world = World(draw)
    closed = draw.random() < 0.1
    world.feed(Started(("sound:x",) if draw.random() < 0.5 else (), closed))
    for _ in range(draw.randrange(40)):
        world.happen()
    if world.call.state != "ended":
        away = Closed(("sound:x",))
        last = draw.choice((Closed(), away, has.CallEnded(NEW.channel), Missing(True), Missing()))
        if world.call.state == "closing":
            last = has.CallEnded(NEW.channel)
        if not isinstance(last, Closed):
            world.caller = False
        world.feed(last)
        if world.call.state == "closing":  # he hears that nobody will attend him
            world.caller = False
            world.feed(has.CallEnded(NEW.channel))
    for fact in world.late:
        world.feed(fact)
    for number in range(1, world.call.made + 1):
        world.feed(has.LegAnswered(f"leg:int-1:{number}"))
    assert world.call.state == "ended"
    assert (world.legs, world.caller, world.call.leg) == ({}, False, "")
    assert len([by for by in world.ends if by != "rows"]) <= 1
    assert world.ends or closed
