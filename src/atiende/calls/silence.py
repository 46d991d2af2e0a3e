"""Agents who are lost in mid-call: the phone's line to us is gone, and its sound stops coming.

Either alone says little. The socket of a browser's phone goes with our own process while the sound
goes on; sound pauses on a bad network while the page lives. The web application tells when a socket
lives (`phones.socket_at`); what a leg has sent is asked of Asterisk, only while its socket is gone.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

from atiende.channels.voice import call as values
from atiende.channels.voice.ari import AriError

if TYPE_CHECKING:
    from atiende.calls.lane import Lane
    from atiende.calls.run import Switch

#: Without word of a socket for so long it counts as gone: its process may have been killed.
#: The web application writes every five seconds.
HEARD_FOR = timedelta(seconds=12)
GLANCE_S = 0.25
#: The sound of a leg has stopped when nothing came for so long (voice.md, 3.1: 0.5 to 1 s).
QUIET_S = 0.75


def tell_signal(lane: Lane, on: bool) -> None:
    """Whether the socket of the phone that has this call lives; told when it changes."""
    if lane.call.state in ("connected", "held") and on != lane.call.signal:
        lane.put(values.Signal(on))


@dataclass
class Count:
    """Packets that a leg had sent, and since when there are no more of them."""

    packets: int
    since: float


@dataclass
class Silence:
    """What was seen of the legs that are watched."""

    switch: Switch
    counts: dict[str, Count] = field(default_factory=dict)

    async def run(self) -> None:
        """For ever. Nothing is asked while every phone has its line."""
        while True:
            await asyncio.sleep(GLANCE_S)
            lanes = [x for x in self.switch.lanes.values() if values.is_watched(x.call)]
            legs = {lane.call.leg for lane in lanes}
            for gone in self.counts.keys() - legs:
                del self.counts[gone]
            if self.switch.ari.is_ready:
                for lane in lanes:
                    await self._look(lane, lane.call.leg)

    async def _look(self, lane: Lane, leg: str) -> None:
        packets = await self._packets(leg)
        if packets is None:
            return
        now = asyncio.get_running_loop().time()
        before = self.counts.get(leg)
        if before is None:
            self.counts[leg] = Count(packets, now)
        elif packets != before.packets:
            self.counts[leg] = Count(packets, now)
            if lane.call.lost:
                lane.put(values.SoundBack(leg))
        elif not lane.call.lost and now - before.since >= QUIET_S:
            lane.put(values.SoundLost(leg))

    async def _packets(self, leg: str) -> int | None:
        with contextlib.suppress(AriError):
            told = await self.switch.ari.get(f"channels/{quote(leg, safe='')}/rtp_statistics")
            if isinstance(told, dict) and isinstance(told.get("rxcount"), int):
                return int(told["rxcount"])
        return None
