"""Random histories of a whole floor: after every fact the invariants hold, and every offer is the
one the naive oracle would have made."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable

import pytest

from atiende.core import effects as e
from atiende.core import facts as f
from atiende.core import lines
from atiende.core.board import next_mark
from atiende.core.floor import RULES, Floor
from atiende.core.records import Case, Work
from atiende.core.specs import (
    MEDIA,
    AgentRow,
    AgentSpec,
    Id,
    Media,
    QueueSpec,
    Step,
    WorkRow,
    WorkSpec,
)
from tests.core import naive

QUEUES = 4
SKILLS = 5
AGENTS = 7


class World:
    """A floor under random facts, with a ledger of where every piece of work ought to be."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.floor = Floor()
        self.now = 1000.0
        self.next_work = 0
        self.ledger: dict[Id, str] = {}  # work -> waiting | offered | assigned | scheduled | over
        self.overfull: set[Id] = set()  # agents over their slots by a person's decision
        self.seen: set[type] = set()
        for number in range(QUEUES):
            self.step(f.QueueConfigured(self.queue(number)))
        for number in range(AGENTS):
            self.step(f.AgentConfigured(self.agent(number)))
            self.step(f.AgentSeen(number))
            self.step(f.PresenceAsked(number, "available"))

    # -- random specs

    def step_of(self, after: float) -> Step:
        wanted = self.rng.sample(range(SKILLS), self.rng.choice([0, 1, 1, 2]))
        return Step(after, tuple((s, self.rng.randint(1, 4)) for s in wanted))

    def queue(self, number: int) -> QueueSpec:
        rng = self.rng
        return QueueSpec(
            id=number,
            priority=rng.choice([0, 0, 1, 2]),
            offer_timeout_s=rng.choice([10, 20]),
            max_wait_s=rng.choice([None, None, 90, 0]),
            overflow_queue=rng.choice([None, *range(QUEUES)]),
            wrapup_mode=rng.choice(["none", "optional", "mandatory", "timed"]),
            wrapup_s=rng.choice([0, 15]),
            requirements=tuple(self.step_of(a) for a in (0, 20, 45)[: rng.randint(0, 3)]),
        )

    def agent(self, number: int) -> AgentSpec:
        rng = self.rng
        skills = rng.sample(range(SKILLS), rng.randint(0, 4))
        slots: dict[Media, int] = {"voice": 1, "messages": rng.choice([1, 2, 4]), "mail": 2}
        return AgentSpec(
            id=number,
            queues=tuple(rng.sample(range(QUEUES), rng.randint(1, 3))),
            skills={s: rng.randint(1, 5) for s in skills},
            slots=slots,
            messages_during_call=rng.choice([0, 1, 2]),
            max_case_load=rng.choice([None, None, 2]),
        )

    def work(self, number: int) -> WorkSpec:
        rng = self.rng
        preferred = rng.choice([None, None, None, rng.randrange(AGENTS)])
        return WorkSpec(
            id=number,
            queue=rng.randrange(QUEUES),
            case=rng.randrange(12),
            virtual_start=float(int(self.now) - rng.choice([0, 0, 0, 5, 100])),
            media=rng.choice(MEDIA),
            priority=rng.choice([0, 0, 1]),
            requirements=(self.step_of(0),) if rng.random() < 0.2 else (),
            preferred_agent=preferred,
            preferred_until=None if rng.random() < 0.4 else self.now + 30,
            direct=preferred is not None and rng.random() < 0.3,
            expires_at=self.now + 200 if rng.random() < 0.3 else None,
            due_at=self.now + 20 if rng.random() < 0.1 else None,
        )

    # -- taking a step

    def step(self, fact: f.Fact) -> list[e.Effect]:
        self.seen.add(type(fact))
        # What a timer may set free without a word, after an offer of the same step.
        apart = {w.id for w in self.floor.board.work.values() if w.barred or w.asked}
        effects = self.floor.step(fact, self.now)
        self.book(fact, effects)
        self.check(effects, apart if isinstance(fact, f.TimePassed) else set())
        return effects

    def book(self, fact: f.Fact, effects: list[e.Effect]) -> None:
        """Carry the effects out on the ledger, as the router does on its rows."""
        ledger = self.ledger
        if isinstance(fact, f.WorkQueued) and fact.spec.id not in ledger and not _refused(effects):
            ledger[fact.spec.id] = "waiting"
        for effect in effects:
            match effect:
                case e.Offer(work=w):
                    assert ledger[w] == "waiting", effect
                    ledger[w] = "offered"
                case e.CloseOffer(work=w):
                    assert ledger[w] == "offered", effect
                    ledger[w] = "free"
                case e.Assign(work=w, agent=a, kind=kind):
                    assert ledger.get(w, "new") not in {"offered", "assigned", "over"}
                    ledger[w] = "assigned"
                    if kind == "force":
                        self.overfull.add(a)
                case e.FinishAssignment(work=w):
                    assert ledger[w] == "assigned", effect
                    ledger[w] = "free"
                case e.Requeue(work=w):
                    assert ledger[w] in {"free", "waiting", "scheduled"}, effect
                    ledger[w] = "waiting"
                case e.Schedule(work=w):
                    ledger[w] = "scheduled"
                case e.CloseWork(work=w):
                    assert ledger[w] in {"free", "waiting", "scheduled"}, effect
                    ledger[w] = "over"
                case _:
                    pass

    # -- the invariants

    def check(self, effects: list[e.Effect], apart: set[Id]) -> None:
        board = self.floor.board
        if _refused(effects):
            assert len(effects) == 1, "a refusal changes nothing"
        where = {"queued": "waiting"}
        for work in board.work.values():
            assert self.ledger[work.id] == where.get(work.state, work.state), work.id
        on_floor = set(board.work)
        assert {w for w, s in self.ledger.items() if s in ACTIVE} == on_floor
        self.check_agents()
        self.check_waiting()
        offers = [x for x in effects if isinstance(x, e.Offer)]
        for made in offers:
            self.check_choice(made, effects[effects.index(made) + 1 :], apart)

    def check_agents(self) -> None:
        board = self.floor.board
        offered: dict[Id, Id] = {}
        for agent in board.agents.values():
            calls = sum(w.media == 0 and not w.wrapping for w in agent.held)
            assert calls == agent.calls
            assert calls <= 1
            assert agent.cases == _count(w.case for w in agent.held)
            for media in range(3):
                assert agent.load[media] == _count(
                    w.case for w in agent.held if w.media == media and w.slot
                )
            if agent.offer is not None:
                assert agent.offer.id not in offered, "one pending offer a work"
                offered[agent.offer.id] = agent.id
                assert agent.offer.state == "offered"
                assert agent.presence == "available", "no offer stays with who is not available"
            for work in agent.held:
                assert work.agent is agent
                assert work.state == "assigned"
            assert all(w.asked is agent and w.state == "queued" for w in agent.reserved)
        assert offered == {
            w.id: w.agent.id for w in board.work.values() if w.state == "offered" and w.agent
        }

    def check_waiting(self) -> None:
        """No queue is infinite, and nobody idles while work waits that he could have."""
        board = self.floor.board
        waiting = [w for w in board.work.values() if w.state == "queued"]
        for work in waiting:
            assert work.timer_at is not None, "every waiting work has a next event"
            assert (work.group is None) != (work.asked is None), "in a line, or asked of one"
        for agent in board.agents.values():
            if naive.is_ready(agent):
                for work in waiting:
                    assert naive.could(board, agent, work) is None, (
                        f"agent {agent.id} idles while {work.id} waits"
                    )

    def check_choice(self, made: e.Offer, after: list[e.Effect], apart: set[Id]) -> None:
        """The offer is the oracle's, but for what the same step did afterwards."""
        board = self.floor.board
        work, agent = board.work.get(made.work), board.agents.get(made.agent)
        if work is None or agent is None or agent.offer is not work:
            return  # overtaken within the same step
        why = made.why
        got = naive.could(board, agent, work, work)
        assert got is not None, "an offer that may not be"
        assert got == why["level"] or (work.direct and work.preferred == agent.id)
        moved = apart | {getattr(effect, "work", None) for effect in after}
        touched = {getattr(effect, "agent", None) for effect in after} - {agent.id}
        rivals = [w for w in board.work.values() if w.state == "queued" and w.id not in moved]
        rivals.append(work)
        others = [a for a in board.agents.values() if a.id not in touched]
        if why["trigger"] == "agent":
            assert naive.first_work(board, agent, rivals) is work, "the order was not kept"
        elif not why["preferred"]:
            assert naive.best_agent(board, work, others) is agent

    # -- random facts

    def random_fact(self) -> f.Fact:
        rng, board = self.rng, self.floor.board
        agent = rng.randrange(AGENTS)
        work: Id = rng.choice([*board.work] or [0])
        asking = rng.choice([a for a in board.agents.values() if a.offer] or [None])
        busy = rng.choice([a for a in board.agents.values() if a.held] or [None])
        if asking is not None and asking.offer is not None and rng.random() < 0.3:
            if rng.random() < 0.7:
                return f.OfferAccepted(asking.offer.id, asking.id)
            return f.OfferRejected(asking.offer.id, asking.id)
        if busy is not None and rng.random() < 0.35:
            return self.fact_of(busy.id, rng.choice([*busy.held]).id)
        makers: list[Callable[[], f.Fact]] = [
            *[self.new_work] * 6,
            lambda: f.PresenceAsked(agent, "available"),
            lambda: f.PresenceAsked(agent, "available"),
            lambda: f.PresenceAsked(agent, "paused", "lunch", rng.random() < 0.6),
            lambda: f.PresenceAsked(agent, "offline", None, rng.random() < 0.5),
            lambda: f.AgentSeen(agent),
            lambda: f.AgentSeen(agent),
            lambda: f.AgentSilent(agent, self.now - rng.choice([0, 10, 40])),
            lambda: f.WorkCanceled(work),
            lambda: f.PullAsked(work, agent),
            lambda: f.MoveAsked(work, to_queue=rng.randrange(QUEUES)),
            lambda: f.MoveAsked(work, to_agent=agent),
            lambda: f.AgentConfigured(self.agent(agent)),
            lambda: f.QueueConfigured(self.queue(rng.randrange(QUEUES))),
            f.TimePassed,
        ]
        rare: list[Callable[[], f.Fact]] = [
            lambda: f.QueueRemoved(rng.randrange(QUEUES)),
            lambda: f.AgentRemoved(agent),
            lambda: f.PullAsked(self.next_work, agent, self.new_work().spec),
            lambda: f.OfferAccepted(work, agent),
            lambda: f.WorkResumed(work),
        ]
        return rng.choice(rare if rng.random() < 0.06 else makers)()

    def new_work(self) -> f.WorkQueued:
        self.next_work += 1
        return f.WorkQueued(self.work(self.next_work))

    def fact_of(self, agent: Id, work: Id) -> f.Fact:
        rng = self.rng
        facts: list[f.Fact] = [
            f.AssignmentEnded(work, agent),
            f.AssignmentEnded(work, agent),
            f.AssignmentDone(work, agent),
            f.AssignmentDone(work, agent),
            f.WrapExtended(work, agent, 10),
            f.MediaFailed(work, agent),
            f.WorkWaiting(work, self.now - rng.choice([0, 895, 1000])),
            f.WorkResumed(work),
            f.WorkParked(work, agent, rng.choice([None, self.now + 15])),
            f.TransferAsked(work, agent, to_queue=rng.randrange(QUEUES)),
            f.TransferAsked(work, agent, to_agent=rng.randrange(AGENTS)),
        ]
        return rng.choice(facts)

    def run(self, steps: int) -> None:
        for _ in range(steps):
            self.now += self.rng.choice([0, 0, 1, 1, 3, 10])
            self.step(self.random_fact())
            at = next_mark(self.floor.board)
            if at is not None and at <= self.now:
                self.step(f.TimePassed())

    def rows(self) -> tuple[list[QueueSpec], list[AgentRow], list[WorkRow]]:
        """The floor as its rows would tell it to the next router."""
        board = self.floor.board
        agents = [
            AgentRow(a.spec, a.presence, a.code, a.pending, a.idle_since, a.silent_since)
            for a in board.agents.values()
        ]
        return list(board.queues.values()), agents, [_row(w) for w in board.work.values()]


