"""How long a caller will wait: an estimate from what the queue has just been doing.

Theory of operation. ``Gauge`` is what is seen of a queue: how long its contacts were handled of
late, who serves it now and since when, and how many of those who wait give up. The agents' next
free moments are not one number but a spread, so the queue is played forward some dozens of times:
each busy agent finishes after one of the recent handle times that is longer than what has passed,
takes the next in line for another, and so on, until the caller's turn. Their middle is the answer.
The draws are spread evenly by a fixed sequence: the same gauge gives the same answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heapify, heapreplace

#: Fewer handled contacts than these say too little.
LEAST_HANDLED = 3
ROUNDS, FAR = 31, 60
_GOLDEN = 0.6180339887498949


@dataclass(frozen=True, slots=True)
class Gauge:
    """A queue as it stands. ``handles``: the recent contacts' handle times with their wrap-up,
    ringing included (s). ``busy``: since when each serving agent has had what he has (s); ``free``:
    how many have nothing. ``left``: the share of recent contacts that gave up waiting (0 to 1)."""

    handles: tuple[float, ...] = ()
    busy: tuple[float, ...] = ()
    free: int = 0
    left: float = 0.0

    @property
    def agents(self) -> int:
        return len(self.busy) + self.free


def estimate(gauge: Gauge, position: int) -> float | None:
    """Seconds until the caller at ``position`` (1 = next) is attended. None: nobody serves, or too
    little is known."""
    if not gauge.agents or len(gauge.handles) < LEAST_HANDLED:
        return None
    ahead = (max(1, position) - 1) * (1 - min(max(gauge.left, 0.0), 0.9))
    if ahead > FAR:  # the law of large numbers
        mean = sum(gauge.handles) / len(gauge.handles)
        return (ahead + 1) * mean / gauge.agents
    handles = sorted(gauge.handles)
    draws = _draws()
    found = sorted(_turn(handles, gauge, ahead, draws) for _ in range(ROUNDS))
    return found[ROUNDS // 2]


def _turn(handles: list[float], gauge: Gauge, ahead: float, draws: Iterator[float]) -> float:
    """One way it may go: when the caller's turn comes."""
    ready = [0.0] * gauge.free + [_rest(handles, since, next(draws)) for since in gauge.busy]
    heapify(ready)
    whole = int(ahead) + (next(draws) < ahead - int(ahead))
    for _ in range(whole):
        heapreplace(ready, ready[0] + handles[int(next(draws) * len(handles))])
    return ready[0]


def _rest(handles: list[float], since: float, draw: float) -> float:
    """What is left of a contact that has lasted ``since`` already."""
    longer = [each - since for each in handles if each > since]
    if not longer:  # longer than any of late: it may end at any moment, or not soon
        return draw * handles[len(handles) // 2]
    return longer[int(draw * len(longer))]


def _draws() -> Iterator[float]:
    """Evenly spread in [0, 1), in an order without pattern."""
    place = 0.5
    shift = 0
    while True:
        place = (place + _GOLDEN) % 1.0
        shift = (shift * 1_103_515_245 + 12_345) % 2_147_483_648
        yield (place + shift / 2_147_483_648) % 1.0
