"""The administrator's test call: a number is dialled through one line, and what happened is told.

``run_test`` asks from a request; ``LineTests`` belongs to the loop of calls, which alone may speak
with Asterisk. It is no call of the company's: no case, no row, and it ends by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from atiende.calls.rows import TRUNK
from atiende.channels.voice import effects as do
from atiende.channels.voice import facts as has
from atiende.channels.voice.ari import Ari, AriError
from atiende.core.problem import Problem
from atiende.store import Bus

RING_S, TALK_S, PATIENCE_S = 25, 4.0, 40.0
PREFIX = "test:"
#: What the person who answers hears, in the default language's own sounds.
SAYS = ("sound:beep", "sound:vm-goodbye")
ANONYMOUS = "0"
#: SIP status of a refusal -> the word for it; what is not here goes by its class.
OUTCOMES: dict[int, str] = {
    404: "bad_number", 410: "bad_number", 484: "bad_number", 604: "bad_number",
    486: "busy", 600: "busy",
    408: "no_answer", 480: "no_answer", 487: "no_answer",
    401: "no_right", 402: "no_right", 403: "no_right", 407: "no_right",
    603: "rejected", 607: "rejected", 608: "rejected",
}  # fmt: skip
#: Q.850 causes, when no SIP status came.
CAUSES: dict[int, str] = {
    1: "bad_number", 22: "bad_number", 28: "bad_number",
    17: "busy", 18: "no_answer", 19: "no_answer", 21: "rejected",
    3: "no_way", 20: "no_way", 27: "no_way", 38: "no_way", 34: "congestion", 42: "congestion",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    id: str
    trunk: UUID
    number: str
    shown: str


@dataclass(frozen=True, slots=True)
class Told:
    """``seconds``: until it was answered, or until it was over."""

    id: str
    outcome: str
    seconds: float = 0.0
    heard: bool = False
    sip_code: int | None = None


def outcome_of(cause: int, sip_code: int | None) -> str:
    """The word for how a call out ended that nobody answered."""
    if sip_code:
        usual = "congestion" if sip_code >= 500 else "failed"
        return OUTCOMES.get(sip_code, usual)
    return CAUSES.get(cause, "failed")


async def run_test(bus: Bus, trunk: UUID, number: str, shown: str) -> Told:
    """Problem 503 `voice_is_away` when no loop took it up, 409 `trunk_test_runs`."""
    wanted = Wanted(uuid4().hex, trunk, number, shown.lstrip("+") if shown else "")
    ended: asyncio.Future[Told] = asyncio.get_running_loop().create_future()
    taken = asyncio.Event()

    def listen(told: Told | str) -> None:
        if told == wanted.id:
            taken.set()
        elif isinstance(told, Told) and told.id == wanted.id and not ended.done():
            ended.set_result(told)

    stop = bus.subscribe("line_tests_told", listen)
    try:
        bus.publish("line_tests", wanted)
        if not taken.is_set() and not ended.done():
            raise Problem(503, "voice_is_away")
        told = await asyncio.wait_for(ended, PATIENCE_S)
    except TimeoutError:
        raise Problem(503, "voice_is_away") from None
    finally:
        stop()
    if told.outcome == "runs":
        raise Problem(409, "trunk_test_runs")
    return told


@dataclass
class LineTests:
    """The tests that run, by the name of their leg. ``ask`` is the loop's own."""

    bus: Bus
    ari: Ari
    ask: Callable[[do.Effect], Awaitable[bool]]
    start: Callable[..., Any]
    facts: dict[str, asyncio.Queue[Any]] = field(default_factory=dict)
    busy: set[UUID] = field(default_factory=set)

    def listen(self) -> Callable[[], None]:
        """Takes tests up from now on; returns what ends that."""
        return self.bus.subscribe("line_tests", self._wanted)

    def heard(self, fact: Any) -> bool:
        """Whether a fact was about a test, and so about no call."""
        leg = getattr(fact, "leg", "") or getattr(fact, "playback", "")
        queue = self.facts.get(leg)
        if queue is not None:
            queue.put_nowait(fact)
        return isinstance(leg, str) and leg.startswith(PREFIX)

    def _wanted(self, wanted: Wanted) -> None:
        if wanted.trunk in self.busy:
            self.bus.publish("line_tests_told", Told(wanted.id, "runs"))
            return
        self.bus.publish("line_tests_told", wanted.id)
        self.busy.add(wanted.trunk)
        self.start(self._run(wanted))

    async def _run(self, wanted: Wanted) -> None:
        leg = f"{PREFIX}{wanted.id}"
        self.facts[leg] = asyncio.Queue()
        told = Told(wanted.id, "failed")
        try:
            async with asyncio.timeout(PATIENCE_S - 5):
                told = await self._call(wanted, leg)
        except TimeoutError:
            told = Told(wanted.id, "no_answer", PATIENCE_S)
        finally:
            await self.ask(do.Hangup(leg))
            del self.facts[leg]
            self.busy.discard(wanted.trunk)
            self.bus.publish("line_tests_told", told)

    async def _call(self, wanted: Wanted, leg: str) -> Told:
        clock = asyncio.get_running_loop().time
        began = clock()
        shown = wanted.shown if wanted.shown.isdigit() else ANONYMOUS
        dial = do.Originate(leg, f"{TRUNK}{wanted.trunk}", wanted.number, leg, shown, RING_S)
        if not await self.ask(dial):
            return Told(wanted.id, "no_way")
        while True:
            fact = await self.facts[leg].get()
            if isinstance(fact, has.LegEnded):
                outcome = outcome_of(fact.cause, fact.sip_code)
                return Told(wanted.id, outcome, clock() - began, sip_code=fact.sip_code)
            if isinstance(fact, has.LegAnswered):
                answered = clock() - began
                await self.ask(do.Play(leg, f"{leg}:says", SAYS))
                await asyncio.sleep(TALK_S)
                return Told(wanted.id, "answered", answered, await self._sound(leg), 200)

    async def _sound(self, leg: str) -> bool:
        """Whether anything at all was heard from the other side."""
        try:
            told = await self.ari.get(f"channels/{leg}/rtp_statistics") or {}
        except AriError:
            return False
        return bool(told.get("rxcount", 0))
