"""Calls in, from the carrier's INVITE to the agent's: SIPp, the product, and a bare ARI program.

SIPp calls at 10 a second and talks for 6 s, so that some 60 calls are recorded at once (the
company's policy records all); another SIPp is every agent's phone, registered, while the agents'
desks are open. The subject is the whole
product (boot.serve) with its Asterisk, the other a program of the same parts that commits one row
and has a phone rung (bench/_calls_servers.py), with an Asterisk of its own; load goes to one of
them at a time, in slices ABBA. Prints one JSON line; exits 1 when a gate fails: failed 0, at most
2 times the bare program's median, at most 1 % of a core of Asterisk's a call.
Run by `./atiende bench calls [--quick] [--json] [--soak N]`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import secrets
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import websockets

from atiende.demo.phone import Options, Phone
from atiende.demo.phone.audio import tone
from atiende.engines import end_orphan, start
from atiende.recordings.mix import Laid, mix
from atiende.settings import Settings
from atiende.store import migrate
from bench import _calls_company, _sipp
from bench._calls_servers import settings_of
from bench.inbox import free_port

AGENTS, RATE, TALK_S = 110, 10.0, 6.0
QUICK_RATE, QUICK_CALLS, FULL_CALLS, TURNS = 2.0, 30, 300, 2
MIXED_S = 60.0
#: Of the process that registers the phones; long enough for a soak.
REGISTERED_S = 7200
START_S = 120.0
#: Told in place of a median of nothing.
NEVER_S = 9999.0
GATES: Mapping[str, float] = {"failed": 0, "ratio_to_ari": 2.0, "asterisk_cpu_pct_per_call": 1.0}
#: What a machine holds that has other work: there each step of the product waits its turn,
#: so CPU is compared in place of time.
QUICK_GATES: Mapping[str, float] = {
    "failed": 0,
    "app_cpu_ratio_to_ari": 60.0,
    "asterisk_cpu_pct_per_call": 3.0,
}
SOUND = {"subject": "20000-22499", "bare": "22500-24999"}


@dataclass
class Side:
    """One of the two: its process, its Asterisk, and what its slices showed."""

    name: str
    settings: Settings
    process: asyncio.subprocess.Process
    asterisk: int
    proxy: tuple[str, int]
    waits: list[float] = field(default_factory=list)
    medians: list[float] = field(default_factory=list)
    failed: int = 0
    calls: int = 0
    talk_s: float = 0.0
    asterisk_cpu_s: float = 0.0
    app_cpu_s: float = 0.0
    errors: list[str] = field(default_factory=list)


@dataclass
class World:
    """Both sides, and the phones of their agents."""

    folder: Path
    subject: Side
    bare: Side
    phones: _sipp.Phones
    rate: float
    rows: asyncpg.Connection[asyncpg.Record]
    numbers: int = 0

    def callers(self, count: int) -> list[str]:
        """Numbers that nobody has called from before."""
        first, self.numbers = self.numbers, self.numbers + count
        return [f"+5198{number:07}" for number in range(first, first + count)]


async def launch(name: str, dsn: str, folder: Path, **more: Any) -> Side:
    settings = settings_of(free_port(), folder, SOUND[name], dict(os.environ))
    told = {"port": settings.port, "folder": str(folder), "sound": SOUND[name], "dsn": dsn, **more}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench._calls_servers",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(told).encode() + b"\n")
    line = await asyncio.wait_for(process.stdout.readline(), START_S)
    if not line:
        raise RuntimeError(f"{name} did not start")
    ready = json.loads(line)
    return Side(name, settings, process, ready["asterisk"], ("127.0.0.1", ready["sip"]))


async def end(side: Side) -> None:
    """Program and Asterisk, in whatever state they are."""
    with contextlib.suppress(ProcessLookupError):
        side.process.send_signal(signal.SIGINT)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(side.process.wait(), 15)
    with contextlib.suppress(ProcessLookupError):
        side.process.kill()
    await side.process.wait()
    await end_orphan(side.settings)


@contextlib.asynccontextmanager
async def desks(side: Side, sessions: list[str]) -> AsyncIterator[None]:
    """Every agent's desk, as browsers open them."""
    base = f"127.0.0.1:{side.settings.port}"
    async with contextlib.AsyncExitStack() as stack:
        readers = []
        for session in sessions:
            headers = {"Cookie": f"atiende={session}", "Origin": f"http://{base}"}
            opening = websockets.connect(
                f"ws://{base}/live", additional_headers=headers, max_size=2**22
            )
            desk = await stack.enter_async_context(opening)
            await desk.send('{"t":"hello"}')
            readers.append(asyncio.create_task(_answer_pings(desk)))
        try:
            yield
        finally:
            for reader in readers:
                reader.cancel()


