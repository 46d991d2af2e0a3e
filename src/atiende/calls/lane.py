"""One call's queue of facts: what happens to it is taken one by one, in order."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from atiende.channels.voice import call as values
from atiende.channels.voice import facts as has
from atiende.channels.voice.recording import Tape
from atiende.channels.voice.waiting import Words


@dataclass
class Lane:
    """``call`` is what the machine believes; only the lane's own driver changes it."""

    call: values.Call
    since: datetime
    facts: asyncio.Queue[values.Fact] = field(default_factory=asyncio.Queue)
    told: values.Fact | None = None
    faults: list[float] = field(default_factory=list)
    #: Nothing but its end is taken any more.
    is_given_up: bool = False
    tape: Tape | None = None  # until it was read from its row
    words: Words = field(default_factory=Words)

    def put(self, fact: values.Fact) -> None:
        self.facts.put_nowait(fact)

    async def next(self) -> values.Fact:
        while True:
            fact = await self.facts.get()
            if not self.is_given_up or isinstance(fact, values.Missing):
                return fact

    def level(self, fact: values.Fact) -> None:
        """What the router's rows say; told once while it stays the same."""
        if fact != self.told:
            self.told = fact
            self.put(fact)

    def strike(self, timer: str, seconds: float) -> None:
        """Its own clock: after a restart ``compare`` sets what still counts."""
        loop = asyncio.get_running_loop()
        loop.call_later(seconds, self.put, values.Struck(timer))

    def left(self) -> list[str]:
        """Legs that answered after the end, and that nobody will hang up."""
        found = []
        while not self.facts.empty():
            fact = self.facts.get_nowait()
            if isinstance(fact, has.LegAnswered):
                found.append(fact.leg)
        return found
