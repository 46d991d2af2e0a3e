"""`atiende check-data`: does what the rows tell hold together? Called by the cli, and by tests.

Each invariant of the domain that data can show is one query of `queries.sql` that returns what
breaks it; beside those stand the chain of the audit and the files that rows name. It only reads.
"""

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import asyncpg

from atiende.accounts import verify_audit
from atiende.core.problem import Problem
from atiende.engines import dsn_of
from atiende.settings import Settings
from atiende.store import Blobs, Connection, connect, load_queries

Q = load_queries("atiende.house")
#: Queries of the file, and whether they ask what time it is.
CHECKS: dict[str, bool] = {
    "event_versions": False,
    "event_gaps": False,
    "message_revisions": False,
    "message_places": False,
    "attachment_places": False,
    "offer_per_work": False,
    "offer_per_agent": False,
    "offer_answers": False,
    "capacity": False,
    "one_call": False,
    "absent_agents": False,
    "disabled_people": False,
    "live_interactions": False,
    "interaction_work": False,
    "every_contact_routed": False,
    "answered_contacts": False,
    "case_ends": False,
    "case_outcomes": False,
    "queued_somewhere": False,
    "late_timers": True,
    "waiting_commands": True,
    "failed_commands": False,
    "stuck_jobs": True,
    "stuck_sends": True,
    "stuck_inbox": True,
    "merged_customers": False,
    "personal_columns": False,
}
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One invariant that does not hold, and what breaks it."""

    check: str
    about: tuple[str, ...]


def words(language: str, name: str) -> dict[str, str]:
    """The sentences of a command that has many of its own."""
    text = files("atiende.house").joinpath(f"{name}.{language}.json").read_text(encoding="utf-8")
    found: dict[str, str] = json.loads(text)
    return found


def run(settings: Settings, _: list[str]) -> int:
    """Prints what is broken; exit 0 when nothing is, 1 otherwise."""
    dsn = dsn_of(settings)
    if dsn is None:
        raise Problem(404, "not_up", path=str(settings.data_dir))
    now = datetime.now(UTC)
    found = asyncio.run(_check(dsn, now, settings.blobs_dir))
    said = words(settings.language, "check_data")
    for finding in found:
        few = ", ".join(finding.about[:SHOWN])
        more = len(finding.about) - SHOWN
        tail = said["more"].replace("{count}", str(more)) if more > 0 else ""
        print(f"{finding.check}: {said[finding.check]} {few}{tail}")
    key = "broken" if found else "whole"
    total = len(CHECKS) + 2
    print(said[key].replace("{count}", str(len(found))).replace("{total}", str(total)))
    return 1 if found else 0


async def _check(dsn: str, now: datetime, blobs: Path) -> list[Finding]:
    try:
        conn = await connect(dsn, default_transaction_read_only="on")
    except (OSError, asyncpg.PostgresError) as error:
        raise Problem(503, "database_unreachable", reason=str(error).splitlines()[0]) from error
    try:
        return await check(conn, now, blobs)
    finally:
        await conn.close()


async def check(conn: Connection, now: datetime, blobs: Path | None = None) -> list[Finding]:
    """Every invariant, on one snapshot; the broken ones."""
    found: list[Finding] = []
    async with conn.transaction(isolation="repeatable_read"):
        for name, timed in CHECKS.items():
            rows = await conn.fetch(Q[name], *((now,) if timed else ()))
            if rows:
                found.append(Finding(name, tuple(row["about"] for row in rows)))
        broken = await verify_audit(conn)
        if broken is not None:
            found.append(Finding("audit_chain", (f"seq {broken}",)))
        if blobs is not None and (lost := await _lost_files(conn, blobs)):
            found.append(Finding("lost_files", tuple(lost)))
    return found


async def _lost_files(conn: Connection, folder: Path) -> list[str]:
    kept = Blobs(folder)
    rows = await conn.fetch(Q["blobs"])
    return [f"{r['what']} {r['id']}" for r in rows if not kept.path(r["blob_key"]).is_file()]
