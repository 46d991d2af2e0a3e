"""Who is running with a data folder: a lock that dies with its holder, and a note beside it.

Called by `run` (holds the lock, writes the note) and by `control` (reads both). The lock is the
truth: the note of a process killed -9 stays, its lock does not.
"""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from atiende.core.problem import Problem
from atiende.settings import Settings


@dataclass(frozen=True)
class Note:
    """What the running program tells about itself."""

    pid: int
    url: str
    port: int
    version: str
    started: str
    ready: bool


def running(settings: Settings) -> Note | None:
    """The note of the program that holds this folder's lock, if any; makes nothing."""
    with contextlib.suppress(OSError):
        handle = os.open(settings.run_dir / "lock", os.O_RDWR)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return read_note(settings) or Note(0, "", 0, "", "", ready=False)
        finally:
            os.close(handle)
    return None


@contextlib.contextmanager
def lock(settings: Settings) -> Iterator[None]:
    """Hold the folder for as long as the program runs."""
    handle = os.open(settings.run_dir / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            note = read_note(settings)
            url, pid = (note.url, note.pid) if note else ("?", 0)
            raise Problem(409, "already_up", url=url, pid=pid) from None
        yield
    finally:
        os.close(handle)


def write_note(settings: Settings, note: Note) -> None:
    path = settings.run_dir / "atiende.json"
    half = path.with_suffix(".half")
    half.write_text(json.dumps(asdict(note)))
    half.rename(path)


def read_note(settings: Settings) -> Note | None:
    with contextlib.suppress(OSError, ValueError, TypeError):
        return Note(**json.loads((settings.run_dir / "atiende.json").read_text()))
    return None


def erase_note(settings: Settings) -> None:
    (settings.run_dir / "atiende.json").unlink(missing_ok=True)
