"""How parts of the program wake each other: publish and subscribe, best effort, after commit.

The engine here lives in one process. Truth is in rows: whoever listens also looks by itself every
second or two, so a lost message costs time, never data (architecture.md 6, 7).
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from atiende.store.events import Change

Listener = Callable[[Any], None]


class Bus:
    """Synchronous fan-out on the event loop: a listener only notes what it heard and returns."""

    def __init__(self) -> None:
        self._listeners: dict[str, list[Listener]] = defaultdict(list)

    def subscribe(self, subject: str, listener: Listener) -> Callable[[], None]:
        """Returns the function that ends the subscription."""
        self._listeners[subject].append(listener)
        return lambda: self._listeners[subject].remove(listener)

    def publish(self, subject: str, message: object) -> None:
        for listener in tuple(self._listeners[subject]):
            listener(message)

    def changed(self, changes: Sequence[Change]) -> None:
        """Tells the readers which entities reached which version."""
        if changes:
            self.publish("changes", changes)

    def wake(self, subject: str) -> None:
        """Tells a loop that rows wait for it."""
        self.publish(subject, None)


def wake_event(bus: Bus, subject: str) -> asyncio.Event:
    """An event that is set by each wake-up; the loop clears it before it looks."""
    event = asyncio.Event()
    bus.subscribe(subject, lambda _: event.set())
    return event
