"""«Simular un cliente»: virtual people who ring or write to this very installation, when asked.

Called by the administrator's page (web/trial.py) through what boot hands over; works in any
installation. The telephone speaks to our own Asterisk from this machine, by a header that only we
know; the chat goes to our own address. Nothing leaves the machine, and every name says that it is
a simulation: the numbers are of a country code that nobody has.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import structlog

from atiende.calls import TRIAL_HEADER, trial_token
from atiende.core.problem import Problem
from atiende.demo import talk
from atiende.demo.headset import options
from atiende.demo.line import LOST, RefusedError, new_line
from atiende.demo.phone import LateError, Phone
from atiende.demo.phone.answering import Answering
from atiende.demo.phone.speech import CALLERS, speech
from atiende.demo.visitors import Chat, Pace, Visitor, visit
from atiende.engines import Exchange
from atiende.settings import Settings

log = structlog.get_logger("trial")
MOST, KEPT = 10, 20
#: Who he says he is; the mark stands in the name, so that it is seen wherever the name is.
NAMES = ("Lucía", "Mateo", "Valentina", "Tomás", "Camila")
MARKS = {"es": "{name} (simulación)", "en": "{name} (simulation)"}
NUMBER = "+9990000000{n}"
#: Behaviours: how long he waits for somebody, and how long he talks, in seconds.
PATIENCE: dict[str, tuple[float, float]] = {
    "patient": (300.0, 60.0),
    "talkative": (300.0, 600.0),
    "impatient": (15.0, 20.0),
}
CHAT_PACE = Pace(patience=(240.0, 300.0))


@dataclass
class Run:
    """One virtual person. ``state``: begun, live, ended; ``outcome`` once it has ended:
    talked, gave_up, refused, failed or stopped."""

    id: str
    account: str
    channel: str
    behaviour: str
    name: str
    at: datetime
    state: str = "begun"
    outcome: str = ""
    task: asyncio.Task[None] | None = None


@dataclass
class Trials:
    """All of this process's. ``exchange`` is asked anew each time: it may have moved."""

    settings: Settings
    exchange: Callable[[], Exchange | None]
    runs: dict[str, Run] = field(default_factory=dict)
    chats: dict[str, Chat] = field(default_factory=dict)

    def list(self) -> list[Run]:
        """The latest first; what ended is kept for a while."""
        return sorted(self.runs.values(), key=lambda run: run.at, reverse=True)

    def start(self, account: dict[str, Any], behaviour: str, language: str) -> Run:
        """Somebody begins to call or to write. Problem 409 `trial_full`, 503 `voice_is_away`."""
        live = [run for run in self.runs.values() if run.state != "ended"]
        if len(live) >= MOST:
            raise Problem(409, "trial_full", n=MOST)
        taken = {run.name for run in live}
        names = [MARKS.get(language, MARKS["es"]).format(name=name) for name in NAMES]
        name = next((each for each in names if each not in taken), names[0])
        calls = account["channel"] == "voice"
        exchange = self.exchange() if calls else None
        if calls and exchange is None:
            raise Problem(503, "voice_is_away")
        kind = str(account["channel"])
        run = Run(uuid4().hex, str(account["name"]), kind, behaviour, name, datetime.now(UTC))
        self.runs[run.id] = run
        work = (
            self._calls(run, account["public_key"], names.index(name), exchange)
            if exchange is not None
            else self._writes(run, account["public_key"])
        )
        run.task = asyncio.create_task(self._kept(run, work))
        for old in self.list()[KEPT:]:
            if old.state == "ended":
                del self.runs[old.id]
        return run

    def stop(self, run_id: str) -> None:
        """He hangs up, or closes his page. Problem 404."""
        run = self.runs.get(run_id)
        if run is None:
            raise Problem(404, "not_found")
        if run.task is not None:
            run.task.cancel()

    async def close(self) -> None:
        """Everybody goes home."""
        tasks = [run.task for run in self.runs.values() if run.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _kept(self, run: Run, work: Awaitable[str]) -> None:
        try:
            run.outcome = await work
        except asyncio.CancelledError:
            run.outcome = "stopped"
        except (*LOST, RefusedError, LateError) as error:
            log.warning("trial_failed", error=type(error).__name__)
            run.outcome = "failed"
        finally:
            run.state = "ended"

    async def _calls(self, run: Run, number: str, who: int, exchange: Exchange) -> str:
        caller = NUMBER.format(n=who + 1)
        wait_s, talk_s = PATIENCE[run.behaviour]
        async with Phone(options(exchange, user=caller, name=run.name)) as phone:
            try:
                await phone.call(number, extra=((TRIAL_HEADER, trial_token(exchange)),))
                await phone.until("talking", 30)
                run.state = "live"
                phone.say(speech(CALLERS[who % len(CALLERS)]))
                return await _lasts(
                    phone, wait_s if run.behaviour == "impatient" else talk_s + wait_s
                )
            except LateError:
                await phone.hang_up()
                return _refused(phone)
            except asyncio.CancelledError:
                await phone.hang_up()
                raise

    async def _writes(self, run: Run, key: str) -> str:
        rng = random.Random()
        dialogue = rng.choice(talk.dialogues("atencion"))
        patience = (15.0, 20.0) if run.behaviour == "impatient" else CHAT_PACE.patience
        who = Visitor(run.name, dialogue, key, None, replace(CHAT_PACE, patience=patience), rng)
        line = new_line(self.settings)
        run.state = "live"
        try:
            await visit(line, who, datetime.now(UTC), self.chats)
        finally:
            await line.close()
        return "talked"


async def _lasts(phone: Phone, seconds: float) -> str:
    """Until one of both hangs up, or he has had enough."""
    try:
        await phone.until("ended", seconds)
    except LateError:
        await phone.hang_up()
        return "gave_up"
    return "talked"


def _refused(phone: Answering) -> str:
    refused = phone.ending is not None and phone.ending.status >= 400
    return "refused" if refused else "gave_up"


__all__ = ["Run", "Trials"]
