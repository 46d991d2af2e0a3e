"""The demo's virtual people: who comes to the chats, how often, and who sits at the desks.

Called by boot as one endless loop; it ends by being cancelled. Visitors come one by one, fewer
when nobody attends them; two of the company's agents are virtual. All of them reach the product
through its own address (line.py).
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

import structlog

from atiende.demo import talk
from atiende.demo.attendants import Attendant, attend
from atiende.demo.callers import Town, run_callers
from atiende.demo.data import customers, email_of, stranger
from atiende.demo.headset import Headset, Phones
from atiende.demo.line import LOST, Line, RefusedError, new_line, until_ready
from atiende.demo.logins import Known, read_people
from atiende.demo.shop import sign_identity
from atiende.demo.turns import Turns
from atiende.demo.visitors import Chat, Pace, Visitor, visit
from atiende.settings import Settings

log = structlog.get_logger("demo")
KNOWN = 0.45  # how many visitors are customers that the shop knows
SIGNED_S = 3600.0
WEIGHTS = {"atencion": 45, "ventas": 33, "cobranzas": 22}
RECENT = 24  # dialogues and persons that do not come again at once
LOOK_S = 5.0
T = TypeVar("T")
__all__ = ["Pace", "run_people"]


@dataclass
class Street:
    """Who is out there."""

    line: Line
    pace: Pace
    rng: random.Random
    known: Known
    chats: dict[str, Chat] = field(default_factory=dict)
    recent: list[object] = field(default_factory=list)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def unattended(self) -> int:
        return sum(chat.agent is None for chat in self.chats.values())


async def run_people(
    settings: Settings,
    pace: Pace | None = None,
    rng: random.Random | None = None,
    phones: Phones | None = None,
) -> None:
    """The whole street and both desks, until cancelled. Calls come where there are `phones`."""
    pace, rng = pace or Pace(), rng or random.Random()
    known = await asyncio.to_thread(read_people, settings.data_dir)
    if known is None:
        raise LookupError("the files of the demo's people are not there")
    lines = [new_line(settings) for _ in range(len(known.people) + 1)]
    try:
        await until_ready(lines[0])
        turns = Turns(frozenset(login.name for login in known.people))
        headsets = [Headset(phones, random.Random(rng.random())) for _ in known.people]
        desks = [
            Attendant(line, login, pace, random.Random(rng.random()), now, headset, turns)
            for line, login, headset in zip(lines[1:], known.people, headsets, strict=True)
        ]
        async with asyncio.TaskGroup() as group:
            for desk in desks:
                group.create_task(attend(desk))
            group.create_task(_arrivals(Street(lines[0], pace, rng, known)))
            group.create_task(_callers(phones, headsets, pace, random.Random(rng.random())))
    finally:
        for line in lines:
            await line.close()


async def _callers(
    phones: Phones | None, headsets: Sequence[Headset], pace: Pace, rng: random.Random
) -> None:
    """The telephone's side of the street, where there is an exchange."""
    exchange = await phones.ready() if phones is not None else None
    if phones is None or exchange is None:
        return

    def attended() -> bool:
        return all(each.phone is not None for each in headsets)

    await run_callers(Town(phones, exchange, pace.call, rng, attended))


def now() -> datetime:
    return datetime.now(UTC)


async def _arrivals(street: Street) -> None:
    """One visitor after another, for ever."""
    pace, rng = street.pace, street.rng
    await asyncio.sleep(rng.uniform(*pace.first))
    try:
        while True:
            if _room(street):
                _comes(street)
                wait = rng.uniform(*pace.arrive)
                await asyncio.sleep(wait / 3 if len(street.chats) < 2 else wait)
            else:
                await asyncio.sleep(min(LOOK_S, pace.arrive[0]))
    finally:
        for task in tuple(street.tasks):
            task.cancel()
        if street.tasks:
            await asyncio.wait(tuple(street.tasks))


def _room(street: Street) -> bool:
    pace = street.pace
    return len(street.tasks) < pace.most and street.unattended < pace.most_unattended


def _comes(street: Street) -> None:
    task = asyncio.create_task(_one(street))
    street.tasks.add(task)
    task.add_done_callback(street.tasks.discard)


async def _one(street: Street) -> None:
    rng = street.rng
    team = rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    try:
        await visit(street.line, _visitor(street, team), now(), street.chats)
    except RefusedError as refused:
        log.debug("virtual visitor refused", key=refused.key)
    except LOST:
        log.debug("virtual visitor lost the line")


def _visitor(street: Street, team: str) -> Visitor:
    rng = street.rng
    dialogue = _fresh(street, list(talk.dialogues(team)))
    known = rng.random() < KNOWN
    name = _fresh(street, [c["name"] for c in customers()]) if known else stranger(rng)
    identity = None
    if known:
        claims = {
            "id": email_of(name),
            "name": name,
            "email": email_of(name),
            "exp": now().timestamp() + SIGNED_S,
        }
        identity = sign_identity(claims, street.known.secret)
    return Visitor(
        name, dialogue, street.known.keys[team], identity, street.pace, random.Random(rng.random())
    )


def _fresh(street: Street, choices: Sequence[T]) -> T:
    """One that did not come lately."""
    fresh = [each for each in choices if each not in street.recent] or list(choices)
    chosen = street.rng.choice(fresh)
    street.recent = [*street.recent, chosen][-RECENT:]
    return chosen
