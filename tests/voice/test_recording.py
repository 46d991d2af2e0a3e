"""What of a call is recorded, step by step, without Asterisk."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from atiende.channels.voice import effects as do
from atiende.channels.voice import facts as has
from atiende.channels.voice.call import Asked, Call, Listeners
from atiende.channels.voice.recording import (
    OFF,
    Mark,
    Tape,
    TrackBegan,
    TrackOver,
    TrackRuns,
    as_row,
    follow,
    may_ask,
    of_row,
    owner,
)

AT = datetime(2026, 11, 29, tzinfo=UTC)
WAITS = Call("c1", "1.1", state="waiting")
ANA = replace(WAITS, state="connected", agent="ana", leg="leg:c1:1", assigned=True)
HELD = replace(ANA, state="held")
BETO = replace(ANA, agent="beto", leg="leg:c1:2")
ENDED = replace(ANA, state="ended", leg="")
NOTHING = object()
ON = Tape(on=True, folder="2026/11/29/c1")
CUSTOMER, AGENT = "2026/11/29/c1/customer-1", "2026/11/29/c1/agent-2"


def asked(effects: list[Any]) -> list[do.Effect]:
    """What Asterisk is asked for."""
    return [
        each for each in effects if not isinstance(each, Mark | TrackBegan | TrackOver | TrackRuns)
    ]


def running() -> Tape:
    tape, _ = follow(ON, WAITS, ANA, NOTHING)
    for track in tape.tracks:
        tape, _ = follow(tape, ANA, ANA, has.SnoopReady(track.snoop))
        tape, _ = follow(tape, ANA, ANA, has.RecordingStarted(track.name, AT))
    return tape


def test_nobody_is_recorded_before_two_talk() -> None:
    assert follow(ON, WAITS, WAITS, NOTHING) == (ON, [])
    assert follow(OFF, WAITS, ANA, NOTHING) == (OFF, [])


def test_each_leg_has_a_track_of_what_it_says() -> None:
    tape, effects = follow(ON, WAITS, ANA, NOTHING)
    assert asked(effects) == [
        do.Snoop("1.1", "rec:c1:1", spy="in"),
        do.Snoop("leg:c1:1", "rec:c1:2", spy="in"),
    ]
    assert Mark("agent", "ana") in effects
    assert [track.name for track in tape.tracks] == [CUSTOMER, AGENT]
    tape, effects = follow(tape, ANA, ANA, has.SnoopReady("rec:c1:2"))
    assert effects == [do.Record("rec:c1:2", AGENT)]
    tape, effects = follow(tape, ANA, ANA, has.RecordingStarted(AGENT, AT))
    assert effects == [TrackRuns(AGENT, AT)]
    assert follow(tape, ANA, ANA, has.RecordingStarted(AGENT, AT)) == (tape, [])


def test_the_second_agent_has_a_track_of_his_own_and_the_customers_goes_on() -> None:
    tape, effects = follow(running(), ANA, WAITS, NOTHING)
    assert effects == []
    tape, _ = follow(tape, WAITS, WAITS, has.SnoopEnded("rec:c1:2"))
    tape, effects = follow(tape, WAITS, BETO, NOTHING)
    assert asked(effects) == [do.Snoop("leg:c1:2", "rec:c1:3", spy="in")]
    assert [track.stage for track in tape.tracks] == ["running", "over", "asked"]


def test_the_end_stops_what_runs() -> None:
    tape, effects = follow(running(), ANA, ENDED, NOTHING)
    assert asked(effects) == [
        do.StopRecording(CUSTOMER),
        do.StopRecording(AGENT),
        do.Hangup("rec:c1:1"),
        do.Hangup("rec:c1:2"),
    ]
    assert tape.shown == "no"
    assert follow(tape, ENDED, ENDED, has.RecordingFinished(AGENT)) == (tape, [])


def test_card_data_mutes_every_track_and_one_that_begins_meanwhile() -> None:
    tape, effects = follow(running(), ANA, ANA, Asked("record_pause"))
    assert effects == [
        do.MuteRecording(CUSTOMER, True), do.MuteRecording(AGENT, True), Mark("paused"),
    ]  # fmt: skip
    assert tape.shown == "paused"
    again = replace(ANA, leg="leg:c1:9")  # his page was loaded anew
    tape, _ = follow(tape, ANA, again, NOTHING)
    tape, effects = follow(tape, again, again, has.SnoopReady("rec:c1:3"))
    name = tape.tracks[2].name
    assert effects == [do.Record("rec:c1:3", name), do.MuteRecording(name)]
    tape, effects = follow(tape, again, again, Asked("record_resume"))
    assert do.MuteRecording(name, False) in effects
    assert tape.shown == "on"


def test_the_silence_ends_with_the_agent_who_asked_for_it() -> None:
    paused, _ = follow(running(), ANA, ANA, Asked("record_pause"))
    tape, effects = follow(paused, ANA, replace(WAITS, agent=""), NOTHING)
    assert do.MuteRecording(CUSTOMER, False) in effects
    assert not tape.paused
    ended, _ = follow(paused, ANA, ENDED, NOTHING)
    assert not ended.paused


def test_on_demand_nothing_runs_until_it_is_asked_for() -> None:
    may = Tape(may=True, folder="2026/11/29/c1")
    tape, effects = follow(may, WAITS, ANA, NOTHING)
    assert (tape, effects, tape.shown) == (may, [], "may")
    assert follow(may, ANA, ANA, Asked("record_pause")) == (may, [])
    tape, effects = follow(may, ANA, ANA, Asked("record"))
    assert len(asked(effects)) == 2
    assert tape.shown == "on"
    assert may_ask(tape, "record_pause")
    assert not may_ask(tape, "record")


def test_hold_is_marked_and_recorded() -> None:
    tape, effects = follow(running(), ANA, HELD, NOTHING)
    assert effects == [Mark("held")]
    _, effects = follow(tape, HELD, ANA, NOTHING)
    assert effects == [Mark("resumed")]


def test_after_a_restart_what_lives_is_kept_and_what_is_gone_begins_anew() -> None:
    tape, _ = follow(ON, WAITS, ANA, NOTHING)
    tape, _ = follow(tape, ANA, ANA, has.SnoopReady("rec:c1:1"))
    tape, _ = follow(tape, ANA, ANA, has.RecordingStarted(CUSTOMER, AT))
    kept, effects = follow(tape, ANA, ANA, Listeners(frozenset({"rec:c1:1", "rec:c1:2"})))
    assert effects == [do.Record("rec:c1:2", AGENT)]
    assert [track.stage for track in kept.tracks] == ["running", "open"]
    gone, effects = follow(tape, ANA, ANA, Listeners(frozenset({"rec:c1:1"})))
    assert TrackOver(AGENT) in effects
    assert asked(effects) == [do.Snoop("leg:c1:1", "rec:c1:3", spy="in")]
    assert [track.stage for track in gone.tracks] == ["running", "over", "asked"]


def test_a_leg_that_cannot_be_recorded_is_given_up() -> None:
    tape, _effects = follow(ON, WAITS, ANA, NOTHING)
    for _ in range(10):
        lost = [t.snoop for t in tape.tracks if t.leg == ANA.leg and t.stage != "over"]
        for snoop in lost:
            tape, _ = follow(tape, ANA, ANA, has.SnoopEnded(snoop))
    assert len([track for track in tape.tracks if track.leg == ANA.leg]) == 3


def test_a_tape_comes_back_from_its_row_as_it_was() -> None:
    tape, _ = follow(running(), ANA, ANA, Asked("record_pause"))
    assert of_row(json.loads(json.dumps(as_row(tape)))) == tape
    assert owner(CUSTOMER) == "c1"
    assert owner("else/where") == ""
