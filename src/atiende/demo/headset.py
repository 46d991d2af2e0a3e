"""The telephone of a virtual agent: a plain SIP phone, registered as long as he works.

`Phones` is what boot hands over: where Asterisk is, and the rows in which a phone is minted (a
browser's phone speaks encrypted, which these do not). Where there are no calls nobody has one.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import structlog

from atiende.accounts import load_key, seal
from atiende.calls import phone_secret
from atiende.demo.phone import LateError, Options, Phone
from atiende.demo.phone.speech import AGENT, speech
from atiende.engines import Exchange
from atiende.store import AWAY, Database, load_queries

Q = load_queries("atiende.demo")
log = structlog.get_logger("demo")
LIVES = timedelta(hours=20)
AGAIN_S, REGISTERS_S, PUSHED_S = 5.0, 120.0, 20.0
WILD = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - read, not listened on
#: How long he takes a call to be before he says good-bye himself.
TALK_S = (70.0, 130.0)


@dataclass(frozen=True)
class Phones:
    """``ready``: the exchange once it answers, or None when there will be none; ``wake``: tells the
    loop of calls that a phone waits to be put."""

    db: Database
    key_file: Path
    ready: Callable[[], Awaitable[Exchange | None]]
    wake: Callable[[], None]

    async def mint(self, agent: UUID) -> tuple[str, str]:
        """Name and password of a new plain phone; Asterisk knows it when this returns."""
        name, password = f"virtual-{secrets.token_hex(8)}", secrets.token_urlsafe(16)
        key = await asyncio.to_thread(load_key, self.key_file)
        sealed, now = seal(key, phone_secret(name), password.encode()), datetime.now(UTC)
        async with self.db.transaction() as conn:
            await conn.execute(Q["add_phone"], agent, name, sealed, now, now + LIVES)
        self.wake()
        async with asyncio.timeout(PUSHED_S):
            while True:
                async with self.db.connection() as conn:
                    if await conn.fetchval(Q["phone_is_pushed"], name):
                        return name, password
                await asyncio.sleep(0.2)


def options(exchange: Exchange, user: str = "100", name: str = "") -> Options:
    """A phone of this machine at our own exchange."""
    host = WILD.get(exchange.sip_host, exchange.sip_host)
    return Options(proxy=(host, exchange.sip_port), host=host, user=user, name=name)


@dataclass
class Headset:
    """One virtual agent's. ``phone`` is None while it is not registered."""

    phones: Phones | None
    rng: random.Random
    phone: Phone | None = None

    async def keep(self, agent: UUID) -> None:
        """Registered for ever; minted anew when Asterisk does not know it any more."""
        exchange = await self.phones.ready() if self.phones is not None else None
        while exchange is not None and self.phones is not None:
            with contextlib.suppress(*AWAY, LateError, OSError, TimeoutError):
                name, password = await self.phones.mint(agent)
                async with Phone(options(exchange)) as phone:
                    while await phone.register(name, password) == 200:
                        self.phone = phone
                        await asyncio.sleep(REGISTERS_S)
            self.phone = None
            await asyncio.sleep(AGAIN_S)

    async def talk(self, rings_s: float = 8.0) -> None:
        """Takes the call that rings, or is about to, and speaks until one of both hangs up."""
        phone = self.phone
        if phone is None:
            return
        try:
            await phone.until("incoming", rings_s)
            await phone.answer()
        except LateError:
            log.debug("virtual phone did not ring")
            return
        phone.say(speech(AGENT))
        with contextlib.suppress(LateError):
            await phone.until("ended", self.rng.uniform(*TALK_S))
        with contextlib.suppress(LateError):
            await phone.hang_up()
