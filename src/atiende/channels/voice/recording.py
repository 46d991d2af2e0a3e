"""What of a call is recorded: one track a leg, each of what that leg says.  PURE.

Theory of operation
-------------------
``follow`` runs after each step of the call's machine, with the call before and after it. While two
talk, each of their legs has a track: ``asked`` (a snoop that hears the leg is wanted) -> ``open``
(the snoop is there, writing is wanted) -> ``running`` -> ``over``. A leg that is taken away ends
its own track; the caller's goes on over holds and transfers. Only the *read* side is ever taken: in
Asterisk the write side of a leg falls silent after a change of agents.

For card data the tracks are muted, never paused: silence is written and time goes on, so that they
stay side by side. It ends with the agent who asked for it, at the latest with the call.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Literal

from atiende.channels.voice import effects as do
from atiende.channels.voice import facts as has
from atiende.channels.voice.call import Asked, Call, Listeners

Stage = Literal["asked", "open", "running", "over"]
#: What a screen is told: nothing, "you may begin", "it runs", "silence is written".
Shown = Literal["no", "may", "on", "paused"]
TALKS = ("connected", "held")
#: A leg whose track fails again and again is given up.
TRIES = 3


@dataclass(frozen=True, slots=True)
class Track:
    """What one leg says. ``snoop`` and ``name`` are ours: of the listener, and of the file."""

    leg: str
    snoop: str
    name: str
    agent: str = ""  # empty: the customer
    stage: Stage = "asked"


@dataclass(frozen=True, slots=True)
class Tape:
    """``on``: what is said is recorded; ``may``: the agent may begin it. ``folder`` is the call's,
    below Asterisk's own: ``YYYY/MM/DD/<interaction>``."""

    on: bool = False
    may: bool = False
    paused: bool = False
    folder: str = ""
    tracks: tuple[Track, ...] = ()

    @property
    def is_told(self) -> bool:
        """Whether the parties are to be told that the call is, or may be, recorded."""
        return self.on or self.may

    @property
    def shown(self) -> Shown:
        if not self.on:
            return "may" if self.may else "no"
        return "paused" if self.paused else "on"


#: A call that is not recorded, and never will be.
OFF = Tape()


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that a listener wants to see in its place: held, resumed, paused, unpaused,
    agent (who joined)."""

    kind: str
    agent: str = ""


@dataclass(frozen=True, slots=True)
class TrackBegan:
    """A track is in the making: its row stands before it is asked of Asterisk."""

    track: Track


@dataclass(frozen=True, slots=True)
class TrackRuns:
    """Its first sample's time, by Asterisk's clock."""

    name: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class TrackOver:
    name: str


Effect = do.Effect | Mark | TrackBegan | TrackRuns | TrackOver
#: What is written in rows; nothing of it is asked of Asterisk.
TOLD_ROWS = (Mark, TrackBegan, TrackRuns, TrackOver)
Done = tuple[Tape, list[Effect]]

#: What a person at the desk may ask for.
ASKS = ("record", "record_pause", "record_resume")


def may_ask(tape: Tape, what: str) -> bool:
    """Whether it makes sense now."""
    wanted: Mapping[str, Shown] = dict(zip(ASKS, ("may", "on", "paused"), strict=True))
    return tape.shown == wanted[what]


def folder(call: str, now: datetime) -> str:
    """Where the tracks of a call lie."""
    return f"{now:%Y/%m/%d}/{call}"


def owner(name: str) -> str:
    """The call that a track's file belongs to; empty when it is none of ours."""
    parts = name.split("/")
    return parts[3] if len(parts) == 5 else ""


def follow(tape: Tape, before: Call, after: Call, fact: object) -> Done:
    """The tape after ``fact`` took the call from ``before`` to ``after``, and what is asked for."""
    if not tape.is_told:
        return tape, []
    tape, effects = _asked(tape, fact) if isinstance(fact, Asked) else _heard(tape, fact)
    if after.agent != before.agent and tape.paused:
        tape, more = _pause(tape, False)
        effects += more
    if tape.on:
        effects += _marks(before, after)
        tape, more = _over(tape) if after.state == "ended" else _begin(tape, after)
        effects += more
    return tape, effects


def _asked(tape: Tape, fact: Asked) -> Done:
    if fact.what not in ASKS or not may_ask(tape, fact.what):
        return tape, []
    if fact.what == "record":
        return replace(tape, on=True), []
    return _pause(tape, fact.what == "record_pause")


