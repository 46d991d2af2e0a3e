"""The record of acts: chained, append-only, without secrets."""

import asyncio
import json
from pathlib import Path

import asyncpg
import pytest

from atiende.accounts import PROGRAM, Act, record, verify_audit
from atiende.accounts.api_organisation import NewSkill, create_skill
from atiende.accounts.api_security import audit
from atiende.accounts.audit import MASK, masked
from atiende.core.problem import Problem
from atiende.routing import admin
from atiende.routing.admin.people import LinkIn
from tests.company import PASSWORD, Company


async def test_the_chain_is_whole_after_many_writers_at_once(company: Company) -> None:
    boss = await company.boss()
    await asyncio.gather(*(create_skill(boss, NewSkill(name=f"Habilidad {n}")) for n in range(12)))
    async with company.db.connection() as conn:
        assert await verify_audit(conn) is None
        rows = await conn.fetch("select prev_hash from audit")
    assert len({row["prev_hash"] for row in rows}) == len(rows)  # no fork


async def test_a_row_changed_by_a_superuser_is_named(company: Company) -> None:
    async with company.db.transaction() as conn:
        await record(
            conn, PROGRAM, Act("x.done", "x", "1", None, {"a": 1.5, "n": "ñ"}), company.now
        )
        await record(conn, PROGRAM, Act("x.done", "x", "2"), company.now)
    async with company.db.connection() as conn:
        seq = await conn.fetchval("select max(seq) - 1 from audit")
        await conn.execute("set session_replication_role = replica")
        try:
            await conn.execute("update audit set actor = 'otro' where seq = $1", seq)
            assert await verify_audit(conn) == seq
            await conn.execute("update audit set actor = 'atiende' where seq = $1", seq)
            assert await verify_audit(conn) is None
        finally:
            await conn.execute("set session_replication_role = default")


@pytest.mark.parametrize(
    "sql", ["update audit set actor = 'x'", "delete from audit", "truncate audit"]
)
async def test_the_table_takes_no_change(company: Company, sql: str) -> None:
    async with company.db.connection() as conn:
        with pytest.raises(asyncpg.PostgresError, match="append-only"):
            await conn.execute(sql)


def test_secrets_are_masked_at_any_depth() -> None:
    value = masked(
        {"name": "a", "password": "x", "config": {"secret": "y", "list": [{"token": 1}]}}
    )
    assert value == {
        "name": "a",
        "password": MASK,
        "config": {"secret": MASK, "list": [{"token": MASK}]},
    }


async def test_no_password_is_in_the_record(company: Company) -> None:
    await company.hire("secreta@nogal.example")
    async with company.db.connection() as conn:
        rows = await conn.fetch("select to_jsonb(audit) as row from audit")
    text = json.dumps([row["row"] for row in rows])
    assert PASSWORD not in text
    assert "argon2" not in text


async def test_the_record_is_read_by_pages_and_by_action(company: Company) -> None:
    boss = await company.boss()
    for n in range(60):
        async with company.db.transaction() as conn:
            await record(conn, PROGRAM, Act("demo.step", "demo", str(n)), company.now)
    first = await audit(boss)
    assert first.cursor is not None
    second = await audit(boss, cursor=first.cursor)
    assert first.items[-1].seq > second.items[0].seq
    only = await audit(boss, action="skill.")
    assert {act.action for act in only.items} == {"skill.created"}
    mine = await audit(boss, actor=boss.actor.user_id)
    assert {act.actor for act in mine.items} == {"Rosa Admin"}


async def test_an_act_upon_somebody_or_something_says_whose(company: Company) -> None:
    boss = await company.boss()
    ana = await company.hire("rita@nogal.example")
    await admin.people.make_user_link(boss, ana.id, LinkIn(purpose="reset"))
    await admin.people.unlock_user(boss, ana.id)
    await admin.people.disable_user(boss, ana.id)
    await admin.people.enable_user(boss, ana.id)
    done = [a for a in (await audit(boss, action="user.")).items if a.object_id == str(ana.id)]
    told = {a.action: (a.after or {}).get("name") for a in done}
    for verb in ("link_made", "unlocked", "disabled", "enabled"):
        assert told[f"user.{verb}"] == ana.name


async def test_only_who_may_reads_the_record(company: Company) -> None:
    agent = await company.hire("curiosa@nogal.example")
    with pytest.raises(Problem, match="forbidden"):
        await audit(await company.as_(agent.email))


async def test_failed_logins_are_in_the_record(company: Company) -> None:
    with pytest.raises(Problem, match="login_failed"):
        await company.log_in("fantasma@nogal.example", "mal")
    last = (await audit(await company.boss(), action="login_failed")).items[0]
    assert (last.actor, last.actor_id, last.address) == (
        "fantasma@nogal.example",
        None,
        "203.0.113.7",
    )


def test_every_reason_why_something_is_in_use_has_words() -> None:
    root = Path(__file__).parents[2]
    words = json.loads((root / "ui/i18n/es.json").read_text(encoding="utf-8"))
    sql = "".join(
        (root / "src/atiende" / path / "queries.sql").read_text(encoding="utf-8")
        for path in ("accounts", "campaigns", "routing/admin")
    )
    reasons = {line.split("'")[1] for line in sql.splitlines() if line.startswith("select '")}
    wanted = reasons - {"case", "agent", "configure"}
    assert wanted == {"teams", "people", "queues", "accounts", "campaigns", "cases", "work"}
    assert {f"problem.in_use_{reason}" for reason in wanted} <= words.keys()
