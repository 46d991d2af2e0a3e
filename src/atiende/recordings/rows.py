"""A recording in the making: its row from the call's first moment, its tracks, what screens see.

Called by the loop of calls, in the transaction of each step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from atiende.recordings.policy import Policy, choose, is_chosen
from atiende.store import Change, Connection, changes_of, load_queries

Q = load_queries("atiende.recordings")


@dataclass(frozen=True, slots=True)
class Begun:
    """What a policy says of a call: it is recorded (``on``), or its agent ``may`` begin."""

    on: bool
    may: bool


NOT = Begun(on=False, may=False)


async def decide(
    conn: Connection, interaction: UUID, queue: UUID | None, direction: str
) -> tuple[Policy, Begun] | None:
    """The policy of a call and what it says; None: nothing of it is ever recorded."""
    rows = await conn.fetch(Q["policies"])
    policy = choose((Policy(**dict(row)) for row in rows), queue, direction)
    if policy is None:
        return None
    on = is_chosen(interaction, policy.percentage)
    told = Begun(on, not on and policy.on_demand)
    return None if told == NOT else (policy, told)


async def begin(
    conn: Connection, interaction: UUID, policy: Policy, tape: Mapping[str, Any], now: datetime
) -> None:
    """The row of a call that is, or may be, recorded; from here its end is known."""
    until = now + timedelta(days=policy.retention_days)
    await conn.execute(Q["begin"], interaction, policy.id, tape, until)


async def live_tape(conn: Connection, interaction: UUID) -> Mapping[str, Any] | None:
    """What ``write`` kept of a living call; None: it is not recorded."""
    found: Mapping[str, Any] | None = await conn.fetchval(Q["live_tape"], interaction)
    return found


@dataclass(frozen=True, slots=True)
class Written:
    """What a step changed. ``began``: (name, agent or None); ``runs``: (name, Asterisk's time)."""

    tape: Mapping[str, Any]
    shown: str
    began: tuple[tuple[str, UUID | None], ...] = ()
    runs: tuple[tuple[str, datetime], ...] = ()
    over: tuple[str, ...] = ()
    marks: tuple[tuple[str, UUID | None], ...] = ()


async def write(conn: Connection, interaction: UUID, step: Written, now: datetime) -> list[Change]:
    """Keeps a step of the tape, in the transaction of the call's own step."""
    await conn.execute(Q["keep_tape"], interaction, step.tape)
    for name, agent in step.began:
        role = "agent" if agent else "customer"
        await conn.execute(Q["track_began"], interaction, name, role, agent, now)
    for name, at in step.runs:
        await conn.execute(Q["track_runs"], name, at)
    for name in step.over:
        await conn.execute(Q["track_over"], name, now)
    for kind, agent in step.marks:
        await conn.execute(Q["mark"], interaction, kind, now, agent)
    return await show(conn, interaction, step.shown)


async def show(conn: Connection, interaction: UUID, shown: str) -> list[Change]:
    """What the screens are told: no, may, on, paused, processing, ready, failed, expired."""
    return changes_of(await conn.fetch(Q["show"], interaction, shown))


async def note_finished(conn: Connection, name: str, now: datetime) -> None:
    """Asterisk has closed a track's file; its call may be over, and forgotten by the loop."""
    await conn.execute(Q["track_over"], name, now)
