"""At each connection: what Asterisk has against what the rows say. Nothing is replayed.

- a caller who is gone: the call has ended (by the platform, when Asterisk itself was gone);
- a leg that is gone, or that answered meanwhile: the machine is told; a phone is rung again;
- a caller who is not where the machine believes: he is put there again;
- a call that waits in our hands and is in no row: it has just arrived;
- a leg or bridge of no living call: removed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import structlog

from atiende.calls.apart import apart
from atiende.channels.voice import call as values
from atiende.channels.voice import calls as machine
from atiende.channels.voice import effects as do
from atiende.channels.voice import facts as has
from atiende.channels.voice.outgoing import RINGS_S
from atiende.channels.voice.parse import is_call, parse

if TYPE_CHECKING:
    from atiende.calls.lane import Lane
    from atiende.calls.run import Switch

log = structlog.get_logger("calls")
Channels = Mapping[str, Mapping[str, Any]]


async def compare(switch: Switch) -> None:
    """Brings machines, rows and Asterisk together again."""
    channels = {each["id"]: each for each in await switch.ari.get("channels") or ()}
    bridges = {each["id"]: each for each in await switch.ari.get("bridges") or ()}
    began = await _began(switch)
    if machine.MUSIC not in bridges:  # to open what exists is refused
        await switch.ask(do.OpenBridge(machine.MUSIC, "holding"))
    snoops = frozenset(name for name in channels if name.startswith("rec:"))
    for lane in list(switch.lanes.values()):
        await apart("call_not_compared", _compare(switch, lane, channels, bridges, began))
        lane.put(values.Listeners(snoops))
    heard = switch.supervisions
    heard.compare(channels)
    for channel in channels.values():
        await apart("channel_not_compared", _stray(switch, channel))
    for name in bridges:
        if not (name.startswith(machine.MUSIC) or name in switch.lanes or heard.owns(name)):
            await switch.ask(do.CloseBridge(name))


async def compare_one(switch: Switch, lane: Lane) -> None:
    """The same for one call."""
    channels = {each["id"]: each for each in await switch.ari.get("channels") or ()}
    bridges = {each["id"]: each for each in await switch.ari.get("bridges") or ()}
    await _compare(switch, lane, channels, bridges, await _began(switch))


async def _began(switch: Switch) -> datetime | None:
    """When this Asterisk was started."""
    told = await switch.ari.get("asterisk/info", only="status") or {}
    try:
        return datetime.fromisoformat(told.get("status", {}).get("startup_time", ""))
    except ValueError:
        return None


async def _compare(
    switch: Switch, lane: Lane, channels: Channels, bridges: Channels, began: datetime | None
) -> None:
    call = lane.call
    if call.direction == "out" and not call.reached:
        _compare_out(lane, channels, began)
        return
    if call.channel not in channels:
        lane.put(values.Missing(began is not None and began > lane.since))
        return
    if call.state == "arriving":
        lane.put(values.Started())
    if call.prompt:
        lane.put(has.PlaybackFinished(call.prompt))
    if call.leg and call.leg not in channels:
        lane.put(has.LegEnded(call.leg, 0))
        if call.state == "ringing":
            # It may have answered while nobody was there, and was dropped for that: rung again.
            lane.put(values.Routed())
            lane.told = None
    elif _answered(call, channels):
        lane.put(has.LegAnswered(call.leg))
    if call.state == "ringing" and call.assigned:
        lane.strike(f"media:{call.id}:{call.limits}", machine.MEDIA_S)
    await _place(switch, call, bridges)


def _compare_out(lane: Lane, channels: Channels, began: datetime | None) -> None:
    """A call that nobody has answered yet: how far it has come meanwhile."""
    call = lane.call
    if call.state == "arriving":
        lane.put(values.Started())
        return
    if call.leg and call.leg not in channels:
        lane.put(has.LegEnded(call.leg, 0))
    elif call.leg and not call.answered and channels[call.leg].get("state") == "Up":
        lane.put(has.LegAnswered(call.leg))
    lane.strike(f"media:{call.id}:{call.limits}", machine.MEDIA_S)
    if call.state == "ringing":
        return
    lane.strike(f"reach:{call.id}", RINGS_S)
    if call.channel not in channels:
        lane.put(values.Missing(began is not None and began > lane.since))
    elif channels[call.channel].get("state") == "Up":
        lane.put(has.LegAnswered(call.channel))
    elif channels[call.channel].get("state") == "Ringing":
        lane.put(has.LegRinging(call.channel))


def _answered(call: values.Call, channels: Channels) -> bool:
    """One that is lost had answered long ago: it has to speak."""
    waits = call.state == "ringing" and bool(call.leg) and not call.lost
    return waits and channels[call.leg].get("state") == "Up"


async def _place(switch: Switch, call: values.Call, bridges: Channels) -> None:
    """The caller into the bridge where he belongs."""
    talks = call.state == "connected"
    bridge = call.id if talks else machine.waits_in(call)
    inside = bridges.get(bridge, {}).get("channels", ())
    if call.state in ("arriving", "closing") or call.channel in inside:
        return
    if not talks:
        await switch.ask(do.Wait(call.channel, bridge))
        return
    if bridge not in bridges:
        await switch.ask(do.OpenBridge(bridge))
    for leg in (call.channel, call.leg):
        if leg and leg not in inside:
            await switch.ask(do.Connect(bridge, (leg,)))


async def _stray(switch: Switch, channel: Mapping[str, Any]) -> None:
    """A channel of no living call."""
    name = channel["id"]
    if name in switch.callers or values.owner(name) in switch.lanes:
        return
    if switch.supervisions.owns(name):
        return
    if not is_call(name):
        log.info("leg_removed")
        await switch.ask(do.Hangup(name))
        return
    data = str(channel.get("dialplan", {}).get("app_data", "")).split(",")
    event = {"type": "StasisStart", "args": data[1:], "channel": channel}
    fact = parse(event)
    if isinstance(fact, has.CallArrived):
        await switch.arrived(fact)
    else:
        await switch.ask(do.Hangup(name))
