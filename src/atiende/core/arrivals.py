"""Waiting begins and ends here: ``place`` puts work in line, ``feed`` gives an agent work.

The two doors of matching.py for the on_*.py files: every change of an agent ends in ``feed``,
every work that is to wait goes through ``place``.  Both make at most one offer.
"""

from __future__ import annotations

from atiende.core.board import Board, forget_work, key_in, line_of
from atiende.core.capacity import fits, hold, is_ready, release, rooms
from atiende.core.clock import mark
from atiende.core.effects import CloseWork, MoveQueue, Offer, Prefer, RaiseStep, Why
from atiende.core.lines import file_agent, file_work, unfile_agent, unfile_work
from atiende.core.matching import find_agent, find_work, may_be_asked
from atiende.core.records import NOWHERE, Agent, Work
from atiende.core.skills import Demand, level_of
from atiende.core.specs import Id, QueueSpec, Step

LONGEST_WAIT_S = 7 * 86_400.0  # no queue is infinite, even one without rules of its own
LEAST_WAIT_S = 1.0  # an overflow of 0 s would chase its own tail


def place(board: Board, work: Work) -> None:
    """The work waits from now on: it gets an agent at once, or its place in line."""
    work.state = "queued"
    queue = _queue_for(board, work)
    if queue is None:
        return
    steps = work.requirements or queue.requirements
    if steps or work.step:
        _raise_step(board, work, steps)
    work.key = key_in(queue, work)
    demand = work.demand = board.book.demand(steps[work.step].skills if steps else ())
    if work.barred:
        work.barred = {a: until for a, until in work.barred.items() if until > board.now} or None
    if board.loading or (work.preferred is not None and _ask_preferred(board, work)):
        return
    if work.direct:  # in a line it is anybody's: nothing is waived there
        forget_preference(board, work)
    line = line_of(board, work.queue, work.media)
    agent, level, there = find_agent(board, work, line, demand)
    if agent is not None:
        offer(board, work, agent, ("work", level, there))
        return
    file_work(line, work, demand)
    case = work.case
    case.waiting = (*case.waiting, work) if case.waiting else (work,)
    mark(board.clock, work, _next_event(work, queue))


def unplace(work: Work) -> None:
    """The work waits no more (or is about to be placed anew).  Its timer is left to what follows:
    whatever that is sets it anew, or clears it."""
    if work.asked is not None:
        del work.asked.reserved[work]
        work.asked = None
    elif work.group is not None:
        unfile_work(work.group, work)
        case = work.case
        others = len(case.waiting) > 1
        case.waiting = tuple(w for w in case.waiting if w is not work) if others else ()


def feed(board: Board, agent: Agent) -> None:
    """The agent changed: offer him the first work that he may have, or file him as free."""
    if board.loading:
        return
    if not is_ready(agent):
        unfile(agent)
        return
    agent.rooms = rooms(agent)
    work, there = find_work(board, agent)
    if work is not None:
        unplace(work)
        offer(board, work, agent, ("agent", _level(agent, work.demand), there))
        return
    _file(agent)


def stand(agent: Agent) -> None:
    """File him as free without looking for work: he is to compete for what is placed next.
    Whoever calls it feeds him afterwards."""
    if is_ready(agent):
        agent.rooms = rooms(agent)
        _file(agent)


def _file(agent: Agent) -> None:
    want, have = agent.rooms, agent.filed
    if want == have:
        return
    for media in range(3):
        if want[media] and not have[media]:
            file_agent(agent, media)
        elif have[media] and not want[media]:
            unfile_agent(agent, media)
    agent.filed = want


def unfile(agent: Agent) -> None:
    """He stands nowhere as free."""
    if agent.filed is not NOWHERE:
        for media, is_filed in enumerate(agent.filed):
            if is_filed:
                unfile_agent(agent, media)
        agent.filed = NOWHERE


def touch(board: Board, agent: Agent) -> None:
    """His idleness begins anew (he was given work, finished some, or came)."""
    unfile(agent)
    agent.idle_since = board.now


def offer(board: Board, work: Work, agent: Agent, how: tuple[str, int, int]) -> None:
    """Make the offer; ``how`` = (who there for whom, his level, how many were there)."""
    queue = board.queues[work.queue]
    now = board.now
    why: Why = {
        "queue": str(work.queue),
        "key": work.key,
        "priority": queue.priority + work.tier,
        "tier": work.tier,
        "step": work.step,
        "level": how[1],
        "idle_s": now - agent.idle_since,
        "waited_s": now - work.virtual_start,
        "preferred": work.preferred is not None and work.preferred == agent.id,
        "case_held": work.case in agent.cases,
        "trigger": how[0],
        "candidates": how[2],
    }
    unfile(agent)
    work.state = "offered"
    work.agent = agent
    agent.offer = work
    work.offer_ends = now + queue.offer_timeout_s
    mark(board.clock, work, work.offer_ends)
    board.out.append(Offer(work.id, agent.id, work.offer_ends, why))


