"""Lines: one for each queue and media that ever had work; who is free there, what waits there.

Theory of operation.  Matching must not look at the whole floor, so both sides stand sorted:

- free agents in the order of their idleness, and again on *shelves*: one for each demand that
  the line has seen, by level, so that the best is the first of the highest.  An agent has one
  *ticket* in all of them; who is free no more only voids it, and a void ticket is dropped where
  it comes first, or with all others when an order is half void;
- waiting work in *groups*, one for each distinct demand, each in the order of the static key;
  the groups stand in *orders* by the key of their first: all in one while they are few, spread
  by their pivot skill when they are many.

An agent stops at the first entry that is not better than what he found.  Where demands are few
that is soon; where they are many he looks only under the skills he has, so that a demand nobody
can serve costs nothing to who lacks its rarest skill.  The index changes how long a choice takes,
never which one it is (tests/core compare it with tests/core/naive.py).
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterable, Mapping

from atiende.core.records import Agent, Work
from atiende.core.skills import LEVELS, NO_SKILL, Demand, level_of
from atiende.core.specs import Id

SLACK = 16  # void tickets that an order carries along before it is swept
MAX_FLAT = 24  # groups in one order
MAX_SHELVES = 32  # beyond it, filing an agent would cost more than looking through the free ones


class Group:
    """The waiting work of one line that asks the same, in the order of the static key.

    ``items[head:]`` is the live part.  Work that left from the middle stays until the head
    reaches it or half of the list is dead.  ``refused`` = some of it may be barred to somebody
    (else nobody has to look, and the work itself is not touched by who only compares).
    """

    __slots__ = ("demand", "entry", "head", "items", "line", "live", "mask", "refused")

    def __init__(self, line: Line, demand: Demand) -> None:
        self.line = line
        self.demand = demand
        self.mask = demand.mask
        self.items: list[tuple[float, Id, Work]] = []
        self.head = 0
        self.live = 0
        self.refused = False
        self.entry: Entry | None = None  # where it stands in its order


Entry = tuple[float, Id, Group]  # a group in an order: the key and rank of its first


class Ticket:
    """A free agent's place in all the orders he belongs to; void (no agent) when he is free no
    more."""

    __slots__ = ("agent", "rank", "since")

    def __init__(self, agent: Agent) -> None:
        self.agent: Agent | None = agent
        self.since = agent.idle_since
        self.rank = agent.rank


class Order:
    """Free agents, idle for longest first, then by id; void tickets among them."""

    __slots__ = ("most", "tickets")

    def __init__(self) -> None:
        self.tickets: deque[Ticket] = deque()
        self.most = SLACK  # with more tickets than these, half of them may be void

    def sweep(self) -> None:
        """Drop what is void."""
        self.tickets = deque([ticket for ticket in self.tickets if ticket.agent is not None])
        self.most = 2 * len(self.tickets) + SLACK


Shelf = tuple[Order, ...]  # by level 0..5


class Line:
    """The free agents and the waiting work of one queue in one media."""

    __slots__ = ("count", "free", "groups", "media", "order", "orders", "shelves", "spread")

    def __init__(self, media: int) -> None:
        self.media = media
        self.free = 0  # how many agents are free
        self.order = Order()  # all of them
        self.shelves: dict[Demand, Shelf] = {}
        self.groups: dict[Demand, Group] = {}
        # Few groups stand in one order (under NO_SKILL); many are spread over their pivots.
        self.orders: dict[int, list[Entry]] = {}
        self.spread = False
        self.count = 0  # how much work waits


# -- free agents ------------------------------------------------------------------------------


def join(line: Line, media: int, agent: Agent) -> None:
    """The agent serves this line: from now on he is filed in its orders when he is free."""
    agent.lines[media].append(line)
    agent.places[media].append(line.order)
    for demand, shelf in line.shelves.items():
        _belong(agent, media, demand, shelf)


def _belong(agent: Agent, media: int, demand: Demand, shelf: Shelf) -> int | None:
    """If he matches the demand, he belongs to its shelf at his level (returned)."""
    if agent.mask & demand.mask != demand.mask:
        return None
    level = level_of(agent.levels, demand)
    agent.places[media].append(shelf[level])
    return level


def file_agent(agent: Agent, media: int) -> None:
    """He is free, at the place that his idle_since gives him in every order he belongs to."""
    ticket = agent.tickets[media] = Ticket(agent)
    since = ticket.since
    for line in agent.lines[media]:
        line.free += 1
    for order in agent.places[media]:
        tickets = order.tickets
        if tickets and tickets[-1].since >= since:
            _put_back(tickets, ticket)
        else:
            tickets.append(ticket)
        if len(tickets) > order.most:
            order.sweep()


def unfile_agent(agent: Agent, media: int) -> None:
    """He is free no more."""
    agent.tickets[media].agent = None
    for line in agent.lines[media]:
        line.free -= 1


def _put_back(tickets: deque[Ticket], ticket: Ticket) -> None:
    """He returns to an old place (a rejected or rescinded offer), or came at the same instant."""
    mine = (ticket.since, ticket.rank)
    at = len(tickets)
    while at and mine < (tickets[at - 1].since, tickets[at - 1].rank):
        at -= 1
    tickets.insert(at, ticket)


def first_free(order: Order, barred: Mapping[Agent, float] | None) -> Agent | None:
    """The one idle for longest who did not refuse a moment ago."""
    tickets = order.tickets
    while tickets and tickets[0].agent is None:
        tickets.popleft()
    for ticket in tickets:
        agent = ticket.agent
        if agent is not None and not (barred and agent in barred):
            return agent
    return None


def shelf_for(line: Line, demand: Demand, members: Iterable[Agent]) -> Shelf | None:
    """The shelf of the demand, made when it is first asked; None when the line has as many as it
    may."""
    shelf = line.shelves.get(demand)
    if shelf is None and len(line.shelves) < MAX_SHELVES:
        shelf = line.shelves[demand] = tuple(Order() for _ in range(LEVELS + 1))
        levels = {agent: _belong(agent, line.media, demand, shelf) for agent in members}
        for ticket in line.order.tickets:
            level = None if ticket.agent is None else levels[ticket.agent]
            if level is not None:
                shelf[level].tickets.append(ticket)
    return shelf


# -- waiting work -----------------------------------------------------------------------------


def file_work(line: Line, work: Work, demand: Demand) -> None:
    """The work waits here, at the place of its static key."""
    group = line.groups.get(demand)
    if group is None:
        group = line.groups[demand] = Group(line, demand)
        if len(line.groups) > MAX_FLAT and not line.spread:
            _spread(line)
    if work.barred:
        group.refused = True
    item = (work.key, work.rank, work)
    items = group.items
    if not items or items[-1] < item:
        items.append(item)
    elif group.head and item < items[group.head]:
        group.head -= 1
        items[group.head] = item
    else:
        insort(items, item, lo=group.head)
    work.group = group
    group.live += 1
    line.count += 1
    entry = group.entry
    if entry is None or item < entry:
        _restand(line, group, item)


def unfile_work(group: Group, work: Work) -> None:
    """The work waits here no more."""
    line = group.line
    work.group = None
    group.live -= 1
    line.count -= 1
    items, head = group.items, group.head
    if items[head][2] is work:
        head += 1
        if group.live != len(items) - head:  # else nobody left from the middle
            while head < len(items) and not stands(group, items[head]):
                head += 1
        group.head = head
        if head == len(items):
            items.clear()
            group.head = 0
            _restand(line, group, None)
            del line.groups[group.demand]
        else:
            _restand(line, group, items[head])
    if len(items) > 2 * group.live + 64:
        _tidy(group)


def stands(group: Group, item: tuple[float, Id, Work]) -> bool:
    """Is the item alive: does its work still wait here, at this key?"""
    return item[2].group is group and item[2].key == item[0]


def _restand(line: Line, group: Group, item: tuple[float, Id, Work] | None) -> None:
    """Move the group to where its first item puts it among the line's orders."""
    pivot = group.demand.pivot if line.spread else NO_SKILL
    order = line.orders.get(pivot)
    if order is None:
        order = line.orders[pivot] = []
    if group.entry is not None:
        at = bisect_left(order, group.entry)
        del order[at]
    if item is None:
        group.entry = None
        if not order:
            del line.orders[pivot]
        return
    group.entry = (item[0], item[1], group)
    if not order or order[-1] < group.entry:
        order.append(group.entry)
    else:
        insort(order, group.entry)


def _spread(line: Line) -> None:
    """From one order to one a pivot; there is no way back, for it would only come again."""
    line.spread = True
    line.orders = {}
    for group in line.groups.values():
        if group.entry is not None:
            line.orders.setdefault(group.demand.pivot, []).append(group.entry)
    for order in line.orders.values():
        order.sort()


def _tidy(group: Group) -> None:
    """Drop the dead, and what stands twice (it left and came back to the same place)."""
    kept: list[tuple[float, Id, Work]] = []
    for item in group.items[group.head :]:
        if stands(group, item) and not (kept and kept[-1][2] is item[2]):
            kept.append(item)
    group.items = kept
    group.head = 0


def orders_seen(line: Line, agent: Agent) -> Iterable[list[Entry]]:
    """The orders in which the agent may find work here, whichever side is shorter."""
    orders = line.orders
    if len(orders) <= len(agent.levels):
        levels = agent.levels
        return [o for pivot, o in orders.items() if pivot == NO_SKILL or pivot in levels]
    found = [orders[pivot] for pivot in agent.levels if pivot in orders]
    if NO_SKILL in orders:
        found.append(orders[NO_SKILL])
    return found
