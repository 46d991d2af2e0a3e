"""Asking the router: a command row, a wake-up, and the wait for its answer.

The HTTP call waits two seconds at most; then the answer is `pending`, and the change arrives by the
socket. The same client id never runs twice.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from atiende.cases import Q as CASES
from atiende.core.problem import Problem
from atiende.store import Bus, Connection, Database, Row

PATIENCE_S = 2.0
GLANCE_S = 0.25


@dataclass(frozen=True, slots=True)
class Command:
    """What is asked: see routing/commands.py for the kinds and their arguments."""

    kind: str
    agent_id: UUID | None
    args: dict[str, Any] = field(default_factory=dict)
    client_id: str | None = None


async def put_command(conn: Connection, command: Command, now: datetime) -> int | None:
    """Writes the row; None when its client id is known."""
    found: int | None = await conn.fetchval(
        CASES["command"], command.agent_id, command.kind, command.args, command.client_id, now
    )
    return found


async def ask(db: Database, bus: Bus, command: Command, now: datetime) -> str:
    """Runs a command: 'done' or 'pending'. Problem 409 with the router's reason when refused."""
    heard: dict[int, dict[str, Any]] = {}
    arrived = asyncio.Event()

    def listen(answers: dict[int, dict[str, Any]]) -> None:
        heard.update(answers)
        arrived.set()

    stop = bus.subscribe("results", listen)
    try:
        async with db.connection() as conn:
            row_id = await put_command(conn, command, now)
            if row_id is None:
                known = await conn.fetchrow(CASES["command_by_client_id"], command.client_id)
                if known is None or not _same(known, command):
                    raise Problem(409, "failed")
                row_id = known["id"]
                heard.update({row_id: known["result"]} if known["result"] else {})
        bus.wake("commands")
        return await _answer(db, row_id, heard, arrived)
    finally:
        stop()


def _same(known: Row, command: Command) -> bool:
    """The same id asks the same thing again; for anything else it proves nothing."""
    asked = (command.agent_id, command.kind, command.args)
    return (known["agent_id"], known["kind"], known["args"]) == asked


async def _answer(
    db: Database, row_id: int, heard: dict[int, dict[str, Any]], arrived: asyncio.Event
) -> str:
    loop = asyncio.get_running_loop()
    end = loop.time() + PATIENCE_S
    while row_id not in heard:
        left = end - loop.time()
        if left <= 0:
            return "pending"
        arrived.clear()
        try:
            await asyncio.wait_for(arrived.wait(), min(left, GLANCE_S))
        except TimeoutError:
            async with db.connection() as conn:
                result = await conn.fetchval("select result from commands where id = $1", row_id)
            if result is not None:
                heard[row_id] = result
    answer = heard[row_id]
    if "key" in answer:
        raise Problem(409, answer["key"], **answer.get("values", {}))
    return "done"
