"""Asking the loop of calls: a row, a wake-up, and the wait for its answer; as routing.ask does.

The same client id never runs twice.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from atiende.calls.rows import Q
from atiende.core.problem import Problem
from atiende.store import Bus, Database

PATIENCE_S, GLANCE_S = 2.0, 0.25
_ABOUT = ("interaction_id", "agent_id", "kind")


@dataclass(frozen=True, slots=True)
class Ask:
    """``kind``: hold, resume, mute, unmute, hangup, rejoin."""

    kind: str
    interaction: UUID
    agent: UUID
    client_id: str


async def ask(db: Database, bus: Bus, wish: Ask, now: datetime) -> str:
    """'done' or 'pending'. Problem 404 `call_not_found`, 409 `call_not_now`."""
    heard: dict[int, dict[str, Any]] = {}
    arrived = asyncio.Event()

    def listen(answers: dict[int, dict[str, Any]]) -> None:
        heard.update(answers)
        arrived.set()

    stop = bus.subscribe("call_results", listen)
    try:
        row = await _put(db, wish, now)
        bus.wake("calls")
        loop = asyncio.get_running_loop()
        end = loop.time() + PATIENCE_S
        while row not in heard:
            if (left := end - loop.time()) <= 0:
                return "pending"
            arrived.clear()
            try:
                await asyncio.wait_for(arrived.wait(), min(left, GLANCE_S))
            except TimeoutError:
                async with db.connection() as conn:
                    result = await conn.fetchval(Q["ask_result"], row)
                if result is not None:
                    heard[row] = result
    finally:
        stop()
    if "key" in heard[row]:
        raise Problem(409, heard[row]["key"])
    return "done"


async def _put(db: Database, wish: Ask, now: datetime) -> int:
    async with db.transaction() as conn:
        if await conn.fetchrow(Q["call_of"], wish.interaction) is None:
            raise Problem(404, "call_not_found")
        about = (wish.interaction, wish.agent, wish.kind)
        made = await conn.fetchval(Q["ask_call"], *about, wish.client_id, now)
        if made is None:
            known = await conn.fetchrow(Q["asked_call"], wish.client_id)
            if (
                known is None
                or (known["interaction_id"], known["agent_id"], known["kind"]) != about
            ):
                raise Problem(409, "failed")
            made = known["id"]
    found: int = made
    return found
