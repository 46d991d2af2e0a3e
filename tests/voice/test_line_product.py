"""A call in the product as a real process: kill -9 in mid-call, and the next one takes it up."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from atiende.demo.phone import Options, Phone
from atiende.demo.phone.audio import share, tone
from atiende.engines import dsn_of
from atiende.engines.asterisk import Runtime
from tests.house.running import Product
from tests.product import found_by, person
from tests.voice.conftest import shared_settings
from tests.voice.line import CALLER, NUMBER, Attendant, add_number, add_trunk, look, mint

pytestmark = pytest.mark.house


@dataclass
class Address:
    """Where the product is just now."""

    base: str

    @property
    def ws(self) -> str:
        return self.base.replace("http", "ws", 1)


@asynccontextmanager
async def started(place: Path, **more: str) -> AsyncIterator[Product]:
    home = str(shared_settings(place).asterisk_home)
    ours = {"ATIENDE_ASTERISK_DIR": home, "ATIENDE_VOICE": "on", "ATIENDE_SIP_PORT": "0"}
    product = Product(place / "data", more={**ours, **more})
    await asyncio.to_thread(lambda: product.start().ready())
    try:
        yield product
    finally:
        await asyncio.to_thread(product.end)


async def register(sql: Any, product: Product, agent: str, phone: Phone) -> None:
    name, password = await mint(sql, product.settings.key_file, agent)
    for _ in range(200):
        if await sql.fetchval("select pushed_at is not null from phones where endpoint = $1", name):
            break
        await asyncio.sleep(0.05)
    assert await phone.register(name, password) == 200


def said(product: Product, pattern: str) -> str:
    found = re.search(pattern, product.text)
    assert found, product.text
    return found[1]


async def test_kill_9_in_mid_call(place: Path, asterisk_runtime: Runtime) -> None:
    async with started(place) as first:
        here = Address(first.note.url)
        made = await found_by(here, link(first))
        dsn = dsn_of(first.settings)
        assert dsn is not None
        sql = await look(dsn)
        port = int(said(first, r"SIP en 127\.0\.0\.1:(\d+)"))
        base = Options(proxy=("127.0.0.1", port))
        async with (
            Phone(base) as carrier,
            Phone(Options(proxy=base.proxy, user=CALLER)) as luz,
            Phone(base) as phone,
        ):
            await add_number(sql, made["queue_id"], NUMBER, {})
            await add_trunk(sql, carrier.line.port)
            await register(sql, first, made["people"]["ana@nogal.example"], phone)
            case = await _talk(here, luz, phone)
            await asyncio.to_thread(first.kill)
            assert share(await luz.heard(1), 1000) > 0.9
            assert share(await phone.heard(1), 440) > 0.9
            async with started(place) as second:
                there = Address(second.note.url)
                async with person(there, "ana@nogal.example") as desk:
                    await desk.open()
                    ana = Attendant(desk, phone)
                    await ana.until_call(case, "connected")
                    await luz.hang_up()
                    await phone.until("ended", 2)
                    await ana.wraps_up(case)
        await sql.close()


def link(product: Product) -> str:
    """The one-time link's token, as the terminal tells it."""
    return said(product, r"https?://\S+/([A-Za-z0-9_-]{20,})")


async def _talk(here: Address, luz: Phone, phone: Phone) -> str:
    async with person(here, "ana@nogal.example") as desk:
        await desk.open()
        await desk.presence("available")
        await luz.call(NUMBER)
        ana = Attendant(desk, phone)
        offer = await ana.offered()
        await ana.rings()
        await phone.answer()
        case: str = offer["case_id"]
        await ana.until_call(case, "connected")
        luz.say(tone(440))
        phone.say(tone(1000))
        return case