ACTIVE = {"waiting", "offered", "assigned", "scheduled"}


def _row(w: Work) -> WorkRow:
    assert w.state != "gone"
    spec = WorkSpec(
        id=w.id,
        queue=w.queue,
        case=w.case.id,
        virtual_start=w.virtual_start,
        media=MEDIA[w.media],
        priority=w.tier,
        requirements=w.requirements,
        preferred_agent=w.preferred,
        preferred_until=w.preferred_until,
        direct=w.direct,
        entered_at=w.entered_at,
        due_at=w.due_at,
        expires_at=w.expires_at,
    )
    agent = None if w.agent is None else w.agent.id
    ends = w.offer_ends if w.state == "offered" else None
    return WorkRow(spec, w.state, w.step, agent, ends, w.wrapping, w.wrap_until, w.waiting_since)


def _count(cases: Iterable[Case]) -> dict[Case, int]:
    found: dict[Case, int] = {}
    for case in cases:
        found[case] = found.get(case, 0) + 1
    return found


def _refused(effects: list[e.Effect]) -> bool:
    return any(isinstance(effect, e.Refuse) for effect in effects)


@pytest.mark.parametrize("seed", range(40))
def test_a_random_history_keeps_every_invariant(seed: int) -> None:
    World(seed).run(150)


