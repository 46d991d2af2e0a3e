"""The migrated schema and the SQL of the slices, asked of PostgreSQL itself."""

import re
from pathlib import Path

import asyncpg
import pytest

from atiende.store import Connection, parse_queries
from tests.sources import PACKAGE, short

DECLARATION = re.compile(r"personal: (none|[a-z_][a-z0-9_]*(, [a-z_][a-z0-9_]*)*)(?=$|[\n.;])")
COLUMNS = """
    SELECT c.relname AS name, obj_description(c.oid, 'pg_class') AS said,
           array_agg(a.attname::text) AS columns
      FROM pg_class c
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
       AND NOT c.relispartition
     GROUP BY c.oid, c.relname ORDER BY c.relname
"""
NOW_ALLOWED = re.compile(r"\b(created_at|at|applied_at)\b[^,;]*\bdefault\b[^,;]*$", re.IGNORECASE)
NOW = re.compile(
    r"\b(now\(\)|current_timestamp|clock_timestamp\(\)|statement_timestamp\(\)|localtimestamp)",
    re.IGNORECASE,
)
QUERY_FILES = sorted(PACKAGE.rglob("*queries*.sql"))


async def test_every_table_declares_which_columns_are_personal(connection: Connection) -> None:
    wrong = []
    for row in await connection.fetch(COLUMNS):
        found = DECLARATION.search(row["said"] or "")
        if found is None:
            wrong.append(f"{row['name']}: no declaration")
        elif found[1] != "none":
            named = {name.strip() for name in found[1].split(",")}
            wrong += [f"{row['name']}: no column {n}" for n in sorted(named - set(row["columns"]))]
    assert wrong == []


@pytest.mark.parametrize("path", QUERY_FILES, ids=short)
async def test_every_query_prepares_on_the_migrated_schema(
    path: Path, connection: Connection
) -> None:
    queries = parse_queries(path.read_text(encoding="utf-8"))
    wrong = []
    for name in queries:
        try:
            await connection.prepare(queries[name])
        except asyncpg.PostgresError as error:
            wrong.append(f"{name}: {error}")
    assert wrong == []


async def test_a_query_that_does_not_fit_the_schema_would_be_found(connection: Connection) -> None:
    """The negative control of the test above."""
    with pytest.raises(asyncpg.UndefinedColumnError):
        await connection.prepare("SELECT no_such_column FROM cases")


@pytest.mark.parametrize("path", QUERY_FILES, ids=short)
def test_queries_take_the_time_as_an_argument(path: Path) -> None:
    found = [
        f"{number}: {line.strip()}"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if NOW.search(line.partition("--")[0])
    ]
    assert found == []


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("migrations/*.sql")), ids=short)
def test_the_schema_reads_the_clock_only_where_a_row_is_born(path: Path) -> None:
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        code = line.partition("--")[0]
        for match in NOW.finditer(code):
            if not NOW_ALLOWED.search(code[: match.start()]):
                found.append(f"{number}: {line.strip()}")
    assert found == []
