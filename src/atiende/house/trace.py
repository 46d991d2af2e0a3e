"""`atiende trace MESSAGE_ID`: one message's way through the product, with times, from the rows.

The steps stand in the order in which they happened, each with the file that did it, so that the
straight line of a message can be read beside the code. Called by the cli. It only reads.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from atiende.core.problem import Problem
from atiende.engines import dsn_of
from atiende.house.check_data import Q, words
from atiende.settings import Settings
from atiende.store import Connection, Row, connect

#: Which file logs an event, by the entity it is about and who caused it.
WHERE = {
    ("conversation", "customer"): "cases/receive.py",
    ("case", "customer"): "cases/receive.py",
    ("work", "customer"): "cases/receive.py",
    ("conversation", "agent"): "cases/reply.py",
    ("case", "agent"): "cases/reply.py",
    ("work", "router"): "routing/write.py",
}


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened to the message, where, and what the catalogue says of it."""

    at: datetime | None
    where: str
    key: str
    values: dict[str, object]


def run(settings: Settings, arguments: list[str]) -> int:
    """Prints the table; Problem 404 `message_unknown`."""
    if not arguments:
        raise Problem(400, "trace_needs_id")
    try:
        message = UUID(arguments[0])
    except ValueError:
        raise Problem(404, "message_unknown", id=arguments[0]) from None
    dsn = dsn_of(settings)
    if dsn is None:
        raise Problem(404, "not_up", path=str(settings.data_dir))
    said = words(settings.language, "trace")
    for line in table(asyncio.run(_steps(dsn, message)), said):
        print(line)
    return 0


def table(steps: list[Step], said: dict[str, str]) -> list[str]:
    """The steps as lines: time, milliseconds since the first, where, what."""
    began = next((s.at for s in steps if s.at is not None), None)
    lines = [said["head"]]
    for step in steps:
        text = said[step.key]
        for name, value in step.values.items():
            text = text.replace("{" + name + "}", str(value))
        if step.at is None or began is None:
            clock, since = "-", "-"
        else:
            clock = step.at.astimezone(UTC).strftime("%H:%M:%S.%f")[:-3]
            since = f"{(step.at - began).total_seconds() * 1000:+.0f}"
        lines.append(f"{clock:<15} {since:<9} {step.where:<26} {text}")
    return lines


async def _steps(dsn: str, message: UUID) -> list[Step]:
    conn = await connect(dsn, default_transaction_read_only="on")
    try:
        return await trace(conn, message)
    finally:
        await conn.close()


async def trace(conn: Connection, message: UUID) -> list[Step]:
    """What the rows tell of a message, in order of time. Problem 404 `message_unknown`."""
    row = await conn.fetchrow(Q["traced_message"], message)
    if row is None:
        raise Problem(404, "message_unknown", id=str(message))
    steps = _birth(row)
    events = await conn.fetch(
        Q["traced_events"], message, row["interaction_id"], row["conversation_id"]
    )
    steps += [_event(e) for e in events]
    if row["direction"] == "in":
        steps += await _offers(conn, row)
        answer = await conn.fetchrow(Q["traced_answer"], row["conversation_id"], row["rev"])
        if answer is not None:
            told: dict[str, object] = {"agent": answer["agent"]}
            steps.append(Step(answer["at"], "cases/reply.py", "reply", told))
    send = await conn.fetchrow(Q["traced_send"], message)
    if send is not None:
        told = {"state": send["state"], "attempts": send["attempts"]}
        steps.append(Step(send["created_at"], "store", "send", told))
    timed = sorted(((s.at, n) for n, s in enumerate(steps) if s.at is not None))
    ordered = [steps[n] for _, n in timed]
    return [*ordered, *await _marks(conn, row)]


def _birth(row: Row) -> list[Step]:
    kind = {"in": "arrived", "note": "noted"}.get(row["direction"], "written")
    where = "web/chat_live.py" if kind == "arrived" else "cases/api.py"
    stored: dict[str, object] = {"rev": row["rev"], "number": row["number"]}
    return [
        Step(row["at"], where, kind, {"agent": row["author"] or "-"}),
        Step(row["created_at"], "store/database.py", "stored", stored),
    ]


def _event(row: Row) -> Step:
    where = WHERE.get((row["topic"], row["cause"]), "cases/outcome.py")
    return Step(row["at"], where, "event", {"kind": row["kind"], "version": row["version"]})


async def _offers(conn: Connection, row: Row) -> list[Step]:
    found: list[Step] = []
    for offer in await conn.fetch(Q["traced_offers"], row["interaction_id"]):
        named: dict[str, object] = {"agent": offer["agent"], "state": offer["state"]}
        found.append(Step(offer["offered_at"], "core/floor.py", "offered", named))
        if offer["answered_at"] is not None:
            found.append(Step(offer["answered_at"], "routing/run.py", "answered", named))
    return found


async def _marks(conn: Connection, row: Row) -> list[Step]:
    if row["conversation_id"] is None:
        return []
    marks = await conn.fetchrow(Q["traced_marks"], row["conversation_id"])
    reader = "read_by_agent" if row["direction"] == "in" else "read_by_customer"
    seen = marks is not None and marks[reader] >= row["rev"]
    return [Step(None, "web/live.py", reader if seen else "unread", {})]
