"""What people move by hand: transfers, pulls, a supervisor's moves.  Called by floor.py.

Theory of operation.  A hand that moves work is a person's decision: a transfer to an agent and a
supervisor's move waive queue and skills; a pull and an offer keep to the slots; only a
supervisor's move may pass them.  Nothing waives the one live call.  The static key never changes.
"""

from __future__ import annotations

from atiende.core import facts as f
from atiende.core.arrivals import enter_queue, forget_preference, give, stand, unplace
from atiende.core.board import Board, forget_work, new_work
from atiende.core.capacity import fits_beside_offer
from atiende.core.clock import mark
from atiende.core.effects import Assign, Prefer
from atiende.core.on_offers import offer_accepted
from atiende.core.on_work import held
from atiende.core.records import VOICE, Agent, Work
from atiende.core.returns import PREFER_S, bar, close_offer, hand_back, requeue, settle
from atiende.core.specs import WorkSpec


def transfer_asked(board: Board, fact: f.TransferAsked) -> None:
    found = held(board, fact.work, fact.agent)
    if found is None or found[0].wrapping:
        return board.refuse("work_not_held")
    work, agent = found
    if (fact.to_queue is None) == (fact.to_agent is None):
        return board.refuse("target_needed")
    if fact.to_queue is not None:
        if fact.to_queue not in board.queues:
            return board.refuse("queue_unknown")
        hand_back(board, work, agent, "transfer")
        forget_preference(board, work)
        enter_queue(board, work, fact.to_queue, "transfer")
        bar(board, work, agent)
    else:
        target = None if fact.to_agent is None else board.agents.get(fact.to_agent)
        if target is None or target.presence == "offline":
            return board.refuse("agent_offline")
        if target is agent:
            return board.refuse("transfer_self")
        hand_back(board, work, agent, "transfer")
        bar(board, work, agent)
        until = board.now + PREFER_S if fact.until is None else fact.until
        work.preferred, work.preferred_until, work.direct = target.id, until, True
        board.out.append(Prefer(work.id, target.id, until, True))
    requeue(board, work, "transfer")
    return settle(board, agent)


def pull_asked(board: Board, fact: f.PullAsked) -> None:
    agent = board.agents.get(fact.agent)
    if agent is None or agent.presence == "offline":
        return board.refuse("agent_offline")
    work = board.work.get(fact.work)
    if work is None:
        if fact.spec is None or fact.spec.id != fact.work:
            return board.refuse("work_gone")
        if fact.spec.queue not in board.queues:
            return board.refuse("queue_unknown")
        return _begin(board, agent, fact.spec)
    if work.state == "offered" and work.agent is agent:
        return offer_accepted(board, f.OfferAccepted(work.id, agent.id))
    if work.state in {"offered", "assigned"}:
        return board.refuse("work_taken")
    if not fits_beside_offer(agent, work):
        return board.refuse("agent_full")
    unplace(work)
    board.out.append(Assign(work.id, agent.id, "pull"))
    give(board, agent, work)
    return settle(board, agent)


def _begin(board: Board, agent: Agent, spec: WorkSpec) -> None:
    """Work that begins in his hands."""
    work = new_work(board, spec)
    if not fits_beside_offer(agent, work):
        forget_work(board, work)
        return board.refuse("agent_full")
    board.out.append(Assign(work.id, agent.id, "pull"))
    give(board, agent, work)
    return settle(board, agent)


def move_asked(board: Board, fact: f.MoveAsked) -> None:
    work = board.work.get(fact.work)
    if work is None:
        return board.refuse("work_gone")
    if work.wrapping:
        return board.refuse("work_not_live")
    if (fact.to_queue is None) == (fact.to_agent is None):
        return board.refuse("target_needed")
    if fact.to_queue is not None:
        if fact.to_queue not in board.queues:
            return board.refuse("queue_unknown")
        before = _take_out(board, work)
        forget_preference(board, work)
        enter_queue(board, work, fact.to_queue, "moved")
        if before is not None:
            stand(before)
        requeue(board, work, "moved")
        return None if before is None else settle(board, before)
    agent = None if fact.to_agent is None else board.agents.get(fact.to_agent)
    if agent is None or agent.presence == "offline":
        return board.refuse("agent_offline")
    if work in agent.held:
        return board.refuse("work_already_there")
    if work.media == VOICE and agent.calls:
        return board.refuse("agent_on_call")
    before = _take_out(board, work)
    board.out.append(Assign(work.id, agent.id, "force"))
    give(board, agent, work)
    _keep_one_call(board, agent)
    settle(board, agent)
    return None if before is None or before is agent else settle(board, before)


def _take_out(board: Board, work: Work) -> Agent | None:
    """Out of wherever it stands; returns the agent who had it or was offered it."""
    agent = work.agent
    if agent is None:
        unplace(work)
        mark(board.clock, work, None)
    elif work.state == "offered":
        close_offer(board, agent, "canceled", "moved")
    else:
        hand_back(board, work, agent, "moved")
    return agent


def _keep_one_call(board: Board, agent: Agent) -> None:
    """A call put into his hands takes back the other one that is ringing."""
    if agent.offer is not None and agent.offer.media == VOICE and agent.calls:
        ringing = close_offer(board, agent, "canceled", "moved")
        if ringing is not None:
            requeue(board, ringing, "moved")
