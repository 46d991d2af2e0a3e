"""Many at once and for long: nothing grows, nobody waits for a stranger."""

import asyncio
import contextlib
import json
import random
from collections import deque

import httpx
import pytest
import websockets

from tests.hostile.attack import Attended, chat_socket, refused_frame
from tests.hostile.conftest import House
from tests.product import Guest, client_id

#: A busy house sends a visitor away for now: 503 (`start` asserts 200), a closed socket, silence.
BUSY = (AssertionError, websockets.ConnectionClosed, httpx.TimeoutException, TimeoutError)


async def test_two_hundred_visitors_write_at_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("atiende.web.chat.STARTS_PER_WINDOW", 1000)  # they share an address here
    guests = [Guest(house.product, house.key) for _ in range(200)]

    await asyncio.gather(*(_insist(g) for g in guests[:100]))
    await asyncio.gather(*(_insist(g) for g in guests[100:]))
    async with house.product.db.connection() as conn:
        kept = await conn.fetchval("select count(*) from messages where body = 'somos muchos'")
    assert kept == 200
    for guest in guests:
        await guest.send({"t": "end"})
    for guest in guests:
        await _ended(guest)
        await guest.close()


async def _insist(guest: Guest) -> None:
    """Writes once, as the page does: asked to come again by a busy house, comes again."""
    made, loop = client_id(), asyncio.get_running_loop()
    end = loop.time() + 90
    while loop.time() < end:
        guest.frames.clear()
        with contextlib.suppress(*BUSY):
            await guest.start(name="Muchos")
            await guest.open()
            if (await guest.say("somos muchos", client_id=made))["t"] == "ack":
                return
        await asyncio.sleep(random.uniform(1, 5))
    raise AssertionError("never acknowledged")


async def _ended(guest: Guest) -> None:
    await guest.until(lambda: guest.state.get("phase") == "ended", 30)


async def test_thousands_of_sockets_opened_and_closed_leave_nothing(house: House) -> None:
    chats, desks = house.product.app.state.chats, house.product.app.state.hub
    guest = Guest(house.product, house.key)
    await guest.start(name="Vuelve")

    async def come_and_go(times: int) -> None:
        for n in range(times):
            async with chat_socket(house.product) as ws:
                if n % 2:
                    await ws.send(json.dumps({"t": "hello", "token": guest.token}))
                    await refused_frame(ws)

    for _ in range(5):
        await asyncio.gather(*(come_and_go(100) for _ in range(4)))
    async with asyncio.timeout(10):
        while chats.total or desks.total:  # noqa: ASYNC110 (nothing of the product tells a test)
            await asyncio.sleep(0.02)
    kept = {n: len(v) for n, v in vars(chats).items() if isinstance(v, dict | set) and v}
    assert set(kept) <= {"rates", "uploads"}, kept
    chats.ping(house.product.web.clock() + 1000)
    assert not chats.rates
    assert not chats.uploads
    assert len(chats) == 0
    assert not desks.desks


async def test_quiet_addresses_are_forgotten(house: House) -> None:
    starts = house.product.app.state.starts
    for n in range(5_100):
        starts[f"2001:db8::{n:x}"] = deque([0.0])
    await Guest(house.product, house.key).start(name="Una")
    assert len(starts) < 10


async def test_ten_thousand_pongs_are_no_hurry(house: House, attended: Attended) -> None:
    """They are read at their pace, and then no more: the agent's answer does not wait."""
    flood = Guest(house.product, house.key)
    await flood.start(name="Ecos")
    await flood.open()

    async def pour() -> None:
        for _ in range(10_000):
            await flood.send({"t": "pong"})

    pouring = asyncio.create_task(pour())
    begun = asyncio.get_running_loop().time()
    path = f"/api/conversations/{attended.conversation}/messages"
    await attended.ana.post(path, {"client_id": client_id(), "body": "aquí estoy"})
    await attended.guest.until(lambda: attended.guest.heard("aquí estoy"))
    assert asyncio.get_running_loop().time() - begun < 2
    pouring.cancel()
    await asyncio.gather(pouring, return_exceptions=True)
    flood.socket.transport.abort()
