"""What the floor does when work comes, waits, is attended and ends.  Called by floor.py.

Theory of operation (work).  scheduled -> queued -> offered -> assigned -> done, and back to
queued (returned, transferred, moved) or scheduled (parked) from the hands of an agent, always at
the same static key.  Wrap-up begins only when the agent's *last* live work of the case ends;
earlier pieces are done at once.  Moves by hand are in on_moves.py.
"""

from __future__ import annotations

from atiende.core import facts as f
from atiende.core.arrivals import feed, forget_preference, place, unplace
from atiende.core.board import DEFAULT_QUEUE, Board, forget_work, new_work
from atiende.core.capacity import WAITING_S, begin_wrap, free_slot, take_slot
from atiende.core.clock import mark
from atiende.core.effects import CloseWork, Prefer, Schedule, StartWrap
from atiende.core.on_offers import offer_struck
from atiende.core.records import Agent, Work
from atiende.core.returns import PREFER_S, close_offer, finish, hand_back, requeue, settle
from atiende.core.specs import Id


def held(board: Board, work: Id, agent: Id) -> tuple[Work, Agent] | None:
    """The work and the agent when he has it in hand, wrap-up included."""
    found = board.work.get(work)
    if found is None or found.state != "assigned" or found.agent is None:
        return None
    return (found, found.agent) if found.agent.id == agent else None


def work_queued(board: Board, fact: f.WorkQueued) -> None:
    spec = fact.spec
    known = board.work.get(spec.id)
    if known is not None:
        if known.state != "scheduled":
            return None  # a command may come twice, or after the rows that it wrote
        return _bring_back(board, known, "resumed")
    if spec.queue not in board.queues:
        return board.refuse("queue_unknown")
    work = new_work(board, spec)
    if spec.due_at is not None and spec.due_at > board.now:
        return _schedule(board, work, spec.due_at, "callback")
    return place(board, work)


def work_canceled(board: Board, fact: f.WorkCanceled) -> None:
    work = board.work.get(fact.work)
    if work is None:
        return board.refuse("work_gone")
    agent = work.agent
    if agent is not None and work.state == "assigned":
        return finish(board, work, agent, "canceled")
    if agent is not None:
        close_offer(board, agent, "rescinded", fact.reason)
    elif work.state == "queued":
        unplace(work)
    board.out.append(CloseWork(work.id, fact.reason))
    forget_work(board, work)
    return None if agent is None else settle(board, agent)


def assignment_ended(board: Board, fact: f.AssignmentEnded) -> None:
    found = held(board, fact.work, fact.agent)
    if found is None:
        return board.refuse("work_not_held")
    work, agent = found
    if work.wrapping:
        return None
    if any(w is not work and w.case == work.case and not w.wrapping for w in agent.held):
        return finish(board, work, agent, "case_continues")
    queue = board.queues.get(work.queue, DEFAULT_QUEUE)
    if queue.wrapup_mode == "none":
        return finish(board, work, agent, "no_wrap")
    begin_wrap(agent, work)
    work.waiting_since = None
    has_end = queue.wrapup_mode != "mandatory" and queue.wrapup_s > 0
    work.wrap_until = board.now + queue.wrapup_s if has_end else None
    mark(board.clock, work, work.wrap_until)
    board.out.append(StartWrap(work.id, agent.id, work.wrap_until))
    return settle(board, agent)


def wrap_extended(board: Board, fact: f.WrapExtended) -> None:
    found = held(board, fact.work, fact.agent)
    if found is None or found[0].wrap_until is None:
        return board.refuse("wrap_no_deadline")
    work, agent = found
    work.wrap_until = max(found[0].wrap_until, board.now) + fact.seconds
    mark(board.clock, work, work.wrap_until)
    board.out.append(StartWrap(work.id, agent.id, work.wrap_until))
    return None


def assignment_done(board: Board, fact: f.AssignmentDone) -> None:
    found = held(board, fact.work, fact.agent)
    if found is None:
        return board.refuse("work_not_held")
    return finish(board, found[0], found[1], fact.reason)


def work_waiting(board: Board, fact: f.WorkWaiting) -> None:
    work = board.work.get(fact.work)
    if work is None or work.agent is None or work.state != "assigned" or work.wrapping:
        return board.refuse("work_not_held")
    work.waiting_since = fact.since
    if fact.since + WAITING_S > board.now:
        return mark(board.clock, work, fact.since + WAITING_S)
    return _rest(board, work, work.agent)


def work_resumed(board: Board, fact: f.WorkResumed) -> None:
    work = board.work.get(fact.work)
    if work is None:
        return board.refuse("work_gone")
    if work.state == "scheduled":
        return _bring_back(board, work, "resumed")
    if work.agent is not None and work.waiting_since is not None:
        work.waiting_since = None
        mark(board.clock, work, None)
        take_slot(work.agent, work)
        return feed(board, work.agent)
    return None


def work_parked(board: Board, fact: f.WorkParked) -> None:
    found = held(board, fact.work, fact.agent)
    if found is None or found[0].wrapping:
        return board.refuse("work_not_held")
    work, agent = found
    hand_back(board, work, agent, "parked")
    work.preferred, work.preferred_until, work.direct = agent.id, None, False
    board.out.append(Prefer(work.id, agent.id, None))
    _schedule(board, work, fact.until, "parked")
    return settle(board, agent)


def work_struck(board: Board, work: Work) -> None:
    """The one timer of the work has come, whatever it stood for."""
    if work.state == "offered":
        offer_struck(board, work)
    elif work.state == "scheduled":
        _bring_back(board, work, "due")
    elif work.state == "queued":
        overdue = work.preferred_until is not None and work.preferred_until <= board.now
        unplace(work)
        if overdue:
            forget_preference(board, work)
        place(board, work)
    elif work.agent is not None and work.wrapping:
        finish(board, work, work.agent, "wrap_timeout")
    elif work.agent is not None:
        _rest(board, work, work.agent)


def _rest(board: Board, work: Work, agent: Agent) -> None:
    """The customer has kept silent for WAITING_S: the work stays his, its slot is free."""
    free_slot(agent, work)
    settle(board, agent)


def _schedule(board: Board, work: Work, due_at: float | None, reason: str) -> None:
    work.state, work.due_at = "scheduled", due_at
    mark(board.clock, work, due_at)
    board.out.append(Schedule(work.id, due_at, reason))


def _bring_back(board: Board, work: Work, reason: str) -> None:
    """Scheduled work waits again, at its old key; it has just come as far as its queue's rules
    go, and asks first for the agent it knows."""
    mark(board.clock, work, None)
    work.entered_at, work.due_at, work.step = board.now, None, 0
    if work.preferred is not None and work.preferred_until is None:
        work.preferred_until = board.now + PREFER_S
        board.out.append(Prefer(work.id, work.preferred, work.preferred_until, work.direct))
    requeue(board, work, reason)
