"""From the visitor's socket to the disk: the acknowledgement leaves after the flush of the log.

One trace of system calls of the server and of PostgreSQL's processes, in the order of the kernel.
"""

import asyncio
import re
import shutil
import subprocess
from pathlib import Path

import psutil
import pytest
import websockets

from tests.chaos.conftest import Founded, Make
from tests.house.running import until
from tests.product import Guest, client_id

FLUSH = re.compile(r"\b(fdatasync|fsync)\(")
ACK = re.compile(r'\b(write|writev|sendto|sendmsg)\(.*\\"ack\\"')


@pytest.mark.parametrize("durable", [True, False], ids=["durable", "control"])
async def test_an_acknowledgement_leaves_after_its_log_is_on_disk(
    company: Founded, part: Make, durable: bool
) -> None:
    server = part(company.data, ATIENDE_TEST_FSYNC_OFF="" if durable else "1")
    await server.up()
    guest = Guest(server.edge, company.made["key"])
    await guest.start(name="Luz Díaz")
    # Frames as they are: what is compressed cannot be read in a trace.
    guest.socket = await websockets.connect(
        f"{server.edge.ws}/chat/live", additional_headers={"Origin": guest.origin}, compression=None
    )
    await guest.send({"t": "hello", "token": guest.token, "held": 0})
    assert "ready" in await guest.socket.recv()
    await guest.send({"t": "message", "client_id": client_id(), "body": "primero"})
    while "ack" not in await guest.socket.recv():
        pass
    file = company.data.parent / "trace"
    watched = [server.pid, *children(server.database_pid())]
    watcher = watch(watched, file)
    try:
        await asyncio.to_thread(until, lambda: all(map(traced, watched)), "strace watches", 20)
        await guest.send({"t": "message", "client_id": client_id(), "body": "segundo"})
        while '"ack"' not in await guest.socket.recv():
            pass
    finally:
        watcher.terminate()
        watcher.wait(10)
        await guest.socket.close()
    calls = file.read_text(errors="replace").splitlines()
    acks = [n for n, line in enumerate(calls) if ACK.search(line)]
    assert len(acks) == 1
    assert any(FLUSH.search(line) for line in calls[: acks[0]]) is durable


def children(pid: int) -> list[int]:
    return [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]


def watch(pids: list[int], file: Path) -> "subprocess.Popen[bytes]":
    strace = shutil.which("strace")
    assert strace is not None, "strace is in .ci/packages"
    calls = "trace=fdatasync,fsync,write,writev,sendto,sendmsg"
    which = [word for pid in pids for word in ("-p", str(pid))]
    return subprocess.Popen(
        [strace, "-f", "-s", "256", "-e", calls, "-o", str(file), *which],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def traced(pid: int) -> bool:
    path = Path(f"/proc/{pid}/status")
    if not path.exists():
        return True  # a process of the database that ended by itself
    return re.search(r"^TracerPid:\s*[1-9]", path.read_text(), re.MULTILINE) is not None
