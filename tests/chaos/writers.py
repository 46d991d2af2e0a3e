"""People who do not give up: what was not acknowledged is kept, and sent again after a cut.

`Writer` is a visitor whose page queues its messages; `Answerer` an agent whose screen repeats an
answer with the same client id until it is taken. Both note what was acknowledged, and when.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

import httpx
import websockets

from tests.product import Guest, Person, client_id

LOST = (OSError, TimeoutError, websockets.ConnectionClosed, websockets.InvalidHandshake, EOFError)
ACK_S = 3.0


@dataclass
class Writer:
    """A visitor's page over a bad line."""

    guest: Guest
    pause_s: float = 0.55
    acked: set[str] = field(default_factory=set)
    resumed: int = 0
    refused: set[str] = field(default_factory=set)

    async def say(self, body: str) -> str:
        """One message, until it is acknowledged; returns its client id."""
        made = client_id()
        while made not in self.acked:
            try:
                await self._line()
                told = await asyncio.wait_for(self.guest.say(body, client_id=made), ACK_S)
            except LOST:
                await self._drop()
                continue
            if told["t"] == "ack":
                self.acked.add(made)
            else:
                self.refused.add(told["key"])
                self.guest.frames.remove(told)
                await asyncio.sleep(0.1)
        return made

    async def write(self, prefix: str, count: int = 10**6) -> None:
        """One message after the other, at a pace that is allowed."""
        for n in range(count):
            await self.say(f"{prefix} {n}")
            await asyncio.sleep(self.pause_s)

    async def _line(self) -> None:
        if self.guest.socket is None:
            await self.guest.open()
            self.resumed += 1
            if any(f["t"] == "bye" for f in self.guest.frames):
                raise TimeoutError

    async def _drop(self) -> None:
        with suppress(*LOST):
            await self.guest.close()
        self.guest.socket = None
        await asyncio.sleep(0.1)

    async def end(self) -> None:
        with suppress(*LOST):
            await self.guest.close()


@dataclass
class Answerer:
    """An agent's screen that repeats what was not taken."""

    person: Person
    conversation: str
    acked: dict[str, str] = field(default_factory=dict)
    statuses: set[int] = field(default_factory=set)

    async def answer(self, body: str) -> None:
        sent = {"client_id": client_id(), "body": body}
        path = f"/api/conversations/{self.conversation}/messages"
        while sent["client_id"] not in self.acked:
            try:
                response = await self.person.http.post(path, json=sent)
            except httpx.TransportError:
                await asyncio.sleep(0.1)
                continue
            self.statuses.add(response.status_code)
            if response.status_code == 200:
                self.acked[sent["client_id"]] = response.json()["message"]["id"]
            else:
                await asyncio.sleep(0.1)

    async def write(self, prefix: str) -> None:
        n = 0
        while True:
            await self.answer(f"{prefix} {n}")
            n += 1
            await asyncio.sleep(0.1)
