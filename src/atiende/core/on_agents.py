"""What the floor does when agents, their presence and the queues change.  Called by floor.py.

Theory of operation (presence).  offline, available and paused are asked for by people; only the
floor itself pauses (`rona`, `technical_failure`) and only it declares an agent lost.  A presence
asked for "after this one" is pending: from that moment nothing more is offered, and it takes
hold at the instant the work empties.  Silence is not absence: a silent agent is offered nothing
but keeps what he has until LOST_S after his last pong; whoever is seen again before keeps it.
"""

from __future__ import annotations

from atiende.core import facts as f
from atiende.core.arrivals import enter_queue, feed, place, stand, unfile, unplace
from atiende.core.board import Board, forget_work
from atiende.core.capacity import is_empty
from atiende.core.clock import mark
from atiende.core.effects import CloseWork, SetPresence
from atiende.core.lines import join
from atiende.core.records import Agent, Work
from atiende.core.returns import LOST_S, close_offer, leave, replace_all, requeue, set_presence
from atiende.core.specs import AgentSpec


def queue_configured(board: Board, fact: f.QueueConfigured) -> None:
    spec = fact.spec
    old = board.queues.get(spec.id)
    board.queues[spec.id] = spec
    if old is not None and old != spec:
        replace_all(board, _waiting_in(board, spec.id))


def queue_removed(board: Board, fact: f.QueueRemoved) -> None:
    spec = board.queues.pop(fact.queue, None)
    if spec is None:
        return board.refuse("queue_unknown")
    target = spec.overflow_queue if spec.overflow_queue in board.queues else None
    affected = [w for w in board.work.values() if w.queue == fact.queue]
    again: list[tuple[Work, bool]] = []  # (work, was it offered)
    freed: list[Agent] = []
    for work in sorted(affected, key=lambda w: (w.key, w.id)):
        offered = work.state == "offered"
        if offered and work.agent is not None:
            freed.append(work.agent)
            close_offer(board, work.agent, "canceled", "queue_removed")
        elif work.state == "queued":
            unplace(work)
        if target is not None:
            enter_queue(board, work, target, "queue_removed")
            if work.state in {"queued", "offered"}:
                again.append((work, offered))
        elif work.state != "assigned":
            board.out.append(CloseWork(work.id, "queue_removed"))
            forget_work(board, work)
    for agent in freed:
        stand(agent)
    for work, offered in again:
        if offered:
            requeue(board, work, "queue_removed")
        else:
            place(board, work)
    for agent in freed:
        feed(board, agent)
    return None


def agent_configured(board: Board, fact: f.AgentConfigured) -> None:
    agent = board.agents.get(fact.spec.id)
    if agent is None:
        add_agent(board, fact.spec)  # offline, and alive until AgentSilent says otherwise
        return
    unfile(agent)
    _leave_lines(board, agent)
    board.book.count(agent.levels, -1)
    agent.configure(fact.spec, board.book.levels(fact.spec.skills))
    board.book.count(agent.levels, 1)
    _join_lines(board, agent)
    replace_all(board, list(agent.reserved))
    feed(board, agent)


def add_agent(board: Board, spec: AgentSpec) -> Agent:
    """A new agent, offline and alive; floor.load and agent_configured say the rest."""
    levels = board.book.levels(spec.skills)
    board.book.count(levels, 1)
    agent = board.agents[spec.id] = Agent(spec, levels)
    _join_lines(board, agent)
    return agent


def agent_removed(board: Board, fact: f.AgentRemoved) -> None:
    agent = board.agents.get(fact.agent)
    if agent is None:
        return board.refuse("agent_not_found")
    del board.agents[agent.id]
    leave(board, agent, None, "removed")
    _leave_lines(board, agent)
    board.book.count(agent.levels, -1)
    return None


def presence_asked(board: Board, fact: f.PresenceAsked) -> None:
    agent = board.agents.get(fact.agent)
    if agent is None:
        return board.refuse("agent_not_found")
    if fact.after_work and fact.presence != "available" and not is_empty(agent):
        agent.pending = (fact.presence, fact.code)
        board.out.append(SetPresence(agent.id, agent.presence, agent.code, agent.pending))
        return feed(board, agent)
    if fact.presence == "offline":
        if agent.calls:
            return board.refuse("presence_live_call")
        if agent.presence == "offline":
            return None
    return set_presence(board, agent, fact.presence, fact.code)


def agent_seen(board: Board, fact: f.AgentSeen) -> None:
    agent = board.agents.get(fact.agent)
    if agent is None:
        return board.refuse("agent_not_found")
    if agent.silent_since is not None:
        agent.silent_since = None
        mark(board.clock, agent, None)
        feed(board, agent)
    return None


def agent_silent(board: Board, fact: f.AgentSilent) -> None:
    agent = board.agents.get(fact.agent)
    if agent is None:
        return board.refuse("agent_not_found")
    agent.silent_since = fact.since
    if agent.presence != "offline":
        mark(board.clock, agent, fact.since + LOST_S)
    return feed(board, agent)


def agent_struck(board: Board, agent: Agent) -> None:
    """His silence has lasted LOST_S."""
    if agent.silent_since is not None and agent.presence != "offline":
        leave(board, agent, "lost", "lost")


def _waiting_in(board: Board, queue: object) -> list[Work]:
    return [w for w in board.work.values() if w.queue == queue and w.state == "queued"]


def _join_lines(board: Board, agent: Agent) -> None:
    for queue in dict.fromkeys(agent.spec.queues):
        board.members.setdefault(queue, {})[agent] = None
        for media in range(3):
            line = board.lines.get((queue, media))
            if line is not None:
                join(line, media, agent)


def _leave_lines(board: Board, agent: Agent) -> None:
    for media in range(3):
        agent.lines[media].clear()
        agent.places[media].clear()
    for queue in dict.fromkeys(agent.spec.queues):
        board.members[queue].pop(agent, None)