async def _answer_pings(desk: websockets.ClientConnection) -> None:
    with contextlib.suppress(websockets.ConnectionClosed):
        async for text in desk:
            if '"ping"' in str(text)[:20]:
                await desk.send('{"t":"pong"}')


async def register(phone: Phone, proxy: tuple[str, int], phones: list[tuple[str, str]]) -> None:
    """Every agent's phone, from the one port where SIPp will answer for it."""
    phone.options = replace(phone.options, proxy=proxy)
    for name, password in phones:
        status = await phone.register(name, password, REGISTERED_S)
        if status != 200:
            raise RuntimeError(f"a phone was not registered: {status}")


@contextlib.asynccontextmanager
async def world(rate: float = RATE) -> AsyncIterator[World]:
    """Starts PostgreSQL, both sides, desks and phones; ends them."""
    async with contextlib.AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ab-")))
        _sipp.prepare(folder, TALK_S)
        settings = Settings(data_dir=folder / "data", testing=True)
        settings.data_dir.mkdir()
        engine = await start(settings)
        stack.push_async_callback(engine.stop)
        admin = await asyncpg.connect(engine.dsn)
        dsns = {}
        for name in ("subject", "bare"):
            (folder / name).mkdir(mode=0o700)
            await admin.execute(f"create database bench_{name}")
            dsns[name] = engine.dsn.replace("/atiende?", f"/bench_{name}?")
        await admin.close()
        await migrate(dsns["subject"])
        own = await asyncpg.connect(dsns["subject"])
        stack.push_async_callback(own.close)
        floor = await _calls_company.plant(own, folder / "subject" / "secret.key", AGENTS)
        others = [_calls_company.phone_of(number) for number in range(AGENTS)]
        subject = await launch("subject", dsns["subject"], folder / "subject")
        stack.push_async_callback(end, subject)
        bare = await launch("bare", dsns["bare"], folder / "bare", phones=others)
        stack.push_async_callback(end, bare)
        await stack.enter_async_context(desks(subject, floor.sessions))
        async with asyncio.timeout(START_S):
            while not await _calls_company.pushed(own):  # noqa: ASYNC110 - only the rows know
                await asyncio.sleep(0.1)
        async with Phone(Options()) as phone:
            await register(phone, subject.proxy, floor.phones)
            await register(phone, bare.proxy, others)
            port = phone.line.port
        phones = await _sipp.start_phones(folder, port)
        stack.push_async_callback(_end_phones, phones)
        yield World(folder, subject, bare, phones, rate, own)


async def _end_phones(phones: _sipp.Phones) -> None:
    with contextlib.suppress(ProcessLookupError):
        phones.process.kill()
    await phones.process.wait()