def give(board: Board, agent: Agent, work: Work) -> None:
    """The work is in his hands."""
    work.state = "assigned"
    work.agent = agent
    work.wrapping = False
    work.wrap_until = work.waiting_since = None
    work.barred = None
    if work.timer_at is not None:
        mark(board.clock, work, None)
    touch(board, agent)
    hold(agent, work)
    case = work.case
    if not case.holders:
        case.holders = (agent,)
    elif agent not in case.holders:
        case.holders = (*case.holders, agent)


def take_back(board: Board, agent: Agent, work: Work) -> None:
    """The work leaves his hands; whoever calls it says where to."""
    release(agent, work)
    if work.case not in agent.cases:
        holders = work.case.holders
        others = len(holders) > 1
        work.case.holders = tuple(a for a in holders if a is not agent) if others else ()
    work.agent = None
    work.wrapping = False
    work.wrap_until = work.waiting_since = None
    if work.timer_at is not None:
        mark(board.clock, work, None)
    touch(board, agent)


def forget_preference(board: Board, work: Work) -> None:
    """Nobody in particular is asked for any more."""
    if work.preferred is not None:
        work.preferred, work.preferred_until, work.direct = None, None, False
        board.out.append(Prefer(work.id, None, None))


def _queue_for(board: Board, work: Work) -> QueueSpec | None:
    """The queue where the work may go on waiting, following overflows; None = it was closed."""
    now = board.now
    while True:
        queue = board.queues.get(work.queue)
        if queue is None:
            _close(board, work, "queue_removed")
            return None
        if work.expires_at is not None and work.expires_at <= now:
            _close(board, work, "expired")
            return None
        if queue.max_wait_s is None:
            if work.expires_at is None and now >= work.entered_at + LONGEST_WAIT_S:
                _close(board, work, "expired")
                return None
            return queue
        if now < work.entered_at + max(queue.max_wait_s, LEAST_WAIT_S):
            return queue
        if queue.overflow_queue is None or queue.overflow_queue not in board.queues:
            _close(board, work, "overflow")
            return None
        enter_queue(board, work, queue.overflow_queue, "overflow")


def enter_queue(board: Board, work: Work, queue: Id, reason: str) -> None:
    """The work belongs to another queue: its relaxation begins anew, its place does not."""
    work.queue, work.entered_at, work.step = queue, board.now, 0
    board.out.append(MoveQueue(work.id, queue, board.now, reason))


def _close(board: Board, work: Work, reason: str) -> None:
    board.out.append(CloseWork(work.id, reason))
    forget_work(board, work)


def _raise_step(board: Board, work: Work, steps: tuple[Step, ...]) -> None:
    waited = board.now - work.entered_at
    step = work.step
    while step + 1 < len(steps) and steps[step + 1].after_s <= waited:
        step += 1
    if step >= len(steps):  # the queue may have fewer steps now
        step = max(len(steps) - 1, 0)
    if step != work.step:
        work.step = step
        board.out.append(RaiseStep(work.id, step))


def _ask_preferred(board: Board, work: Work) -> bool:
    """Offer to the preferred agent, or let the work wait for him; False = the line has it."""
    agent = None if work.preferred is None else board.agents.get(work.preferred)
    if agent is None or not may_be_asked(board, agent, work):
        return False
    if work.barred is not None and agent in work.barred:
        return False
    if is_ready(agent) and fits(agent, work):
        offer(board, work, agent, ("work", _level(agent, work.demand), 1))
        return True
    until = work.preferred_until
    if until is None or until <= board.now or agent.presence == "offline":
        return False
    work.asked = agent
    agent.reserved[work] = None
    mark(board.clock, work, min(until, _next_event(work, board.queues[work.queue])))
    return True


def _level(agent: Agent, demand: Demand | None) -> int:
    """His level; 0 also for who does not match, and was chosen by a person."""
    if demand is None or agent.mask & demand.mask != demand.mask:
        return 0
    return level_of(agent.levels, demand)


def _next_event(work: Work, queue: QueueSpec) -> float:
    """When the waiting changes by itself: there always is such a moment (invariant 7)."""
    entered = work.entered_at
    steps = work.requirements or queue.requirements
    at = entered + LONGEST_WAIT_S if work.expires_at is None else work.expires_at
    if queue.max_wait_s is not None:
        over = entered + max(queue.max_wait_s, LEAST_WAIT_S)
        at = over if work.expires_at is None else min(at, over)
    if work.step + 1 < len(steps):
        at = min(at, entered + steps[work.step + 1].after_s)
    if work.barred:
        at = min(at, *work.barred.values())
    return at
