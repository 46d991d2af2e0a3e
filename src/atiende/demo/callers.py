"""Who calls the demo's company, and how: its customers mostly, at a gentle pace.

Called by people.py as one endless loop. A caller waits, or does not; he speaks Spanish; he neither
knows nor cares whether a virtual agent or a person attends him.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from atiende.calls import TRIAL_HEADER, trial_token
from atiende.demo.data import company
from atiende.demo.headset import Phones, Q, options
from atiende.demo.phone import LateError, Phone
from atiende.demo.phone.speech import CALLERS, speech
from atiende.engines import Exchange

log = structlog.get_logger("demo")
WEIGHTS = {"atencion": 50, "ventas": 28, "cobranzas": 22}
#: How he is -> how often, and how many seconds he waits in all before he has enough.
MANNERS: dict[str, tuple[int, tuple[float, float]]] = {
    "patient": (78, (150.0, 260.0)),
    "leaves the queue": (14, (18.0, 40.0)),
    "impatient": (8, (3.0, 8.0)),
}
MOST = 3


@dataclass
class Town:
    """Everybody who may call. ``attended``: whether anybody at all would answer."""

    phones: Phones
    exchange: Exchange
    every: tuple[float, float]
    rng: random.Random
    attended: Callable[[], bool]
    tasks: set[asyncio.Task[None]] = field(default_factory=set)


async def run_callers(town: Town) -> None:
    """One call after another, for ever."""
    try:
        while True:
            await asyncio.sleep(town.rng.uniform(*town.every))
            if len(town.tasks) < MOST and town.attended():
                task = asyncio.create_task(_calls(town))
                town.tasks.add(task)
                task.add_done_callback(town.tasks.discard)
    finally:
        for task in tuple(town.tasks):
            task.cancel()
        await asyncio.gather(*town.tasks, return_exceptions=True)


async def _calls(town: Town) -> None:
    rng = town.rng
    team = rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    number = next(each["number"] for each in company()["numbers"] if each["key"] == team)
    async with town.phones.db.connection() as conn:
        people = await conn.fetch(Q["people_with_phones"])
    who = rng.choice(people)
    chosen = rng.choices(list(MANNERS), [often for often, _ in MANNERS.values()])[0]
    token = trial_token(town.exchange)
    own = options(town.exchange, user=who["value"], name=who["name"])
    try:
        async with Phone(own) as phone:
            await phone.call(number, extra=((TRIAL_HEADER, token),))
            await phone.until("talking", 20)
            phone.say(speech(rng.choice(CALLERS)))
            await _stays(phone, rng.uniform(*MANNERS[chosen][1]))
    except (LateError, OSError):
        log.debug("virtual caller was not taken")


async def _stays(phone: Phone, seconds: float) -> None:
    try:
        await phone.until("ended", seconds)
    except LateError:
        await phone.hang_up()
