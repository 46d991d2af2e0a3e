"""Routing decisions per CPU second: 10,000 agents, 100 queues, 200 skills, 100,000 waiting.

Drives the live ``core.floor`` in two regimes, with 400 and with 10,000 distinct profiles:

- backlog: an agent finishes and gets the first work that he may have among 100,000 waiting;
- idle: work arrives and finds the best of 5,000 free agents.

A decision is one ``step`` that yields an Offer, with all the upkeep of the index and all effects
inside it; the cycle (answer the offer, refill) is reported beside it, so that no upkeep can hide.
``match_per_cpu_s`` is the part of a decision that chooses and files, which is what a matcher
alone would do: a stopwatch around the live functions, in a run of its own.

Decisions are compared with the naive oracle of tests/core; ``--break-ties`` makes the oracle
settle ties the wrong way, which must show as mismatches.  Prints one JSON line; exits 1 when a
gate fails.
Run by ``./atiende bench route [--quick] [--json] [--break-ties]``.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import itertools
import json
import random
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from time import thread_time_ns
from typing import Any

from atiende.core import arrivals
from atiende.core import facts as f
from atiende.core.effects import Effect, Offer
from atiende.core.floor import Floor
from atiende.core.specs import AgentRow, AgentSpec, Id, QueueSpec, Step, WorkRow, WorkSpec
from tests.core import naive

AGENTS, QUEUES, SKILLS, WAITING, FREE = 10_000, 100, 200, 100_000, 5_000
WARM_UP = 8_000  # decisions before the first that counts: lines and shelves are made on first use
Asked = tuple[tuple[Id, int], ...]
NOW = 1_000_000.0
#: What arrivals.py calls to choose and to file: the functions of matching.py and lines.py.
MATCHING = (
    "find_agent", "find_work", "file_agent", "unfile_agent", "file_work", "unfile_work",
)  # fmt: skip
GATES = {400: 20_000, 10_000: 10_000}  # profiles -> least decisions per CPU second
#: Rounds of `pace` a CPU second on the machine that the gates were written for, with nobody beside
#: it. A CPU second is worth less where neighbours share its caches: the gates shrink with it, and
#: never grow.
REFERENCE_PACE = 3_600_000


@dataclass
class Figures:
    """What one regime with one number of profiles showed."""

    regime: str
    profiles: int
    decision_ns: list[int] = field(default_factory=list)
    cycle_ns: int = 0
    match_ns: list[int] = field(default_factory=list)
    naive_ns: list[int] = field(default_factory=list)
    mismatches: int = 0

    def report(self) -> dict[str, object]:
        ours = sorted(self.decision_ns)
        per_s = len(ours) * 1e9 / sum(ours)
        naive_per_s = len(self.naive_ns) * 1e9 / sum(self.naive_ns)
        return {
            "regime": self.regime,
            "profiles": self.profiles,
            "decisions": len(ours),
            "decisions_per_cpu_s": round(per_s),
            "match_per_cpu_s": round(len(self.match_ns) * 1e9 / sum(self.match_ns)),
            "cycles_per_cpu_s": round(len(ours) * 1e9 / self.cycle_ns),
            "p50_us": round(ours[len(ours) // 2] / 1e3, 1),
            "p99_us": round(ours[len(ours) * 99 // 100] / 1e3, 1),
            "naive_per_cpu_s": round(naive_per_s, 1),
            "speedup_vs_naive": round(per_s / naive_per_s),
            "compared": len(self.naive_ns),
            "mismatches": self.mismatches,
        }


class Company:
    """A made-up company, the same for the same seed."""

    def __init__(self, profiles: int, seed: int) -> None:
        rng = self.rng = random.Random(seed)
        # Every queue asks one skill of its own and, of some work, one or two of the other skills.
        self.demands: list[list[Asked]] = []
        self.queues: list[QueueSpec] = []
        for number in range(QUEUES):
            base = (number, rng.choice([1, 1, 2]))
            extra = rng.sample(range(QUEUES, SKILLS), 6)
            asked: list[Asked] = [(base,)]
            asked += [(base, (s, rng.choice([1, 2, 3]))) for s in extra]
            asked += [(base, (extra[i], 1), (extra[i + 1], 1)) for i in range(3)]
            self.demands.append(asked)
            priority = rng.choice([0, 0, 0, 1, 2])
            self.queues.append(QueueSpec(number, priority, requirements=(Step(0, (base,)),)))
        kinds = [self.profile() for _ in range(profiles)]
        self.agents = [
            AgentSpec(self.new_id(), queues, skills, slots={"voice": 1})
            for n in range(AGENTS)
            for queues, skills in [kinds[n % profiles]]
        ]

    def new_id(self) -> uuid.UUID:
        return uuid.UUID(int=self.rng.getrandbits(128))

    def profile(self) -> tuple[tuple[int, ...], dict[Id, int]]:
        rng = self.rng
        queues = tuple(rng.sample(range(QUEUES), rng.randint(3, 6)))
        skills: dict[Id, int] = {q: rng.randint(1, 5) for q in queues}
        for number in queues:
            for _, *others in self.demands[number]:
                skills |= {s: rng.randint(1, 5) for s, _ in others if rng.random() < 0.3}
        return queues, skills

    def work(self, at: float) -> WorkSpec:
        queue = self.rng.randrange(QUEUES)
        return WorkSpec(
            id=self.new_id(),
            queue=queue,
            case=self.new_id(),
            virtual_start=float(int(at)),  # whole seconds: ties are common, as they must be
            media="voice",
            priority=self.rng.choice([0, 0, 0, 0, 1]),
            requirements=(Step(0, self.rng.choice(self.demands[queue])),),
        )


def load(company: Company, busy: int, waiting: int) -> Floor:
    """A floor with so many agents on a call and so much work in line."""
    agents = [
        AgentRow(a, "available", idle_since=NOW - company.rng.randint(1, 900))
        for a in company.agents
    ]
    rows = [WorkRow(company.work(NOW - 600), "assigned", agent=a.id) for a in company.agents[:busy]]
    rows += [WorkRow(company.work(NOW - company.rng.randint(0, 1800))) for _ in range(waiting)]
    floor = Floor.load(NOW, company.queues, agents, rows)[0]
    freeze()
    return floor


def freeze() -> None:
    """What is loaded stays out of the collector's rounds, as in the live router (routing/run.py).
    What comes later does not: a full round falls into the figures every 16,000 decisions or so."""
    gc.collect()
    gc.freeze()


def taken(effects: list[Effect]) -> Offer | None:
    return next((effect for effect in effects if isinstance(effect, Offer)), None)


def rounds(regime: str, company: Company, floor: Floor) -> Iterator[tuple[f.Fact, list[f.Fact]]]:
    """Endless pairs: the fact to decide on, and what refills the floor after it."""
    rng, now = company.rng, NOW
    while True:
        now += 0.03
        agents = floor.board.agents
        if regime == "backlog":
            agent = agents[rng.choice(company.agents).id]
            if agent.held:
                yield (
                    f.AssignmentDone(next(iter(agent.held)).id, agent.id),
                    [f.WorkQueued(company.work(now))],
                )
            continue
        agent = agents[rng.choice(company.agents).id]
        if agent.held:
            yield (
                f.WorkQueued(company.work(now)),
                [f.AssignmentDone(next(iter(agent.held)).id, agent.id)],
            )


class Stopwatch:
    """Adds up the time inside the functions it is put around."""

    def __init__(self) -> None:
        self.ns = 0
        empty = sorted(-thread_time_ns() + thread_time_ns() for _ in range(1000))
        self.own = empty[500]  # what it reads when nothing happens

    @contextlib.contextmanager
    def around(self, module: Any, names: tuple[str, ...]) -> Iterator[None]:
        live = {name: getattr(module, name) for name in names}
        for name, function in live.items():
            setattr(module, name, self._timed(function))
        try:
            yield
        finally:
            for name, function in live.items():
                setattr(module, name, function)

    def _timed(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*args: Any) -> Any:
            start = thread_time_ns()
            answer = function(*args)
            self.ns += thread_time_ns() - start - self.own
            return answer

        return timed


@dataclass
class Decision:
    """One offer made, and what it cost."""

    offer: Offer
    ns: int  # the step
    match_ns: int  # of it, on the stopwatch
    upkeep_ns: int  # of the steps since the decision before


def drive(regime: str, company: Company, floor: Floor, watch: Stopwatch) -> Iterator[Decision]:
    """Endless decisions; each is answered, and the floor refilled, when the next is asked for."""
    step, now, upkeep = floor.step, NOW, 0
    for fact, refill in rounds(regime, company, floor):
        now += 0.03
        before = watch.ns
        start = thread_time_ns()
        effects = step(fact, now)
        spent = thread_time_ns() - start
        made = taken(effects)
        after = refill
        if made is not None:
            yield Decision(made, spent, watch.ns - before, upkeep)
            upkeep = 0
            after = [f.OfferAccepted(made.work, made.agent), *refill]
        else:
            upkeep += spent
            if isinstance(fact, f.WorkQueued):
                after = [f.WorkCanceled(fact.spec.id)]
        for other in after:
            start = thread_time_ns()
            effects = step(other, now)
            upkeep += thread_time_ns() - start
            late = taken(effects)
            if late is not None:
                step(f.OfferAccepted(late.work, late.agent), now)


def measure(
    regime: str, company: Company, decisions: int, compare: int, break_ties: bool
) -> Figures:
    """Run one regime until enough decisions were made."""
    profiles = len({(a.queues, *a.skills.items()) for a in company.agents})
    figures = Figures(regime, profiles)
    busy, waiting = (AGENTS, WAITING) if regime == "backlog" else (AGENTS - FREE, 0)
    floor = load(company, busy, waiting)
    watch = Stopwatch()
    made = drive(regime, company, floor, watch)
    every = max(1, decisions // compare)
    for _ in itertools.islice(made, WARM_UP):
        pass
    for number, decision in enumerate(itertools.islice(made, decisions)):
        figures.decision_ns.append(decision.ns)
        figures.cycle_ns += decision.ns + decision.upkeep_ns
        if number % every == 0:
            check(figures, floor, decision.offer, regime, break_ties)
    freeze()  # or the first full round would be most of so short a run
    with watch.around(arrivals, MATCHING):
        figures.match_ns += [d.match_ns for d in itertools.islice(made, decisions // 2)]
    gc.unfreeze()
    return figures


def pace() -> float:
    """Rounds a CPU second of a plain walk through a large table: what this machine is worth now."""
    table = [(n * 7_919 + 1) % 400_009 for n in range(400_009)]
    place, rounds = 0, 1_000_000
    start = thread_time_ns()
    for _ in range(rounds):
        place = table[place]
    return rounds * 1e9 / (thread_time_ns() - start)


def least(profiles: int, speed: float) -> float:
    """The gate of so many profiles on a machine of this pace."""
    wanted = GATES[400 if profiles <= 400 else 10_000]
    return wanted * min(1.0, speed / REFERENCE_PACE)


def check(figures: Figures, floor: Floor, made: Offer, regime: str, break_ties: bool) -> None:
    """Would the naive oracle have made the same offer?"""
    board = floor.board
    work, agent = board.work[made.work], board.agents[made.agent]
    start = thread_time_ns()
    if regime == "backlog":
        rivals = (w for w in board.work.values() if w.state == "queued" or w is work)
        same = naive.first_work(board, agent, rivals, last_id=break_ties) is work
    else:
        same = naive.best_agent(board, work, board.agents.values(), last_id=break_ties) is agent
    figures.naive_ns.append(thread_time_ns() - start)
    figures.mismatches += not same


def run(quick: bool, break_ties: bool, seed: int = 20) -> dict[str, object]:
    """All four measurements and the verdict."""
    decisions, compare = (6_000, 150) if quick else (40_000, 500)
    before = pace()
    detail = [
        measure(regime, Company(profiles, seed), decisions, compare, break_ties).report()
        for profiles in GATES
        for regime in ("backlog", "idle")
    ]
    speed = (before + pace()) / 2
    slow = [
        d
        for d in detail
        if int(str(d["decisions_per_cpu_s"])) < least(int(str(d["profiles"])), speed)
    ]
    mismatches = sum(int(str(d["mismatches"])) for d in detail)
    return {
        "bench": "route",
        "decisions_per_cpu_s": min(int(str(d["decisions_per_cpu_s"])) for d in detail),
        "match_per_cpu_s": min(int(str(d["match_per_cpu_s"])) for d in detail),
        "p99_us": max(float(str(d["p99_us"])) for d in detail),
        "speedup_vs_naive": min(int(str(d["speedup_vs_naive"])) for d in detail),
        "mismatches": mismatches,
        "pace": round(speed),
        "compared": sum(int(str(d["compared"])) for d in detail),
        "passed": not slow and (mismatches > 0) == break_ties,
        "detail": detail,
    }


def main(argv: list[str] | None = None) -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="bench route", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="under a minute")
    parser.add_argument("--json", action="store_true", help="one line only (the default form)")
    parser.add_argument("--break-ties", action="store_true", help="the oracle errs on purpose")
    options = parser.parse_args(argv)
    report = run(options.quick, options.break_ties)
    if not options.json:
        for line in report["detail"] if isinstance(report["detail"], list) else []:
            print(json.dumps(line), file=sys.stderr)
    print(json.dumps(report))
    return 0 if report["passed"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
