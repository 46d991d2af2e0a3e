"""The floor: who is available, what waits, who gets what.  routing/ drives it.

Signatures first; the implementation follows.
"""

from __future__ import annotations

from collections.abc import Iterable

from atiende.core.effects import Effect
from atiende.core.facts import Fact
from atiende.core.specs import AgentRow, QueueSpec, WorkRow


class Floor:
    """All the state of routing, in memory.  Not thread-safe; one owner, one inbox."""

    def step(self, fact: Fact, now: float) -> list[Effect]:
        """Take in one fact; say what must be done, in order.  ``now`` never goes back (an
        earlier one counts as the latest seen)."""
        raise NotImplementedError

    def next_timer(self) -> float | None:
        """When the next TimePassed is needed; None = nothing is pending."""
        raise NotImplementedError

    @classmethod
    def load(
        cls,
        now: float,
        queues: Iterable[QueueSpec],
        agents: Iterable[AgentRow],
        work: Iterable[WorkRow],
    ) -> tuple[Floor, list[Effect]]:
        """Rebuild a floor from rows and match whatever can be matched at ``now``."""
        raise NotImplementedError
