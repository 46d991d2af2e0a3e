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

from atiende.core.board import Board, demand_of
from atiende.core.capacity import fits, is_ready
from atiende.core.lines import Line, pivots_seen, shelf_for, stands
from atiende.core.records import VOICE, Agent, Work
from atiende.core.skills import Demand, level_of
from atiende.core.specs import Id

Item = tuple[float, Id, Work]


def find_agent(
    board: Board, work: Work, line: Line, demand: Demand
) -> tuple[Agent | None, int, int]:
    """The best agent free for the work: (agent, his level, how many were looked at)."""
    best, level, looked = _best_filed(line, demand, work.barred)
    # Work of a case in hand is free: who holds the case may be full and still have it.
    for agent in board.holders.get(work.case, ()):
        if agent.filed[work.media] is None and is_ready(agent) and fits(agent, work):
            looked += 1
            if may_serve(agent, work, demand) and not _is_barred(work, agent):
                got = level_of(agent.mask, demand)
                if best is None or _rank(agent, got) < _rank(best, level):
                    best, level = agent, got
    return best, level, looked


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
    return (-level, agent.idle_since, agent.id)


def _best_filed(
    line: Line, demand: Demand, barred: dict[Agent, float] | None
) -> tuple[Agent | None, int, int]:
    asked = demand.mask
    looked = 0
    if not asked:
        for agent in line.free:
            looked += 1
            if not barred or agent not in barred:
                return agent, 0, looked
        return None, 0, looked
    if not line.free:
        return None, 0, 0
    shelf, least = shelf_for(line, demand)
    if shelf is None:
        return _best_of_all(line, demand, barred)
    best: Agent | None = None
    best_level = 0
    single = demand.single
    for level in range(5, least - 1, -1):
        if best_level > level:
            break  # from here on nobody can be better than `level`
        for agent, mask in shelf[level].items():
            looked += 1
            if mask & asked != asked or (barred and agent in barred):
                continue
            got = level if single else level_of(mask, demand, level)
            if best is None or _rank(agent, got) < _rank(best, best_level):
                best, best_level = agent, got
            if got == level:
                break  # the others on this shelf are idle for less time, and no better
    return best, best_level, looked


def _best_of_all(
    line: Line, demand: Demand, barred: dict[Agent, float] | None
) -> tuple[Agent | None, int, int]:
    best: Agent | None = None
    best_level = 0
    looked = 0
    for agent, mask in line.free.items():
        looked += 1
        if mask & demand.mask != demand.mask or (barred and agent in barred):
            continue
        got = level_of(mask, demand)
        if got > best_level:
            best, best_level = agent, got
            if got == 5:
                break
    return best, best_level, looked


def find_work(board: Board, agent: Agent) -> tuple[Work | None, int]:
    """The first work that a ready agent may have, given ``agent.rooms``: (work, looked at)."""
    best, looked = _first_apart(board, agent)
    mask = agent.mask
    for media, room in enumerate(agent.rooms):
        if not room:
            continue
        for line in agent.lines[media]:
            if not line.orders:
                continue
            for pivot in pivots_seen(line, agent):
                for entry in line.orders[pivot]:
                    if best is not None and (entry[0], entry[1]) > (best[0], best[1]):
                        break
                    looked += 1
                    group = entry[2]
                    if mask & group.mask == group.mask:
                        item = (
                            group.items[group.head]
                            if group.items[group.head][2].barred is None
                            else next(
                                (
                                    i
                                    for i in group.items[group.head :]
                                    if stands(group, i) and not _is_barred(i[2], agent)
                                ),
                                None,
                            )
                        )
                        if item is not None and (best is None or item < best):
                            best = item
    return (best[2] if best else None), looked


def _first_apart(board: Board, agent: Agent) -> tuple[Item | None, int]:
    """Among what stands outside the lines for him: work reserved for him, and work of cases he
    holds in a media where he has no room left."""
    best: Item | None = None
    looked = 0
    for work in agent.reserved:
        looked += 1
        if fits(agent, work):
            item = (work.key, work.id, work)
            if best is None or item < best:
                best = item
    if all(agent.rooms):
        return best, looked
    for case in agent.cases:
        for work in board.waiting_cases.get(case, ()):
            if agent.rooms[work.media] or (work.media == VOICE and agent.calls):
                continue
            looked += 1
            demand = work.demand
            if demand and may_serve(agent, work, demand) and not _is_barred(work, agent):
                item = (work.key, work.id, work)
                if best is None or item < best:
                    best = item
    return best, looked
