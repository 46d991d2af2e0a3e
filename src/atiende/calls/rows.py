"""The rows of calls: what the machine asks to be written, and what is read back.

One writer an effect, in a table; the requests to Asterisk come after the commit.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from atiende import cases
from atiende.channels.voice import call as values
from atiende.channels.voice import effects as do
from atiende.channels.voice import facts as has
from atiende.routing import Command, put_command, set_sound
from atiende.store import Change, Connection, changes_of, fetch_one, load_queries

Q = load_queries("atiende.calls")
TRUNK = "trunk-"
Writer = Callable[[Connection, values.Call, Any, datetime], Awaitable[list[Change]]]
#: How a call out that nobody answered ended -> the outcome of the interaction.
NOT_REACHED = {
    "busy": "no_reply",
    "no_answer": "no_reply",
    "rejected": "no_reply",
    "canceled": "no_reply",
    "wrong_number": "failed",
    "congestion": "failed",
    "no_phone": "failed",
    "failed": "failed",
}


def trunk_of(endpoint: str) -> UUID | None:
    """The carrier of a name in Asterisk."""
    try:
        return UUID(endpoint.removeprefix(TRUNK)) if endpoint.startswith(TRUNK) else None
    except ValueError:
        return None


async def write(
    conn: Connection, call: values.Call, effects: Sequence[Any], now: datetime
) -> list[Change]:
    """The call as it is after a step, and everything of its effects that stands in rows."""
    changes: list[Change] = []
    cause = None
    for effect in effects:
        writer = _WRITERS.get(type(effect))
        if writer is not None:
            changes += await writer(conn, call, effect, now)
        if isinstance(effect, values.End):
            cause = effect.by
    interaction, agent = UUID(call.id), UUID(call.agent) if call.agent else None
    state = (values.as_row(call), call.state, agent, call.muted, now, cause)
    changes += changes_of(await conn.fetch(Q["keep_call"], interaction, *state))
    if agent is not None and call.assigned and call.state in ("ringing", "connected"):
        changes += await set_sound(conn, interaction, agent, call.state == "connected")
    if call.state == "ended":
        await conn.execute(Q["end_legs"], interaction, now)
    return changes


async def note_leg(conn: Connection, fact: object, now: datetime) -> None:
    """What a fact says of the row of a leg."""
    if isinstance(fact, has.LegRinging):
        await conn.execute(Q["move_leg"], fact.leg, "ringing", now, None, None)
    elif isinstance(fact, has.LegAnswered):
        await conn.execute(Q["move_leg"], fact.leg, "answered", now, None, None)
    elif isinstance(fact, has.LegEnded):
        await conn.execute(Q["move_leg"], fact.leg, "ended", now, fact.cause, fact.sip_code)
    elif isinstance(fact, has.CallEnded):
        await conn.execute(Q["move_leg"], fact.call, "ended", now, None, None)


async def _ask_router(
    conn: Connection, call: values.Call, kind: str, about: tuple[str, str], now: datetime
) -> list[Change]:
    agent, once = about
    work = await conn.fetchval(Q["work_of_call"], UUID(call.id))
    if work is not None:
        args = {"work_id": str(work)} | ({"reason": "phone"} if kind == "reject" else {})
        command = Command(kind, UUID(agent), args, f"{kind}:{once}")
        await put_command(conn, command, now)
    return []


async def _accept(
    conn: Connection, call: values.Call, effect: values.Accept, now: datetime
) -> list[Change]:
    return await _ask_router(conn, call, "accept", (effect.agent, effect.leg), now)


async def _decline(
    conn: Connection, call: values.Call, effect: values.Decline, now: datetime
) -> list[Change]:
    return await _ask_router(conn, call, "reject", (effect.agent, effect.leg), now)


async def _no_media(
    conn: Connection, call: values.Call, effect: values.NoMedia, now: datetime
) -> list[Change]:
    return await _ask_router(conn, call, "media_failed", (effect.agent, effect.leg), now)


async def _ring(
    conn: Connection, call: values.Call, effect: do.RingAgent, now: datetime
) -> list[Change]:
    leg = ("agent", UUID(call.agent), effect.leg, "dialing", now)
    await conn.execute(Q["open_leg"], UUID(call.id), *leg)
    return []


async def _prepare(
    conn: Connection, call: values.Call, effect: do.Prepare, now: datetime
) -> list[Change]:
    await conn.execute(Q["open_leg"], UUID(call.id), "customer", None, effect.leg, "dialing", now)
    return []


async def _reached(
    conn: Connection, call: values.Call, _: values.Reached, now: datetime
) -> list[Change]:
    for leg in (call.channel, call.leg):
        await conn.execute(Q["move_leg"], leg, "bridged", now, None, None)
    return await cases.contact_answered(conn, UUID(call.id), now)


async def _connect(
    conn: Connection, call: values.Call, effect: do.Connect, now: datetime
) -> list[Change]:
    if call.direction == "out" and not call.reached:
        return []  # he listens how it rings there
    for leg in effect.legs:
        await conn.execute(Q["move_leg"], leg, "bridged", now, None, None)
    return []


async def _end(
    conn: Connection, call: values.Call, effect: values.End, now: datetime
) -> list[Change]:
    """Attended: served, and the agent wraps up. Not attended: left, soon or late."""
    row = await fetch_one(conn, Q["ended_call"], UUID(call.id))
    if call.direction == "out" and not call.reached:
        result = call.result or "failed"
        ending = cases.Ending(effect.by, result, NOT_REACHED[result], {"event": f"call_{result}"})
        return await cases.end_contact(conn, UUID(call.id), ending, now)
    waited = (now - row["started_at"]).total_seconds()
    talked = (now - row["connected_at"]).total_seconds() if row["connected_at"] else 0.0
    short = "short_abandon" if waited < cases.SHORT_ABANDON_S else "abandoned_queue"
    left = "failed" if effect.by == "platform" else short
    outcome = "served" if row["attended_at"] is not None else left
    reason = "customer_left" if effect.by == "customer" else effect.by
    told = {"event": "call_unattended"}
    if row["connected_at"]:
        minutes, seconds = divmod(int(talked), 60)
        told = {"event": "call_ended", "time": f"{minutes:02}:{seconds:02}"}
    ending = cases.Ending(effect.by, reason, outcome, told)
    return await cases.end_contact(conn, UUID(call.id), ending, now)


_WRITERS: dict[type, Writer] = {
    values.Accept: _accept,
    values.Decline: _decline,
    values.NoMedia: _no_media,
    values.End: _end,
    values.Reached: _reached,
    do.RingAgent: _ring,
    do.Prepare: _prepare,
    do.Connect: _connect,
}
