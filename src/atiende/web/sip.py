"""The socket `/sip`: an agent's browser phone speaks SIP to Asterisk through our own origin.

Theory of operation
-------------------
Asterisk listens on loopback alone. Whoever comes here has shown his cookie and our Origin, as on
`/live`, and may have a phone; his SIP password is still asked by Asterisk. Frames are relayed
unread.

Asterisk takes the address that a phone's socket comes from for the address of the phone. When our
process dies in mid-call and the browser comes back through the next one, an end of the call sent
to the old address would be lost, and the agent would stay in a call that is over. So each agent
has a source address and port of his own on loopback, always the same; it is given back at once
(SO_LINGER 0: no TIME_WAIT), and an agent has one phone: the newest socket takes the place.

A socket that is gone is half of what says that an agent is lost in mid-call (calls.silence): it is
written into his phone's row at once, and that it lives every five seconds.

Whether a browser lives is asked every two seconds by the keep-alive of RFC 5626 (CRLF CRLF, which
it answers by CRLF); when two stay without an answer it is gone. Asterisk's side is closed first and
at once, and a dead browser is never waited for.
"""

import asyncio
import contextlib
import errno
import hashlib
import socket
import struct
from dataclasses import dataclass, field
from uuid import UUID

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from atiende.accounts import Actor, actors_alive
from atiende.calls import Q as CALLS
from atiende.calls import may_phone
from atiende.store import AWAY
from atiende.web.frames import FLUSH_S, Pace, first_of, not_too_fast, receive_text
from atiende.web.gate import context_of, own_origin, refuse, web_of
from atiende.web.state import Web

log = structlog.get_logger("sip")

SIP = "sip"
MAX_FRAME = 64 * 1024
MAX_LINES = 5_000
FRAMES_A_WINDOW = 200
KEEP_ALIVE_S = 2.0
MISSED = 2
KEEP_ALIVE = "\r\n\r\n"
CONNECT_S = 3.0
SESSIONS_EVERY_S = 5.0
#: Ports tried, should the first be held by a process that is about to end.
SOURCES, PATIENCE, PAUSE_S = 3, 10, 0.02
FIRST_PORT, PORTS = 40_000, 20_000
#: What the page is told at the end. It comes back by itself unless another took its place.
TAKEN, SESSION_OVER, TOO_BIG, NOT_TEXT, COME_AGAIN = 4409, 4401, 1009, 1003, 1012


@dataclass(eq=False)
class Line:
    """One agent's socket, while it lives."""

    actor: Actor
    heard_at: float
    upstream: ClientConnection | None = None
    code: int = COME_AGAIN
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def end(self, code: int) -> None:
        """Asterisk's side at once; the browser's follows."""
        self.code = code
        self.over.set()
        if self.upstream is not None:
            self.upstream.transport.abort()


class Lines:
    """Every phone's socket of this process; one an agent."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._lines: dict[UUID, Line] = {}
        self._watch: asyncio.Task[None] | None = None
        self._told = asyncio.Event()

    def __len__(self) -> int:
        return len(self._lines)

    def enter(self, line: Line) -> bool:
        """False when it is one too many; an agent's earlier socket ends."""
        before = self._lines.get(line.actor.user_id)
        if before is None and len(self._lines) >= MAX_LINES:
            return False
        if before is not None:
            before.end(TAKEN)
        self._lines[line.actor.user_id] = line
        self._told.set()
        if self._watch is None or self._watch.done():
            self._watch = asyncio.create_task(self._watching())
        return True

    def leave(self, line: Line) -> None:
        if self._lines.get(line.actor.user_id) is line:
            del self._lines[line.actor.user_id]
            self._told.set()

    async def _watching(self) -> None:
        """Whose line lives is written at once, and again every few seconds; so are sessions asked
        for. Ends when nobody is left to be told of."""
        told: set[UUID] = set()
        while self._lines or told:
            self._told.clear()
            told = await self._tell(told)
            await self._sessions()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SESSIONS_EVERY_S):
                    await self._told.wait()
        self._watch = None

    async def _tell(self, told: set[UUID]) -> set[UUID]:
        """What could not be written grows old by itself, and then says the same."""
        alive = set(self._lines)
        try:
            async with self._web.db.connection() as conn:
                await conn.execute(CALLS["phone_heard"], list(alive), self._web.now())
                for gone in told - alive:
                    await conn.execute(CALLS["phone_unheard"], gone)
        except AWAY as error:
            log.warning("rows_away", error=type(error).__name__)
            return alive
        if alive != told:
            self._web.bus.wake("calls")
        return alive

    async def _sessions(self) -> None:
        """A phone lives no longer than the session that opened it, nor than the right to it."""
        lines = list(self._lines.values())
        if not lines:
            return
        try:
            async with self._web.db.connection() as conn:
                ids = {line.actor.session_id for line in lines}
                alive = await actors_alive(conn, ids, self._web.now())
        except AWAY:
            return
        for line in lines:
            actor = alive.get(line.actor.session_id)
            if actor is None or not may_phone(actor):
                line.end(SESSION_OVER)


