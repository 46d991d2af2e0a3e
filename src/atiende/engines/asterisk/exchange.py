"""Our own Asterisk: started, watched, restarted, adopted, stopped. Called by `voice`.

Theory of operation
-------------------
One data folder has one exchange. It is a process in a session of its own, so that Ctrl-C in the
terminal, and the end of ours, do not end calls. The note in the run folder says which process it
is (number and start, so that a reused number is no one), its ports and the fingerprint of its
configuration.

- a living one with the fingerprint that we would write now -> adopted: calls went on without us;
- a living one with another -> it is ended and a new one started (its calls end: said in words);
- none -> configuration written, started, ready when ARI answers.

`supervise()` sleeps on the process itself and asks ARI now and then. When the process dies, or is
silent for too long, it is started again with growing pauses, on the same ports while they are
free; listeners are told, because whatever was put into Asterisk's memory must be put there again.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import structlog

from atiende.core.problem import Problem
from atiende.engines import postmaster
from atiende.engines.asterisk import place as places
from atiende.engines.asterisk.acquire import acquire
from atiende.engines.asterisk.configure import ARI_USER
from atiende.engines.asterisk.control import command
from atiende.engines.asterisk.place import Note, Place
from atiende.engines.asterisk.runtime import OLDEST, Runtime, oldest, parse_version
from atiende.engines.postmaster import Postmaster
from atiende.settings import Settings

READY_S = 60.0
#: How long a living one may take to answer before it is replaced.
ADOPT_S = 15.0
#: Signals of an end and the patience after each. SIGTERM ends calls and leaves.
INSISTENCE = ((signal.SIGTERM, 10.0), (signal.SIGKILL, 5.0))
PAUSES_S = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
#: How often ARI is asked, how long it may take, and how many silences make a dead exchange.
PING_EVERY_S = 5.0
PING_S = 5.0
SILENCES = 6
LOG_LIMIT = 20 * 2**20

#: Exchanges left running on purpose: a forgotten handle would be reported as a leak.
_LEFT: list["subprocess.Popen[bytes]"] = []

log = structlog.get_logger(__name__)


def _nobody(_: str, /, **__: object) -> None:
    """Nobody listens."""


class Exchange:
    """A living Asterisk and the means to keep it so. Made by `start_exchange`."""

    def __init__(self, settings: Settings, runtime: Runtime) -> None:
        self._settings = settings
        self._runtime = runtime
        self._place: Place | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._process: Postmaster | None = None
        self._leaving = False
        self._listeners: list[Callable[[], None]] = []
        # Plain http on loopback, a connection a question: nothing to verify, nothing to close.
        self._http = httpx.AsyncClient(
            trust_env=False,
            verify=False,  # noqa: S501
            timeout=PING_S,
            limits=httpx.Limits(max_keepalive_connections=0),
        )
        self.adopted = False
        #: True when a living one had to be ended because its configuration was another.
        self.replaced = False
        #: False while it is being brought back, or does not answer.
        self.answers = False
        self.version = ""

    @property
    def place(self) -> Place:
        if self._place is None:
            raise LookupError("the exchange has not been started")
        return self._place

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    @property
    def alive(self) -> bool:
        return self._process is not None and postmaster.same(self._process)

    @property
    def ari_url(self) -> str:
        """Where REST and events are (`/events` is the socket); on loopback only."""
        return f"http://127.0.0.1:{self.place.plan.http_port}/ari"

    @property
    def sip_ws_url(self) -> str:
        """Where browsers' SIP goes, through our own origin."""
        return f"ws://127.0.0.1:{self.place.plan.http_port}/ws"

    @property
    def ari_user(self) -> str:
        return ARI_USER

    @property
    def ari_password(self) -> str:
        return self.place.plan.password

    @property
    def sip_host(self) -> str:
        return self.place.plan.sip_host

    @property
    def sip_port(self) -> int:
        """udp and tcp."""
        return self.place.plan.sip_port

    @property
    def rtp_ports(self) -> tuple[int, int]:
        return self.place.plan.rtp_ports

    @property
    def folder(self) -> Path:
        """`<data>/asterisk`: recordings are in `spool/recording`, own sounds in `data/sounds`."""
        return self.place.folder

    @property
    def recordings(self) -> Path:
        return self.folder / "spool" / "recording"

    def watch(self, on_restart: Callable[[], None]) -> None:
        """Have `on_restart` called after each time Asterisk died and came back, empty."""
        self._listeners.append(on_restart)

    async def run(self) -> None:
        """Adopt the living exchange of this folder, or start one; it answers when this returns."""
        noted = places.recall(self._settings)
        living = places.living(self._settings)
        if living is not None and noted is not None and await self._adopt(living, noted):
            return
        if living is not None:
            self.replaced = True
            self._process = living
            await self._end()
        await self._start(noted)

    async def supervise(self) -> None:
        """Bring Asterisk back whenever it dies or falls silent, until `stop()` or `release()`."""
        while not self._leaving:
            ping = asyncio.create_task(self._until_silent())
            gone = asyncio.create_task(self._until_gone())
            try:
                await asyncio.wait({ping, gone}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (ping, gone):
                    task.cancel()
                await asyncio.wait({ping, gone})
            if not self._leaving:
                self.answers = False
                log.error("voice.died", pid=self.pid, silent=self.alive)
                await self._end()
                await self._bring_back()

    async def stop(self) -> None:
        """End Asterisk, and with it the calls."""
        self._leaving = True
        self.answers = False
        await self._end()
        places.note_file(self._settings).unlink(missing_ok=True)

    def release(self) -> None:
        """Leave Asterisk and its calls running for whoever starts next."""
        self._leaving = True
        if self._child is not None:
            _LEFT.append(self._child)

    async def ping(self) -> bool:
        """Whether ARI answers now."""
        return await self._get("/asterisk/ping") is not None

    async def command(self, text: str) -> str:
        """What Asterisk's command line prints; empty when it cannot be asked."""
        return await command(self.place.plan.run, text)

    async def _adopt(self, living: Postmaster, noted: Note) -> bool:
        ports = (noted.http_port, noted.sip_port)
        if not self._ports_still_wanted(noted):
            return False
        found = await asyncio.to_thread(
            places.prepare, self._settings, self._runtime, ports, way=noted.way
        )
        if found.fingerprint != noted.fingerprint:
            return False
        self._place, self._process, self.version = found, living, noted.version
        try:
            # It may still be starting: its program may have been killed a moment after.
            await self._until_ready(ADOPT_S)
        except Problem:
            return False
        self.answers = self.adopted = True
        self._note(living)
        return True

    def _ports_still_wanted(self, noted: Note) -> bool:
        wanted = self._settings.sip_port
        return not wanted or wanted == noted.sip_port

    async def _start(self, noted: Note | None) -> None:
        self.adopted = False
        self._place = await asyncio.to_thread(self._prepare, noted)
        self._process = process = self._spawn()
        # Noted at once: killed now, the next start must find it.
        self._note(process)
        try:
            await self._until_ready(READY_S)
        except BaseException:
            await asyncio.shield(self._end())
            raise
        self.answers = True
        self._note(process)

    def _prepare(self, noted: Note | None) -> Place:
        ports = places.choose_ports(self._settings, noted)
        made = places.prepare(self._settings, self._runtime, ports)
        places.write(made)
        # Of one that was killed; nobody lives here now. A new one would find it in its way.
        for name in ("asterisk.ctl", "asterisk.pid"):
            (made.plan.run / name).unlink(missing_ok=True)
        return made

    def _note(self, process: Postmaster) -> None:
        plan = self.place.plan
        note = Note(
            pid=process.pid,
            ticks=process.ticks,
            way=self.place.identity.way,
            http_port=plan.http_port,
            sip_port=plan.sip_port,
            fingerprint=self.place.fingerprint,
            version=self.version,
        )
        places.remember(self._settings, note)

    def _spawn(self) -> Postmaster:
        path = log_file(self._settings)
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > LOG_LIMIT:
            path.replace(path.with_suffix(".log.1"))
        with path.open("ab") as out:
            self._log_start = out.tell()
            self._child = subprocess.Popen(
                self.place.command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=self.folder,
                env=_environment(self.folder),
                start_new_session=True,
                umask=0o077,
            )
        return Postmaster(self._child.pid, postmaster.ticks_of(self._child.pid))

    async def _until_ready(self, bound_s: float) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + bound_s
        while (told := await self._get("/asterisk/info?only=system")) is None:
            if not self.alive:
                self._reap()
                raise Problem(503, "voice_start", reason=self._last_words())
            if loop.time() > until:
                raise Problem(503, "voice_slow", seconds=int(bound_s))
            await asyncio.sleep(0.03)
        self.version = str(told.get("system", {}).get("version", ""))
        if parse_version(self.version) < OLDEST:
            raise Problem(500, "voice_too_old", version=self.version, oldest=oldest())

    async def _get(self, path: str) -> Mapping[str, Any] | None:
        """What ARI says to a question; None when it does not answer (well)."""
        auth = (self.ari_user, self.ari_password)
        try:
            answer = await self._http.get(self.ari_url + path, auth=auth)
            told = answer.json() if answer.status_code == 200 else None
        except (httpx.HTTPError, ValueError):
            return None
        return told if isinstance(told, dict) else None

    async def _until_silent(self) -> None:
        silences = 0
        while silences < SILENCES:
            await asyncio.sleep(PING_EVERY_S)
            self.answers = await self.ping()
            silences = 0 if self.answers else silences + 1

    async def _until_gone(self) -> None:
        if self._process is not None:
            await postmaster.until_gone(self._process)
        self._reap()

    async def _end(self) -> None:
        for number, patience in INSISTENCE:
            if not self.alive:
                break
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._until_gone(), patience)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._until_gone(), INSISTENCE[-1][1])

    async def _bring_back(self) -> None:
        tries = 0
        while not self._leaving:
            await asyncio.sleep(PAUSES_S[min(tries, len(PAUSES_S) - 1)])
            tries += 1
            try:
                await self._start(places.recall(self._settings))
            except Problem as problem:
                log.error("voice.restart_failed", key=problem.key, **problem.values)
                continue
            except OSError as error:
                log.error("voice.restart_failed", reason=str(error))
                continue
            log.warning("voice.restarted", pid=self.pid, tries=tries)
            for listener in self._listeners:
                listener()
            return

    def _reap(self) -> None:
        """Collect the exit of our child, or of one we kept across an exec."""
        if self._child is not None:
            self._child.poll()
        elif self._process is not None:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self._process.pid, os.WNOHANG)

    def _last_words(self) -> str:
        if self._child is None:
            return "?"
        with log_file(self._settings).open("rb") as text:
            text.seek(self._log_start)
            lines = text.read().decode(errors="replace").strip().splitlines()
        grave = [line for line in lines if "ERROR" in line]
        return (grave or lines or ["?"])[-1].strip()[:300]


async def start_exchange(
    settings: Settings, say: Callable[..., None] = _nobody, runtime: Runtime | None = None
) -> Exchange:
    """The exchange of this data folder, adopted or started: ARI answers when this returns.

    `say(key, **values)` is told how a runtime is acquired, unless one is given.
    Raises Problem (keys `voice_*`) when it cannot be had; then nothing is left running.
    """
    found = runtime or await acquire(settings, say)
    settings.run_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    exchange = Exchange(settings, found)
    await exchange.run()
    return exchange


async def end_orphan(settings: Settings) -> bool:
    """End an exchange that outlived its program; whether there was one. Makes nothing."""
    living = places.living(settings)
    if living is None:
        return False
    exchange = Exchange(settings, Runtime((), Path(), Path(), ""))
    exchange._process = living
    await exchange.stop()
    return True


def log_file(settings: Settings) -> Path:
    return settings.data_dir / "logs" / "asterisk.log"


def _environment(folder: Path) -> dict[str, str]:
    """A small environment: nothing of the person's may change what we start."""
    path = os.environ.get("PATH", os.defpath)
    return {"PATH": path, "LC_ALL": "C", "HOME": str(folder), "OPENSSL_CONF": "/dev/null"}
