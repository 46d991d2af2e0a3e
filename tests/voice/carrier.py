"""A second, private Asterisk that plays the carrier: we register with it, it rings us and is rung.

What it does with a number that we dial is in ``PLANS``; a virtual phone is not needed there.
"""

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from atiende.channels.voice.ari import Access, Ari, Rest
from atiende.channels.voice.effects import ObjectKind, PutObject
from atiende.channels.voice.render import render
from atiende.engines.asterisk import Exchange, Runtime, start_exchange
from tests.voice.conftest import shared_settings

USER, PASSWORD = "cliente77", "la-clave-del-operador"
#: A number -> what happens to who dials it, as steps of the carrier's own dialplan.
PLANS = {
    "51100": ("Answer", "Echo"),
    "51101": ("Hangup(17)",),
    "51102": ("Hangup(1)",),
    "51103": ("Hangup(21)",),
    "51104": ("Hangup(34)",),
    "51105": ("Ringing", "Wait(60)"),
}


@dataclass
class Carrier:
    exchange: Exchange
    ari: Ari

    @property
    def port(self) -> int:
        return self.exchange.sip_port

    async def put(self, kind: ObjectKind, name: str, **fields: str) -> None:
        assert await self.ari.request(render(PutObject(kind, name, fields))) is not None

    async def furnish(self) -> None:
        """An account for us, and something at the end of each number."""
        auth = {"auth_type": "userpass", "username": USER, "password": PASSWORD}
        await self.put("auth", USER, **auth)
        await self.put("aor", USER, max_contacts="1", remove_existing="yes")
        sound = {"disallow": "all", "allow": "alaw,ulaw", "direct_media": "no"}
        more = {"context": "from-client", "auth": USER, "aors": USER}
        await self.put("endpoint", USER, **sound, **more)
        for number, steps in PLANS.items():
            for place, step in enumerate(steps, 1):
                add = f"dialplan add extension {number},{place},{step} into from-client"
                assert "added" in await self.exchange.command(add)
        add = "dialplan add extension s,1,Milliwatt into tone"
        assert "added" in await self.exchange.command(add)

    async def until_registered(self, seconds: float = 15) -> None:
        """Our registration has arrived here."""
        end = asyncio.get_running_loop().time() + seconds
        while "sip:" not in await self.exchange.command(f"pjsip show aor {USER}"):
            assert asyncio.get_running_loop().time() < end
            await asyncio.sleep(0.1)

    async def ring(self, number: str, caller: str) -> str:
        """A call of somebody's comes to a number of ours by our registration; its channel here."""
        name = f"caller-{uuid4().hex}"
        query = {
            "endpoint": f"PJSIP/{number}@{USER}",
            "extension": "s",
            "context": "tone",
            "priority": "1",
            "callerId": f'"Luz Díaz" <{caller}>',
            "channelId": name,
        }
        await self.ari.request(Rest("POST", "channels", query))
        return name

    async def lives(self, channel: str) -> bool:
        return await self.ari.get(f"channels/{channel}") is not None


@contextlib.asynccontextmanager
async def carrier(runtime: Runtime) -> AsyncIterator[Carrier]:
    """Started, with its account; ended with its folder."""
    folder = Path(tempfile.mkdtemp(prefix="ac-"))
    exchange = await start_exchange(shared_settings(folder / "data"), runtime=runtime)
    try:
        access = Access(exchange.ari_url, exchange.ari_user, exchange.ari_password)
        ready = asyncio.Event()

        async def connected(_: Ari) -> None:
            ready.set()

        async with Ari(access, connected) as ari:
            await asyncio.wait_for(ready.wait(), 10)
            made = Carrier(exchange, ari)
            await made.furnish()
            yield made
    finally:
        await exchange.stop()
        shutil.rmtree(folder, ignore_errors=True)