def cpu_of(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


async def slice_of(here: World, side: Side, count: int) -> None:
    """One slice of load: `count` callers, each to his end."""
    before = cpu_of(side.asterisk), cpu_of(side.process.pid)
    mark = secrets.token_hex(3)
    numbers = here.callers(count)
    run = await _sipp.call(here.folder, f"{side.name}-{mark}", side.proxy, numbers, here.rate)
    after = cpu_of(side.asterisk), cpu_of(side.process.pid)
    came = here.phones.came()
    waits = [came[each] - run.sent[each] for each in run.sent if each in came]
    lost = count - len(set(waits_of(run, came)) & set(run.done))
    side.failed += lost
    side.calls += count
    side.waits += waits
    if waits:
        side.medians.append(statistics.median(waits))
    side.talk_s += sum(at - run.sent[each] for each, at in run.done.items())
    side.asterisk_cpu_s += after[0] - before[0]
    side.app_cpu_s += after[1] - before[1]
    if lost and run.errors:
        side.errors.append(run.errors[:500])


def waits_of(run: _sipp.Run, came: dict[str, float]) -> list[str]:
    """Callers who reached an agent's phone."""
    return [each for each in run.sent if each in came]


def report(here: World) -> dict[str, Any]:
    subject, bare = here.subject, here.bare
    waits, others = sorted(subject.waits) or [NEVER_S], bare.waits or [NEVER_S]
    ratios = [a / b for a, b in zip(subject.medians, bare.medians, strict=False)] or [NEVER_S]
    calls_at_once = subject.talk_s or 1.0
    return {
        "calls": subject.calls,
        "offer_ms_p50": round(statistics.median(waits) * 1000, 2),
        "offer_ms_p99": round(waits[int(len(waits) * 0.99)] * 1000, 2),
        "ari_ms_p50": round(statistics.median(others) * 1000, 2),
        "ratio_to_ari": round(statistics.median(ratios), 2),
        "failed": subject.failed + bare.failed,
        "asterisk_cpu_pct_per_call": round(100 * subject.asterisk_cpu_s / calls_at_once, 3),
        "app_cpu_ratio_to_ari": round(
            subject.app_cpu_s / subject.calls / (bare.app_cpu_s / bare.calls or 1), 2
        ),
        "app_cpu_pct_per_call": round(100 * subject.app_cpu_s / calls_at_once, 3),
    }


def judge(found: Mapping[str, Any], gates: Mapping[str, float]) -> list[str]:
    """The gates that failed, in words."""
    return [f"{key} {found[key]} > {limit}" for key, limit in gates.items() if found[key] > limit]


RECORDED = """
select round(avg((select count(*) > 1 from recordings r join recording_tracks t
    on t.recording_id = r.id where r.interaction_id = k.interaction_id and t.started_at is not null
  )::int), 3)::float from calls k
"""


async def recorded(here: World) -> float:
    """The part of the subject's calls of which both sides were recorded."""
    return float(await here.rows.fetchval(RECORDED) or 0)


def mixdown() -> float:
    """Seconds of CPU for each minute of a call that is mixed to stereo Opus."""
    sound = tone(440, MIXED_S).tobytes()
    tracks = [
        Laid(side == 0, 0, len(sound) // 2, 8000, lambda at, count: sound[at : at + count])
        for side in range(2)
    ]
    mix(tracks)  # loads what it needs
    before = time.process_time()
    mix(tracks)
    return round((time.process_time() - before) * 60 / MIXED_S, 3)


async def soak(here: World, calls: int) -> dict[str, Any]:
    """Memory of Asterisk and of the application while so many calls come and go."""
    seen: list[tuple[int, float, float]] = []
    while here.subject.calls < calls:
        await slice_of(here, here.subject, min(FULL_CALLS, calls - here.subject.calls))
        asterisk, app = _rss(here.subject.asterisk), _rss(here.subject.process.pid)
        seen.append((here.subject.calls, asterisk, app))
    return {
        "asterisk_mb_per_1000": slope([(n, a) for n, a, _ in seen]),
        "app_mb_per_1000": slope([(n, b) for n, _, b in seen]),
        "rss_mb": [(n, round(a), round(b)) for n, a, b in seen],
    }


def _rss(pid: int) -> float:
    return float(psutil.Process(pid).memory_info().rss) / 2**20


def slope(points: list[tuple[int, float]]) -> float:
    """MB a thousand calls, by least squares over the second half: the first fills caches."""
    late = points[len(points) // 2 :] if len(points) > 3 else points
    if len(late) < 2:
        return 0.0
    line = statistics.linear_regression([n for n, _ in late], [mb for _, mb in late])
    return round(1000 * line.slope, 2)


async def main(arguments: argparse.Namespace) -> int:
    count = QUICK_CALLS if arguments.quick else FULL_CALLS
    async with world(QUICK_RATE if arguments.quick else RATE) as here:
        for side in (here.subject, here.bare):  # first uses, plans, caches
            await slice_of(here, side, 20)
            side.waits, side.medians = [], []
            side.calls = side.failed = 0
            side.errors = []
            side.talk_s = side.asterisk_cpu_s = side.app_cpu_s = 0.0
        for turn in range(TURNS):
            pair = (here.subject, here.bare) if turn % 2 == 0 else (here.bare, here.subject)
            for side in pair:
                await slice_of(here, side, count)
        told: dict[str, Any] = {"bench": "calls", "cpus": os.cpu_count(), **report(here)}
        told |= {"recorded": await recorded(here), "mixdown_cpu_s_per_min": mixdown()}
        if arguments.soak:
            told["soak"] = await soak(here, here.subject.calls + arguments.soak)
        for side in (here.subject, here.bare):
            print("\n".join(side.errors), file=sys.stderr, end="")
    told["failed_gates"] = judge(told, QUICK_GATES if arguments.quick else GATES)
    print(json.dumps(told))
    return 1 if told["failed_gates"] else 0


def parse(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="atiende bench calls")
    parser.add_argument("--quick", action="store_true", help="short slices, fewer calls at once")
    parser.add_argument("--json", action="store_true", help="one JSON line (always so)")
    parser.add_argument("--soak", type=int, default=0, metavar="N", help="and N calls: memory")
    return parser.parse_args(words)


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main(parse(sys.argv[1:]))))
