"""What several facts share: work going back to its place, an agent coming to rest or leaving.

Used by the on_*.py files only.
"""

from __future__ import annotations

from collections.abc import Iterable

from atiende.core.arrivals import feed, forget_preference, place, take_back, touch, unplace
from atiende.core.board import Board, forget_work
from atiende.core.capacity import is_empty
from atiende.core.clock import mark
from atiende.core.effects import CloseOffer, FinishAssignment, OfferEnd, Requeue, SetPresence
from atiende.core.records import VOICE, Agent, Work
from atiende.core.specs import Presence

REFUSAL_S = 30.0  # how long refused work does not come back to who refused it
PREFER_S = 60.0  # how long returning work waits for the agent it asks for
LOST_S = 30.0  # without a pong


def requeue(board: Board, work: Work, reason: str) -> None:
    """Back to waiting, at the old static key."""
    board.out.append(Requeue(work.id, work.queue, reason, work.entered_at))
    place(board, work)


def requeue_all(board: Board, many: Iterable[Work], reason: str) -> None:
    """Several at once, in the order of their keys, so that the order is kept among them."""
    for work in sorted(many, key=lambda w: (w.key, w.id)):
        requeue(board, work, reason)


def replace_all(board: Board, many: Iterable[Work]) -> None:
    """Waiting work whose rules changed looks for its place anew."""
    affected = sorted(many, key=lambda w: (w.key, w.id))
    for work in affected:
        unplace(work)
    for work in affected:
        place(board, work)


def bar(board: Board, work: Work, agent: Agent) -> None:
    """He said no (or gave it away): not to him again for a while."""
    work.barred = {**(work.barred or {}), agent: board.now + REFUSAL_S}
    if work.preferred == agent.id:
        forget_preference(board, work)


def close_offer(board: Board, agent: Agent, state: OfferEnd, reason: str) -> Work | None:
    """End the agent's pending offer, if there is one; its work is in nobody's hands then."""
    work = agent.offer
    if work is None:
        return None
    agent.offer = None
    work.agent = None
    mark(board.clock, work, None)
    board.out.append(CloseOffer(work.id, agent.id, state, reason))
    return work


def finish(board: Board, work: Work, agent: Agent, reason: str) -> None:
    """The assignment is over, and the work with it."""
    board.out.append(FinishAssignment(work.id, agent.id, reason))
    take_back(board, agent, work)
    forget_work(board, work)
    settle(board, agent)


def hand_back(board: Board, work: Work, agent: Agent, reason: str) -> None:
    """The assignment is over, the work is not; the caller says where it goes."""
    board.out.append(FinishAssignment(work.id, agent.id, reason))
    take_back(board, agent, work)


def settle(board: Board, agent: Agent) -> None:
    """Something of his changed: apply what was pending if his work is empty, then feed him."""
    if agent.pending is not None and is_empty(agent):
        presence, code = agent.pending
        set_presence(board, agent, presence, code)
    else:
        feed(board, agent)


def set_presence(board: Board, agent: Agent, presence: Presence, code: str | None) -> None:
    """The presence holds from now on, with all that follows from it."""
    if presence == "offline":
        leave(board, agent, code, "logout")
        return
    came = presence == "available" and agent.presence != "available"
    same = (agent.presence, agent.code, agent.pending) == (presence, code, None)
    agent.presence, agent.code, agent.pending = presence, code, None
    if came:
        touch(board, agent)
    if not same:
        board.out.append(SetPresence(agent.id, presence, code, None))
    if agent.silent_since is not None:
        # Nobody has seen him yet: he has the usual time to appear.
        mark(board.clock, agent, max(agent.silent_since, board.now) + LOST_S)
    work = None if presence == "available" else close_offer(board, agent, "canceled", "paused")
    feed(board, agent)
    if work is not None:
        requeue(board, work, "paused")


def leave(board: Board, agent: Agent, code: str | None, reason: str) -> None:
    """He goes (logout, lost, removed): what he has goes back to its place.  A live call stays
    with a lost agent, for the voice channel knows better whether he is there."""
    agent.presence, agent.code, agent.pending = "offline", code, None
    board.out.append(SetPresence(agent.id, "offline", code, None))
    mark(board.clock, agent, None)
    feed(board, agent)
    back: list[Work] = []
    offered = close_offer(board, agent, "canceled", reason)
    if offered is not None:
        back.append(offered)
    for work in list(agent.held):
        if work.media == VOICE and not work.wrapping and reason == "lost":
            continue
        ended = work.wrapping
        hand_back(board, work, agent, reason)
        if ended:
            forget_work(board, work)
        else:
            back.append(work)
    asking = list(agent.reserved)
    for work in asking:
        unplace(work)
    for work in asking + back:
        if work.preferred == agent.id:
            forget_preference(board, work)
    for work in sorted(asking + back, key=lambda w: (w.key, w.id)):
        if work in back:
            requeue(board, work, reason)
        else:
            place(board, work)
