"""The naive oracle: the same choices as core.matching, by looking at everybody every time.

It reads what is true of agents and work (presence, what is in hand, levels as the profile gives
them) and none of the index: no bits, no lines, no shelves, no running loads.  Used by the random
histories here and by bench/route.py, which also measures how slow it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from atiende.core.board import Board
from atiende.core.records import Agent, Work
from atiende.core.specs import MEDIA, Id, Step

Asked = tuple[tuple[Id, int], ...]


def asked(board: Board, work: Work) -> Asked:
    """The skills asked at the work's step, from the specs."""
    queue = board.queues[work.queue]
    steps: tuple[Step, ...] = work.requirements or queue.requirements
    return steps[work.step].skills if steps else ()


def level(skills: Mapping[Id, int], wanted: Asked) -> int | None:
    """His weakest level among the skills asked; None = he does not match; 0 = nothing asked."""
    worst = 6
    for skill, least in wanted:
        has = skills.get(skill, 0)
        if has < least:
            return None
        worst = min(worst, has)
    return 0 if not wanted else worst


def load(agent: Agent, media: int) -> int:
    """Distinct cases that hold a slot in the media group."""
    return len({w.case for w in agent.held if w.media == media and w.slot})


def limit(agent: Agent, media: int) -> int:
    """The slots of the group as things stand."""
    slots = agent.spec.slots.get(MEDIA[media], 0)
    if any(w.media == 0 and not w.wrapping for w in agent.held):
        return 0 if media != 1 else min(slots, agent.spec.messages_during_call)
    return slots


def has_room(agent: Agent, work: Work) -> bool:
    """Capacity, counting a case in hand as free; one live call whatever happens."""
    if work.media == 0 and any(w.media == 0 and not w.wrapping for w in agent.held):
        return False
    cases = {w.case for w in agent.held}
    if work.case in cases:
        return True
    if agent.spec.max_case_load is not None and len(cases) >= agent.spec.max_case_load:
        return False
    return load(agent, work.media) < limit(agent, work.media)


def is_ready(agent: Agent, but_for: Work | None = None) -> bool:
    """Invariant 5; ``but_for`` is an offer to be thought away."""
    return (
        agent.presence == "available"
        and agent.pending is None
        and agent.silent_since is None
        and (agent.offer is None or agent.offer is but_for)
    )


def chosen(board: Board, agent: Agent, work: Work) -> bool:
    """A person chose this agent, or the work waits for him alone."""
    return work.preferred == agent.id and (work.direct or work.asked is agent)


def matches(board: Board, agent: Agent, work: Work) -> int | None:
    """The agent's level when queue and skills allow the work, else None."""
    got = level(agent.spec.skills, asked(board, work))
    if work.direct and work.preferred == agent.id:
        return got or 0
    return got if work.queue in agent.spec.queues else None


def could(board: Board, agent: Agent, work: Work, but_for: Work | None = None) -> int | None:
    """The level at which the agent may be offered the work now; None = he may not."""
    if not is_ready(agent, but_for) or (work.barred and agent in work.barred):
        return None
    if work.asked is not None and work.asked is not agent:
        return None
    if not has_room(agent, work):
        return None
    return matches(board, agent, work)


def best_agent(
    board: Board, work: Work, among: Iterable[Agent], *, last_id: bool = False
) -> Agent | None:
    """Best level, longest idle, then id.  ``last_id`` breaks ties the wrong way on purpose."""
    offered = work if work.state == "offered" else None
    best: tuple[int, float] | None = None
    found: Agent | None = None
    for agent in among:
        got = could(board, agent, work, offered)
        if got is None:
            continue
        rank = (-got, agent.idle_since)
        if found is None or best is None or rank < best:
            best, found = rank, agent
        elif rank == best and (found.id < agent.id if last_id else agent.id < found.id):
            found = agent
    return found


def first_work(
    board: Board, agent: Agent, among: Iterable[Work], *, last_id: bool = False
) -> Work | None:
    """The smallest static key that he may have, then id."""
    found: Work | None = None
    for work in among:
        if found is not None and (work.key > found.key):
            continue
        if could(board, agent, work, agent.offer) is None:
            continue
        tie = found is not None and work.key == found.key
        if tie and found is not None:
            found = max(work, found, key=_id) if last_id else min(work, found, key=_id)
        else:
            found = work
    return found


def _id(work: Work) -> Id:
    return work.id
