"""Sound on the network: one RTP stream both ways, a packet each 20 ms, digits as events.

RFC 3550 for the packets, RFC 4733 for digits. Sending is paced by the loop's clock: a late packet
is followed at once by the next, so that the stream never drifts.
"""

from __future__ import annotations

import asyncio
import random
import struct
from array import array
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from atiende.demo.phone.audio import ALAW, FRAME, RATE, SILENCE, decode, encode

SECONDS_KEPT = 120
DIGITS = "0123456789*#ABCD"
DIGIT_PACKETS = 8  # 160 ms, then its end three times
GAP_PACKETS = 4
_HEADER = struct.Struct("!BBHII")
_EVENT = struct.Struct("!BBH")


@dataclass
class Count:
    """What went through; ``lost`` by gaps in the sequence numbers of one source."""

    sent: int = 0
    received: int = 0
    lost: int = 0


class Media(asyncio.DatagramProtocol):
    """A phone's ear and mouth. Says silence until it is given something to say."""

    def __init__(self, first_sequence: int | None = None) -> None:
        self.port = 0
        self.count = Count()
        self.digits_heard: list[str] = []
        self.news = asyncio.Event()  # set whenever a digit is heard
        self.sending = True
        self.first_sequence_heard: int | None = None
        first = random.randrange(65_536) if first_sequence is None else first_sequence
        self._sequence = first & 0xFFFF  # of the packet to come
        self._source = random.getrandbits(32)
        self._stamp = random.getrandbits(31)
        self._to: tuple[str, int] | None = None
        self._law, self._events = ALAW, 101
        self._speech: Sequence[int] = ()
        self._at, self._repeat = 0, True
        self._queue: deque[tuple[bool, bytes]] = deque()
        self._marked = True
        self._event_stamp = 0
        self._heard: array[int] = array("h")
        self._dropped = 0
        self._last: tuple[int, int] | None = None
        self._digit_stamp: int | None = None
        self._udp: asyncio.DatagramTransport | None = None
        self._pump: asyncio.Task[None] | None = None

    async def open(self, host: str) -> None:
        """Listens on a free port of ``host``."""
        loop = asyncio.get_running_loop()
        self._udp, _ = await loop.create_datagram_endpoint(lambda: self, (host, 0))
        self.port = self._udp.get_extra_info("sockname")[1]

    async def close(self) -> None:
        if self._pump is not None:
            self._pump.cancel()
            await asyncio.gather(self._pump, return_exceptions=True)
        if self._udp is not None:
            self._udp.close()

    def talk_to(self, place: tuple[str, int], law: int, events: int | None) -> None:
        """Where the sound goes, in which law, and the payload type of digits."""
        self._to, self._law, self._events = place, law, events or 101
        if self._pump is None:
            self._pump = asyncio.ensure_future(self._run())

    def say(self, samples: Sequence[int], *, repeat: bool = True) -> None:
        """From now on these samples are sent, again and again or once and then silence."""
        self._speech, self._at, self._repeat = samples, 0, repeat

    @property
    def is_silent(self) -> bool:
        """Whether all that was to be said (once) has been said."""
        return not self._speech

    def press(self, digits: str) -> float:
        """Digits go out one after another in place of the sound; the seconds that it takes.
        ValueError: not on a keypad."""
        for digit in digits:
            code = DIGITS.index(digit.upper())
            for n in range(1, DIGIT_PACKETS + 1):
                self._queue.append((n == 1, _EVENT.pack(code, 10, n * FRAME)))
            end = _EVENT.pack(code, 0x80 | 10, DIGIT_PACKETS * FRAME)
            self._queue.extend([(False, end)] * 3 + [(False, b"")] * GAP_PACKETS)
        return len(self._queue) * FRAME / RATE

    def mark(self) -> int:
        """Now, as a place in what is heard."""
        return self._dropped + len(self._heard)

    def heard_since(self, mark: int) -> array[int]:
        """What has been heard since a mark (as far back as two minutes)."""
        return self._heard[max(0, mark - self._dropped) :]

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            self._tick()
            due += FRAME / RATE
            await asyncio.sleep(max(0.0, due - loop.time()))

    def _tick(self) -> None:
        if self._queue:
            first, event = self._queue.popleft()
            if first:
                self._event_stamp = self._stamp
            if event:
                self._send(self._events, event, self._event_stamp, marked=first)
            self._marked = True
        elif self.sending:
            frame = self._next()
            self._send(self._law, frame, self._stamp, marked=self._marked)
            self._marked = False
        self._stamp = (self._stamp + FRAME) & 0xFFFFFFFF

    def _next(self) -> bytes:
        if not self._speech:
            return bytes([SILENCE[self._law]]) * FRAME
        frame = array("h", self._speech[self._at : self._at + FRAME])
        self._at += FRAME
        while len(frame) < FRAME and self._repeat:
            more = self._speech[: FRAME - len(frame)]
            self._at = len(more)
            frame.extend(more)
        if self._at >= len(self._speech) and not self._repeat:
            self._speech = ()
        frame.extend([0] * (FRAME - len(frame)))
        return encode(frame, self._law)

    def _send(self, kind: int, payload: bytes, stamp: int, *, marked: bool) -> None:
        if self._udp is None or self._to is None or self._udp.is_closing():
            return
        second = kind | (0x80 if marked else 0)
        head = _HEADER.pack(0x80, second, self._sequence, stamp, self._source)
        self._udp.sendto(head + payload, self._to)
        self._sequence = (self._sequence + 1) & 0xFFFF
        self.count.sent += 1

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        if len(data) < _HEADER.size or data[0] >> 6 != 2:
            return
        first, second, sequence, stamp, source = _HEADER.unpack_from(data)
        start = _HEADER.size + 4 * (first & 0x0F)
        payload, kind = data[start:], second & 0x7F
        self._counted(sequence, source)
        if kind in SILENCE:
            self._hear(decode(payload, kind))
        elif kind == self._events and len(payload) >= _EVENT.size and stamp != self._digit_stamp:
            self._digit_stamp = stamp
            if payload[0] < len(DIGITS):
                self.digits_heard.append(DIGITS[payload[0]])
                self.news.set()

    def _counted(self, sequence: int, source: int) -> None:
        self.count.received += 1
        if self.first_sequence_heard is None:
            self.first_sequence_heard = sequence
        if self._last is not None and self._last[1] == source:
            gap = (sequence - self._last[0] - 1) & 0xFFFF
            if gap < 1_000:
                self.count.lost += gap
        self._last = (sequence, source)

    def _hear(self, samples: array[int]) -> None:
        self._heard.extend(samples)
        over = len(self._heard) - SECONDS_KEPT * RATE
        if over > 0:
            del self._heard[:over]
            self._dropped += over

    def error_received(self, exc: Exception) -> None:
        """Nobody listens there any more: the call's end will say so."""
