"""The estimated wait, held against the wait that came, on the router's own floor."""

import itertools
import math
import random
from dataclasses import dataclass, field
from functools import cache
from heapq import heappop, heappush
from statistics import median

import pytest

from atiende.core import effects as e
from atiende.core import facts as f
from atiende.core.floor import Floor
from atiende.core.specs import QueueSpec
from atiende.core.wait import Gauge, estimate
from tests.core.floors import agent, floor_with, work

AGENTS, RING_S, KEPT = 6, 3.0, 60


@dataclass
class Day:
    """Calls to one queue, in the order of what happens. Who waits is told an estimate at once."""

    draw: random.Random
    floor: Floor
    todo: list[tuple[float, int, str, int]] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)
    came: dict[int, float] = field(default_factory=dict)
    begun: dict[str, tuple[int, float]] = field(default_factory=dict)
    handles: list[float] = field(default_factory=list)
    stayed: list[bool] = field(default_factory=list)
    told: dict[int, float] = field(default_factory=dict)
    waits: dict[int, float] = field(default_factory=dict)

    def at(self, when: float, what: str, number: int) -> None:
        heappush(self.todo, (when, len(self.todo) + number, what, number))

    def run(self) -> None:
        while self.todo:
            now, _, what, number = heappop(self.todo)
            getattr(self, what)(number, now)

    def arrive(self, number: int, now: float) -> None:
        self.came[number] = now
        self.waiting.append(number)
        self.step(work(number, now, media="voice"), now)
        if number in self.waiting:
            place = sorted(self.waiting).index(number) + 1
            answer = estimate(self.gauge(now), place)
            if answer is not None:
                self.told[number] = answer
            self.at(now + self.draw.expovariate(1 / 2400), "leave", number)

    def leave(self, number: int, now: float) -> None:
        if number in self.waiting:
            self.waiting.remove(number)
            self.stayed.append(False)
            self.step(f.WorkCanceled(number, "customer_left"), now)

    def answer(self, number: int, now: float) -> None:
        name = next(who for who, (what, _) in self.begun.items() if what == number)
        self.step(f.OfferAccepted(number, name), now)
        self.at(now + self.draw.lognormvariate(math.log(170), 0.5), "finish", number)

    def finish(self, number: int, now: float) -> None:
        name = next(who for who, (what, _) in self.begun.items() if what == number)
        self.handles.append(now - self.begun.pop(name)[1])
        self.step(f.AssignmentDone(number, name), now)

    def step(self, fact: f.Fact, now: float) -> None:
        for effect in self.floor.step(fact, now):
            if isinstance(effect, e.Offer):
                number, name = int(str(effect.work)), str(effect.agent)
                self.waiting.remove(number)
                self.stayed.append(True)
                self.waits[number] = now - self.came[number]
                self.begun[name] = (number, now)
                self.at(now + RING_S, "answer", number)

    def gauge(self, now: float) -> Gauge:
        busy = tuple(now - since for _, since in self.begun.values())
        recent = self.stayed[-KEPT:]
        left = 1 - sum(recent) / len(recent) if recent else 0.0
        return Gauge(tuple(self.handles[-KEPT:]), busy, AGENTS - len(busy), left)


@cache
def day(seed: int, calls: int = 480) -> Day:
    """The pressure goes up and down: from no line at all to a long one."""
    draw = random.Random(seed)
    queue = QueueSpec("q", wrapup_mode="none", offer_timeout_s=60)
    people = tuple(agent(f"a{n}", slots={"voice": 1, "messages": 0, "mail": 0}) for n in range(6))
    made = Day(draw, floor_with(queue, agents=people))
    now, rate = 100.0, AGENTS / 195
    for number in range(calls):
        pressure = (0.95, 1.35)[number // 80 % 2] + 0.35 * math.sin(number / 20)
        now += draw.expovariate(rate * pressure)
        made.at(now, "arrive", number)
    made.run()
    return made


def pairs(made: Day) -> list[tuple[float, float]]:
    """(told, came true) of 50 who were told a time and stayed, spread over the day."""
    known = [n for n in made.told if n in made.waits and made.waits[n] >= 30]
    assert len(known) >= 100
    return [(made.told[n], made.waits[n]) for n in known[:: len(known) // 50][:50]]


def miss(told: list[tuple[float, float]]) -> float:
    """The median of how far the estimate was from the truth, as a part of the truth."""
    return median(abs(said - true) / true for said, true in told)


@pytest.mark.parametrize("seed", range(6))
def test_half_of_50_callers_are_told_a_wait_within_30_percent_of_theirs(seed: int) -> None:
    assert miss(pairs(day(seed))) <= 0.30


def best_constant(told: list[tuple[float, float]]) -> float:
    """In hindsight: what one could know without looking at the line."""
    true = [wait for _, wait in told]
    return min(miss([(float(guess), wait) for wait in true]) for guess in range(10, 3600, 10))


def test_no_constant_could_have_told_it() -> None:
    days = [pairs(day(seed)) for seed in range(6)]
    assert best_constant([pair for each in days for pair in each]) > 0.30
    assert all(best_constant(each) > 1.25 * miss(each) for each in days)


def test_nobody_knows_without_agents_or_without_a_past() -> None:
    assert estimate(Gauge((60.0,) * 10, (), 0), 1) is None
    assert estimate(Gauge((60.0, 60.0), (5.0,), 0), 1) is None


def test_a_free_agent_means_no_wait_and_each_place_more_never_means_less() -> None:
    assert estimate(Gauge((60.0,) * 5, (10.0,), 1), 1) == 0
    gauge = Gauge(tuple(float(n) for n in range(60, 300, 7)), (10.0, 100.0, 250.0), 0, 0.1)
    waits = [estimate(gauge, place) or 0.0 for place in range(1, 200)]
    assert waits[0] > 0
    assert all(b >= a * 0.8 for a, b in itertools.pairwise(waits))
    assert waits[-1] > 20 * waits[0]


def test_more_agents_wait_less_and_who_gives_up_makes_room() -> None:
    handles = tuple(float(n) for n in range(60, 300, 7))
    few, many = Gauge(handles, (50.0,) * 2), Gauge(handles, (50.0,) * 8)
    assert (estimate(few, 10) or 0) > 2 * (estimate(many, 10) or 0)
    loyal, leaving = Gauge(handles, (50.0,) * 4), Gauge(handles, (50.0,) * 4, left=0.5)
    assert (estimate(loyal, 20) or 0) > 1.5 * (estimate(leaving, 20) or 0)


def test_a_contact_longer_than_any_before_still_ends() -> None:
    told = estimate(Gauge((60.0,) * 5, (900.0,)), 1)
    assert told is not None
    assert 0 <= told <= 60
