"""The line to Asterisk: one WebSocket that brings the events and carries the requests.

Theory of operation
-------------------
``Ari`` keeps one connection for as long as it is open, and makes it again when it is lost (after
0.1 s, doubling to 5 s). On each connection the event filter is put, then ``on_connected`` runs: it
compares what Asterisk has with what we believe, since nothing is replayed. Events that arrive
meanwhile are held, and come out of ``events`` after it, in the order of their arrival.

An event may overtake the response to the request that caused it: whoever creates something names
it himself, and knows the name before he asks. A response is matched by its number. 404 means that
what was asked about has ended: ``request`` returns None. A request is never sent twice by itself.

Back-pressure: at most ``MAX_ASKED`` requests wait for an answer, the others wait for a place. The
events cannot wait without stopping the responses behind them, so when ``MAX_EVENTS`` are held, the
connection is dropped and made again: better to compare once more than to lose one unnoticed.

Who watches endpoints (``effects.WatchEndpoints``) is told a channel's events twice, once for the
channel and once for its endpoint: each digit twice. Copies are the same to the letter, time
included, and are dropped unread.

Where another controller takes the application over, this one stops (``replaced``): two that fight
for it would each lose half of the events. Passwords travel in a header, never in an address.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import json
import random
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from types import TracebackType
from typing import Any
from urllib.parse import urlencode

import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus, WebSocketException

from atiende.channels.voice.rest import NO_ANSWER, Access, AriError, Rest

log = structlog.get_logger("ari")

Event = dict[str, Any]
FIRST_WAIT_S, LONGEST_WAIT_S = 0.1, 5.0
MAX_ASKED, MAX_EVENTS, MAX_FRAME = 200, 20_000, 16 * 1024 * 1024
LATELY = 64  # frames remembered, to know the second copy of one
#: Kinds of events that come in floods and that nobody reads.
UNWANTED = ("ChannelVarset", "ChannelDialplan")
GONE = 404
_LOST = (OSError, TimeoutError, WebSocketException, EOFError)


async def _nothing(_: Ari) -> None:
    """For who has nothing to compare."""


class Ari:
    """``async with Ari(access) as ari: await ari.request(Rest("GET", "channels"))``."""

    def __init__(
        self, access: Access, on_connected: Callable[[Ari], Awaitable[None]] = _nothing
    ) -> None:
        self.access = access
        self.replaced = False
        self.connections = 0  # how often it was made
        self._on_connected = on_connected
        self._socket: ClientConnection | None = None
        self._asked: dict[str, asyncio.Future[Event]] = {}
        self._numbers = itertools.count(1)
        self._places = asyncio.Semaphore(MAX_ASKED)
        self._held: deque[Event] = deque()
        self._fresh: deque[Event] = deque()  # of a connection that is not ready yet
        self._lately: deque[str | bytes] = deque(maxlen=LATELY)
        self._ready = False
        self._moved = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Ari:
        self._task = asyncio.create_task(self._keep())
        self._task.add_done_callback(lambda _: self._moved.set())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @property
    def is_ready(self) -> bool:
        """Connected, and what Asterisk has was compared."""
        return self._ready

    async def wait_ready(self, timeout_s: float) -> None:
        """TimeoutError when it takes longer."""
        async with asyncio.timeout(timeout_s):
            while not self._ready:
                await self._move()

    async def _move(self) -> None:
        """Waits for anything to change; what broke the line for good is raised here."""
        if self._task is not None and self._task.done():
            self._task.result()
        self._moved.clear()
        await self._moved.wait()

    # --- requests

    async def request(self, rest: Rest) -> Any:
        """The answer's JSON ({} for an empty one); None when what it is about has ended (404).
        AriError for any other refusal, a lost connection, or no answer in time."""
        try:
            async with asyncio.timeout(self.access.timeout_s):
                async with self._places:
                    answer = await self._ask(rest)
        except _LOST as lost:
            raise AriError(rest.kind, NO_ANSWER) from lost
        status = int(answer.get("status_code") or NO_ANSWER)
        if status == GONE:
            return None
        told = _loaded(answer.get("message_body"))
        if not 200 <= status < 300:
            detail = told.get("message") or told.get("error") if isinstance(told, dict) else None
            raise AriError(rest.kind, status, str(detail or ""))
        return told

    async def get(self, path: str, **query: str) -> Any:
        return await self.request(Rest("GET", path, query))

    async def _ask(self, rest: Rest) -> Event:
        socket = self._socket
        if socket is None:
            raise ConnectionError("not connected")
        number = str(next(self._numbers))
        frame = {
            "type": "RESTRequest",
            "transaction_id": number,
            "request_id": number,
            "method": rest.method,
            "uri": f"{rest.path}?{urlencode(rest.query)}" if rest.query else rest.path,
        }
        if rest.body is not None:
            frame |= {"content_type": "application/json", "message_body": json.dumps(rest.body)}
        answer: asyncio.Future[Event] = asyncio.get_running_loop().create_future()
        self._asked[number] = answer
        try:
            await socket.send(json.dumps(frame))
            return await answer
        finally:
            self._asked.pop(number, None)

    # --- events

    async def events(self) -> AsyncIterator[Event]:
        """Every event, in the order of arrival, over all connections. Ends when replaced."""
        while True:
            while self._held:
                yield self._held.popleft()
            if self.replaced:
                return
            await self._move()

    # --- the connection

    async def _keep(self) -> None:
        wait = FIRST_WAIT_S
        while not self.replaced:
            try:
                await self._connection()
            except (*_LOST, AriError) as lost:
                log.warning("ari_away", error=type(lost).__name__, reason=_reason(lost))
            finally:
                wait = FIRST_WAIT_S if self._ready else wait
                self._lost()
            await asyncio.sleep(wait * random.uniform(0.8, 1.2))
            wait = min(wait * 2, LONGEST_WAIT_S)

    async def _connection(self) -> None:
        """One connection from beginning to end; returns when one that was ready is closed."""
        access = self.access
        pair = f"{access.user}:{access.password}".encode()
        url = f"ws{access.url.removeprefix('http')}/events"
        opening = connect(
            f"{url}?{urlencode({'app': access.app, 'subscribeAll': 'false'})}",
            additional_headers={"Authorization": f"Basic {base64.b64encode(pair).decode()}"},
            max_size=MAX_FRAME,
            open_timeout=access.timeout_s,
            close_timeout=1,
            ping_interval=5,
            ping_timeout=10,
            compression=None,
            proxy=None,
        )
        async with opening as socket:
            reading = asyncio.create_task(self._read(socket))
            preparing = asyncio.create_task(self._prepare(socket))
            try:
                await asyncio.wait((reading, preparing), return_when=asyncio.FIRST_COMPLETED)
                if preparing.done():
                    preparing.result()
                await reading
            finally:
                for task in (preparing, reading):
                    task.cancel()
                await asyncio.gather(preparing, reading, return_exceptions=True)

    async def _prepare(self, socket: ClientConnection) -> None:
        self._socket = socket
        self.connections += 1
        body = {"disallowed": [{"type": each} for each in UNWANTED]}
        path = f"applications/{self.access.app}/eventFilter"
        await self.request(Rest("PUT", path, body=body))
        await self._on_connected(self)
        self._ready = True
        self._release()

    async def _read(self, socket: ClientConnection) -> None:
        async for frame in socket:
            if frame in self._lately:
                continue
            self._lately.append(frame)
            told = _loaded(frame)
            if not isinstance(told, dict) or not isinstance(told.get("type"), str):
                continue
            if told.get("type") == "RESTResponse":
                answer = self._asked.get(str(told.get("request_id")))
                if answer is not None and not answer.done():
                    answer.set_result(told)
                continue
            self._fresh.append(told)
            self.replaced = told.get("type") == "ApplicationReplaced"
            if self._ready:
                self._release()
            if self.replaced or len(self._held) + len(self._fresh) > MAX_EVENTS:
                log.error("ari_dropped", replaced=self.replaced, held=len(self._held))
                return

    def _lost(self) -> None:
        self._socket, self._ready = None, False
        for answer in self._asked.values():
            if not answer.done():
                answer.set_exception(ConnectionError("the connection was lost"))
        self._release()

    def _release(self) -> None:
        self._held.extend(self._fresh)
        self._fresh.clear()
        self._moved.set()


def _reason(lost: BaseException) -> str:
    """What may be logged of an error: our own text, or the status of a refused opening."""
    return str(lost) if isinstance(lost, AriError | InvalidStatus) else ""


def _loaded(text: Any) -> Any:
    """JSON or {}: what is not JSON says nothing to us."""
    with contextlib.suppress(ValueError, RecursionError, TypeError):
        return json.loads(text)
    return {}


__all__ = ["Access", "Ari", "AriError", "Event", "Rest"]