def source_of(agent: UUID, turn: int = 0) -> tuple[str, int]:
    """The agent's own address on loopback, the same in every process and after every start."""
    drawn = hashlib.sha256(agent.bytes).digest()
    address = f"127.{1 + drawn[0] % 254}.{drawn[1]}.{1 + drawn[2] % 254}"
    return address, FIRST_PORT + (int.from_bytes(drawn[3:5]) + turn) % PORTS


async def sip(ws: WebSocket) -> None:
    """One phone's socket from handshake to close."""
    web = web_of(ws)
    lines: Lines = ws.app.state.lines
    if not own_origin(ws):
        await ws.close(4403)
        return
    try:
        ctx = await context_of(ws)
    except AWAY:
        await refuse(ws)
        return
    if ctx is None or not may_phone(ctx.actor):
        await ws.close(4401 if ctx is None else 4403)
        return
    url = web.sip_url()
    if url is None or SIP not in ws.scope["subprotocols"]:
        await (refuse(ws) if url is None else ws.close(4400))
        return
    line = Line(ctx.actor, asyncio.get_running_loop().time())
    if not lines.enter(line):
        await refuse(ws)
        return
    try:
        await _serve(ws, line, url)
    finally:
        line.end(line.code)
        lines.leave(line)
        await _close(ws, line.code)


async def _serve(ws: WebSocket, line: Line, url: str) -> None:
    try:
        line.upstream = upstream = await dial(url, line.actor.user_id)
    except (OSError, TimeoutError, WebSocketException) as error:
        log.warning("exchange_away", error=type(error).__name__)
        await refuse(ws)
        return
    if line.over.is_set():  # a newer one came meanwhile
        await refuse(ws)
        return
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        await ws.accept(subprotocol=SIP)
        reader = asyncio.create_task(_from_browser(ws, line, upstream))
        writer = asyncio.create_task(_to_browser(ws, upstream))
        over = asyncio.create_task(_until_over(ws, line))
        await first_of(reader, writer, over)


async def dial(url: str, agent: UUID) -> ClientConnection:
    """Asterisk, from the agent's own address. OSError or TimeoutError when it is not there."""
    async with asyncio.timeout(CONNECT_S):
        for turn in range(SOURCES):
            for _ in range(PATIENCE):
                with contextlib.suppress(_BusyError):
                    return await _dial_from(url, source_of(agent, turn))
                await asyncio.sleep(PAUSE_S)
    raise OSError(errno.EADDRINUSE, "no source address is free")


class _BusyError(OSError):
    """The address is still another socket's."""


async def _dial_from(url: str, source: tuple[str, int]) -> ClientConnection:
    host, _, port = url.split("/")[2].partition(":")
    raw = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        raw.setblocking(False)
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raw.bind(source)
        await asyncio.get_running_loop().sock_connect(raw, (host, int(port)))
        return await connect(
            url,
            sock=raw,
            proxy=None,
            subprotocols=[Subprotocol(SIP)],
            compression=None,
            max_size=MAX_FRAME,
            ping_interval=None,
            close_timeout=0.5,
        )
    except OSError as error:
        raw.close()
        if error.errno in (errno.EADDRINUSE, errno.EADDRNOTAVAIL):
            raise _BusyError(error.errno, "busy") from error
        raise
    except BaseException:
        raw.close()
        raise


async def _from_browser(ws: WebSocket, line: Line, upstream: ClientConnection) -> None:
    loop, pace = asyncio.get_running_loop(), Pace()
    while True:
        text = await receive_text(ws)
        line.heard_at = loop.time()
        if text is None or len(text.encode(errors="replace")) > MAX_FRAME:
            line.code = NOT_TEXT if text is None else TOO_BIG
            return
        await not_too_fast(pace, loop.time, FRAMES_A_WINDOW)
        if not text.strip("\r\n"):
            # Its answer, or its own question, which is ours to answer.
            if text == KEEP_ALIVE:
                await ws.send_text("\r\n")
            continue
        try:
            await upstream.send(text)
        except WebSocketException:
            return


async def _to_browser(ws: WebSocket, upstream: ClientConnection) -> None:
    with contextlib.suppress(WebSocketException):
        async for frame in upstream:
            await ws.send_text(frame if isinstance(frame, str) else frame.decode(errors="replace"))


async def _until_over(ws: WebSocket, line: Line) -> None:
    """Asks whether the browser lives, until it does not or somebody ended the line."""
    loop = asyncio.get_running_loop()
    while not line.over.is_set():
        if loop.time() - line.heard_at > MISSED * KEEP_ALIVE_S:
            line.end(line.code)
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(KEEP_ALIVE_S):
                await ws.send_text(KEEP_ALIVE)
                await line.over.wait()


async def _close(ws: WebSocket, code: int) -> None:
    if ws.application_state is not WebSocketState.CONNECTED:
        return
    with contextlib.suppress(RuntimeError, WebSocketDisconnect, TimeoutError):
        async with asyncio.timeout(FLUSH_S):
            await ws.close(code)
