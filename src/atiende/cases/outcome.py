"""How a case ends: the talk is over, the outcome (disposition) is recorded, the case is resolved.

Ending the talk, recording the outcome and freeing the agent are three facts; the last one is the
router's, told by a command in the same transaction. "Por tipificar" = a case whose agent is in
wrap-up, or that was resolved by the wrap-up's end without an outcome.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from atiende.cases.receive import Q
from atiende.core.problem import Problem
from atiende.store import Change, Connection, Row, changes_of, log_event

SHORT_ABANDON_S = 5


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an agent records. `resolve` also ends what lives and frees him."""

    case_id: UUID
    actor: UUID
    disposition_id: UUID
    #: None = as it was recorded before, when the leaf is the same one.
    note: str | None = None
    data: dict[str, Any] | None = None
    resolve: bool = True
    client_id: str = ""

    def over(self, case: Row) -> "Recorded":
        """What the case will hold: what is given, and of the same leaf what it holds already."""
        same = case["disposition_id"] == self.disposition_id
        note = self.note if self.note is not None else case["disposition_note"] if same else ""
        data = self.data if self.data is not None else case["disposition_data"] if same else {}
        held_date = case["disposition_data"].get("date") if same else None
        return Recorded(self.disposition_id, note.strip(), data, held_date)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A leaf with what goes with it. `held_date` = the date this case already has for it."""

    leaf: UUID
    note: str
    data: dict[str, Any]
    held_date: object = None


async def end_talk(
    conn: Connection, case: UUID, ended_by: str, now: datetime, reason: str = "closed"
) -> list[Change]:
    """Ends the live interactions of a case and tells the router; the outcome may come later."""
    await _lock(conn, case)
    changes = await _end_interactions(conn, case, ended_by, now, reason)
    if changes:
        await _tell_router(conn, case, "ended", now)
    return changes


async def recorded(conn: Connection, outcome: Outcome) -> bool:
    """Locks the case; True when this very click has been recorded already."""
    await _lock(conn, outcome.case_id)
    known = await conn.fetchval(
        Q["outcome_recorded"], outcome.case_id, outcome.actor, outcome.client_id
    )
    return known is not None


def _changes_nothing(case: Row, outcome: Outcome, what: Recorded) -> bool:
    """A second click: the same outcome by the same person, on a case that it resolved."""
    there = (case["disposition_id"], case["disposition_note"], case["disposition_data"])
    given = (what.leaf, what.note, what.data)
    same = there == given and case["disposed_by"] == outcome.actor
    return same and outcome.resolve and case["state"] == "resolved"


async def dispose(conn: Connection, outcome: Outcome, now: datetime) -> list[Change]:
    """Records the outcome. Problem 422 `disposition_*` when it does not fit the campaign's tree,
    lacks what the leaf requires or promises a day that is over; 409 `case_closed`."""
    case = await _lock(conn, outcome.case_id)
    if case["state"] == "closed":
        raise Problem(409, "case_closed")
    what = outcome.over(case)
    if _changes_nothing(case, outcome, what):
        return []
    await _check_disposition(conn, case, what, outcome.actor, now)
    changes: list[Change] = []
    if outcome.resolve:
        changes += await _end_interactions(
            conn, outcome.case_id, f"agent:{outcome.actor}", now, "resolved"
        )
    version = await conn.fetchval(
        Q["dispose_case"],
        outcome.case_id,
        what.leaf,
        what.note,
        what.data,
        outcome.actor,
        now,
    )
    recorded = Change("case", outcome.case_id, version, "case.disposed")
    payload: dict[str, object] = {
        "disposition_id": str(outcome.disposition_id),
        "agent_id": str(outcome.actor),
        "client_id": outcome.client_id,
    }
    await log_event(conn, recorded, "agent", payload)
    changes.append(recorded)
    await conn.execute(Q["dispose_interactions"], outcome.case_id, outcome.disposition_id)
    if outcome.resolve:
        changes += await _resolve(conn, outcome.case_id, "agent", now, outcome.actor)
        await _tell_router(conn, outcome.case_id, "done", now)
    return changes


async def _check_disposition(
    conn: Connection, case: Row, what: Recorded, actor: UUID, now: datetime
) -> None:
    leaf = await conn.fetchrow(Q["disposition"], what.leaf, now, actor)
    if (
        leaf is None
        or leaf["archived_at"] is not None
        or leaf["set_id"] != case["disposition_set_id"]
    ):
        raise Problem(422, "disposition_unknown")
    if leaf["has_children"]:
        raise Problem(422, "disposition_not_a_leaf", name=leaf["name"])
    dated, paid = _is_date(what.data.get("date")), _is_amount(what.data.get("amount"))
    missing = {
        "note": not what.note,
        "date": not dated,
        "amount": not paid,
        "agreement": not (dated and paid),
    }
    if missing.get(leaf["requires"], False):
        raise Problem(422, f"disposition_needs_{leaf['requires']}", name=leaf["name"])
    new = _to_come(leaf) and what.data["date"] != what.held_date
    if new and date.fromisoformat(what.data["date"]) < leaf["today"]:
        raise Problem(422, "disposition_date_past", name=leaf["name"])


def _to_come(leaf: Row) -> bool:
    """A promise or an appointment is for a day to come; «Ya pagó» has the day it was paid."""
    return leaf["requires"] == "agreement" or (
        leaf["requires"] == "date" and "callback" in leaf["flags"]
    )


def _is_date(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(date.fromisoformat(value))
    except ValueError:
        return False


def _is_amount(value: object) -> bool:
    """Money in minor units, so always whole."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**12


