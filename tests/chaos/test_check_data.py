"""check-data finds what is broken: each invariant has a row that breaks it, and is named then."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from atiende.accounts import verify_audit
from atiende.house.check_data import CHECKS, Q, _lost_files, check, words
from atiende.store import Connection, connect
from tests.chaos.parts import column
from tests.house.running import atiende
from tests.product import Guest, client_id, found, person, running

LIVE = "('connecting', 'active', 'held', 'lost', 'wrapping')"
#: Invariant -> statements that break it in the scene below. Indexes that forbid it in the database
#: are dropped first: the check must see it all the same.
BREAKS: dict[str, tuple[str, ...]] = {
    "event_versions": (
        (
            "insert into events (topic, entity, version, kind)"
            " select topic, entity, version, kind from events limit 1"
        ),
    ),
    "event_gaps": ("update cases set version = version + 1",),
    "message_revisions": ("update messages set rev = rev + 1000 where rev > 0",),
    "message_places": ("update messages set interaction_id = null where direction = 'in'",),
    "attachment_places": (
        (
            "insert into attachments (message_id, owner, name, media_type, size, sha256, blob_key)"
            " select id, 'x', 'x', 'x', 1, '', repeat('0', 32) from messages"
            " where direction = 'in' limit 1"
        ),
    ),
    "offer_per_work": ("update work_items set state = 'offered' where state = 'queued'",),
    "offer_per_agent": (
        (
            "update agents set presence = 'paused'"
            " where user_id in (select agent_id from offers where state = 'pending')"
        ),
    ),
    "offer_answers": ("update offers set answered_at = now() where state = 'pending'",),
    "capacity": ("""update routing_profiles set slots = '{"messages": 0}'""",),
    "one_call": (
        "update work_items set media = 'voice'",
        "drop index assignments_one_primary",
        (
            "insert into assignments (work_item_id, agent_id, case_id, via, state, started_at)"
            " select work_item_id, agent_id, case_id, via, state, started_at from assignments"
            " where state = 'active'"
        ),
    ),
    "absent_agents": (
        (
            "update agents set presence = 'offline'"
            " where user_id in (select agent_id from assignments where state = 'active')"
        ),
    ),
    "disabled_people": (
        (
            "update users set state = 'disabled'"
            " where id in (select user_id from sessions where ended_at is null)"
        ),
    ),
    "live_interactions": ("update conversations set interaction_id = null",),
    "interaction_work": ("update interactions set state = 'waiting' where state = 'active'",),
    "every_contact_routed": (
        "drop index interactions_live",
        (
            "insert into interactions (case_id, conversation_id, channel, direction, initiation,"
            " state, started_at) select case_id, conversation_id, channel, direction, initiation,"
            " state, started_at from interactions limit 1"
        ),
    ),
    "answered_contacts": ("update interactions set answered_at = null",),
    "case_ends": ("update cases set state = 'resolved'",),
    "case_outcomes": ("update cases set disposition_id = (select id from dispositions limit 1)",),
    "queued_somewhere": ("update queues set archived_at = now()",),
    "late_timers": ("update offers set expires_at = now() - interval '2 minutes'",),
    "waiting_commands": (
        "insert into commands (kind, at) values ('work', now() - interval '2 minutes')",
    ),
    "failed_commands": (
        """insert into commands (kind, at, result) values ('work', now(), '{"key": "failed"}')""",
    ),
    "stuck_jobs": ("insert into jobs (kind, run_at, dead) values ('x', now(), true)",),
    "stuck_sends": (
        (
            "insert into outbox (message_id, conversation_id, account_id, state, not_before)"
            " select id, conversation_id, account_id, 'sending', now() from messages"
            " where direction = 'in' limit 1"
        ),
    ),
    "stuck_inbox": (
        (
            "insert into inbox (account_id, sha256, body, received_at)"
            " select id, '', '', now() - interval '1 hour' from channel_accounts"
        ),
    ),
    "merged_customers": ("update customers set merged_into_id = id",),
    "personal_columns": ("comment on table messages is 'nothing said'",),
    "audit_chain": (
        "alter table audit disable trigger audit_no_change",
        "update audit set actor = 'somebody else' where seq = (select min(seq) from audit)",
    ),
    "lost_files": (
        (
            "insert into attachments (owner, name, media_type, size, sha256, blob_key)"
            " values ('x', 'x', 'x', 1, '', repeat('0', 32))"
        ),
    ),
}


@pytest.fixture
async def scene(database: str, place: Path) -> tuple[str, Path]:
    """One contact in Ana's hands, one offered to her, one that waits."""
    async with running(database, place) as product:
        key = (await found(product))["key"]
        guests = [Guest(product, key) for _ in range(3)]
        async with person(product, "ana@nogal.example") as ana:
            await ana.open()
            await ana.presence("available")
            for n, guest in enumerate(guests):
                await guest.start(name=f"Visitante {n}")
                await guest.open()
                await guest.say("hola")
            await ana.take()
            await ana.until(lambda: ana.agent.get("offer"))
        for guest in guests:
            await guest.close()
    return database, place / "blobs"


