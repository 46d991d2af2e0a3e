"""Visitors' messages to agents' sockets: open loop, beside a null app of the same stack.

500 visitors, each attended by an agent whose socket is open. Messages leave when they are due,
whatever the server does (open loop), so waiting counts. The subject is the product (boot.serve),
the null app the same stack without us; both run at once in processes of their own, and the load
goes to one of them at a time, in slices ABBA. Prints one JSON line; exits 1 when a gate fails:
lost 0, duplicated 0, at most 3 statements a message, at most 3 times the null app's median.
Run by `./atiende bench inbox [--quick] [--json] [--rates 100,400]`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import socket
import statistics
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import websockets

from atiende.engines import start
from atiende.settings import Settings
from atiende.store import migrate
from bench._company import Company, plant

AGENTS, BASE_RATE = 500, 100
QUICK_S, FULL_S, SLICES = 4.0, 12.0, 4
REPEATED = 0.02  # messages that the visitor's page sends twice, as after a lost acknowledgement
GATES = {"lost": 0, "duplicated": 0, "statements_per_msg": 3.0, "ratio_to_null": 3.0}
Socket = websockets.ClientConnection


@dataclass
class Side:
    """One of the two servers: its process, its sockets, what was seen."""

    name: str
    port: int
    process: asyncio.subprocess.Process
    desks: list[Socket] = field(default_factory=list)
    visitors: list[Socket] = field(default_factory=list)
    due: dict[str, float] = field(default_factory=dict)
    seen: dict[str, float] = field(default_factory=dict)
    ids: dict[str, set[str]] = field(default_factory=dict)
    acked: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)  # client id -> the key it was told
    medians: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    cpu_s: float = 0.0
    readers: list[asyncio.Task[None]] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def all_seen(self, wanted: list[str]) -> None:
        """Returns when every one of these has reached its agent."""
        while not all(m in self.seen for m in wanted):
            self.news.clear()
            await self.news.wait()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


async def launch(name: str, dsn: str, folder: str) -> Side:
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench._servers", name, str(port), dsn, folder,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    while (line := await asyncio.wait_for(process.stdout.readline(), 30)).strip() != b"ready":
        if not line:
            raise RuntimeError(f"{name} did not start")
    return Side(name, port, process)


async def connect_subject(side: Side, company: Company) -> None:
    """Every agent's desk and every visitor's chat, as browsers open them."""
    base = f"http://127.0.0.1:{side.port}"
    for number in range(AGENTS):
        desk = await websockets.connect(
            f"ws://127.0.0.1:{side.port}/live",
            additional_headers={
                "Cookie": f"atiende={company.sessions[number]}",
                "Origin": base,
            },
            max_size=2**22,
        )
        await desk.send('{"t":"hello"}')
        side.desks.append(desk)
        chat = await websockets.connect(
            f"ws://127.0.0.1:{side.port}/chat/live", additional_headers={"Origin": base}
        )
        await chat.send(json.dumps({"t": "hello", "token": company.tokens[number]}))
        side.visitors.append(chat)
    side.readers += [asyncio.create_task(_read_desk(side, d)) for d in side.desks]
    side.readers += [asyncio.create_task(_read_visitor(side, v)) for v in side.visitors]


async def connect_null(side: Side) -> None:
    for number in range(AGENTS):
        for path, into in (("desk", side.desks), ("visitor", side.visitors)):
            ws = await websockets.connect(f"ws://127.0.0.1:{side.port}/{path}")
            await ws.send(str(number))
            into.append(ws)
    side.readers += [asyncio.create_task(_read_null(side, d)) for d in side.desks]
    side.readers += [asyncio.create_task(_read_visitor(side, v)) for v in side.visitors]


async def _read_desk(side: Side, ws: Socket) -> None:
    with contextlib.suppress(websockets.ConnectionClosed):
        async for text in ws:
            at = time.perf_counter()
            frame = json.loads(text)
            if frame["t"] == "ping":
                await ws.send('{"t":"pong"}')
            for entity in frame.get("e", ()):
                for message in entity.get("messages", ()):
                    _note(side, message["client_id"], message["id"], at)


async def _read_null(side: Side, ws: Socket) -> None:
    with contextlib.suppress(websockets.ConnectionClosed):
        async for text in ws:
            frame = json.loads(text)
            _note(side, frame["client_id"], frame["client_id"], time.perf_counter())


def _note(side: Side, client_id: str, message_id: str, at: float) -> None:
    side.seen.setdefault(client_id, at)
    side.ids.setdefault(client_id, set()).add(message_id)
    side.news.set()


async def _read_visitor(side: Side, ws: Socket) -> None:
    with contextlib.suppress(websockets.ConnectionClosed):
        async for text in ws:
            frame = json.loads(text)
            if frame["t"] == "ack":
                side.acked.add(frame["client_id"])
            elif frame["t"] == "error" and "client_id" in frame:
                side.refused[frame["client_id"]] = frame["key"]
            elif frame["t"] == "ping":
                await ws.send('{"t":"pong"}')


async def slice_of(side: Side, rate: float, seconds: float, draw: random.Random) -> None:
    """One slice of load: messages at their due times, then the wait for the last of them."""
    cpu = cpu_of(side)
    begin, count = time.perf_counter() + 0.05, int(rate * seconds)
    order = in_turn(count, draw)
    mine: list[str] = []
    for number, who in enumerate(order):
        due = begin + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        made = str(uuid.uuid4())
        mine.append(made)
        side.due[made] = due
        frame = json.dumps({"t": "message", "client_id": made, "body": "¿Ya salió mi pedido?"})
        await side.visitors[who].send(frame)
        if draw.random() < REPEATED:
            await side.visitors[who].send(frame)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(side.all_seen(mine), 10)
    waits = [side.seen[m] - side.due[m] for m in mine if m in side.seen]
    side.waits += waits
    side.medians.append(statistics.median(waits))
    side.cpu_s += cpu_of(side) - cpu


def in_turn(count: int, draw: random.Random) -> list[int]:
    """Who writes when: everybody once a round, so that nobody meets the limit of 20 messages in
    10 seconds, which would be refused and not lost."""
    order: list[int] = []
    while len(order) < count:
        order += draw.sample(range(AGENTS), AGENTS)
    return order[:count]


def cpu_of(side: Side) -> float:
    times = psutil.Process(side.process.pid).cpu_times()
    return float(times.user + times.system)


def cpu_of_postgres(pid: int) -> float:
    total = 0.0
    for process in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]:
        with contextlib.suppress(psutil.Error):
            times = process.cpu_times()
            total += times.user + times.system
    return total


@dataclass
class Figures:
    """What one rate showed."""

    rate: float
    subject: Side
    null: Side
    postgres_cpu_s: float
    statements: float

    def told(self) -> set[str]:
        """Refused with a word, which is no loss, where the server is asked for too much."""
        return set(self.subject.refused) if self.rate > BASE_RATE else set()

    def report(self) -> dict[str, Any]:
        subject, sent = self.subject, len(self.subject.due)
        pairs = zip(subject.medians, self.null.medians, strict=True)
        waits = sorted(subject.waits)
        return {
            "rate": self.rate,
            "messages": sent,
            "p50_ms": round(statistics.median(waits) * 1000, 2),
            "p99_ms": round(waits[int(len(waits) * 0.99)] * 1000, 2),
            "null_p50_ms": round(statistics.median(self.null.waits) * 1000, 2),
            "ratio_to_null": round(statistics.median(a / b for a, b in pairs), 2),
            "lost": len(set(subject.due) - set(subject.seen) - self.told()),
            "refused": dict(Counter(subject.refused.values())),
            "unacknowledged": len(set(subject.due) - subject.acked),
            "duplicated": sum(1 for found in subject.ids.values() if len(found) > 1),
            "statements_per_msg": round(self.statements / sent, 2),
            "cpu_ms_per_msg": round(1000 * subject.cpu_s / sent, 3),
            "postgres_cpu_ms_per_msg": round(1000 * self.postgres_cpu_s / sent, 3),
        }


async def measure(rate: float, seconds: float, world: World, seed: int) -> Figures:
    """Slices ABBA of one rate."""
    draw = random.Random(seed)
    for side in (world.subject, world.null):
        side.due, side.seen, side.ids = {}, {}, {}
        side.acked, side.medians, side.waits, side.cpu_s = set(), [], [], 0.0
        side.refused = {}
    await world.admin.execute("select pg_stat_statements_reset()")
    postgres = 0.0
    for turn in range(SLICES):
        order = (world.subject, world.null) if turn % 2 == 0 else (world.null, world.subject)
        for side in order:
            before = cpu_of_postgres(world.postgres)
            await slice_of(side, rate, seconds, draw)
            if side is world.subject:
                postgres += cpu_of_postgres(world.postgres) - before
    statements = await world.admin.fetchval(RECEIVING)
    return Figures(rate, world.subject, world.null, postgres, float(statements or 0))


#: Statements between a visitor's socket and the row in events (proof.md 2): everything that the
#: subject's database ran which names the inbound message or its duplicate's look-up.
RECEIVING = """
select sum(calls) from pg_stat_statements s join pg_database d on d.oid = s.dbid
where d.datname = 'bench_subject' and toplevel and query !~* '^(begin|commit|rollback)'
  and query ~* '(message.received|external_id = \\$|for update of p, v)'
