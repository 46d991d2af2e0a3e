"""The product as real processes, for the tests of the house. Nothing here outlives its test.

`Product` starts `atiende up` in a data folder of its own, reads what it says line by line, and at
the end stops whatever of it still lives, by process number.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from atiende.house import state
from atiende.settings import Settings
from tests.sources import ROOT

#: Generous, because the machine is shared; what a person feels is gated on its own.
BOUND_S = 60.0
#: Words of ours in the environment of whoever runs the tests must not reach the product.
OURS = ("ATIENDE_", "DATABASE_URL", "FAULT", "PYTEST_")


def environment(**more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(OURS)}
    quick = {"ATIENDE_TEST": "1", "ATIENDE_TEST_FSYNC_OFF": "1", "ATIENDE_TEST_FAST_PASSWORDS": "1"}
    # Calls have tests of their own: elsewhere an exchange would only take time.
    ours = {"PYTHONPATH": str(ROOT / "src"), "ATIENDE_LANG": "es", "ATIENDE_VOICE": "off"}
    return {**kept, **ours, **quick, **more}


def atiende(*words: str | Path, **more: str) -> "subprocess.CompletedProcess[str]":
    """One command that ends, run to its end."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "atiende", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=BOUND_S,
        env=environment(**more),
        cwd="/",
    )


def until(condition: Callable[[], bool], what: str, bound_s: float = BOUND_S) -> None:
    """Wait until the condition holds; the test fails when it never does."""
    waiting = threading.Event()
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < bound_s, f"waited in vain until {what}"
        waiting.wait(0.02)


@dataclass
class Product:
    """One `atiende up`, and what it has said so far."""

    data: Path
    command: Sequence[str] = (sys.executable, "-P", "-m", "atiende")
    options: Sequence[str] = ("--port", "0")
    more: dict[str, str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    process: "subprocess.Popen[str] | None" = None

    @property
    def settings(self) -> Settings:
        return Settings(data_dir=self.data)

    def start(self) -> "Product":
        self.process = subprocess.Popen(
            [*self.command, "up", "--data", str(self.data), *self.options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            env=environment(**self.more),
            cwd="/",
            start_new_session=True,
        )
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def ready(self) -> "Product":
        until(lambda: self._is_ready() or self._ended(), "the product is ready")
        assert not self._ended(), self.text
        return self

    @property
    def text(self) -> str:
        return "\n".join(self.said)

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    @property
    def note(self) -> state.Note:
        found = state.read_note(self.settings)
        assert found is not None, self.text
        return found

    def database_pid(self) -> int:
        return int((self.data / "postgres" / "postmaster.pid").read_text().split()[0])

    def get(self, path: str = "/healthz") -> httpx.Response:
        scheme = self.note.url.partition(":")[0]
        url = f"{scheme}://127.0.0.1:{self.note.port}{path}"
        return httpx.get(url, timeout=10, verify=False)

    def send(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        """As a power cut would end it: at once, and nothing of it tidied."""
        self.send(signal.SIGKILL)
        self.wait()

    def wait(self) -> int:
        assert self.process is not None
        return self.process.wait(BOUND_S)

    def stop(self) -> int:
        self.send(signal.SIGTERM)
        return self.wait()

    def end(self) -> None:
        """Leave nothing behind, whatever the test did."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(BOUND_S)
        for process in in_folder(self.data):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        until(lambda: not in_folder(self.data), "all processes of the folder are gone")

    def _is_ready(self) -> bool:
        found = state.read_note(self.settings)
        return found is not None and found.ready and found.pid == self.pid

    def _ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def _listen(self) -> None:
        assert self.process is not None
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                self.said.append(line.rstrip("\n"))


def in_folder(data: Path) -> list[psutil.Process]:
    """PostgreSQL's processes that work in this data folder (zombies hold nothing)."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            inside = Path(process.cwd()).is_relative_to(data)
            if inside and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found
