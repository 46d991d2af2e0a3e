"""How SIP messages travel: UDP with its retransmissions, or TCP; requests matched to answers.

Theory of operation
-------------------
A request of ours is asked with ``ask``: over UDP it is sent again (0.5 s, doubling) until something
answers, and the final answer is returned; 408 is made up when nobody does. A request of theirs is
handed to ``on_request`` once; a copy of it gets the same answer again. The final answer to an
INVITE is sent again until its ACK comes. The ACK of our own INVITE is kept, because the other side
sends its answer again when the ACK was lost (RFC 3261 §13.3.1.4, §17).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Literal, TypeVar
from uuid import uuid4

from atiende.demo.phone import sip
from atiende.demo.phone.sip import Message

T1, T2, LONGEST = 0.5, 4.0, 32.0
KEPT = 200  # answers and acknowledgements remembered

Place = tuple[str, int]
Transport = Literal["udp", "tcp"]
K = TypeVar("K")
V = TypeVar("V")
Hear = Callable[[Message], None]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a request came from, and so where its answer goes."""

    place: Place
    writer: asyncio.StreamWriter | None = None


class Line(asyncio.DatagramProtocol):
    """One phone's socket. ``lose`` datagrams of ours are lost on the way (for tests)."""

    def __init__(
        self, transport: Transport, on_request: Callable[[Message, Source], None], host: str
    ) -> None:
        self.transport, self.host, self.port = transport, host, 0
        self.lose = 0
        self._on_request = on_request
        self._udp: asyncio.DatagramTransport | None = None
        self._server: asyncio.Server | None = None
        self._writers: dict[Place, asyncio.StreamWriter] = {}
        self._asked: dict[tuple[str, str], asyncio.Queue[Message]] = {}
        self._answered: dict[tuple[str, str], bytes] = {}
        self._acks: dict[str, tuple[bytes, Place]] = {}
        self._unacked: dict[tuple[str, int], asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Listens on a free port of ``host``."""
        loop = asyncio.get_running_loop()
        if self.transport == "udp":
            made, _ = await loop.create_datagram_endpoint(lambda: self, (self.host, 0))
            self._udp = made
            self.port = made.get_extra_info("sockname")[1]
        else:
            self._server = await asyncio.start_server(self._accept, self.host, 0)
            self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._udp is not None:
            self._udp.close()
        for writer in self._writers.values():
            writer.close()
        if self._server is not None:
            self._server.close()

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Runs something that ends with the line."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def via(self) -> str:
        """A Via of ours, with a new branch."""
        branch = f"z9hG4bK{uuid4().hex}"
        return f"SIP/2.0/{self.transport.upper()} {self.host}:{self.port};branch={branch};rport"

    def contact(self, user: str) -> str:
        more = ";transport=tcp" if self.transport == "tcp" else ""
        return f"<sip:{user}@{self.host}:{self.port}{more}>"

    @property
    def unacknowledged(self) -> int:
        """Final answers of ours that still wait for their ACK."""
        return len(self._unacked)

    # --- our requests

    async def ask(self, request: Message, to: Place, hear: Hear | None = None) -> Message:
        """The final answer; ``hear`` gets the provisional ones. 408 when nobody answers."""
        key = (request.branch, request.method)
        queue = self._asked[key] = asyncio.Queue()
        try:
            answer = await self._exchange(request, to, queue, hear)
        finally:
            del self._asked[key]
        if request.method == "INVITE" and answer.status >= 300:
            await self.acknowledge(request, _refusal_ack(request, answer), to)
        return answer

    async def _exchange(
        self, request: Message, to: Place, queue: asyncio.Queue[Message], hear: Hear | None
    ) -> Message:
        clock, data = asyncio.get_running_loop().time, sip.render(request)
        step, give_up, invite = T1, clock() + LONGEST, request.method == "INVITE"
        quiet = self.transport == "tcp"
        await self._send(data, to)
        while True:
            heard = None
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, give_up - clock()) if quiet else step):
                    heard = await queue.get()
            if heard is None:
                if clock() >= give_up:
                    return sip.response(request, 408)
                await self._send(data, to)
                step = step * 2 if invite else min(step * 2, T2)
            elif heard.status >= 200:
                return heard
            else:
                if invite:  # the other side is there; it may ring for minutes
                    quiet, give_up = True, clock() + 10 * LONGEST
                if hear is not None:
                    hear(heard)

    async def acknowledge(self, invite: Message, ack: Message, to: Place) -> None:
        """Sends the ACK of ``invite``, and keeps it for answers that come again."""
        data = sip.render(ack)
        _keep(self._acks, invite.branch, (data, to))
        await self._send(data, to)

    # --- their requests

    def answer(self, response: Message, source: Source) -> None:
        """Answers a request; a final answer to an INVITE until it is acknowledged."""
        number, method = response.cseq
        data = sip.render(response)
        _keep(self._answered, (response.branch, method), data)
        self._give(data, source)
        if method == "INVITE" and response.status >= 200 and source.writer is None:
            key = (response.get("Call-ID"), number)
            if key not in self._unacked:
                task = self._unacked[key] = self.start(self._repeat(data, source))
                task.add_done_callback(lambda _: self._unacked.pop(key, None))

    async def _repeat(self, data: bytes, source: Source) -> None:
        step = T1
        while step < LONGEST:
            await asyncio.sleep(step)
            self._give(data, source)
            step *= 2

    def _arrived(self, message: Message, source: Source) -> None:
        number, method = message.cseq
        if message.status:
            queue = self._asked.get((message.branch, method))
            if queue is not None:
                queue.put_nowait(message)
            elif message.status >= 200 and message.branch in self._acks:
                self.start(self._send(*self._acks[message.branch]))
            return
        if method == "ACK" and (waiting := self._unacked.get((message.get("Call-ID"), number))):
            waiting.cancel()
        again = self._answered.get((message.branch, message.method))
        if again is not None and method != "ACK":
            self._give(again, source)
            return
        self._on_request(message, source)

    # --- bytes

    async def _send(self, data: bytes, to: Place) -> None:
        if self.transport == "udp":
            self._give(data, Source(to))
            return
        writer = self._writers.get(to)
        if writer is None or writer.is_closing():
            try:
                reader, writer = await asyncio.open_connection(*to)
            except OSError:
                return  # nobody there: the request will go without an answer
            self._writers[to] = writer
            self.start(self._read(reader, writer, to))
        writer.write(data)

    def _give(self, data: bytes, source: Source) -> None:
        if source.writer is not None:
            source.writer.write(data)
        elif self.lose:
            self.lose -= 1
        elif self._udp is not None and not self._udp.is_closing():
            self._udp.sendto(data, source.place)

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        with contextlib.suppress(sip.BadMessageError):
            if data.strip():
                self._arrived(sip.parse(data), Source((addr[0], addr[1])))

    def error_received(self, exc: Exception) -> None:
        """A port unreachable: the transaction's own clock decides."""

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        place = writer.get_extra_info("peername")[:2]
        self._writers[place] = writer
        self.start(self._read(reader, writer, place))

    async def _read(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, place: Place
    ) -> None:
        buffer = bytearray()
        try:
            while data := await reader.read(65_536):
                buffer += data
                while (message := sip.take(buffer)) is not None:
                    self._arrived(message, Source(place, writer))
        except (OSError, sip.BadMessageError):
            pass
        finally:
            writer.close()
            if self._writers.get(place) is writer:
                del self._writers[place]


def _refusal_ack(invite: Message, answer: Message) -> Message:
    kept = tuple(pair for pair in invite.headers if pair[0] in {"Via", "From", "Call-ID", "Route"})
    more = (("To", answer.get("To")), ("CSeq", f"{invite.cseq[0]} ACK"), ("Max-Forwards", "70"))
    return Message((*kept, *more), "ACK", invite.uri)


def _keep(kept: dict[K, V], key: K, value: V) -> None:
    kept[key] = value
    if len(kept) > KEPT:
        del kept[next(iter(kept))]
