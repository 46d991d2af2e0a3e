"""A call out before anybody answers: its story, and any history of it."""

import random
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from atiende.channels.voice import effects as do
from atiende.channels.voice import facts as has
from atiende.channels.voice.call import (
    Asked,
    Call,
    Closed,
    End,
    Missing,
    Reached,
    Routed,
    SetTimer,
    Started,
    Struck,
    as_row,
    may_ask,
    of_row,
    owner,
)
from atiende.channels.voice.calls import TRANSITIONS, step
from atiende.channels.voice.outcome import BY_CAUSE, BY_STATUS, outcome
from atiende.channels.voice.outgoing import channel_of

OUT = channel_of("int-1")
NEW = Call("int-1", OUT, "+5199", direction="out", trunk="trunk-1", caller_id="+511")
LEG, SECOND = "leg:int-1:1", "leg:int-1:2"
HIS = Routed("ana", "phone-ana", assigned=True)
TRIES = (Started(), HIS, has.LegAnswered(LEG), has.LegMade(OUT))
TALKS = (*TRIES, has.LegRinging(OUT), has.LegAnswered(OUT))


def play(*facts: Any, call: Call = NEW) -> tuple[Call, list[Any]]:
    """The call after all of them, and what the last one asked for."""
    wanted: list[Any] = []
    for fact in facts:
        before = call.state
        call, wanted = step(call, fact)
        assert call.state == before or call.state in TRANSITIONS[before], (before, fact)
    return call, wanted


def test_his_phone_first_then_the_number() -> None:
    call, wanted = play(Started(), Routed())
    assert (call.state, wanted) == ("arriving", [])
    call, wanted = play(HIS, call=call)
    assert wanted == [
        do.RingAgent(LEG, "phone-ana", "int-1", "+511"),
        SetTimer("media:int-1:1", 10),
    ]
    call, wanted = play(has.LegAnswered(LEG), call=call)
    assert wanted[:3] == [
        do.OpenBridge("int-1"),
        do.Connect("int-1", (LEG,)),
        do.Prepare(OUT, "trunk-1", "+5199", "int-1"),
    ]
    call, wanted = play(has.LegMade(OUT), call=call)
    assert wanted == [do.Connect("int-1", (OUT,)), do.Dial(OUT, 45)]
    call, _ = play(has.LegRinging(OUT), call=call)
    assert call.state == "alerting"
    call, wanted = play(has.LegAnswered(OUT), call=call)
    assert (call.state, call.result, wanted) == ("connected", "answered", [Reached()])


def test_then_it_is_a_call_as_any_other() -> None:
    call, wanted = play(*TALKS, Asked("hold"))
    assert (call.state, type(wanted[0])) == ("held", do.Hold)
    _, wanted = play(has.LegEnded(OUT, 16), call=call)
    assert wanted == [End("customer"), do.Hangup(LEG), do.CloseBridge("int-1")]
    moved, wanted = play(*TALKS, Routed("beto", "phone-beto"))
    assert (moved.state, wanted[-1].endpoint, wanted[-1].number) == (
        "ringing",
        "phone-beto",
        "+5199",
    )
    assert play(*TALKS, has.LegAnswered(OUT))[1] == []


def test_sound_of_the_network_before_an_answer_counts_as_ringing() -> None:
    assert play(*TRIES, has.LegProgress(OUT))[0].state == "alerting"


@pytest.mark.parametrize(
    ("cause", "status", "result"),
    [
        (17, 486, "busy"), (21, 603, "rejected"), (1, 404, "wrong_number"), (19, 480, "no_answer"),
        (34, 503, "congestion"), (22, 410, "wrong_number"), (34, None, "congestion"),
        (0, None, "failed"), (17, 404, "wrong_number"),
    ],
)  # fmt: skip
def test_what_the_network_says_is_what_became_of_it(
    cause: int, status: int | None, result: str
) -> None:
    call, wanted = play(*TRIES, has.LegEnded(OUT, cause, status))
    assert (call.state, call.result, wanted[0]) == ("ended", result, End("system"))
    assert do.Hangup(LEG) in wanted
    assert outcome(cause, status) == result


def test_every_code_of_the_tables_has_a_result_in_words() -> None:
    known = set(BY_STATUS.values()) | set(BY_CAUSE.values())
    assert known == {"busy", "no_answer", "wrong_number", "rejected", "congestion"}


def test_the_agents_own_end_gives_it_up() -> None:
    for last in (Asked("hangup"), has.HungUp(LEG, 16), has.LegEnded(LEG, 16)):
        call, wanted = play(*TRIES, last)
        assert (call.result, wanted[0]) == ("canceled", End("agent"))
        assert do.Hangup(OUT) in wanted
    assert play(Started(), HIS, has.LegEnded(LEG, 17, 486))[0].result == "canceled"


def test_a_phone_that_does_not_come_ends_it_before_anybody_is_called() -> None:
    call, wanted = play(Started(), HIS, has.LegEnded(LEG, 0))
    assert wanted == [SetTimer("media:int-1:2", 10)]
    call, wanted = play(Struck("media:int-1:1"), Struck("media:int-1:2"), call=call)
    assert (call.result, wanted) == ("no_phone", [End("system"), do.CloseBridge("int-1")])
    assert play(Started(), Struck("begin:int-1"))[0].result == "failed"
    assert play(Started(), HIS, Struck("begin:int-1"))[0].state == "ringing"


