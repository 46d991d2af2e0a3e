"""An agent who is no longer there: 30 s after the last pong his contact is back at its old place.

The clock of the product is moved by hand (`Clock`), so that half a minute takes a second; one
test lets it pass for real, with a tab that dies without a goodbye.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from atiende.core.returns import LOST_S
from tests.chaos.parts import findings, value
from tests.product import Guest, Person, Product, found, person, running

RETURNED = """
select e.at from events e join work_items w on w.id = e.entity
where e.topic = 'work' and e.kind = 'work.requeued' and w.case_id = $1
order by e.id desc limit 1
"""


@dataclass
class Clock:
    """The real time, and what a test added to it."""

    ahead_s: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead_s


@dataclass
class Scene:
    """Ana attends; the contact of another visitor waits behind hers; time moves by hand."""

    product: Product
    clock: Clock
    key: str
    ana: Person
    guest: Guest
    case: str
    dsn: str

    async def pass_s(self, seconds: float) -> None:
        """In steps that let every loop of the product have its turn, as real time would."""
        for _ in range(int(seconds)):
            self.clock.ahead_s += 1
            if self.ana.answers_pings:
                await self.ana.send({"t": "pong"})
            await asyncio.sleep(0.15)

    async def owned(self) -> bool:
        sql = "select count(*) from assignments where case_id = $1 and state = 'active'"
        return bool(await value(self.dsn, sql, self.case))

    async def state(self) -> object:
        return await value(self.dsn, "select state from work_items where case_id = $1", self.case)


@asynccontextmanager
async def attending(dsn: str, folder: Path, clock: Clock) -> AsyncIterator[Scene]:
    async with running(dsn, folder, clock=clock) as product:
        made = await found(product)
        guest = Guest(product, made["key"])
        async with person(product, "ana@nogal.example") as ana:
            await ana.open()
            await ana.presence("available")
            await guest.start(name="Luz Díaz")
            await guest.open()
            await guest.say("hola")
            case = await ana.take()
            yield Scene(product, clock, made["key"], ana, guest, case, dsn)
        await guest.close()


async def soon(met: Callable[[], object], what: str, bound_s: float = 10) -> None:
    began = time.monotonic()
    while not await met():  # type: ignore[misc]
        assert time.monotonic() - began < bound_s, f"waited in vain until {what}"
        await asyncio.sleep(0.05)


async def test_20_s_of_silence_lose_nothing_and_40_s_give_the_contact_back(
    database: str, place: Path
) -> None:
    """As a tab that is stopped (SIGSTOP): its socket stays open, its pongs do not come."""
    async with attending(database, place, Clock()) as s:
        s.ana.answers_pings = False
        await s.pass_s(20)
        assert await s.owned()
        s.ana.answers_pings = True
        await s.pass_s(8)
        assert await s.owned()
        s.ana.answers_pings = False
        start = await value(database, "select virtual_start from work_items")
        await s.pass_s(40)
        assert not await s.owned()
        assert await s.state() == "queued"
        assert await value(database, "select virtual_start from work_items") == start
        presence = "select presence || ' ' || pause_code from agents order by since desc limit 1"
        assert await value(database, presence) == "offline lost"
        assert await findings(database) == []


async def test_who_answers_pings_for_a_minute_keeps_everything(database: str, place: Path) -> None:
    """The control of the above: it is the silence that loses, not the time."""
    async with attending(database, place, Clock()) as s:
        await s.pass_s(60)
        assert await s.owned()


async def test_a_contact_that_comes_back_is_offered_before_those_who_came_later(
    database: str, place: Path
) -> None:
    async with attending(database, place, Clock()) as s:
        later = Guest(s.product, s.key)
        await s.ana.presence("paused", pause_code="lunch")
        await later.start(name="Iván Soto")
        await later.open()
        await later.say("yo vine después")
        s.ana.answers_pings = False
        await s.pass_s(40)
        assert await s.state() == "queued"
        async with person(s.product, "beto@nogal.example") as beto:
            await beto.open()
            await beto.presence("available")
            offer = await beto.until(lambda: beto.agent.get("offer"))
            assert offer["case_id"] == s.case
        await later.close()


async def test_a_clean_logout_gives_the_contact_back_at_once(database: str, place: Path) -> None:
    async with attending(database, place, Clock()) as s:
        began = time.monotonic()
        await s.ana.post("/api/logout")

        async def queued() -> bool:
            return await s.state() == "queued"

        await soon(queued, "the work is back", 3)
        print(f"back {time.monotonic() - began:.2f} s after the logout")
        assert await findings(database) == []


async def test_a_tab_that_dies_gives_the_contact_back_30_s_after_its_last_pong(
    database: str, place: Path
) -> None:
    """In real time: the connection is reset, as when a browser is killed."""
    async with attending(database, place, Clock()) as s:
        await s.ana.until(lambda: True)
        last = max(s.product.app.state.hub.heard.values())
        s.ana.socket.transport.abort()

        async def back() -> bool:
            return not await s.owned()

        await soon(back, "the contact is back", 45)
        at = await value(database, RETURNED, s.case)
        assert isinstance(at, datetime)
        took = at.timestamp() - last
        print(f"back {took:.2f} s after the last pong")
        assert LOST_S <= took <= LOST_S + 2
        assert await s.state() in ("queued", "offered")
        assert await findings(database) == []