"""


HEAVIEST = r"""
select round(total_exec_time) as ms, calls, left(regexp_replace(query, '\s+', ' ', 'g'), 150) as q
from pg_stat_statements s join pg_database d on d.oid = s.dbid
where d.datname = 'bench_subject' and toplevel order by total_exec_time desc limit 12
"""


@dataclass
class World:
    """Both servers on one PostgreSQL."""

    subject: Side
    null: Side
    admin: asyncpg.Connection[asyncpg.Record]
    postgres: int
    kb_per_socket: float


async def with_world(work: Callable[[World], Awaitable[int]]) -> int:
    """Starts PostgreSQL, both servers and all sockets; ends them."""
    with tempfile.TemporaryDirectory(prefix="atiende-bench-") as folder:
        settings = Settings(data_dir=Path(folder) / "data", testing=True)
        settings.data_dir.mkdir()
        engine = await start(settings)
        sides: list[Side] = []
        try:
            dsns = {}
            admin = await asyncpg.connect(engine.dsn)
            for name in ("subject", "null"):
                await admin.execute(f"create database bench_{name}")
                dsns[name] = engine.dsn.replace("/atiende?", f"/bench_{name}?")
            await migrate(dsns["subject"])
            own = await asyncpg.connect(dsns["subject"])
            await own.execute("create extension if not exists pg_stat_statements")
            company = await plant(own, AGENTS)
            sides = [await launch(name, dsns[name], folder) for name in dsns]
            subject, null = sides
            before = psutil.Process(subject.process.pid).memory_info().rss
            await connect_subject(subject, company)
            await connect_null(null)
            await asyncio.sleep(1)
            grown = psutil.Process(subject.process.pid).memory_info().rss - before
            per_socket = grown / 1024 / (2 * AGENTS)
            return await work(World(subject, null, own, engine.pid, per_socket))
        finally:
            for side in sides:
                for reader in side.readers:
                    reader.cancel()
                with contextlib.suppress(ProcessLookupError):
                    side.process.kill()
                await side.process.wait()
            await engine.stop()


async def saturation(world: World) -> float:
    """Messages per second that the subject takes when they come as fast as it answers."""
    side = world.subject
    side.due, side.seen, side.ids = {}, {}, {}
    begin = time.perf_counter()

    async def one(number: int) -> None:
        for _ in range(6):
            made = str(uuid.uuid4())
            side.due[made] = time.perf_counter()
            frame = {"t": "message", "client_id": made, "body": "hola"}
            await side.visitors[number].send(json.dumps(frame))
            await side.all_seen([made])

    await asyncio.gather(*(one(n) for n in range(AGENTS)))
    return len(side.due) / (time.perf_counter() - begin)


def judge(figures: list[dict[str, Any]]) -> list[str]:
    """The gates that failed, in words."""
    return [
        f"{key} {found[key]} > {limit} at {found['rate']}/s"
        for found in figures
        for key, limit in GATES.items()
        if found[key] > limit and not (key == "ratio_to_null" and found["rate"] > BASE_RATE)
    ]


async def main(arguments: argparse.Namespace) -> int:
    rates = [float(r) for r in arguments.rates.split(",")]
    seconds = QUICK_S if arguments.quick else FULL_S

    async def work(world: World) -> int:
        await slice_of(world.subject, 50, 2, random.Random(1))  # first uses, plans, caches
        await slice_of(world.null, 50, 2, random.Random(1))
        found = [(await measure(r, seconds, world, arguments.seed)).report() for r in rates]
        told: dict[str, Any] = {
            "bench": "inbox",
            "seed": arguments.seed,
            "cpus": os.cpu_count(),
            "agents": AGENTS,
            **found[0],
            "rss_kb_per_socket": round(world.kb_per_socket, 1),
        }
        if len(found) > 1:
            told["rates"] = found
        if arguments.profile:
            for row in await world.admin.fetch(HEAVIEST):
                print(f"{row['ms']:9.0f} ms {row['calls']:7} {row['q']}", file=sys.stderr)
        if not arguments.quick:
            told["saturation_per_s"] = round(await saturation(world))
        told["failed"] = judge(found)
        print(json.dumps(told))
        return 1 if told["failed"] else 0

    return await with_world(work)


def parse(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="atiende bench inbox")
    parser.add_argument("--quick", action="store_true", help="100/s only, at most a minute")
    parser.add_argument("--json", action="store_true", help="one JSON line (always so)")
    parser.add_argument("--profile", action="store_true", help="the heaviest statements, on stderr")
    parser.add_argument("--rates", default=None)
    parser.add_argument("--seed", type=int, default=20261124)
    found = parser.parse_args(words)
    found.rates = found.rates or ("100" if found.quick else "100,400,800")
    return found


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main(parse(sys.argv[1:]))))
