"""The recording of a call beside its machine: the same facts, in the same transaction.

``channels/voice/recording.py`` says what is asked for, the slice ``recordings`` keeps it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog

from atiende import recordings
from atiende.channels.voice import effects as do
from atiende.channels.voice import facts as has
from atiende.channels.voice import recording
from atiende.channels.voice.call import Call
from atiende.channels.voice.recording import OFF, Tape
from atiende.store import AWAY, Bus, Change, Connection, Database

log = structlog.get_logger("calls")


@dataclass(frozen=True, slots=True)
class Taped:
    """What a step made of the tape: what is asked of Asterisk, and what screens are told."""

    tape: Tape
    asked: Sequence[do.Effect] = ()
    changes: Sequence[Change] = ()


async def begin(
    conn: Connection, interaction: UUID, queue: UUID | None, direction: str, now: datetime
) -> Tape:
    """The tape of a new call, whose row stands; not OFF: its parties are to be told."""
    found = await recordings.decide(conn, interaction, queue, direction)
    if found is None:
        return OFF
    policy, told = found
    folder = recording.folder(str(interaction), now)
    tape = Tape(on=told.on, may=told.may, folder=folder)
    await recordings.begin(conn, interaction, policy, recording.as_row(tape), now)
    return tape


async def step(
    conn: Connection, known: Tape | None, calls: tuple[Call, Call], fact: object, now: datetime
) -> Taped:
    """After the machine took ``fact``: ``calls`` are before and after; ``known`` None: as the row
    has it."""
    before, after = calls
    interaction = UUID(after.id)
    tape = known
    if tape is None:
        row = await recordings.live_tape(conn, interaction)
        tape = OFF if row is None else recording.of_row(row)
    new, effects = recording.follow(tape, before, after, fact)
    if new == tape and not effects and known is not None and after.state != "ended":
        return Taped(tape)
    if tape == OFF:
        return Taped(tape)
    changes = await recordings.write(conn, interaction, _written(new, after, effects), now)
    asked = [each for each in effects if not isinstance(each, recording.TOLD_ROWS)]
    return Taped(new, asked, changes)


def _written(tape: Tape, call: Call, effects: Sequence[recording.Effect]) -> recordings.Written:
    shown: str = tape.shown
    if call.state == "ended":
        shown = "processing" if tape.tracks else "no"
    began, runs, over, marks = [], [], [], []
    for each in effects:
        if isinstance(each, recording.TrackBegan):
            began.append((each.track.name, _agent(each.track.agent)))
        elif isinstance(each, recording.TrackRuns) and each.at is not None:
            runs.append((each.name, each.at))
        elif isinstance(each, recording.TrackOver):
            over.append(each.name)
        elif isinstance(each, recording.Mark):
            marks.append((each.kind, _agent(each.agent)))
    row = recording.as_row(tape)
    return recordings.Written(row, shown, tuple(began), tuple(runs), tuple(over), tuple(marks))


def _agent(agent: str) -> UUID | None:
    return UUID(agent) if agent else None


async def finished(db: Database, bus: Bus, fact: has.RecordingFinished, now: datetime) -> None:
    """A track's file was closed after its call had ended."""
    try:
        async with db.transaction() as conn:
            await recordings.note_finished(conn, fact.name, now)
    except AWAY as error:  # the loop of recordings takes it all the same, a little later
        log.warning("rows_away", error=type(error).__name__)
        return
    bus.wake(recordings.WAKE)


def may(tape: Tape | None, what: str) -> bool:
    """Whether an agent's wish makes sense now; any other wish does."""
    return what not in recording.ASKS or recording.may_ask(tape or OFF, what)


def owner(fact: Any) -> str:
    """The call that a fact about a track's file is about."""
    known = isinstance(fact, has.RecordingStarted | has.RecordingFinished)
    return recording.owner(fact.name) if known else ""
