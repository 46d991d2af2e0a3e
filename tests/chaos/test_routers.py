"""Routers that die or hang: nothing is lost, nothing has two owners, the order stays.

Real processes on a database of the test's own; a standby stands beside each leader, as an
installation with two machines would have it.
"""

import asyncio
import itertools
import os
import random
import signal
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from atiende.core import effects
from atiende.routing import run as routing
from atiende.routing.rows import Q, load_floor
from atiende.store import Bus, connect, fault, open_database
from tests.chaos.conftest import Make
from tests.chaos.crowd import Floor, floor
from tests.chaos.parts import Part, column, execute, findings, value

CONTACTS, AGENTS, KILLS = 200, 20, 10
LED_BY = "select led_by from router_epochs"
EPOCH = "select epoch from router_epochs"
#: First offers in the order in which they were made: the static key of each.
ORDER = """
select w.virtual_start from work_items w join offers f on f.work_item_id = w.id
group by w.id order by min(f.offered_at), w.virtual_start, w.id
"""


async def until_led_by(dsn: str, part: Part, bound_s: float = 20) -> float:
    """How long it took until this very process leads."""
    began = time.monotonic()
    while str(await value(dsn, LED_BY)).rpartition(":")[2] != str(part.pid):
        assert time.monotonic() - began < bound_s, part.text
        await asyncio.sleep(0.02)
    return time.monotonic() - began


def in_order(keys: Iterable[object]) -> bool:
    return all(a <= b for a, b in itertools.pairwise(keys))  # type: ignore[operator]


async def test_ten_kills_of_the_router_lose_nothing_double_nothing_and_keep_the_order(
    database: str, place: Path, part: Make
) -> None:
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    dice = random.Random(seed)

    def router(n: int) -> Part:
        return part(place / f"r{n}", "router", DATABASE_URL=database)

    async with floor(database, place / "company", AGENTS) as people:
        await people.contacts(CONTACTS)
        leader = await router(0).up()
        await until_led_by(database, leader)
        standby = await router(1).up()
        await people.available()
        working = asyncio.create_task(people.work())
        rebuilt = []
        try:
            for n in range(KILLS):
                await asyncio.sleep(dice.uniform(0.05, 0.6))
                leader.kill()
                rebuilt.append(await until_led_by(database, standby))
                leader, standby = standby, await router(n + 2).up()
            await drained(people)
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)
        await judge(database, people)
    print("seconds from kill to lead:", [round(s, 2) for s in rebuilt])
    assert max(rebuilt) <= 5


async def drained(people: Floor, bound_s: float = 60) -> None:
    began = time.monotonic()
    while await people.left():
        assert time.monotonic() - began < bound_s, await people.left()
        await asyncio.sleep(0.1)


async def judge(dsn: str, people: Floor) -> None:
    owners = await column(dsn, "select count(*) from assignments group by work_item_id")
    assert owners == [1] * CONTACTS
    accepted = "select count(*) from offers where state = 'accepted' group by work_item_id"
    assert await column(dsn, accepted) == [1] * CONTACTS
    assert await value(dsn, "select count(*) from work_items where state = 'done'") == CONTACTS
    keys = await column(dsn, ORDER)
    assert in_order(keys)
    assert await findings(dsn) == []
    # The control: the same questions see an order that was broken and a contact that was lost.
    await execute(
        dsn,
        "update work_items set virtual_start = virtual_start - interval '1 hour'"
        " where id = (select id from work_items order by virtual_start desc limit 1)",
    )
    assert not in_order(await column(dsn, ORDER))
    await execute(
        dsn, "update work_items set state = 'queued' where id = (select id from work_items limit 1)"
    )
    assert {"offer_per_work", "queued_somewhere"} & {f.check for f in await findings(dsn)}
    assert people.agents


