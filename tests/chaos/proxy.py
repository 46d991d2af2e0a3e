"""A wire that can be cut: a small TCP proxy before the product, for sockets lost in mid-stream."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.product import Edge

CHUNK = 4096


@dataclass
class Wire:
    """Where the proxy listens, and the connections that pass through it now."""

    target: str
    edge: Edge = field(default_factory=lambda: Edge(""))
    open: set[asyncio.StreamWriter] = field(default_factory=set)
    cuts: int = 0

    def cut(self) -> None:
        """Every connection ends at once, with whatever was on its way (RST, no goodbye)."""
        self.cuts += 1
        for writer in tuple(self.open):
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        place = urlsplit(self.target)
        try:
            there, back = await asyncio.open_connection(place.hostname, place.port)
        except OSError:
            writer.transport.abort()
            return
        self.open |= {writer, back}
        try:
            pumps = [
                asyncio.create_task(pump(reader, back)),
                asyncio.create_task(pump(there, writer)),
            ]
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            for each in pumps:
                each.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
        finally:
            self.open -= {writer, back}
            writer.transport.abort()
            back.transport.abort()


async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await source.read(CHUNK):
            sink.write(data)
            await sink.drain()


@asynccontextmanager
async def wire(target: str) -> AsyncIterator[Wire]:
    """A proxy before the product at this address."""
    made = Wire(target)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.edge = Edge(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    try:
        yield made
    finally:
        server.close()
        made.cut()


async def cut_at_random(made: Wire, dice: random.Random, longest_s: float) -> None:
    """Cuts for ever, at moments that nobody expects."""
    while True:
        await asyncio.sleep(dice.uniform(0.02, longest_s))
        made.cut()
