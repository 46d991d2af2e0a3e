"""The floor's timers: one an agent or piece of work, set by the on_*.py files, struck by floor.py.

Theory of operation.  What waits has a timer days away, an offer one of seconds; nearly all are
moved or cleared before they come.  So the timers stand in a heap for each second, the seconds in
a heap of their own: setting the timer of an offer meets the few of the same second, never the
hundred thousand that wait.  Clearing only changes ``timer_at``; the entry it leaves is dead, and
is dropped when it comes to the top or when half of all entries are dead.  Equal times strike in
the order they were set.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from math import floor

from atiende.core.records import Agent, Work

Timed = Agent | Work
Entry = tuple[float, int, Timed]


class Clock:
    """All timers of a floor."""

    __slots__ = ("entries", "live", "order", "seconds", "seq")

    def __init__(self) -> None:
        self.seconds: dict[int, list[Entry]] = {}  # second -> a heap of its timers
        self.order: list[int] = []  # the seconds, as a heap
        self.entries = 0  # in all heaps, the dead too
        self.live = 0  # timers that are set
        self.seq = 0


def mark(clock: Clock, what: Timed, at: float | None) -> None:
    """Set, move or clear the one timer of an agent or a piece of work."""
    before = what.timer_at
    if at == before:
        return
    what.timer_at = at
    if at is None:
        clock.live -= 1
        return
    if before is None:
        clock.live += 1
    clock.seq += 1
    clock.entries += 1
    second = floor(at)
    heap = clock.seconds.get(second)
    if heap is None:
        clock.seconds[second] = [(at, clock.seq, what)]
        heappush(clock.order, second)
    else:
        heappush(heap, (at, clock.seq, what))
    if clock.entries > 2 * clock.live + 1024:
        _tidy(clock)


def next_strike(clock: Clock) -> float | None:
    """When the clock strikes next."""
    while clock.order:
        heap = clock.seconds[clock.order[0]]
        while heap:
            if heap[0][2].timer_at == heap[0][0]:
                return heap[0][0]
            heappop(heap)
            clock.entries -= 1
        del clock.seconds[heappop(clock.order)]
    return None


def struck(clock: Clock, now: float) -> Timed | None:
    """Take the next thing whose time has come; None = nothing is due."""
    at = next_strike(clock)
    if at is None or at > now:
        return None
    what = heappop(clock.seconds[clock.order[0]])[2]  # an empty heap goes at the next look
    clock.entries -= 1
    clock.live -= 1
    what.timer_at = None
    return what


def _tidy(clock: Clock) -> None:
    """Drop the dead, and what stands twice (it was cleared and set to the same time)."""
    clock.entries = 0
    for second, heap in list(clock.seconds.items()):
        first: dict[Timed, Entry] = {}
        for entry in sorted(heap):
            if entry[2].timer_at == entry[0]:
                first.setdefault(entry[2], entry)
        clock.entries += len(first)
        if first:
            clock.seconds[second] = list(first.values())  # sorted, so a heap
        else:
            del clock.seconds[second]
    clock.order = list(clock.seconds)
    heapify(clock.order)