async def test_a_stopped_leader_is_replaced_and_stands_by_when_it_wakes(
    database: str, place: Path, part: Make
) -> None:
    async with floor(database, place / "company", 2) as people:
        first = await part(place / "r1", "router", DATABASE_URL=database).up()
        await until_led_by(database, first)
        second = await part(place / "r2", "router", DATABASE_URL=database).up()
        await people.available()
        await people.contacts(4)
        first.send(signal.SIGSTOP)
        took = await until_led_by(database, second, 15)
        print(f"the standby led after {took:.2f} s")
        assert took <= 10
        await people.contacts(4)
        before = await value(database, EPOCH)
        first.send(signal.SIGCONT)
        await attended(people, 8)
        assert await value(database, EPOCH) == before
        assert str(await value(database, LED_BY)).endswith(f":{second.pid}")
        assert first.process is not None
        assert first.process.poll() is None
        second.kill()
        await until_led_by(database, first)
        assert await findings(database) == []


async def test_a_new_leader_offers_at_once_to_who_answered_the_last_ping(
    database: str, place: Path, part: Make
) -> None:
    async with floor(database, place / "company", 2) as people:
        first = await part(place / "r1", "router", DATABASE_URL=database).up()
        await until_led_by(database, first)
        await part(place / "r2", "router", DATABASE_URL=database).up()
        await people.available()
        await people.contacts(1)
        await attended(people, 1)
        first.kill()
        began = time.monotonic()
        await people.contacts(1)
        await attended(people, 2)
        took = time.monotonic() - began
        print(f"attended {took:.2f} s after the kill")
        assert took <= 5


async def attended(people: Floor, count: int, bound_s: float = 20) -> None:
    began = time.monotonic()
    sql = "select count(*) from assignments where state = 'active'"
    while await people.db.pool.fetchval(sql) < count:
        assert time.monotonic() - began < bound_s
        await people.accept_all()
        await asyncio.sleep(0.1)


async def test_a_leader_that_hangs_inside_a_transaction_loses_the_lock_too(database: str) -> None:
    hanging = await connect(database, **routing.LEASES)
    other = await connect(database)
    try:
        assert await hanging.fetchval("select pg_try_advisory_lock($1)", routing.LOCK)
        await hanging.execute("begin")
        began = time.monotonic()
        while not await other.fetchval("select pg_try_advisory_lock($1)", routing.LOCK):
            assert time.monotonic() - began < 10
            await asyncio.sleep(0.1)
    finally:
        hanging.terminate()
        await other.close()


async def leader(dsn: str) -> routing.Router:
    """A leader of this process, with an epoch of its own and a connection nobody cuts."""
    conn = await connect(dsn)
    name = f"test:{os.getpid()}"
    at = time.time()
    epoch = await conn.fetchval(Q["take_epoch"], "main", name, routing.when(at))
    loaded, _, _ = await load_floor(conn, at)
    return routing.Router(conn, Bus(), epoch, loaded, time.time, at)


@pytest.mark.parametrize("fenced", [True, False], ids=["fence", "control"])
async def test_what_a_replaced_leader_still_wants_to_write_is_refused(
    database: str, place: Path, fenced: bool
) -> None:
    """The control writes without asking the epoch: the same work gets a second owner's offer."""
    async with floor(database, place / "company", 2) as people:
        await people.contacts(1)
        old = await leader(database)
        new = await leader(database)
        work = await people.db.pool.fetchval("select id from work_items where state = 'queued'")
        mine, his = people.agents
        why: effects.Why = {"step": 0, "preferred": False}  # type: ignore[typeddict-item]
        try:
            given = effects.Assign(work, mine, "pull")
            await routing._write(new, [given], [])
            stale = effects.Offer(work, his, time.time() + 20, why)
            fault.arm(None if fenced else "skip_fence")
            if fenced:
                with pytest.raises(routing.DeposedError):
                    await routing._write(old, [stale], [])
                assert await findings(database) == []
            else:
                await routing._write(old, [stale], [])
                assert "offer_per_work" in {f.check for f in await findings(database)}
        finally:
            fault.arm(None)
            await old.conn.close()
            await new.conn.close()
            db = await open_database(database, size=2)
            await db.close()
