"""The supervisor's figures: every queue now and today, and the key figures above them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from atiende.cases import place_of
from atiende.core.permissions import Grant, may
from atiende.routing.rows import Q
from atiende.store import Connection, Row


async def counters(conn: Connection, now: datetime, grants: Iterable[Grant]) -> dict[str, Any]:
    """{"queues": [...], "kpis": {...}} of the queues that these grants may watch.

    Service level = answered within the target ÷ (answered + abandoned after the target), short
    abandons left out (domain.md 4.1); None while nothing counts yet. ``attending`` counts contacts,
    ``available`` and ``busy`` agents in service with and without room; ``wait_s`` is what the
    answered of today waited in all.
    """
    held = tuple(grants)
    found = await conn.fetch(Q["queue_counters"], now)
    rows = [r for r in found if may(held, "floor.watch", place_of(r))]
    return {"queues": [_queue(r) for r in rows], "kpis": _kpis(rows)}


def _service_level(in_target: int, answered: int, late: int) -> int | None:
    total = answered + late
    return round(100 * in_target / total) if total else None


def _queue(row: Row) -> dict[str, Any]:
    plain = ("id", "name", "waiting", "oldest", "attending", "busy", "available", "offered_today")
    return {
        **{name: row[name] for name in plain},
        "answered_today": row["answered_today"],
        "abandoned_today": row["abandoned_today"],
        "sl_goal_pct": row["sl_goal_pct"],
        "sl_target_s": row["sl_target_s"],
        "sl_pct": _service_level(row["in_target"], row["answered_today"], row["late_abandons"]),
        "wait_s": round(float(row["wait_s"])),
    }


def _kpis(rows: list[Row]) -> dict[str, Any]:
    def total(name: str) -> int:
        return sum(int(r[name]) for r in rows)

    answered, abandoned = total("answered_today"), total("abandoned_today")
    oldest = [r["oldest"] for r in rows if r["oldest"]]
    offered = answered + abandoned
    return {
        "waiting": total("waiting"),
        "oldest": min(oldest, default=None),
        "busy": total("attending"),
        "offered": total("offered_today"),
        "answered": answered,
        "abandoned": abandoned,
        "abandoned_pct": round(100 * abandoned / offered, 1) if offered else None,
        "sl_pct": _service_level(total("in_target"), answered, total("late_abandons")),
        "asa_s": round(sum(float(r["wait_s"]) for r in rows) / answered) if answered else None,
    }
