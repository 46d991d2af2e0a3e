"""A call comes in: which number, who calls, which case; then it is in the rows.

The same steps as a first message of a chat: identity, conversation, case, interaction, work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from atiende import cases
from atiende.accounts import hours_of
from atiende.calls.place import room_in
from atiende.calls.recorded import begin
from atiende.calls.rows import Q, trunk_of
from atiende.channels.voice import CHANNEL, config
from atiende.channels.voice.call import Call, Started, as_row
from atiende.channels.voice.facts import CallArrived
from atiende.core.hours import is_open
from atiende.customers import Caller, e164, identify_caller
from atiende.store import Change, Connection, Row, fetch_one


@dataclass(frozen=True, slots=True)
class Arrival:
    """A call that is in the rows: its machine, what it begins with, and what changed."""

    call: Call
    started: Started
    changes: Sequence[Change]


#: Why a call is refused, in Q.850: no such number (404 to the carrier); no way through (503).
UNKNOWN_NUMBER, CONGESTION = 1, 34
#: Why nobody is asked to take a call -> its outcome: out of hours somebody calls back.
AWAY = {"closed": "missed", "overflow": "overflow"}


async def arrive(conn: Connection, told: CallArrived, now: datetime) -> Arrival | int:
    """Writes a call that came in. A cause: nobody has that number, the carrier's line has as many
    calls as it may, or the call is known."""
    if await conn.fetchrow(Q["known_call"], told.call) is not None:
        return CONGESTION
    trunk = trunk_of(told.trunk)
    if await conn.fetchval(Q["limited_trunk"], trunk) and await conn.fetchval(
        Q["trunk_full"], trunk
    ):
        return CONGESTION
    company = await fetch_one(conn, Q["company"])
    forms = [told.did, f"+{told.did.removeprefix('+')}", e164(told.did, company["country"])]
    number = await conn.fetchrow(Q["number"], CHANNEL.code, [each for each in forms if each])
    if number is None:
        return UNKNOWN_NUMBER
    shown = e164(told.caller, company["country"]) or ""
    settings = config(number["config"])
    language = company["locale"][:2]
    room = await room_in(conn, number["queue_id"], now)
    away = "overflow" if room.full and not room.elsewhere else ""
    away = away if _opened(number, now) else "closed"
    changes, thread = await _conversation(conn, told, number, shown, company["locale"])
    changes += await cases.open_episode(conn, thread, now, queued=not away, full=room.full)
    interaction = await conn.fetchval(Q["interaction_of_conversation"], thread)
    call = Call(id=str(interaction), channel=told.call, number=shown, name=told.name)
    call = replace(call, language=language, music=settings.music)
    row = (told.call, shown, number["public_key"], trunk_of(told.trunk), now, as_row(call))
    await conn.execute(Q["open_call"], interaction, *row, None if away else now)
    leg = ("customer", None, told.call, "answered", now)
    await conn.execute(Q["open_leg"], interaction, *leg)
    line = {"event": "call_incoming" if shown else "call_incoming_hidden", "number": shown}
    changes += await cases.add_line(conn, interaction, line, now)
    if away:
        ending = cases.Ending("system", away, AWAY[away], {"event": "call_unattended"})
        changes += await cases.end_contact(conn, interaction, ending, now)
    elif not (await begin(conn, interaction, number["queue_id"], "in", now)).is_told:
        settings = settings.unrecorded
    if away == "overflow":
        media = settings.turned_away(language)
    else:
        media = settings.closing if away else settings.prompts
    return Arrival(call, Started(media, bool(away), language), changes)


def _opened(number: Row, now: datetime) -> bool:
    if number["weekly"] is None:
        return True
    return is_open(hours_of(number["tz"], number["weekly"], number["exceptions"]), now)


async def _conversation(
    conn: Connection, told: CallArrived, number: Row, shown: str, locale: str
) -> tuple[list[Change], UUID]:
    """The thread of this caller on this number; a second call at once has one of its own."""
    hidden = CHANNEL.words.get(locale[:2], CHANNEL.words["es"])["hidden"]
    caller = Caller(number["id"], shown, f"call:{told.call}", told.name, locale[:2])
    customer, identity, changes = await identify_caller(conn, caller, hidden)
    lives = await conn.fetchval(Q["conversation_lives"], number["id"], identity)
    thread = await cases.open_conversation(
        conn, number["id"], identity, customer, {}, told.call if lives else ""
    )
    return changes, thread
