"""Rows to the plain values that core.floor understands, at start and at each configuration."""

from datetime import datetime
from typing import Any
from uuid import UUID

from atiende.core.effects import Effect
from atiende.core.floor import Floor
from atiende.core.specs import AgentRow, AgentSpec, QueueSpec, Step, WorkRow, WorkSpec
from atiende.store import Connection, Row, load_queries

Q = load_queries("atiende.routing")


def seconds(at: datetime | None) -> float | None:
    """POSIX seconds, the floor's time."""
    return None if at is None else at.timestamp()


def steps_of(raw: list[dict[str, Any]]) -> tuple[Step, ...]:
    """[{"after_s": 30, "skills": [[skill id, level]]}] as the floor's steps."""
    return tuple(
        Step(s.get("after_s", 0), tuple((UUID(k), int(n)) for k, n in s.get("skills", ())))
        for s in raw
    )


def queue_spec(row: Row) -> QueueSpec:
    return QueueSpec(
        id=row["id"],
        priority=row["priority"],
        boost_s=row["boost_s"],
        offer_timeout_s=row["offer_timeout_s"],
        max_wait_s=row["max_wait_s"],
        overflow_queue=row["overflow_queue_id"],
        wrapup_mode=row["wrapup_mode"],
        wrapup_s=row["wrapup_s"],
        requirements=steps_of(row["steps"]),
    )


def agent_spec(row: Row) -> AgentSpec:
    return AgentSpec(
        id=row["id"],
        queues=tuple(row["queues"]),
        skills={UUID(k): v for k, v in row["skills"].items()},
        slots=row["slots"],
        messages_during_call=row["messages_during_call"],
    )


def work_spec(row: Row) -> WorkSpec:
    return WorkSpec(
        id=row["id"],
        queue=row["queue_id"],
        case=row["case_id"],
        virtual_start=row["virtual_start"].timestamp(),
        media=row["media"],
        priority=row["priority"],
        requirements=steps_of(row["steps"]),
        preferred_agent=row["preferred_agent_id"],
        preferred_until=seconds(row["preferred_until"]),
        direct=row["direct"],
        entered_at=seconds(row["entered_at"]),
        due_at=seconds(row["due_at"]),
        expires_at=seconds(row["expires_at"]),
    )


def _work_row(row: Row) -> WorkRow:
    return WorkRow(
        spec=work_spec(row),
        state=row["state"],
        step=row["step"],
        agent=row["offered_to"] or row["assigned_to"],
        expires_at=seconds(row["offer_expires_at"]),
        wrapping=row["assignment"] == "wrapping",
        wrap_until=seconds(row["wrap_until"]),
        waiting_since=seconds(row["waiting_since"]),
    )


def _agent_row(row: Row, now: float) -> AgentRow:
    """Every agent counts as silent from now until a web process reports him (live.md)."""
    return AgentRow(
        spec=agent_spec(row),
        presence=row["presence"],
        code=row["pause_code"],
        pending=(row["pending"], row["pending_code"]) if row["pending"] else None,
        idle_since=row["idle_since"].timestamp(),
        silent_since=None if row["presence"] == "offline" else now,
    )


async def load_floor(conn: Connection, now: float) -> tuple[Floor, list[Effect], set[UUID]]:
    """The floor as the rows tell it, what it wants done at once, and who is not offline."""
    queues = [queue_spec(r) for r in await conn.fetch(Q["queues"], None)]
    agents = [_agent_row(r, now) for r in await conn.fetch(Q["agents"], None)]
    work = [_work_row(r) for r in await conn.fetch(Q["work"], None)]
    floor, effects = Floor.load(now, queues, agents, work)
    return floor, effects, {a.spec.id for a in agents if isinstance(a.spec.id, UUID)}
