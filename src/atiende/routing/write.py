"""The floor's effects as rows and events: one writer an effect, in a table.

Runs on the router's own connection, inside its fenced transaction. What an effect means for the
case (who attends it, that it waits again, that it ended unattended) is asked of `cases`.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from atiende import cases
from atiende.core import effects
from atiende.core.effects import Effect
from atiende.routing.rows import Q
from atiende.store import Change, Connection, changes_of

Writer = Callable[[Connection, Any, datetime], Awaitable[list[Change]]]


class OvertakenError(Exception):
    """The customer left between the decision and its writing: nothing of the batch is written."""


#: How work that nobody attended ended, by the reason the floor gives.
OUTCOMES = {"overflow": "overflow", "expired": "no_reply", "queue_removed": "overflow"}
#: The reason of work that was to begin in an agent's hands and did not: its contact is ended by who
#: began it.
NOT_BEGUN = "not_begun"
#: Effects after a FinishAssignment that say the work lives on.
_LIVES_ON = (effects.Requeue, effects.Schedule, effects.Assign, effects.CloseWork)


def when(at: float | None) -> datetime | None:
    return None if at is None else datetime.fromtimestamp(at, UTC)


async def _rows(conn: Connection, name: str, *args: object) -> list[Change]:
    return changes_of(await conn.fetch(Q[name], *args))


async def _of_case(conn: Connection, name: str, *args: object) -> list[Change]:
    return changes_of(await conn.fetch(cases.Q[name], *args))


async def _offer(conn: Connection, e: effects.Offer, now: datetime) -> list[Change]:
    return await _rows(conn, "make_offer", e.work, e.agent, e.why, now, when(e.expires_at))


async def _close_offer(conn: Connection, e: effects.CloseOffer, now: datetime) -> list[Change]:
    return await _rows(conn, "close_offer", e.work, e.agent, e.state, e.reason, now)


async def _assign(conn: Connection, e: effects.Assign, now: datetime) -> list[Change]:
    attended = await _of_case(conn, "interaction_attended", e.work, e.agent, now)
    place = await conn.fetchrow(cases.Q["case_of_work"], e.work)
    if place is not None and place["interaction_state"] == "ended":
        raise OvertakenError
    return [*attended, *await _rows(conn, "assign", e.work, e.agent, e.kind, now)]


async def _requeue(conn: Connection, e: effects.Requeue, now: datetime) -> list[Change]:
    waits = await _of_case(conn, "interaction_waits", e.work, e.reason, now, e.queue)
    requeued = await _rows(conn, "requeue", e.work, e.queue, e.reason, when(e.entered_at))
    return [*requeued, *waits]


async def _schedule(conn: Connection, e: effects.Schedule, _: datetime) -> list[Change]:
    return await _rows(conn, "schedule", e.work, when(e.due_at), e.reason)


async def _move_queue(conn: Connection, e: effects.MoveQueue, now: datetime) -> list[Change]:
    moved = await _rows(conn, "move_queue", e.work, e.queue, when(e.entered_at), e.reason)
    return [*moved, *await _of_case(conn, "interaction_waits", e.work, e.reason, now, e.queue)]


async def _prefer(conn: Connection, e: effects.Prefer, _: datetime) -> list[Change]:
    return await _rows(conn, "prefer", e.work, e.agent, when(e.until), e.direct)


async def _raise_step(conn: Connection, e: effects.RaiseStep, _: datetime) -> list[Change]:
    return await _rows(conn, "raise_step", e.work, e.step)


async def _close_work(conn: Connection, e: effects.CloseWork, now: datetime) -> list[Change]:
    closed = await _rows(conn, "close_work", e.work, e.reason, "canceled")
    place = await conn.fetchrow(cases.Q["case_of_work"], e.work)
    if place is None or place["interaction_state"] in (None, "ended") or e.reason == NOT_BEGUN:
        return [
            *closed,
            *await _of_case(conn, "touch_case_of_work", e.work, "case.work_closed", {}),
        ]
    outcome = OUTCOMES.get(e.reason, "abandoned_queue")
    return [*closed, *await cases.close_unattended(conn, place["case_id"], outcome, "router", now)]


async def _set_presence(conn: Connection, e: effects.SetPresence, now: datetime) -> list[Change]:
    pending, code = e.pending or (None, None)
    return await _rows(conn, "set_presence", e.agent, e.presence, e.code, pending, code, now)


async def _start_wrap(conn: Connection, e: effects.StartWrap, now: datetime) -> list[Change]:
    wrapping = await _rows(conn, "start_wrap", e.work, e.agent, when(e.until), now)
    payload = {"agent_id": str(e.agent)}
    touched = await _of_case(conn, "touch_case_of_work", e.work, "case.wrapping", payload)
    return [*touched, *wrapping]


async def _finish(conn: Connection, e: effects.FinishAssignment, now: datetime) -> list[Change]:
    finished = await _rows(conn, "finish_assignment", e.work, e.agent, e.reason, now)
    payload = {"agent_id": str(e.agent), "reason": e.reason}
    return [
        *await _of_case(conn, "touch_case_of_work", e.work, "case.released", payload),
        *finished,
    ]


async def _refuse(_: Connection, __: effects.Refuse, ___: datetime) -> list[Change]:
    return []


async def set_waiting(conn: Connection, work: UUID, since: datetime | None) -> list[Change]:
    """The work rests on its customer since then and holds no slot; None: he has come back."""
    kind = "case.resumed" if since is None else "case.rests"
    touched = await _of_case(conn, "touch_case_of_work", work, kind, {})
    return [*touched, *await _rows(conn, "set_waiting", work, since)]


async def set_sound(conn: Connection, interaction: UUID, agent: UUID, on: bool) -> list[Change]:
    """Whether a call that is in this agent's hands has sound; nothing when that was known."""
    return await _rows(conn, "sound", interaction, agent, on)


WRITERS: dict[type[Effect], Writer] = {
    effects.Offer: _offer,
    effects.CloseOffer: _close_offer,
    effects.Assign: _assign,
    effects.Requeue: _requeue,
    effects.Schedule: _schedule,
    effects.MoveQueue: _move_queue,
    effects.Prefer: _prefer,
    effects.RaiseStep: _raise_step,
    effects.CloseWork: _close_work,
    effects.SetPresence: _set_presence,
    effects.StartWrap: _start_wrap,
    effects.FinishAssignment: _finish,
    effects.Refuse: _refuse,
}


async def write_effects(conn: Connection, wanted: Sequence[Effect], now: datetime) -> list[Change]:
    """Writes effects in their order; returns what changed."""
    changes: list[Change] = []
    for place, effect in enumerate(wanted):
        changes += await WRITERS[type(effect)](conn, effect, now)
        if isinstance(effect, effects.FinishAssignment) and not _lives_on(
            effect, wanted[place + 1 :]
        ):
            changes += await _rows(conn, "close_work", effect.work, effect.reason, "done")
            place_of = await conn.fetchrow(cases.Q["case_of_work"], effect.work)
            if place_of is not None:
                changes += await cases.wrap_up_over(conn, place_of["case_id"], now)
    return changes


def _lives_on(finished: effects.FinishAssignment, later: Sequence[Effect]) -> bool:
    return any(isinstance(e, _LIVES_ON) and e.work == finished.work for e in later)
