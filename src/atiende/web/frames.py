"""What arrives on a socket, as text or not at all. The desk's and the visitor's socket read here.

Starlette's own `receive_text` is surprised by a binary frame; a stranger must not surprise us.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from atiende.core.rate import within_rate

FLUSH_S = 2.0
FRAMES_WINDOW_S = 2.0
BRAKES = 5
FRAMES_A_WINDOW = 500  # a screen that comes back opens all its cases at once
_LEFT = (WebSocketDisconnect, RuntimeError, asyncio.CancelledError)


async def receive_text(ws: WebSocket) -> str | None:
    """The next frame's text, None for a binary one. WebSocketDisconnect when the other end left."""
    message = await ws.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1005), message.get("reason"))
    text: str | None = message.get("text")
    return text


@dataclass
class Pace:
    """How fast a socket speaks."""

    times: deque[float] = field(default_factory=deque)
    brakes: int = 0


async def not_too_fast(pace: Pace, clock: Callable[[], float], limit: int) -> None:
    """Who sends faster than any screen would is read more slowly, so that the network holds him
    back; who goes on all the same is cut off."""
    if within_rate(pace.times, clock(), limit, FRAMES_WINDOW_S):
        return
    pace.brakes += 1
    if pace.brakes > BRAKES:
        raise WebSocketDisconnect(1008)
    await asyncio.sleep(max(0.0, pace.times[0] + FRAMES_WINDOW_S - clock()))


async def first_of(reader: "asyncio.Task[Any]", writer: "asyncio.Task[Any]", over: Any) -> None:
    """Until one end is done. A farewell that waits to be sent gets a moment; the tasks end here,
    and what ended them (the other end left) is nobody's error."""
    await asyncio.wait({reader, writer, over}, return_when=asyncio.FIRST_COMPLETED)
    if over.done() and not writer.done():
        await asyncio.wait({writer}, timeout=FLUSH_S)
    tasks = (reader, writer, over)
    for task in tasks:
        task.cancel()
    for ended in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(ended, BaseException) and not isinstance(ended, _LEFT):
            raise ended


async def farewell(ws: WebSocket, text: str) -> None:
    """The last frame and the close; whoever does not read is not waited for."""
    with contextlib.suppress(RuntimeError, WebSocketDisconnect, TimeoutError):
        async with asyncio.timeout(FLUSH_S):
            await ws.send_text(text)
            await ws.close(4000)