def test_a_page_loaded_anew_rings_again_while_it_rings_there() -> None:
    call, wanted = play(*TRIES, Asked("rejoin"))
    assert (call.state, wanted[0], wanted[1].leg) == ("dialing", do.Hangup(LEG), SECOND)
    back, wanted = play(has.LegAnswered(SECOND), call=call)
    assert (back.state, wanted) == ("dialing", [do.Connect("int-1", (SECOND,))])
    new, wanted = play(Routed("ana", "phone-new", assigned=True), call=back)
    assert (new.state, wanted[1].endpoint) == ("dialing", "phone-new")


def test_who_answers_meanwhile_hears_music_until_the_phone_is_back() -> None:
    call, wanted = play(*TRIES, Asked("rejoin"), has.LegAnswered(OUT))
    assert (call.state, type(wanted[1])) == ("ringing", do.Wait)
    call, wanted = play(has.LegAnswered(SECOND), call=call)
    assert (call.state, wanted[-1]) == ("connected", do.Connect("int-1", (OUT, SECOND)))


def test_taken_from_him_it_is_over() -> None:
    assert play(*TRIES, Routed())[0].state == "ended"
    call, wanted = play(*TRIES, Closed())
    assert call.state == "ended"
    assert not any(isinstance(each, End) for each in wanted)
    assert play(*TRIES, Missing(True))[1][0] == End("platform")


def test_he_may_hang_up_and_come_back_while_it_rings() -> None:
    call, _ = play(*TRIES)
    assert may_ask(call, "hangup", "ana")
    assert may_ask(call, "rejoin", "ana")
    assert not may_ask(call, "hold", "ana")
    assert owner(OUT) == "int-1"
    assert of_row(as_row(call)) == call


@dataclass
class World:
    """Who is there: the legs that live, and what the machine asked for."""

    draw: random.Random
    call: Call = NEW
    legs: dict[str, str] = field(default_factory=dict)
    timers: set[str] = field(default_factory=set)
    ends: list[str] = field(default_factory=list)
    reached: int = 0

    def feed(self, fact: Any) -> None:
        before = self.call.state
        self.call, wanted = step(self.call, fact)
        assert self.call.state == before or self.call.state in TRANSITIONS[before]
        if before == "ended":
            assert all(isinstance(each, do.Hangup) for each in wanted)
        for effect in wanted:
            match effect:
                case do.RingAgent(leg=leg) | do.Prepare(leg=leg):
                    assert leg not in self.legs
                    self.legs[leg] = "made"
                case do.Dial(leg=leg):
                    assert self.legs.get(leg) == "made"
                case do.Hangup(leg=leg):
                    self.legs.pop(leg, None)
                case SetTimer(timer=timer):
                    self.timers.add(timer)
                case End(by=by):
                    self.ends.append(by)
                case Reached():
                    self.reached += 1

    def happen(self) -> None:
        leg = self.draw.choice([*self.legs, LEG, OUT])
        facts: list[Any] = [
            HIS,
            Routed(self.draw.choice(("ana", "")), "p", self.draw.random() < 0.8),
            Asked(self.draw.choice(("hold", "resume", "rejoin"))),
            has.LegRinging(leg),
            has.LegProgress(leg),
            has.LegMade(leg),
            *(Struck(timer) for timer in sorted(self.timers)),
        ]
        fact = self.draw.choice(facts)
        if leg in self.legs and self.draw.random() < 0.5:
            fact = has.LegAnswered(leg)
            self.legs[leg] = "up"
        elif leg in self.legs and self.draw.random() < 0.2:
            del self.legs[leg]
            fact = has.LegEnded(leg, self.draw.choice((0, 16, 17, 19, 44)))
        elif isinstance(fact, has.LegMade) and self.legs.get(leg) != "made":
            return
        self.feed(fact)


@pytest.mark.parametrize("seed", range(400))
def test_any_history_ends_with_nobody_left_on_the_line(seed: int) -> None:
    draw = random.Random(seed)
    world = World(draw)
    world.feed(Started())
    world.feed(HIS)
    for _ in range(draw.randrange(40)):
        if world.call.state != "ended":
            world.happen()
    if world.call.state != "ended":
        last = draw.choice((Closed(), Asked("hangup"), Missing()))
        if isinstance(last, Missing):
            world.legs.pop(OUT, None)
        world.feed(last)
    if world.call.state != "ended":  # waits for nobody: who was called leaves
        world.legs.pop(OUT, None)
        world.feed(has.LegEnded(OUT, 16))
    for leg in list(world.legs):
        world.feed(has.LegAnswered(leg))
    assert world.call.state == "ended"
    assert world.legs == {}
    assert len(world.ends) <= 1
    assert world.reached == (world.call.result == "answered")


def test_the_history_test_would_find_a_leg_that_is_left() -> None:
    """The negative control of the test above."""
    world = World(random.Random(1), call=replace(NEW, state="dialing", leg=LEG, answered=True))
    world.legs = {LEG: "up", "leg:int-1:9": "up"}
    world.feed(Asked("hangup"))
    assert world.legs == {"leg:int-1:9": "up"}
