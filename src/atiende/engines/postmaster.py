"""Which process serves a PostgreSQL folder, told from /proc. Called by `postgres`.

`postmaster.pid` alone cannot say it: after a `kill -9` or a power cut it names a process that is
gone, that nobody has reaped, or whose number somebody else has now.
"""

import asyncio
import contextlib
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

#: Line of postmaster.pid that says "starting", "ready" or "stopping".
STATUS_LINE = 7
SOCKET_LINE = 4
#: How far the start that PostgreSQL notes may lie from what /proc says.
START_SLACK_S = 10


@dataclass(frozen=True)
class Postmaster:
    """One living server: its process, and when that process began (clock ticks after boot)."""

    pid: int
    ticks: int


@dataclass(frozen=True)
class _Process:
    name: str
    state: str
    ticks: int


def living(folder: Path) -> Postmaster | None:
    """The server of this folder, if one lives."""
    lines = pid_lines(folder)
    if not lines or not lines[0].strip().isdigit():
        return None
    pid = int(lines[0])
    process = _look(pid)
    if process is None or process.state in "ZX" or process.name != "postgres":
        return None
    place = _workplace(pid)
    if place is not None and place != folder.resolve():
        return None
    if place is None and not _began_about(process.ticks, lines):
        return None
    return Postmaster(pid, process.ticks)


def same(postmaster: Postmaster) -> bool:
    """Whether that very process still lives (a reused number has another start)."""
    process = _look(postmaster.pid)
    return process is not None and process.state not in "ZX" and process.ticks == postmaster.ticks


async def until_gone(process: Postmaster) -> None:
    """Sleep until that very process is no more, with all its threads.

    It may be one that is not our child. A process killed -9 is a zombie before its threads end.
    """
    try:
        handle = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return
    loop, gone = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(handle, gone.set)
    try:
        if ticks_of(process.pid) == process.ticks:
            await gone.wait()
    finally:
        loop.remove_reader(handle)
        os.close(handle)


def ticks_of(pid: int) -> int:
    """When a process began, or 0 when there is none."""
    process = _look(pid)
    return process.ticks if process is not None else 0


def ready(folder: Path, pid: int) -> bool:
    """Whether the server with this process number has said that it accepts connections."""
    lines = pid_lines(folder)
    return (
        len(lines) > STATUS_LINE
        and lines[0].strip() == str(pid)
        and lines[STATUS_LINE].strip() == "ready"
    )


def sockets_of(folder: Path) -> Path | None:
    """The socket folder that the running server uses."""
    lines = pid_lines(folder)
    text = lines[SOCKET_LINE].strip() if len(lines) > SOCKET_LINE else ""
    return Path(text) if text else None


def clear_leftovers(folder: Path, sockets: Path, *, wait_s: float = 20.0) -> None:
    """After a crash: wait for the dead server's children, then drop lock files that mislead.

    PostgreSQL judges a leftover file by asking whether its number is taken, which says yes for a
    process nobody reaped and for a stranger. We know better only once nothing works in the
    folder any more, so that is waited for first. Blocks: call it off the event loop.
    """
    locks = [folder / "postmaster.pid", *sockets.glob(".s.PGSQL.*.lock")]
    if living(folder) is not None or not any(lock.exists() for lock in locks):
        return
    until = time.monotonic() + wait_s
    while _somebody_works_in(folder):
        if time.monotonic() > until:
            return
        time.sleep(0.05)
    for lock in locks:
        number = _first_line(lock)
        if number.isdigit() and _look(int(number)) is not None:
            lock.unlink(missing_ok=True)


def pid_lines(folder: Path) -> list[str]:
    try:
        return (folder / "postmaster.pid").read_text(errors="replace").splitlines()
    except OSError:
        return []


def remember(path: Path, postmaster: Postmaster, way: str) -> None:
    """Note the running server for the next start, which may find our process gone."""
    half = path.with_suffix(".half")
    half.write_text(json.dumps({"pid": postmaster.pid, "ticks": postmaster.ticks, "way": way}))
    half.rename(path)


def recall(path: Path) -> tuple[Postmaster, str] | None:
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        noted = json.loads(path.read_text())
        return Postmaster(int(noted["pid"]), int(noted["ticks"])), str(noted["way"])
    return None


def _first_line(path: Path) -> str:
    try:
        return path.read_text(errors="replace").partition("\n")[0].strip()
    except OSError:
        return ""


def _look(pid: int) -> _Process | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return None
    # The name stands in parentheses and may hold any sign; fields are counted after it.
    name, _, rest = text.partition("(")[2].rpartition(")")
    words = rest.split()
    return _Process(name, words[0], int(words[19]))


def _workplace(pid: int) -> Path | None:
    """A PostgreSQL process works in its own cluster's folder; None when we may not look."""
    try:
        return Path(f"/proc/{pid}/cwd").readlink()
    except OSError:
        return None


def _somebody_works_in(folder: Path) -> bool:
    place = folder.resolve()
    numbers = (int(name) for name in os.listdir("/proc") if name.isdigit())  # noqa: PTH208
    return any(_workplace(pid) == place for pid in numbers if pid != os.getpid())


def _began_about(ticks: int, lines: list[str]) -> bool:
    noted = lines[2].strip() if len(lines) > 2 else ""
    if not noted.isdigit():
        return False
    booted = time.clock_gettime(time.CLOCK_REALTIME) - time.clock_gettime(time.CLOCK_BOOTTIME)
    began = booted + ticks / os.sysconf("SC_CLK_TCK")
    return abs(began - int(noted)) < START_SLACK_S
