"""The choice: which agent for this work, which work for this agent.

Theory of operation.  Nothing is matched but what changed, and always both ways:

- work that starts to wait (new, returned, relaxed, no longer reserved) looks for its best agent
  among those free: best level for its step, then longest idle, then id (``find_agent``);
- an agent who changed (ready, a slot freed, a case in hand, new skills) looks for the first work
  that he may have, by the static key, then id (``find_work``).

As long as every change is followed by one of the two, no agent idles while work waits that he
could have; tests/core proves that on random histories.  on_work.py and on_agents.py see to it
by calling ``arrivals.place`` and ``arrivals.feed`` and nothing else.
"""

from __future__ import annotations

from math import inf

from atiende.core.board import Board, demand_of
from atiende.core.capacity import fits, is_ready
from atiende.core.lines import Group, Line, first_free, orders_seen, shelf_for, stands
from atiende.core.records import VOICE, Agent, Work
from atiende.core.skills import LEVELS, Demand, level_of
from atiende.core.specs import Id

Item = tuple[float, Id, Work]
EVERYWHERE = (True, True, True)


def find_agent(
    board: Board, work: Work, line: Line, demand: Demand
) -> tuple[Agent | None, int, int]:
    """The best agent free for the work: (agent, his level, how many were free)."""
    best, level = _best_filed(board, line, demand, work)
    free = line.free
    # Work of a case in hand is free: who holds the case may be full and still have it.
    for agent in work.case.holders:
        if not agent.filed[work.media] and is_ready(agent) and fits(agent, work):
            free += 1
            if may_serve(agent, work, demand) and not _is_barred(work, agent):
                got = level_of(agent.levels, demand)
                if best is None or _rank(agent, got) < _rank(best, level):
                    best, level = agent, got
    return best, level, free


def may_serve(agent: Agent, work: Work, demand: Demand) -> bool:
    """Queue and skills; presence and capacity are asked elsewhere."""
    return agent.mask & demand.mask == demand.mask and work.queue in agent.spec.queues


def may_be_asked(board: Board, agent: Agent, work: Work) -> bool:
    """Queue and skills, unless a person chose this agent for this work."""
    if work.direct and work.preferred == agent.id:
        return True
    return may_serve(agent, work, work.demand or demand_of(board, work))


def _is_barred(work: Work, agent: Agent) -> bool:
    return work.barred is not None and agent in work.barred


def _rank(agent: Agent, level: int) -> tuple[int, float, Id]:
    return (-level, agent.idle_since, agent.rank)


def _best_filed(board: Board, line: Line, demand: Demand, work: Work) -> tuple[Agent | None, int]:
    barred = work.barred
    if not line.free:
        return None, 0
    if not demand.mask:
        return first_free(line.order, barred), 0
    shelf = line.shelves.get(demand) or shelf_for(line, demand, board.members[work.queue])
    if shelf is None:
        return _best_of_all(line, demand, barred)
    for level in range(LEVELS, 0, -1):
        if shelf[level].tickets:
            found = first_free(shelf[level], barred)
            if found is not None:
                return found, level
    return None, 0


def _best_of_all(
    line: Line, demand: Demand, barred: dict[Agent, float] | None
) -> tuple[Agent | None, int]:
    best: Agent | None = None
    best_level = 0
    for ticket in line.order.tickets:
        agent = ticket.agent
        if agent is None or agent.mask & demand.mask != demand.mask:
            continue
        if barred and agent in barred:
            continue
        level = level_of(agent.levels, demand)
        if level > best_level:
            best, best_level = agent, level
            if level == LEVELS:
                break
    return best, best_level


def find_work(board: Board, agent: Agent) -> tuple[Work | None, int]:
    """The first work that a ready agent may have, given ``agent.rooms``: (work, how much
    waited in his lines)."""
    best, there = _first_apart(agent) if agent.reserved or agent.cases else (None, 0)
    limit = inf if best is None else best[0]
    mask = agent.mask
    for media, room in enumerate(agent.rooms):
        if not room:
            continue
        for line in agent.lines[media]:
            if not line.count:
                continue
            there += line.count
            for order in orders_seen(line, agent) if line.spread else line.orders.values():
                for key, _, group in order:
                    if key > limit:
                        break
                    asked = group.mask
                    if mask & asked == asked:
                        item = _unbarred(group, agent) if group.refused else group.items[group.head]
                        if item is not None and (best is None or item < best):
                            best = item
                            limit = item[0]
                            if limit == key:
                                break  # the first of the first: the rest of the order is later
    return (None if best is None else best[2]), there


def _unbarred(group: Group, agent: Agent) -> Item | None:
    """The first of the group that he did not refuse a moment ago."""
    for item in group.items[group.head :]:
        if stands(group, item) and not _is_barred(item[2], agent):
            return item
    return None


def _first_apart(agent: Agent) -> tuple[Item | None, int]:
    """Among what stands outside the lines for him: work reserved for him, and work of cases he
    holds in a media where he has no room left."""
    best: Item | None = None
    there = 0
    for work in agent.reserved:
        there += 1
        if fits(agent, work):
            item = (work.key, work.rank, work)
            if best is None or item < best:
                best = item
    if agent.rooms == EVERYWHERE:
        return best, there
    for case in agent.cases:
        for work in case.waiting:
            if agent.rooms[work.media] or (work.media == VOICE and agent.calls):
                continue
            there += 1
            demand = work.demand
            if demand and may_serve(agent, work, demand) and not _is_barred(work, agent):
                item = (work.key, work.rank, work)
                if best is None or item < best:
                    best = item
    return best, there
