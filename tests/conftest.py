"""What every test may ask for, and what no test may do. Loaded by pytest for the whole suite.

- `pg`: one PostgreSQL a run, shared by the parallel workers, through the product's own supervisor;
- `template`: a migrated database in it, made once; `database`: a fresh copy a module, its address;
- a skipped or expected failure fails the run: what cannot run here must be said, not hidden.
"""

import asyncio
import contextlib
import fcntl
import json
import os
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from atiende.engines import adopt, start
from atiende.settings import Settings
from atiende.store import migrate

TEMPLATE = "atiende_template"
#: The run's own folder, named by the controlling process and inherited by its workers.
RUN_FOLDER = "ATIENDE_TEST_RUN"
_hidden: list[str] = []


@dataclass(frozen=True)
class Server:
    """The run's PostgreSQL: `dsn(name)` is the address of one of its databases."""

    settings: Settings
    base: str

    def dsn(self, database: str) -> str:
        return self.base.replace("/atiende?", f"/{database}?")


def pytest_configure(config: pytest.Config) -> None:
    if RUN_FOLDER not in os.environ:
        os.environ[RUN_FOLDER] = tempfile.mkdtemp(prefix="atiende-tests-")
        config.stash[_OWNER] = True


_OWNER = pytest.StashKey[bool]()


def pytest_unconfigure(config: pytest.Config) -> None:
    """The process that named the folder ends the server that any worker started in it."""
    if not config.stash.get(_OWNER, False):
        return
    folder = Path(os.environ.pop(RUN_FOLDER))
    asyncio.run(_end_server(_settings(folder)))
    shutil.rmtree(folder, ignore_errors=True)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.skipped or hasattr(report, "wasxfail"):
        _hidden.append(report.nodeid)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    if report.skipped:
        _hidden.append(report.nodeid)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if _hidden and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for name in _hidden:
        terminalreporter.write_line(f"NOT ALLOWED to skip or to expect a failure: {name}", red=True)


@pytest.fixture(scope="session")
def pg() -> Server:
    """The server, started by whichever worker asks first."""
    folder = Path(os.environ[RUN_FOLDER])
    noted = folder / "server.json"
    with _only_one(folder):
        if not noted.exists():
            noted.write_text(json.dumps({"dsn": asyncio.run(_start_server(_settings(folder)))}))
    return Server(_settings(folder), json.loads(noted.read_text())["dsn"])


@pytest.fixture(scope="session")
def template(pg: Server) -> str:
    """The name of a database with the whole schema and no rows."""
    with _only_one(pg.settings.data_dir.parent):
        asyncio.run(_make_template(pg))
    return TEMPLATE


@pytest.fixture(scope="module")
def database(pg: Server, template: str) -> Iterator[str]:
    """The address of a database of this module's own."""
    name = f"t_{uuid.uuid4().hex}"
    with _only_one(pg.settings.data_dir.parent):
        asyncio.run(_execute(pg.dsn("postgres"), f"CREATE DATABASE {name} TEMPLATE {template}"))
    yield pg.dsn(name)
    asyncio.run(_execute(pg.dsn("postgres"), f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
async def connection(database: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A plain connection to the module's database, for looking at the truth."""
    opened = await asyncpg.connect(database)
    yield opened
    await opened.close()


def _settings(folder: Path) -> Settings:
    return Settings(data_dir=folder / "data", testing=True, test_fsync_off=True)


@contextlib.contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """One worker at a time: PostgreSQL copies a template only while nobody uses it."""
    with (folder / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


async def _start_server(settings: Settings) -> str:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    engine = await start(settings)
    engine.release()
    return engine.dsn


async def _end_server(settings: Settings) -> None:
    engine = await adopt(settings)
    if engine is not None:
        await engine.stop()


async def _make_template(pg: Server) -> None:
    connection = await asyncpg.connect(pg.dsn("postgres"))
    try:
        exists = await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", TEMPLATE)
        if exists:
            return
        half = f"{TEMPLATE}_half"
        await connection.execute(f"DROP DATABASE IF EXISTS {half} WITH (FORCE)")
        await connection.execute(f"CREATE DATABASE {half} TEMPLATE template1")
        await migrate(pg.dsn(half))
        await connection.execute(f"ALTER DATABASE {half} RENAME TO {TEMPLATE}")
    finally:
        await connection.close()


async def _execute(dsn: str, sql: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()
