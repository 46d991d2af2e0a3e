"""The floor: who is available, what waits, who gets what.  routing/ drives it.

Theory of operation
-------------------
``step(fact, now) -> effects``.  A fact changes one agent or one piece of work; the functions in
on_agents.py, on_offers.py, on_work.py and on_moves.py say how, and end in one of two doors of
arrivals.py: ``place`` (work waits: best agent or a place in line) and ``feed`` (an agent changed:
first work or filed as free).  Nothing else matches, so the cost of a step does not grow with the
floor, and no pair that could meet is ever left apart.

Rules
-----
1. No clock, no randomness, no I/O: the same facts at the same times give the same effects.
2. The order in a queue is the static key ``virtual_start - priority * boost_s``, ties by id;
   among agents: best level for the step, then longest idle, then id.
3. Timers run on ``TimePassed`` alone.  The caller feeds what people did first, so an answer that
   came in time counts although the router was late; then TimePassed, by ``next_timer``.
4. Effects are already done here.  Whoever cannot write them rebuilds the floor (``load``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from atiende.core import facts as f
from atiende.core.arrivals import give, place
from atiende.core.board import Board, key_of, new_work, next_mark
from atiende.core.capacity import WAITING_S, begin_wrap, free_slot
from atiende.core.clock import mark, struck
from atiende.core.effects import Effect, Requeue
from atiende.core.on_agents import (
    add_agent,
    agent_configured,
    agent_removed,
    agent_seen,
    agent_silent,
    agent_struck,
    presence_asked,
    queue_configured,
    queue_removed,
)
from atiende.core.on_moves import move_asked, pull_asked, transfer_asked
from atiende.core.on_offers import media_failed, offer_accepted, offer_rejected
from atiende.core.on_work import (
    assignment_done,
    assignment_ended,
    work_canceled,
    work_parked,
    work_queued,
    work_resumed,
    work_struck,
    work_waiting,
    wrap_extended,
)
from atiende.core.records import Agent, Work
from atiende.core.returns import LOST_S, settle
from atiende.core.specs import AgentRow, Id, QueueSpec, WorkRow


def _time_passed(board: Board, fact: f.TimePassed) -> None:
    while (what := struck(board.clock, board.now)) is not None:
        if isinstance(what, Agent):
            agent_struck(board, what)
        else:
            work_struck(board, what)


# What each fact does.  A table, so that a fact without a rule is seen at once (and tested).
RULES: dict[type, Callable[[Board, Any], None]] = {
    f.QueueConfigured: queue_configured,
    f.QueueRemoved: queue_removed,
    f.AgentConfigured: agent_configured,
    f.AgentRemoved: agent_removed,
    f.PresenceAsked: presence_asked,
    f.AgentSeen: agent_seen,
    f.AgentSilent: agent_silent,
    f.WorkQueued: work_queued,
    f.WorkCanceled: work_canceled,
    f.OfferAccepted: offer_accepted,
    f.OfferRejected: offer_rejected,
    f.MediaFailed: media_failed,
    f.AssignmentEnded: assignment_ended,
    f.WrapExtended: wrap_extended,
    f.AssignmentDone: assignment_done,
    f.WorkWaiting: work_waiting,
    f.WorkResumed: work_resumed,
    f.WorkParked: work_parked,
    f.TransferAsked: transfer_asked,
    f.PullAsked: pull_asked,
    f.MoveAsked: move_asked,
    f.TimePassed: _time_passed,
}


class Floor:
    """All the state of routing, in memory.  Not thread-safe; one owner, one inbox."""

    __slots__ = ("board",)

    def __init__(self) -> None:
        self.board = Board()  # read by tests and screens; changed by ``step`` alone

    def step(self, fact: f.Fact, now: float) -> list[Effect]:
        """Take in one fact; say what must be done, in order.  ``now`` never goes back (an
        earlier one counts as the latest seen)."""
        board = self.board
        board.now = now if now > board.now else board.now
        out: list[Effect] = []
        board.out = out
        RULES[type(fact)](board, fact)
        return out

    def next_timer(self) -> float | None:
        """When the next TimePassed is needed; None = nothing is pending."""
        return next_mark(self.board)

    def position(self, work: Id) -> int | None:
        """The place in line of waiting work, from 1; None when it does not wait in a line."""
        found = self.board.work.get(work)
        if found is None or found.state != "queued":
            return None
        mine = (found.key, found.id)
        return 1 + sum(
            w.state == "queued" and w.queue == found.queue and (w.key, w.id) < mine
            for w in self.board.work.values()
        )

    @classmethod
    def load(
        cls,
        now: float,
        queues: Iterable[QueueSpec],
        agents: Iterable[AgentRow],
        work: Iterable[WorkRow],
    ) -> tuple[Floor, list[Effect]]:
        """Rebuild a floor from rows and match whatever can be matched at ``now``.  Timers that
        passed meanwhile wait for the first TimePassed, after what people did."""
        floor = cls()
        board = floor.board
        board.now, board.loading = now, True
        board.queues = {spec.id: spec for spec in queues}
        for row in agents:
            _load_agent(board, row)
        waiting = [one for row in work if (one := _load_work(board, row)) is not None]
        board.loading = False
        for agent in sorted(board.agents.values(), key=lambda a: (a.idle_since, a.id)):
            settle(board, agent)
        for one in sorted(waiting, key=lambda w: (w.key, w.id)):
            place(board, one)
        return floor, board.out


def _load_agent(board: Board, row: AgentRow) -> None:
    agent = add_agent(board, row.spec)
    agent.presence, agent.code, agent.pending = row.presence, row.code, row.pending
    agent.idle_since = row.idle_since
    agent.silent_since = row.silent_since
    if row.silent_since is not None and row.presence != "offline":
        mark(board.clock, agent, row.silent_since + LOST_S)


def _load_work(board: Board, row: WorkRow) -> Work | None:
    """Put the work where its row says; returned when it waits and is still to be placed."""
    work = new_work(board, row.spec)
    work.step = row.step
    work.key = key_of(board, work)
    agent = None if row.agent is None else board.agents.get(row.agent)
    if row.state == "scheduled":
        work.state = "scheduled"
        mark(board.clock, work, work.due_at)
    elif row.state == "offered" and agent is not None and agent.offer is None:
        work.state, work.agent, agent.offer = "offered", agent, work
        work.offer_ends = board.now if row.expires_at is None else row.expires_at
        mark(board.clock, work, work.offer_ends)
    elif row.state == "assigned" and agent is not None:
        _load_assigned(board, work, agent, row)
    else:
        if row.state in {"offered", "assigned"}:  # its agent is gone
            board.out.append(Requeue(work.id, work.queue, "removed", work.entered_at))
        return work
    return None


def _load_assigned(board: Board, work: Work, agent: Agent, row: WorkRow) -> None:
    idle_since = agent.idle_since
    give(board, agent, work)
    agent.idle_since = idle_since
    if row.wrapping:
        begin_wrap(agent, work)
        work.wrap_until = row.wrap_until
        mark(board.clock, work, row.wrap_until)
    elif row.waiting_since is not None:
        work.waiting_since = row.waiting_since
        if row.waiting_since + WAITING_S > board.now:
            mark(board.clock, work, row.waiting_since + WAITING_S)
        else:
            free_slot(agent, work)
