"""Sockets cut in mid-stream: what was queued is sent again, what was missed is fetched, once."""

import asyncio
import random
from collections import Counter
from pathlib import Path

import pytest
import websockets

from tests.chaos.parts import column, findings
from tests.chaos.proxy import Wire, cut_at_random, wire
from tests.chaos.writers import LOST, Writer
from tests.product import Guest, Person, client_id, found, person, running

MESSAGES = 25


async def keep_open(someone: Person, case: list[str]) -> None:
    """A screen that comes back after each cut, telling what it holds."""
    while True:
        if someone.socket is None or someone.socket.state is not websockets.State.OPEN:
            await someone.close()
            try:
                await asyncio.wait_for(someone.open(held=True, watch=tuple(case)), 3)
            except LOST:
                someone.socket = None
        await asyncio.sleep(0.03)


async def steady(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def quiet(wires: list[Wire], dice: random.Random) -> "list[asyncio.Task[None]]":
    return [asyncio.create_task(cut_at_random(w, dice, 0.5)) for w in wires]


async def test_a_line_that_is_cut_again_and_again_carries_everything_once(
    database: str, place: Path
) -> None:
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    async with running(database, place) as product:
        made = await found(product)
        async with (
            wire(product.base) as visitors_line,
            wire(product.base) as desks_line,
            person(product, "ana@nogal.example") as ana,
        ):
            await ana.open()
            await ana.presence("available")
            guest = Guest(visitors_line.edge, made["key"])
            await guest.start(name="Luz Díaz")
            writer = Writer(guest, pause_s=0.02)
            await writer.say("hola")
            case = await ana.take()
            await ana.load(case)
            path = f"/api/conversations/{ana.conversation(case)}/messages"
            await ana.close()
            ana.product = desks_line.edge
            open_again = asyncio.create_task(keep_open(ana, [case]))
            cutting = await quiet([visitors_line, desks_line], dice)
            try:
                for n in range(MESSAGES):
                    await writer.say(f"v {n}")
                    await ana.post(path, {"client_id": client_id(), "body": f"a {n}"})
                    await asyncio.sleep(0.1 if n % 10 else 1)
            finally:
                for task in cutting:
                    await steady(task)
            print("cuts", visitors_line.cuts, desks_line.cuts, "resumed", writer.resumed)
            expected = {"hola", *(f"{who} {n}" for who in "va" for n in range(MESSAGES))}
            await ana.until(lambda: bodies(ana, case) >= expected, 10)
            await steady(open_again)
            await writer.say("fin")
            await guest.until(lambda: all(guest.heard(f"a {n}") for n in range(MESSAGES)), 10)
            stored = Counter(await column(database, "select body from messages where kind='text'"))
            assert {b: n for b, n in stored.items() if b in expected} == dict.fromkeys(expected, 1)
            shown = Counter(m["body"] for m in guest.messages.values())
            assert all(shown[b] == 1 for b in expected)
            assert ana.screen.gaps == 0
            assert min(visitors_line.cuts, desks_line.cuts) >= 5
            await writer.end()
    assert await findings(database) == []


def bodies(someone: Person, case: str) -> set[str]:
    return {m["body"] for m in someone.screen.messages[case].values()}


async def test_a_page_that_does_not_send_again_loses_what_was_cut(
    database: str, place: Path
) -> None:
    """The control: without the queue of the page, a cut loses the message on its way."""
    async with running(database, place) as product:
        made = await found(product)
        async with wire(product.base) as line:
            guest = Guest(line.edge, made["key"])
            await guest.start(name="Luz Díaz")
            await guest.open()
            line.cut()
            with pytest.raises(LOST):
                await asyncio.wait_for(guest.say("se pierde"), 2)
            stored = await column(database, "select body from messages")
            assert "se pierde" not in stored