def _pause(tape: Tape, on: bool) -> Done:
    running = [track for track in tape.tracks if track.stage in ("open", "running")]
    effects: list[Effect] = [do.MuteRecording(track.name, on) for track in running]
    return replace(tape, paused=on), [*effects, Mark("paused" if on else "unpaused")]


def _heard(tape: Tape, fact: object) -> Done:
    """What Asterisk says of the tracks."""
    match fact:
        case has.SnoopReady(snoop):
            return _write(tape, snoop)
        case has.RecordingStarted(name, at):
            if any(track.name == name and track.stage == "open" for track in tape.tracks):
                return _moved(tape, name, "running"), [TrackRuns(name, at)]
        case has.RecordingFinished(name):
            found = [track for track in tape.tracks if track.name == name]
            return _end(tape, found, hang_up=True)
        case has.SnoopEnded(snoop):
            return _end(tape, [track for track in tape.tracks if track.snoop == snoop])
        case Listeners(snoops):
            return _compared(tape, snoops)
    return tape, []


def _compared(tape: Tape, snoops: frozenset[str]) -> Done:
    """Nobody listened for a while: what Asterisk still has, and what has ended meanwhile."""
    tape, effects = _end(tape, [track for track in tape.tracks if track.snoop not in snoops])
    for snoop in [track.snoop for track in tape.tracks if track.stage in ("asked", "open")]:
        tape, more = _write(tape, snoop)
        effects += more
    return tape, effects


def _write(tape: Tape, snoop: str) -> Done:
    """The listener is there. Asked for twice (after a restart of ours), Asterisk refuses."""
    effects: list[Effect] = []
    for track in tape.tracks:
        if track.snoop == snoop and track.stage in ("asked", "open"):
            tape = _moved(tape, track.name, "open")
            effects.append(do.Record(snoop, track.name))
            if tape.paused:
                effects.append(do.MuteRecording(track.name))
    return tape, effects


def _end(tape: Tape, tracks: list[Track], *, hang_up: bool = False) -> Done:
    effects: list[Effect] = []
    for track in tracks:
        if track.stage != "over":
            tape = _moved(tape, track.name, "over")
            effects.append(TrackOver(track.name))
            if hang_up:
                effects.append(do.Hangup(track.snoop))
    return tape, effects


def _over(tape: Tape) -> Done:
    living = [track for track in tape.tracks if track.stage != "over"]
    stops: list[Effect] = [do.StopRecording(track.name) for track in living]
    ended, effects = _end(tape, living, hang_up=True)
    return replace(ended, on=False, may=False, paused=False), [*stops, *effects]


def _begin(tape: Tape, call: Call) -> Done:
    """Who talks and has no track yet."""
    if call.state not in TALKS:
        return tape, []
    effects: list[Effect] = []
    for leg, agent in ((call.channel, ""), (call.leg, call.agent)):
        of_leg = [track for track in tape.tracks if track.leg == leg]
        if not leg or len(of_leg) >= TRIES or any(track.stage != "over" for track in of_leg):
            continue
        number = len(tape.tracks) + 1
        name = f"{tape.folder}/{'agent' if agent else 'customer'}-{number}"
        track = Track(leg, f"rec:{call.id}:{number}", name, agent)
        tape = replace(tape, tracks=(*tape.tracks, track))
        effects += [TrackBegan(track), do.Snoop(leg, track.snoop)]
    return tape, effects


def _marks(before: Call, after: Call) -> list[Effect]:
    effects: list[Effect] = []
    if before.state == "held" and after.state != "held":
        effects.append(Mark("resumed"))
    if before.state != "held" and after.state == "held":
        effects.append(Mark("held"))
    joined = before.state not in TALKS and after.state in TALKS
    if joined:
        effects.append(Mark("agent", after.agent))
    return effects


def _moved(tape: Tape, name: str, stage: Stage) -> Tape:
    tracks = tuple(replace(t, stage=stage) if t.name == name else t for t in tape.tracks)
    return replace(tape, tracks=tracks)


def as_row(tape: Tape) -> Mapping[str, Any]:
    """The tape as its row keeps it."""
    return asdict(tape)


def of_row(row: Mapping[str, Any]) -> Tape:
    """The tape of a row."""
    tracks = tuple(Track(**track) for track in row["tracks"])
    return Tape(**{**row, "tracks": tracks})