@pytest.mark.parametrize("seed", range(300, 312))
def test_the_index_for_many_demands_makes_the_same_choices(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "MAX_FLAT", 1)
    monkeypatch.setattr(lines, "MAX_SHELVES", seed % 2)
    World(seed).run(120)


def test_random_histories_use_every_kind_of_fact() -> None:
    seen: set[type] = set()
    for seed in range(100, 112):
        world = World(seed)
        world.run(150)
        seen |= world.seen
    assert seen == set(RULES)


def test_the_same_facts_give_the_same_effects() -> None:
    first, second = World(7), World(7)
    for _ in range(200):
        first.now += 1
        second.now += 1
        fact = first.random_fact()
        assert second.random_fact() == fact
        assert first.step(fact) == second.step(fact)


@pytest.mark.parametrize("seed", range(200, 215))
def test_a_floor_rebuilt_from_rows_goes_on_with_the_invariants(seed: int) -> None:
    world = World(seed)
    world.run(80)
    waiting = {w.id: w.key for w in world.floor.board.work.values() if w.state == "queued"}
    offers = {w.id: w.agent for w in world.floor.board.work.values() if w.state == "offered"}
    world.floor, effects = Floor.load(world.now, *world.rows())
    world.book(f.TimePassed(), effects)
    world.check(effects, set())
    after = world.floor.board.work
    assert all(after[w].key == key for w, key in waiting.items() if w in after), "order kept"
    for work, agent in offers.items():
        assert agent is not None
        holder = after[work].agent
        assert holder is not None
        assert holder.id == agent.id, "a pending offer survives the router"
    world.run(60)
