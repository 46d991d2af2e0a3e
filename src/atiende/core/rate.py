"""At most so many events in a stretch of time.  The sockets and the public routes ask it."""

from __future__ import annotations

from collections import deque


def within_rate(times: deque[float], now: float, limit: int, window_s: float) -> bool:
    """Count one more event at ``now``; False when it is one too many, and then it is not counted.

    ``times`` belongs to the caller: one deque a visitor (messages), an address (starts), a socket.
    """
    while times and times[0] <= now - window_s:
        times.popleft()
    if len(times) >= limit:
        return False
    times.append(now)
    return True
