"""A call out begins: may it be, from which number, in which case; then it is in the rows.

The decision is a row before anything is dialled, refusals too. What is dialled, and when, is the
machine's (channels/voice/outgoing.py); the loop finds the call in its rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from atiende import cases
from atiende.calls.recorded import begin
from atiende.calls.rows import TRUNK, Q
from atiende.channels.voice import CHANNEL
from atiende.channels.voice.call import Call, as_row
from atiende.channels.voice.outgoing import channel_of
from atiende.core.contactability import Count, Decision, Purpose, Wish, decide, is_emergency
from atiende.core.problem import Problem
from atiende.customers import PREFIXES, Caller, e164, identify_caller, phone_of
from atiende.routing import Command, put_command
from atiende.store import Change, Connection, Row, fetch_one

#: How long a warning that was given stands for those that follow.
QUIET = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Dialling:
    """What an agent asks for: ``number`` as he typed it; empty: whoever called last in ``case``."""

    agent: UUID
    client_id: str
    number: str = ""
    case: UUID | None = None
    purpose: Purpose = "manual"


@dataclass(frozen=True, slots=True)
class Placed:
    """A decision that stands in the rows. With ``interaction``: the router is to give it to the
    agent by ``command``; without: it was refused, for ``reasons``. ``alarms``: not told lately."""

    number: str
    reasons: Sequence[str] = ()
    alarms: Sequence[str] = ()
    interaction: UUID | None = None
    case: UUID | None = None
    command: Command | None = None
    changes: Sequence[Change] = ()


async def place(conn: Connection, wish: Dialling, now: datetime) -> Placed:
    """Decides, and writes the call when it may be. Problem 422 ``number_needed`` or
    ``number_invalid``, 409 ``call_no_number``, ``call_no_trunk`` or ``call_no_phone``."""
    named = await conn.fetchrow(Q["case_called"], wish.case) if wish.case else None
    rules = await fetch_one(conn, Q["calling_rules"], wish.agent, now)
    number = _number(wish, named, rules["country"])
    if await conn.fetchval(Q["has_phone"], wish.agent) is None:
        raise Problem(409, "call_no_phone")
    line = await _line(conn, wish, named)
    decision, counts = await _decide(conn, wish, rules, line, number, now)
    alarms = [each for each in decision.alarms if not await _told(conn, wish, each, now)]
    about = (wish.client_id, wish.agent, now, number, wish.purpose, line["id"], line["trunk_id"])
    said = (decision.allowed, list(decision.reasons), list(decision.alarms), counts, wish.case)
    kept = await conn.fetchval(Q["keep_decision"], *about, *said)
    if not decision.allowed:
        return Placed(number, decision.reasons, alarms)
    call, begun = await _write(conn, wish, (named, line, rules), number, now)
    await conn.execute(Q["decision_begun"], kept, begun.interaction)
    command = Command("begin", wish.agent, {"work_id": str(begun.work)}, f"begin:{call.id}")
    await put_command(conn, command, now)
    return Placed(number, (), alarms, begun.interaction, begun.case, command, begun.changes)


async def again(conn: Connection, wish: Dialling) -> Placed | None:
    """What this very click has become already. Problem 409 ``failed``: it was another one's."""
    row = await conn.fetchrow(Q["decided_before"], wish.client_id)
    if row is None:
        return None
    if row["agent_id"] != wish.agent:
        raise Problem(409, "failed")
    return Placed(row["number"], row["reasons"], (), row["interaction_id"], row["case_id"])


def _number(wish: Dialling, named: Row | None, country: str) -> str:
    """In E.164, or an emergency's as it is dialled."""
    typed = wish.number.strip()
    if not typed and named is not None:
        typed = named["last_number"] or named["own_number"] or ""
    if not typed:
        raise Problem(422, "number_needed", fields={"number": "required"})
    plain = "".join(each for each in typed if each not in " -.()")
    if is_emergency(plain, country):
        return plain
    number = e164(typed, country)
    if number is None:
        raise Problem(422, "number_invalid", fields={"number": "invalid"})
    return number


