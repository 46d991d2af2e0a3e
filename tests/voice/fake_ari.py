"""A stand-in for Asterisk's end of the line: says what a test tells it to, in that order."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

Asked = dict[str, Any]
Answering = Callable[["FakeAri", Asked], Awaitable[None]]


async def well(fake: "FakeAri", asked: Asked) -> None:
    await fake.answer(asked)


class FakeAri:
    """`asked` are the requests it got; `answering` says what happens to the next ones."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.opened: list[tuple[str, Headers]] = []
        self.answering: Answering = well
        self.refusal = 0  # the HTTP status that a new connection gets
        self.socket: ServerConnection | None = None
        self.news = asyncio.Event()
        self.server: Server | None = None

    @property
    def url(self) -> str:
        assert self.server is not None
        return f"http://127.0.0.1:{self.server.sockets[0].getsockname()[1]}/ari"

    def check(self, connection: ServerConnection, request: Request) -> Response | None:
        self.opened.append((request.path, request.headers))
        return connection.respond(self.refusal, "") if self.refusal else None

    async def speak(self, socket: ServerConnection) -> None:
        self.socket = socket
        with contextlib.suppress(ConnectionClosed):
            async for frame in socket:
                asked = json.loads(frame)
                self.asked.append(asked)
                self.news.set()
                if asked["uri"].endswith("/eventFilter"):
                    await self.answer(asked, 204, "")
                else:
                    await self.answering(self, asked)

    async def answer(self, asked: Asked, status: int = 200, body: Any = None) -> None:
        told = "" if body == "" else json.dumps({} if body is None else body)
        await self.tell(
            {
                "type": "RESTResponse",
                "request_id": asked["request_id"],
                "status_code": status,
                "message_body": told,
            }
        )

    async def tell(self, event: dict[str, Any]) -> None:
        assert self.socket is not None
        await self.socket.send(json.dumps({"type": "Event", **event}))

    async def got(self, count: int) -> None:
        """Waits until it was asked so often (without the filter)."""
        async with asyncio.timeout(5):
            while len(self.requests) < count:
                self.news.clear()
                await self.news.wait()

    @property
    def requests(self) -> list[Asked]:
        return [each for each in self.asked if not each["uri"].endswith("/eventFilter")]


@contextlib.asynccontextmanager
async def fake_ari() -> AsyncIterator[FakeAri]:
    fake = FakeAri()
    async with serve(fake.speak, "127.0.0.1", 0, process_request=fake.check) as fake.server:
        yield fake
