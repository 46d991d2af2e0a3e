"""The seed: once, whole, private, and with a past that holds the invariants of the present."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from atiende.accounts import found_company, verify_audit
from atiende.core.problem import Problem
from atiende.demo import seed_demo
from atiende.demo.logins import LOGINS, PEOPLE, READABLE, read_people
from atiende.house.check_data import check
from atiende.settings import Settings
from atiende.store import connect

NOW = datetime(2026, 11, 24, 21, 0, tzinfo=UTC)
#: Each must find nothing.
INVARIANTS = {
    "versions of an entity have no gaps and follow time": """
        select topic, entity from (
            select topic, entity, version - lag(version) over w as step, at < lag(at) over w as back
            from events window w as (partition by topic, entity order by version)) x
        where step <> 1 or back""",
    "a case's version is its last event's": """
        select c.id from cases c where c.version <> (
            select max(version) from events where topic = 'case' and entity = c.id)""",
    "a conversation's version is its last event's": """
        select c.id from conversations c where c.version <> (
            select max(version) from events where topic = 'conversation' and entity = c.id)""",
    "an agent's version is its last event's": """
        select a.user_id from agents a where a.version <> (
            select max(version) from events where topic = 'agent' and entity = a.user_id)""",
    "work's version is its last event's": """
        select w.id from work_items w where w.version <> (
            select max(version) from events where topic = 'work' and entity = w.id)""",
    "a customer's version is its last event's": """
        select c.id from customers c where c.version <> (
            select max(version) from events where topic = 'customer' and entity = c.id)""",
    "no message is ahead of its case or conversation": """
        select m.id from messages m join cases c on c.id = m.case_id
        left join conversations v on v.id = m.conversation_id
        where m.case_rev > c.version or m.rev > coalesce(v.version, 0)""",
    "a message has the place its event says": """
        select m.id from messages m where not exists (
            select 1 from events e where e.topic = 'case'
            and e.entity = m.case_id and e.version = m.case_rev
            and e.at = m.at and e.payload->>'message_id' = m.id::text)""",
    "nothing of the past lives": """
        select id from interactions where state <> 'ended' or ended_at is null
        union all select id from work_items where state not in ('done', 'canceled')
        union all select id from assignments where state <> 'done'
        union all select id from offers where state = 'pending'
        union all select id from conversations where interaction_id is not null
        union all select id from cases where state not in ('resolved', 'closed')""",
    "every case has an outcome of its campaign's tree, a leaf, with what it requires": """
        select c.id from cases c join campaigns k on k.id = c.campaign_id
        left join dispositions d on d.id = c.disposition_id
        where d.id is null or d.set_id <> k.disposition_set_id
           or exists (select 1 from dispositions x where x.parent_id = d.id)
           or (d.requires = 'note' and c.disposition_note = '')
           or (d.requires in ('date', 'agreement') and not c.disposition_data ? 'date')
           or (d.requires in ('amount', 'agreement') and not c.disposition_data ? 'amount')""",
    "unattended cases have a system outcome and no agent": """
        select c.id from cases c join dispositions d on d.id = c.disposition_id
        where d.system <> (c.owner_id is null) or d.system and c.state <> 'closed'""",
    "times come one after another": """
        select i.id from interactions i where i.ended_at < i.started_at
           or i.answered_at not between i.started_at and i.ended_at
        union all select id from cases where resolved_at < opened_at or closed_at < resolved_at
        union all select id from assignments where done_at < started_at
        union all select id from offers where answered_at not between offered_at and expires_at""",
    "a resolved case that can reopen no more is closed": """
        select c.id from cases c join campaigns k on k.id = c.campaign_id
        where c.state = 'resolved'
          and c.resolved_at < $1::timestamptz - make_interval(hours => k.reopen_h + 1)""",
    "nothing is of the future": """
        select id from messages where at > $1
        union all select id from cases where opened_at > $1""",
    "only agents of the queue attended": """
        select s.id from assignments s join work_items w on w.id = s.work_item_id
        where not exists (select 1 from queue_agents q
            where q.queue_id = w.queue_id and q.user_id = s.agent_id)""",
    "no file of the past is a promise": """
        select id from messages where kind not in ('text', 'system')""",
    "each call of the past is over, is its customer's, and is told in the timeline": """
        select i.id from interactions i left join calls k on k.interaction_id = i.id
        left join identities p on p.id = i.identity_id
        where (i.channel = 'voice') <> (k.interaction_id is not null)
           or i.channel = 'voice' and (k.state <> 'ended' or p.kind <> 'phone'
                or (k.connected_at is null) <> (i.answered_at is null) or k.from_number <> p.value
                or 2 <> (select count(*) from messages m
                         where m.interaction_id = i.id and m.kind = 'system'))""",
}


@dataclass(frozen=True)
class Seeded:
    settings: Settings
    dsn: str


def settings_in(folder: Path) -> Settings:
    return Settings(data_dir=folder, testing=True, test_fast_passwords=True)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def seeded(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Seeded]:
    settings = settings_in(tmp_path_factory.mktemp("demo"))
    assert await seed_demo(settings, database, NOW)
    yield Seeded(settings, database)


async def test_a_second_start_changes_nothing(
    seeded: Seeded, connection: asyncpg.Connection[asyncpg.Record]
) -> None:
    tables = ("events", "cases", "users", "messages")
    count = "select " + ", ".join(f"(select count(*) from {table})" for table in tables)
    before = await connection.fetchrow(count)
    logins = (seeded.settings.data_dir / LOGINS).read_bytes()
    assert not await seed_demo(seeded.settings, seeded.dsn, NOW)
    assert await connection.fetchrow(count) == before
    assert (seeded.settings.data_dir / LOGINS).read_bytes() == logins


async def test_the_company_is_whole(
    seeded: Seeded, connection: asyncpg.Connection[asyncpg.Record]
) -> None:
    row = await connection.fetchrow(
        """select (select count(*) from teams) as teams, (select count(*) from agents) as agents,
        (select count(*) from queues) as queues, (select count(*) from sites) as sites,
        (select count(*) from customers) as customers, (select count(*) from cases) as cases,
        (select count(*) from quick_replies) as replies,
        (select count(*) from user_roles g join roles r on r.id = g.role_id
            where r.code = 'supervisor') as supervisors,
        (select count(*) from users where state <> 'active' or password_hash is null) as invited"""
    )
    assert row is not None
    assert (row["teams"], row["agents"], row["queues"], row["sites"]) == (3, 8, 3, 2)
    assert (row["supervisors"], row["invited"]) == (2, 0)
    assert row["customers"] >= 60
    assert row["cases"] >= 240
    assert row["replies"] >= 25


@pytest.mark.parametrize("name", INVARIANTS)
async def test_the_past_holds_the_invariants(
    seeded: Seeded, connection: asyncpg.Connection[asyncpg.Record], name: str
) -> None:
    sql = INVARIANTS[name]
    found = await connection.fetch(sql, *([NOW] if "$1" in sql else []))
    assert found == []


async def test_some_of_the_past_came_by_telephone(
    seeded: Seeded, connection: asyncpg.Connection[asyncpg.Record]
) -> None:
    rows = await connection.fetch(
        "select outcome, count(*) as n from interactions where channel = 'voice' group by outcome"
    )
    told = {row["outcome"]: row["n"] for row in rows}
    assert told["served"] > 20
    assert told["abandoned_queue"] > 1
    conn = await connect(seeded.dsn)
    try:
        assert await check(conn, NOW) == []
    finally:
        await conn.close()


async def test_the_record_of_acts_is_unbroken(seeded: Seeded) -> None:
    conn = await connect(seeded.dsn)
    try:
        await verify_audit(conn)
    finally:
        await conn.close()


def test_logins_are_private_and_leave_the_virtual_agents_out(seeded: Seeded) -> None:
    folder = seeded.settings.data_dir
    for name in (LOGINS, READABLE, PEOPLE):
        assert (folder / name).stat().st_mode & 0o777 == 0o600
    shown = json.loads((folder / LOGINS).read_text(encoding="utf-8"))
    known = read_people(folder)
    assert known is not None
    assert len(known.people) == 2
    assert not {x.email for x in known.people} & {x["email"] for x in shown}
    assert [x["role"] for x in shown].count("agent") == 6
    assert all(len(x["password"]) >= 10 and x["password"].isascii() for x in shown)


async def test_lost_logins_are_made_anew(
    seeded: Seeded, connection: asyncpg.Connection[asyncpg.Record]
) -> None:
    folder = seeded.settings.data_dir
    before = await connection.fetch("select password_hash from users order by id")
    (folder / PEOPLE).unlink()
    assert not await seed_demo(seeded.settings, seeded.dsn, NOW)
    after = await connection.fetch("select password_hash from users order by id")
    assert all(a != b for a, b in zip(before, after, strict=True))
    assert read_people(folder) is not None


async def test_a_company_that_is_not_the_demos_is_refused(
    pg: object, template: str, tmp_path: Path, database: str
) -> None:
    name = "t_demo_foreign"
    conn = await asyncpg.connect(database)
    try:
        await conn.execute(f"create database {name} template {template}")
    finally:
        await conn.close()
    dsn = pg.dsn(name)  # type: ignore[attr-defined]
    try:
        own = await connect(dsn)
        async with own.transaction():
            await found_company(own, "Otra empresa", country="PE", tz="America/Lima", locale="es")
        await own.close()
        with pytest.raises(Problem, match="demo_foreign"):
            await seed_demo(settings_in(tmp_path), dsn, NOW)
        assert not list(tmp_path.iterdir())
    finally:
        conn = await asyncpg.connect(database)
        await conn.execute(f"drop database {name} with (force)")
        await conn.close()
