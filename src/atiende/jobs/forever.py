"""The one place where any error is caught: a long-lived loop is logged and begun again.

Everything else in the project names what it expects.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger("loops")
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 10.0
STEADY_S = 60.0


async def run_forever(name: str, loop: Callable[[], Awaitable[None]]) -> None:
    """Runs `loop` until this is cancelled; a failure pauses, longer each time it comes at once."""
    pause = FIRST_PAUSE_S
    clock = asyncio.get_running_loop().time
    while True:
        began = clock()
        try:
            await loop()
        except Exception as error:
            log.error("loop failed", loop=name, error=type(error).__name__, exc_info=error)
        pause = FIRST_PAUSE_S if clock() - began > STEADY_S else min(pause * 2, LONGEST_PAUSE_S)
        await asyncio.sleep(pause)
