"""What the floor does with the answers to offers, and with the lack of one.  Called by floor.py.

Theory of operation (offer).  pending -> accepted | rejected | timeout | rescinded (the customer
left) | canceled (the agent went, a supervisor moved the work, the queue is gone).  However it
ends but by acceptance, the work stands at its old key before the agent is fed again, so nobody
overtakes it.  A timeout pauses the agent (`rona`) unless he is merely silent.
"""

from __future__ import annotations

from atiende.core import facts as f
from atiende.core.arrivals import give
from atiende.core.board import Board
from atiende.core.effects import Assign, SetPresence
from atiende.core.records import Agent, Work
from atiende.core.returns import bar, close_offer, hand_back, requeue, settle
from atiende.core.specs import Id


def pending(board: Board, work: Id, agent: Id) -> tuple[Work, Agent] | None:
    """The work and the agent when that very offer is pending."""
    holder = board.agents.get(agent)
    if holder is None or holder.offer is None or holder.offer.id != work:
        return None
    return holder.offer, holder


def offer_accepted(board: Board, fact: f.OfferAccepted) -> None:
    found = pending(board, fact.work, fact.agent)
    if found is None:
        return board.refuse("offer_gone")
    work, agent = found
    close_offer(board, agent, "accepted", "accepted")
    board.out.append(Assign(work.id, agent.id, "offer"))
    give(board, agent, work)
    return settle(board, agent)


def offer_rejected(board: Board, fact: f.OfferRejected) -> None:
    found = pending(board, fact.work, fact.agent)
    if found is None:
        return board.refuse("offer_gone")
    work, agent = found
    close_offer(board, agent, "rejected", fact.reason)
    bar(board, work, agent)
    requeue(board, work, "rejected")
    return settle(board, agent)


def offer_struck(board: Board, work: Work) -> None:
    """Nobody answered in time."""
    agent = work.agent
    if agent is None:
        return
    if agent.silent_since is not None:
        close_offer(board, agent, "timeout", "silent")
        requeue(board, work, "silent")
    else:
        close_offer(board, agent, "timeout", "rona")
        if work.preferred == agent.id:
            bar(board, work, agent)
        _pause(board, agent, "rona")
        requeue(board, work, "rona")
    settle(board, agent)


def media_failed(board: Board, fact: f.MediaFailed) -> None:
    work, agent = board.work.get(fact.work), board.agents.get(fact.agent)
    if agent is None or work is None or work not in agent.held or work.wrapping:
        return board.refuse("work_not_held")
    hand_back(board, work, agent, "media_failed")
    _pause(board, agent, "technical_failure")
    offered = close_offer(board, agent, "canceled", "paused")
    requeue(board, work, "media_failed")
    if offered is not None:
        requeue(board, offered, "paused")
    return settle(board, agent)


def _pause(board: Board, agent: Agent, code: str) -> None:
    """The floor itself pauses him; what he asked to be after his work stays pending."""
    if agent.presence != "offline":
        agent.presence, agent.code = "paused", code
        board.out.append(SetPresence(agent.id, "paused", code, agent.pending))
