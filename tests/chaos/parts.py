"""Parts of the product as real processes, to be killed and stopped: nothing outlives its test.

`Part` is `up` or one of the roles (`web`, `router`, `worker`); its port is kept from one start to
the next, so that whoever was connected finds it again.
"""

import asyncio
import socket
import subprocess
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from atiende.house.check_data import Finding, check
from atiende.settings import Settings
from atiende.store import connect
from atiende.words import phrase
from tests.house.running import Product, environment, until
from tests.product import Edge

#: A part of the command line -> the role that its folder is named by.
ROLES = {"web": ("web",), "router": ("router",), "worker": ("jobs",)}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@dataclass
class Part(Product):
    """`atiende <role>` in a data folder."""

    role: str = "up"
    port: int = field(default_factory=free_port)

    @property
    def settings(self) -> Settings:
        if self.role == "up":
            return Settings(data_dir=self.data)
        return Settings(data_dir=self.data, roles=ROLES[self.role])

    @property
    def edge(self) -> Edge:
        return Edge(f"http://127.0.0.1:{self.port}")

    def start(self) -> "Part":
        ported = ["--port", str(self.port)] if self.role in ("up", "web") else []
        self.process = subprocess.Popen(
            [*self.command, self.role, "--data", str(self.data), *ported],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            env=environment(**self.more),
            cwd="/",
            start_new_session=True,
        )
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    async def up(self) -> "Part":
        """Starts it and waits until it is ready, without stopping this loop."""
        self.start()
        await asyncio.to_thread(self.ready)
        return self

    def first_token(self) -> str:
        """The one-time link that a first start tells."""
        told = phrase("es", "up.first_link", url="")
        until(lambda: any(s.startswith(told) for s in self.said), "the first link is told")
        line = next(s for s in self.said if s.startswith(told))
        return line.rsplit("/", 1)[1]


async def findings(dsn: str, blobs: Path | None = None) -> list[Finding]:
    """What check-data says of a database."""
    conn = await connect(dsn)
    try:
        return await check(conn, datetime.now(UTC), blobs)
    finally:
        await conn.close()


async def value(dsn: str, sql: str, *args: object) -> object:
    """One value of the truth."""
    conn = await asyncpg.connect(dsn)
    try:
        return await conn.fetchval(sql, *args)
    finally:
        await conn.close()


async def column(dsn: str, sql: str, *args: object) -> list[object]:
    """One column of the truth."""
    conn = await asyncpg.connect(dsn)
    try:
        return [row[0] for row in await conn.fetch(sql, *args)]
    finally:
        await conn.close()


async def execute(dsn: str, sql: str, *args: object) -> None:
    conn = await asyncpg.connect(dsn)
    try:
        await conn.execute(sql, *args)
    finally:
        await conn.close()
