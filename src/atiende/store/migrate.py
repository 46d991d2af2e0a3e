"""Numbered, forward-only migrations, each in one transaction, recorded with its sha256.

Run by `atiende up` on its own database, by `atiende migrate` on another's; one at a time, under an
advisory lock, with a bounded wait for table locks.
"""

import hashlib
from dataclasses import dataclass
from importlib.resources import files

import asyncpg

from atiende.core.problem import Problem
from atiende.store.database import connect

_LOCK = 7_240_001
_TABLE = """
create table if not exists migrations (
    name text primary key, sha256 text not null, applied_at timestamptz not null default now());
comment on table migrations is 'personal: none'
"""


@dataclass(frozen=True)
class Migration:
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def known_migrations() -> list[Migration]:
    """Those that this code brings, in order."""
    folder = files("atiende.store").joinpath("migrations")
    found = [p for p in folder.iterdir() if p.name.endswith(".sql")]
    return [
        Migration(p.name, p.read_text(encoding="utf-8"))
        for p in sorted(found, key=lambda p: p.name)
    ]


async def migrate(dsn: str) -> list[str]:
    """Applies what is missing and returns its names. Problem `data_newer` when the database holds
    a migration that this code does not know, `migration_changed` when one differs."""
    conn = await connect(dsn, lock_timeout="5s")
    try:
        await conn.execute("select pg_advisory_lock($1)", _LOCK)
        await conn.execute(_TABLE)
        return await _apply(conn)
    finally:
        await conn.close()


async def _apply(conn: "asyncpg.Connection[asyncpg.Record]") -> list[str]:
    rows = await conn.fetch("select name, sha256 from migrations")
    applied = {row["name"]: row["sha256"] for row in rows}
    known = known_migrations()
    if unknown := sorted(set(applied) - {m.name for m in known}):
        raise Problem(500, "data_newer", name=unknown[-1])
    done = []
    for migration in known:
        if migration.name in applied:
            if applied[migration.name] != migration.sha256:
                raise Problem(500, "migration_changed", name=migration.name)
            continue
        async with conn.transaction():
            await conn.execute(migration.sql)
            await conn.execute(
                "insert into migrations (name, sha256) values ($1, $2)",
                migration.name,
                migration.sha256,
            )
        done.append(migration.name)
    return done
