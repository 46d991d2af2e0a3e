"""A commit is on disk before it is acknowledged: seen in the system calls of the server itself.

`kill -9` cannot show this (the kernel keeps what was written), so the server is watched by
strace while one transaction commits: the flush of its log must come before the answer.
"""

import asyncio
import re
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from atiende.engines import Engine, start
from atiende.settings import Settings
from tests.house.running import until

pytestmark = pytest.mark.house

FLUSH = re.compile(r"\b(fdatasync|fsync|sync_file_range)\(")
ANSWER = re.compile(r"\bsend(to|msg)\(.*COMMIT")


@pytest.fixture(params=[True, False], ids=["durable", "control"])
async def engine(request: pytest.FixtureRequest, place: Path) -> AsyncIterator[tuple[Engine, bool]]:
    """A server that flushes, and as a control one that a test-only setting keeps from it."""
    durable = bool(request.param)
    (place / "data").mkdir()
    settings = Settings(data_dir=place / "data", testing=True, test_fsync_off=not durable)
    running = await start(settings)
    yield running, durable
    await running.stop()


async def test_the_log_is_flushed_before_a_commit_is_answered(
    engine: tuple[Engine, bool], place: Path
) -> None:
    running, durable = engine
    connection = await asyncpg.connect(running.dsn)
    await connection.execute("CREATE TABLE kept (n int)")
    trace = place / "trace"
    watcher = watch(connection.get_server_pid(), trace)
    try:
        await asyncio.to_thread(until, trace.exists, "strace watches", 10)
        await asyncio.to_thread(until, lambda: attached(connection.get_server_pid()), "traced", 10)
        await connection.execute("BEGIN; INSERT INTO kept VALUES (1); COMMIT")
    finally:
        watcher.terminate()
        watcher.wait(10)
        await connection.close()
    calls = trace.read_text().splitlines()
    answers = [number for number, line in enumerate(calls) if ANSWER.search(line)]
    assert len(answers) == 1, calls
    flushed = any(FLUSH.search(line) for line in calls[: answers[0]])
    assert flushed is durable, calls


def watch(pid: int, trace: Path) -> "subprocess.Popen[bytes]":
    strace = shutil.which("strace")
    assert strace is not None, "strace is in .ci/packages"
    calls = "trace=fdatasync,fsync,sync_file_range,sendto,sendmsg,pwrite64,pwritev"
    return subprocess.Popen(
        [strace, "-f", "-s", "512", "-e", calls, "-o", str(trace), "-p", str(pid)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def attached(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status").read_text()
    return re.search(r"^TracerPid:\s*[1-9]", status, re.MULTILINE) is not None