async def _line(conn: Connection, wish: Dialling, named: Row | None) -> Row:
    """The company's number that he calls from, and the carrier's line."""
    about = (named["queue_id"], named["campaign_id"]) if named is not None else (None, None)
    line = await conn.fetchrow(Q["calling_from"], CHANNEL.code, *about, wish.agent)
    if line is None:
        raise Problem(409, "call_no_number")
    if line["trunk_id"] is None:
        raise Problem(409, "call_no_trunk")
    await conn.execute(Q["lock_trunk"], line["trunk_id"])
    return line


async def _decide(
    conn: Connection, wish: Dialling, rules: Row, line: Row, number: str, now: datetime
) -> tuple[Decision, dict[str, int]]:
    about = (wish.agent, line["trunk_id"], now - timedelta(minutes=1), rules["day"])
    row = await fetch_one(conn, Q["calling_counts"], *about)
    counts = (
        Count("agent", "now", row["agent_now"], 1),
        Count("agent", "minute", row["agent_minute"], rules["calls_minute"]),
        Count("agent", "day", row["agent_day"], rules["calls_day"]),
        Count("trunk", "now", row["trunk_now"], line["max_calls"]),
        Count("trunk", "minute", row["trunk_minute"], line["max_minute"]),
        Count("trunk", "day", row["trunk_day"], line["max_day"]),
    )
    home = PREFIXES.get(rules["country"], ("", ""))[0]
    asked = Wish(
        number=number,
        purpose=wish.purpose,
        country=rules["country"],
        home=f"+{home}" if home else "",
        allowed=tuple(rules["allowed"]),
        blocked=tuple(rules["blocked"]),
        counts=counts,
    )
    return decide(asked), {f"{each.whose}_{each.window}": each.calls for each in counts}


async def _told(conn: Connection, wish: Dialling, alarm: str, now: datetime) -> bool:
    return await conn.fetchval(Q["alarm_told"], wish.agent, alarm, now - QUIET) is not None


async def _write(
    conn: Connection,
    wish: Dialling,
    known: tuple[Row | None, Row, Row],
    number: str,
    now: datetime,
) -> tuple[Call, cases.Begun]:
    named, line, rules = known
    thread, changes = await _conversation(conn, named, line, number, rules["locale"])
    begun = await cases.begin_contact(conn, thread, wish.case, now)
    shown = line["caller_id"] or line["number"]
    interaction = str(begun.interaction)
    call = Call(
        id=interaction,
        channel=channel_of(interaction),
        number=number,
        direction="out",
        trunk=f"{TRUNK}{line['trunk_id']}",
        caller_id=shown,
    )
    row = (call.channel, shown, number, line["trunk_id"], now, as_row(call), wish.agent)
    await conn.execute(Q["open_call_out"], begun.interaction, *row)
    told: dict[str, Any] = {"event": "call_outgoing", "number": number}
    changes += begun.changes
    changes += await cases.add_line(conn, begun.interaction, told, now)
    await begin(conn, begun.interaction, line["queue_id"], "out", now)
    return call, cases.Begun(begun.case, begun.interaction, begun.work, tuple(changes))


async def _conversation(
    conn: Connection, named: Row | None, line: Row, number: str, locale: str
) -> tuple[UUID, list[Change]]:
    """The thread with this number; one of its own when that one lives, or is another customer's."""
    changes: list[Change] = []
    if named is not None:
        customer, identity = (
            named["customer_id"],
            await phone_of(conn, named["customer_id"], number),
        )
    else:
        caller = Caller(line["id"], number, "", "", locale[:2])
        customer, identity, changes = await identify_caller(conn, caller, number)
    own = await conn.fetchval(Q["owner_of_number"], number) == customer
    lives = await conn.fetchval(Q["conversation_lives"], line["id"], identity)
    key = f"out:{customer}" if not own else ""
    if lives:
        key = f"out:{await conn.fetchval('select uuidv7()')}"
    thread = await cases.open_conversation(conn, line["id"], identity, customer, {}, key)
    return thread, changes
