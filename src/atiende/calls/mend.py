"""A fault of our own in one call's step is that call's alone: the others go on.

The rows are the truth: what the step wanted was not written, or was written and not asked. So the
fact is let go, and the call is compared with Asterisk as at a new connection. When that happens
again and again, nothing that we believe of the call can be trusted: its legs are hung up, and it
ends by the platform, which puts the caller on the list of those to be called back.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from atiende.calls.apart import apart
from atiende.calls.compare import compare_one
from atiende.channels.voice import call as values
from atiende.channels.voice import effects as do

if TYPE_CHECKING:
    from atiende.calls.lane import Lane
    from atiende.calls.run import Switch

log = structlog.get_logger("calls")
#: So many faults of one call within so long, and it is given up.
GIVE_UP, WITHIN_S = 3, 60.0
PAUSE_S, LONGEST_PAUSE_S = 0.5, 5.0


async def mend(switch: Switch, lane: Lane) -> None:
    """Once more from what Asterisk has; or the end."""
    now = asyncio.get_running_loop().time()
    lane.faults = [at for at in lane.faults if now - at < WITHIN_S] + [now]
    count = len(lane.faults)
    await asyncio.sleep(min(PAUSE_S * count, LONGEST_PAUSE_S))
    if count < GIVE_UP and not lane.is_given_up:
        lane.told = None
        await apart("call_not_compared", compare_one(switch, lane))
        return
    if not lane.is_given_up:
        lane.is_given_up = True
        log.error("call_given_up", faults=count)
        for leg in (lane.call.leg, lane.call.channel):
            if leg:
                await apart("leg_not_ended", switch.ask(do.Hangup(leg)))
    lane.put(values.Missing(platform=True))
