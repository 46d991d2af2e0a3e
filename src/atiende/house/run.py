"""`atiende up`: take the port, then the folder, then the database, then serve; and undo it all.

Theory of operation
-------------------
What can fail without leaving anything is tried first: the settings, the port, the folder. Then
the lock, the database (adopted when it outlived us), the exchange of calls (likewise, but beside
the rest: its first start may download), and `atiende.boot.serve`, which is told to end by being
cancelled. Three things end a run: SIGTERM or Ctrl-C (everything stops, exit 0),
SIGHUP (`atiende restart`: the program ends; database, calls and listening socket stay, and this
very process executes the launcher anew), or a failure (one sentence, exit 1 or 2).
"""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import structlog
import uvloop

from atiende import __version__, boot
from atiende.core.problem import Problem
from atiende.engines import Engine, Voice, assert_durable, server_context, start
from atiende.house import logs, state
from atiende.house.port import listen
from atiende.house.words import complain, speaker
from atiende.settings import Settings

#: How long the program may take to end its work in hand before it is left behind.
PATIENCE_S = 20.0
#: Every address of the machine: none of them is the one that other machines use.
WILDCARDS = frozenset({"0.0.0.0", "::"})  # noqa: S104 (compared, not bound)
ENDINGS: Mapping[signal.Signals, str] = {
    signal.SIGTERM: "stop",
    signal.SIGINT: "stop",
    signal.SIGHUP: "restart",
}

log = structlog.get_logger(__name__)


@dataclass
class _Run:
    """What one run holds while it lasts."""

    settings: Settings
    say: Callable[..., None]
    ending: asyncio.Future[str]
    engine: Engine | None = None
    voice: Voice | None = None


def up(settings: Settings) -> int:
    """Run until told to stop; the exit code of the command."""
    try:
        ending = _run(settings)
    except Problem as problem:
        complain(settings.language, problem)
        return 2 if problem.status < 500 else 1
    if ending == "restart":
        _again()
    return 0


def refuse_test_settings(settings: Settings) -> None:
    if not settings.testing and (names := settings.test_only()):
        raise Problem(400, "test_only", names=", ".join(names))


def _run(settings: Settings) -> str:
    refuse_test_settings(settings)
    if (note := state.running(settings)) is not None:
        raise Problem(409, "already_up", url=note.url, pid=note.pid)
    with contextlib.ExitStack() as held:
        sock: socket.socket | None = None
        if "web" in settings.roles:
            sock = held.enter_context(contextlib.closing(listen(settings)))
            port = int(sock.getsockname()[1])
            settings = replace(settings, port=port, listen_fd=sock.fileno())
        if settings.tls_cert is not None:
            server_context(settings)  # a certificate that cannot be used, before anything is made
        make_folder(settings)
        with state.lock(settings):
            logs.configure(settings)
            try:
                ending = uvloop.run(_live(settings))
            finally:
                state.erase_note(settings)
        if ending == "restart":
            if sock is not None:
                _keep(sock)
        else:
            speaker(settings.language)("up.stopped")
        return ending


def make_folder(settings: Settings) -> None:
    """The data folder and its parts, or the reason why not."""
    try:
        settings.run_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = settings.run_dir / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        path = str(settings.data_dir)
        raise Problem(400, "data_unwritable", path=path, reason=reason) from error


async def _live(settings: Settings) -> str:
    loop = asyncio.get_running_loop()
    run = _Run(settings, speaker(settings.language), loop.create_future())
    for number, name in ENDINGS.items():
        loop.add_signal_handler(number, _end, run, name)
    work = asyncio.create_task(_work(run))
    try:
        waited: set[asyncio.Future[Any]] = {work, run.ending}
        await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            run.say("up.restarting" if run.ending.result() == "restart" else "up.stopping")
            work.cancel()
            await asyncio.wait({work}, timeout=PATIENCE_S)
        if work.done() and not work.cancelled():
            work.result()
    finally:
        await _close(run)
    return run.ending.result() if run.ending.done() else "stop"


def _end(run: _Run, name: str) -> None:
    if not run.ending.done():
        run.ending.set_result(name)


async def _work(run: _Run) -> None:
    """The database and the exchange, watched, and the product on top of them."""
    _note(run, ready=False)
    dsn = await _database(run)
    run.voice = Voice(run.settings, run.say)
    if run.settings.voice == "on":
        await run.voice.start()
    watches = {asyncio.create_task(run.voice.run())}
    if run.engine is not None:
        watches.add(asyncio.create_task(run.engine.supervise()))
    try:
        await boot.serve(run.settings, dsn, partial(_announce, run), run.voice)
    finally:
        for watch in watches:
            watch.cancel()
        await asyncio.wait(watches)


async def _database(run: _Run) -> str:
    if run.settings.database_url:
        run.say("up.database_given")
        await assert_durable(run.settings.database_url, fsync_off=run.settings.test_fsync_off)
        return run.settings.database_url
    run.say("up.database")
    run.engine = await start(run.settings)
    if run.engine.adopted:
        run.say("up.database_adopted")
    return run.engine.dsn


async def _close(run: _Run) -> None:
    restart = run.ending.done() and run.ending.result() == "restart"
    if run.voice is not None:
        await run.voice.close(keep=restart)
    if run.engine is None:
        return
    if restart:
        run.engine.release()
    else:
        await run.engine.stop()


def _announce(run: _Run, text: str, **values: object) -> None:
    """What boot tells: `ready`, or a key of the catalogue with its values."""
    if text == "ready":
        _note(run, ready=True)
        url = run.settings.base_url()
        log.info("up.ready", url=url, version=__version__)
        if run.settings.serves_tls and run.settings.tls_cert is None:
            run.say("up.self_signed")
        run.say("up.ready", url=url)
        if run.settings.public_url is None and run.settings.host in WILDCARDS:
            run.say("up.elsewhere")
        run.say("up.stop_hint")
    else:
        run.say(text, **values)


def _note(run: _Run, *, ready: bool) -> None:
    began = datetime.now(UTC).isoformat(timespec="milliseconds")
    url = run.settings.base_url()
    port = run.settings.port
    state.write_note(run.settings, state.Note(os.getpid(), url, port, __version__, began, ready))


def _keep(sock: socket.socket) -> None:
    """Let the listening socket survive the exec that follows."""
    os.environ["ATIENDE_LISTEN_FD"] = str(os.dup(sock.fileno()))
    os.set_inheritable(int(os.environ["ATIENDE_LISTEN_FD"]), True)


def _again() -> None:
    """Become the new program: through the launcher, so that new code brings what it needs."""
    sys.stdout.flush()
    sys.stderr.flush()
    launcher = os.environ.get("ATIENDE_LAUNCHER", "")
    command = [launcher] if launcher else [sys.executable, "-m", "atiende"]
    os.execv(command[0], [*command, *sys.argv[1:]])  # noqa: S606 (our own program, again)