async def customer_ends(conn: Connection, case: UUID, now: datetime) -> list[Change]:
    """The visitor left on purpose: attended work goes to wrap-up, waiting work is an abandon."""
    await _lock(conn, case)
    work = await conn.fetch(Q["live_work_of_case"], case)
    if any(w["agent_id"] for w in work):
        return await end_talk(conn, case, "customer", now, "customer_left")
    waited = min(((now - w["virtual_start"]).total_seconds() for w in work), default=0.0)
    outcome = "short_abandon" if waited < SHORT_ABANDON_S else "abandoned_queue"
    return await close_unattended(conn, case, outcome, "customer", now)


async def close_unattended(
    conn: Connection, case: UUID, outcome: str, ended_by: str, now: datetime
) -> list[Change]:
    """A contact that no agent attended ends with a system outcome and closes its case."""
    locked = await _lock(conn, case)
    changes = await _end_interactions(conn, case, ended_by, now, outcome, outcome)
    disposition = await conn.fetchval(Q["system_disposition"], locked["campaign_id"], outcome)
    if disposition is not None and locked["disposition_id"] is None:
        version = await conn.fetchval(Q["dispose_case"], case, disposition, "", {}, None, now)
        disposed = Change("case", case, version, "case.disposed")
        await log_event(conn, disposed, "system", {"disposition_id": str(disposition)})
        changes.append(disposed)
    await _tell_router(conn, case, "cancel", now)
    version = await conn.fetchval(Q["close_case"], case, now)
    if version is not None:
        closed = Change("case", case, version, "case.closed")
        await log_event(conn, closed, ended_by, {"outcome": outcome})
        changes.append(closed)
    return changes


async def wrap_up_over(conn: Connection, case: UUID, now: datetime) -> list[Change]:
    """The router ended the agent's wrap-up: the case is resolved, its outcome may still be missing.
    A case in which something lives (a transfer, a new message) stays open."""
    locked = await _lock(conn, case)
    live = await conn.fetch(Q["live_work_of_case"], case)
    if live or locked["state"] in ("resolved", "closed"):
        return []
    return await _resolve(conn, case, "router", now)


async def close_ripe(conn: Connection, now: datetime) -> list[Change]:
    """Resolved cases that can no longer be reopened are closed for good."""
    changes = []
    for row in await conn.fetch(Q["ripe_cases"], now):
        version = await conn.fetchval(Q["close_case"], row["id"], now)
        if version is not None:
            change = Change("case", row["id"], version, "case.closed")
            await log_event(conn, change, "time")
            changes.append(change)
    return changes


async def end_idle(conn: Connection, now: datetime) -> list[Change]:
    """Text episodes without a message for longer than their campaign allows end by themselves."""
    changes: list[Change] = []
    for row in await conn.fetch(Q["idle_cases"], now):
        changes += await end_talk(conn, row["case_id"], "time", now, "idle")
    return changes


async def _lock(conn: Connection, case: UUID) -> Row:
    row = await conn.fetchrow(Q["lock_case"], case)
    if row is None:
        raise Problem(404, "case_not_found")
    return row


async def _end_interactions(
    conn: Connection,
    case: UUID,
    ended_by: str,
    now: datetime,
    reason: str,
    outcome: str | None = None,
) -> list[Change]:
    who, _, actor = ended_by.partition(":")
    agent = UUID(actor) if actor else None
    return changes_of(
        await conn.fetch(Q["end_interactions"], case, now, who, reason, outcome, agent)
    )


async def _resolve(
    conn: Connection, case: UUID, cause: str, now: datetime, actor: UUID | None = None
) -> list[Change]:
    version = await conn.fetchval(Q["resolve_case"], case, now)
    if version is None:
        return []
    change = Change("case", case, version, "case.resolved")
    await log_event(conn, change, cause, {"agent_id": str(actor)} if actor else {})
    return [change]


async def _tell_router(conn: Connection, case: UUID, kind: str, now: datetime) -> None:
    """One command for each live work item of the case, in this transaction."""
    for work in await conn.fetch(Q["live_work_of_case"], case):
        args = {"work_id": str(work["id"])}
        await conn.fetchval(Q["command"], work["agent_id"], kind, args, None, now)
