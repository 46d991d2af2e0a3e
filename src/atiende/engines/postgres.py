"""Our own PostgreSQL: started, watched, restarted, stopped. Called by the command line.

Theory of operation
-------------------
One data folder has one cluster (`cluster.prepare` finds or makes it). A server of that folder is
either absent or living; `postmaster.living` tells which, from /proc, never from the pid file
alone.

- absent -> we clear what a crash left behind, start `postgres` as a child in a session of its
  own (Ctrl-C in the terminal must reach us, not it), and wait until it says "ready";
- living -> we adopt it: after `kill -9` of our process, or during `restart`, it went on serving.

`supervise()` sleeps on the process itself (a pidfd, so that adopted servers are watched as well
as children). When the server dies it is started again, with growing pauses while that fails, and
whoever asked by `watch()` is told. `stop()` asks for a fast shutdown (SIGINT), then for an
immediate one (SIGQUIT), then insists. `release()` forgets the server and leaves it running.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import asyncpg
import structlog

from atiende.core.problem import Problem
from atiende.engines import postmaster
from atiende.engines.cluster import DATABASE, Cluster, environment, prepare, read_password
from atiende.engines.durable import assert_durable
from atiende.engines.identity import Identity
from atiende.engines.postmaster import Postmaster
from atiende.settings import Settings

READY_S = 120.0
#: Signals of a shutdown and the patience after each.
INSISTENCE = ((signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))
PAUSES_S = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)
LOG_LIMIT = 20 * 2**20

#: Servers left running on purpose: a forgotten handle would be reported as a leak.
_LEFT: list["subprocess.Popen[bytes]"] = []

log = structlog.get_logger(__name__)


class Engine:
    """A living server and the means to keep it so."""

    def __init__(
        self, cluster: Cluster, settings: Settings, found: Postmaster | None = None
    ) -> None:
        self.cluster = cluster
        self.adopted = found is not None
        self._settings = settings
        self._child: subprocess.Popen[bytes] | None = None
        self._master = found
        self._leaving = False
        self._listeners: list[Callable[[], None]] = []

    @property
    def dsn(self) -> str:
        return self.cluster.dsn()

    @property
    def pid(self) -> int:
        return self._master.pid if self._master else 0

    @property
    def alive(self) -> bool:
        return self._master is not None and postmaster.same(self._master)

    def watch(self, on_restart: Callable[[], None]) -> None:
        """Have `on_restart` called after each time the server died and came back."""
        self._listeners.append(on_restart)

    async def run(self) -> None:
        """Adopt the living server of this folder, or start one; ready when this returns."""
        found = postmaster.living(self.cluster.folder)
        self.adopted = found is not None
        if found is None:
            where = (self.cluster.folder, self.cluster.sockets)
            await asyncio.to_thread(postmaster.clear_leftovers, *where)
            found = self._spawn()
        else:
            os.kill(found.pid, signal.SIGHUP)
        self._master = found
        await self._until_ready(found)
        self._note(found)

    async def supervise(self) -> None:
        """Bring the server back whenever it dies, until `stop()` or `release()`."""
        while not self._leaving:
            await self._until_gone()
            if not self._leaving:
                log.error("database.died", pid=self.pid)
                await self._bring_back()

    async def stop(self) -> None:
        """End the server, kindly first."""
        self._leaving = True
        for number, patience in INSISTENCE:
            if not self.alive:
                break
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._until_gone(), patience)
        self._reap()
        self._record.unlink(missing_ok=True)

    def release(self) -> None:
        """Leave the server running for whoever starts next."""
        self._leaving = True
        if self._child is not None:
            _LEFT.append(self._child)

    @property
    def _record(self) -> Path:
        return record_file(self._settings)

    def _note(self, found: Postmaster) -> None:
        postmaster.remember(self._record, found, self.cluster.identity.way)

    def _spawn(self) -> Postmaster:
        path = log_file(self._settings)
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > LOG_LIMIT:
            path.replace(path.with_suffix(".log.1"))
        with path.open("ab") as out:
            self._log_start = out.tell()
            self._child = subprocess.Popen(
                [
                    *self.cluster.identity.prefix,
                    self.cluster.program("postgres"),
                    "-D",
                    str(self.cluster.folder),
                ],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd="/",
                env=environment(),
                start_new_session=True,
            )
        return Postmaster(self._child.pid, postmaster.ticks_of(self._child.pid))

    async def _until_ready(self, found: Postmaster) -> None:
        until = asyncio.get_running_loop().time() + READY_S
        while not postmaster.ready(self.cluster.folder, found.pid):
            if not postmaster.same(found):
                self._reap()
                raise Problem(503, "database_start", reason=self._last_words())
            if asyncio.get_running_loop().time() > until:
                raise Problem(503, "database_slow", seconds=int(READY_S))
            await asyncio.sleep(0.02)

    async def _until_gone(self) -> None:
        master = self._master
        if master is None or not postmaster.same(master):
            self._reap()
            return
        await postmaster.until_gone(master)
        self._reap()

    async def _bring_back(self) -> None:
        tries = 0
        while not self._leaving:
            await asyncio.sleep(PAUSES_S[min(tries, len(PAUSES_S) - 1)])
            tries += 1
            try:
                await self.run()
            except Problem as problem:
                log.error("database.restart_failed", key=problem.key, **problem.values)
                continue
            log.warning("database.restarted", pid=self.pid, tries=tries)
            for listener in self._listeners:
                listener()
            return

    def _reap(self) -> None:
        """Collect the exit of our child, or of one we kept across an exec."""
        if self._child is not None:
            self._child.poll()
        elif self._master is not None:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self._master.pid, os.WNOHANG)

    def _last_words(self) -> str:
        """The reason that PostgreSQL gave in its log for not starting."""
        with log_file(self._settings).open("rb") as text:
            text.seek(self._log_start)
            lines = text.read().decode(errors="replace").splitlines()
        grave = [line for line in lines if "FATAL" in line or "PANIC" in line]
        said = (grave or lines or ["?"])[-1]
        return said.partition("FATAL:")[2].strip() or said.strip()


async def start(settings: Settings, *, way: str | None = None) -> Engine:
    """The embedded server of this data folder: adopted or started, ready, proved durable."""
    noted = postmaster.recall(record_file(settings))
    if noted is not None and postmaster.same(noted[0]):
        way = noted[1]
    cluster = await asyncio.to_thread(prepare, settings, way=way)
    engine = Engine(cluster, settings)
    try:
        await engine.run()
        engine.cluster = _where_it_listens(cluster)
        await _ensure_database(engine.cluster)
        await assert_durable(engine.dsn, fsync_off=settings.test_fsync_off)
    except BaseException:
        if not engine.adopted:
            await asyncio.shield(engine.stop())
        raise
    return engine


async def adopt(settings: Settings) -> Engine | None:
    """The server of this data folder if one lives; starts nothing, makes nothing."""
    folder = settings.data_dir / "postgres"
    found = postmaster.living(folder)
    if found is None:
        return None
    sockets = postmaster.sockets_of(folder) or settings.run_dir / "pg"
    noted = postmaster.recall(record_file(settings))
    identity = Identity(noted[1] if noted else "unknown", (), (os.geteuid(), os.getegid()))
    password = read_password(settings.data_dir)
    return Engine(Cluster(folder, sockets, password, Path(), identity), settings, found)


def dsn_of(settings: Settings) -> str | None:
    """The address of the database in use: DATABASE_URL, or the living embedded server."""
    if settings.database_url:
        return settings.database_url
    folder = settings.data_dir / "postgres"
    sockets = postmaster.sockets_of(folder)
    if postmaster.living(folder) is None or sockets is None:
        return None
    nobody = Identity("unknown", (), (0, 0))
    return Cluster(folder, sockets, read_password(settings.data_dir), Path(), nobody).dsn()


def log_file(settings: Settings) -> Path:
    return settings.data_dir / "logs" / "postgres.log"


def record_file(settings: Settings) -> Path:
    return settings.run_dir / "postgres.json"


def _where_it_listens(cluster: Cluster) -> Cluster:
    """An adopted server may have been started with another socket folder."""
    sockets = postmaster.sockets_of(cluster.folder)
    return replace(cluster, sockets=sockets) if sockets else cluster


async def _ensure_database(cluster: Cluster) -> None:
    """Make our database once; `template1` carries the statement counters into every other."""
    connection = await asyncpg.connect(cluster.dsn("postgres"), timeout=20)
    try:
        if await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE):
            return
        template = await asyncpg.connect(cluster.dsn("template1"), timeout=20)
        try:
            await template.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        finally:
            await template.close()
        await connection.execute(f"CREATE DATABASE {DATABASE} TEMPLATE template1")
    finally:
        await connection.close()