def test_every_invariant_has_its_words_and_its_control() -> None:
    names = {*CHECKS, "audit_chain", "lost_files"}
    assert names == set(BREAKS)
    for language in ("es", "en"):
        assert names <= set(words(language, "check_data"))


async def broken(conn: Connection, blobs: Path) -> set[str]:
    return {f.check for f in await check(conn, datetime.now(UTC), blobs)}


async def test_what_is_whole_has_no_findings_and_each_break_is_named(
    scene: tuple[str, Path],
) -> None:
    dsn, blobs = scene
    conn = await connect(dsn)
    unseen = []
    try:
        assert await broken(conn, blobs) == set()
        for name, statements in BREAKS.items():
            undone = conn.transaction()
            await undone.start()
            for statement in statements:
                await conn.execute(statement)
            if name not in await broken_inside(conn, blobs):
                unseen.append(name)
            await undone.rollback()
        assert unseen == []
        assert await broken(conn, blobs) == set()
    finally:
        await conn.close()


async def broken_inside(conn: Connection, blobs: Path) -> set[str]:
    """The checks inside a transaction that will be undone."""
    found_ = set()
    for name, timed in CHECKS.items():
        if await conn.fetch(Q[name], *((datetime.now(UTC),) if timed else ())):
            found_.add(name)
    if await verify_audit(conn) is not None:
        found_.add("audit_chain")
    if await _lost_files(conn, blobs):
        found_.add("lost_files")
    return found_


async def test_the_command_says_it_in_words_and_by_its_exit_code(scene: tuple[str, Path]) -> None:
    dsn, blobs = scene
    conn = await connect(dsn)
    try:
        done = await said(dsn, blobs.parent)
        assert done[0] == 0
        assert "Los datos concuerdan" in done[1]
        await conn.execute("update cases set version = version + 1")
        done = await said(dsn, blobs.parent)
        assert done[0] == 1
        assert "event_gaps: Falta en el registro" in done[1]
    finally:
        await conn.close()


async def said(dsn: str, data: Path, *words_: str) -> tuple[int, str]:
    command = words_ or ("check-data",)
    done = await asyncio.to_thread(
        atiende, command[0], "--data", data, *command[1:], DATABASE_URL=dsn
    )
    return done.returncode, done.stdout + done.stderr


async def test_trace_tells_a_messages_way_in_order(scene: tuple[str, Path]) -> None:
    dsn, blobs = scene
    (message,) = await column(
        dsn,
        "select m.id from messages m join assignments s on s.case_id = m.case_id"
        f" where m.direction = 'in' and s.state in {LIVE}",
    )
    code, text = await said(dsn, blobs.parent, "trace", str(message))
    assert code == 0, text
    lines = text.splitlines()
    steps = [
        next(n for n, line in enumerate(lines) if what in line)
        for what in ("llega el mensaje", "message.received", "oferta a Ana", "accepted")
    ]
    assert steps == sorted(steps)
    assert "cases/receive.py" in text
    code, text = await said(dsn, blobs.parent, "trace", client_id())
    assert code == 2
    assert "No hay ningún mensaje" in text
