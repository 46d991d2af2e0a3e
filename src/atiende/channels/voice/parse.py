"""Asterisk's events, turned into facts.  PURE.

``parse`` never raises: an event that is unknown, broken or not for us is None. What a caller chose
(number, name) is cleaned as any stranger's text and cut; it reaches a dial string only through
``render``, which checks it again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from atiende.channels.text import text
from atiende.channels.voice.facts import (
    CallArrived,
    CallEnded,
    DialAsked,
    Digit,
    EndpointState,
    Fact,
    Held,
    HungUp,
    LegAnswered,
    LegEnded,
    LegMade,
    LegProgress,
    LegRinging,
    PlaybackFinished,
    RecordingFinished,
    RecordingStarted,
    SnoopEnded,
    SnoopReady,
    Unheld,
)

MAX_ID, MAX_NUMBER, MAX_NAME, MAX_RECORDING = 200, 64, 120, 300
#: Ids that Asterisk makes: time and count, behind the system's name.
_THEIRS = re.compile(r"(?:.*-)?\d+\.\d+", re.DOTALL)
_DIGITS = frozenset("0123456789*#ABCD")
_SNOOP, _SIP = "Snoop/", "PJSIP/"

Told = Mapping[str, Any]


def parse(event: object) -> Fact | None:
    """The fact that an event tells; None when it tells none that we know."""
    if not isinstance(event, Mapping):
        return None
    kind = event.get("type")
    reader = _READERS.get(kind) if isinstance(kind, str) else None
    return reader(event) if reader else None


def is_call(channel: str) -> bool:
    """Whether a channel came by itself; those that we made bear names of our own."""
    return _THEIRS.fullmatch(channel) is not None


def moment(event: Told) -> datetime | None:
    """When it happened, by Asterisk's clock."""
    told = event.get("timestamp")
    try:
        return datetime.fromisoformat(told) if isinstance(told, str) else None
    except ValueError:
        return None


def _part(told: Told, key: str) -> Told:
    part = told.get(key)
    return part if isinstance(part, Mapping) else {}


def _line(value: object, limit: int) -> str:
    """One line of clean text, never longer than ``limit``."""
    return " ".join(text(value[: limit * 4]).split())[:limit] if isinstance(value, str) else ""


def _number(value: object) -> int | None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and 0 <= value < 1_000 else None  # type: ignore[operator,return-value]


def _channel(event: Told, key: str = "channel") -> str:
    return _line(_part(event, key).get("id"), MAX_ID)


def _endpoint(channel: Told) -> str:
    """``PJSIP/trunk-00000012`` -> trunk."""
    name = _line(channel.get("name"), MAX_ID)
    return name.removeprefix(_SIP).rpartition("-")[0] if name.startswith(_SIP) else ""


def _is_snoop(event: Told) -> bool:
    return _line(_part(event, "channel").get("name"), MAX_ID).startswith(_SNOOP)


def _started(event: Told) -> Fact | None:
    channel, leg = _part(event, "channel"), _channel(event)
    told = event.get("args")
    args = [_line(each, MAX_NUMBER) for each in told] if isinstance(told, list) else []
    caller = _part(channel, "caller")
    if not leg:
        return None
    # What was dialled may hold commas, which part arguments: it is heard whole, and refused.
    dialled = ",".join(args[1:])
    if args[:1] == ["inbound"] and args[1:]:
        number, name = caller.get("number"), caller.get("name")
        return CallArrived(
            leg, dialled, _line(number, MAX_NUMBER), _line(name, MAX_NAME), _endpoint(channel)
        )
    if args[:1] == ["outbound"] and args[1:]:
        return DialAsked(leg, dialled, _endpoint(channel))
    if _is_snoop(event):
        return SnoopReady(leg)
    if not args and channel.get("state") == "Up" and not is_call(leg):
        return LegAnswered(leg, _line(_part(channel, "channelvars").get("CC_ID"), MAX_ID))
    if not args and channel.get("state") == "Down" and not is_call(leg):
        return LegMade(leg)
    return None


def _dialled(event: Told) -> Fact | None:
    """Of a leg that was prepared: it is in our hands already, so its answer is told by this."""
    leg, told = _channel(event, "peer"), _part(_part(event, "peer"), "channelvars")
    if not leg or told.get("CC_ROLE") != "callee":
        return None
    if event.get("dialstatus") == "ANSWER":
        return LegAnswered(leg, _line(told.get("CC_ID"), MAX_ID))
    return LegProgress(leg) if event.get("dialstatus") == "PROGRESS" else None


def _state_changed(event: Told) -> Fact | None:
    leg = _channel(event)
    rings = _part(event, "channel").get("state") == "Ringing"
    return LegRinging(leg) if leg and rings and not is_call(leg) else None


def _destroyed(event: Told) -> Fact | None:
    leg, cause = _channel(event), _number(event.get("cause")) or 0
    code = _number(event.get("tech_cause"))
    if not leg or _is_snoop(event):
        return None
    return None if is_call(leg) else LegEnded(leg, cause, code)


def _left(event: Told) -> Fact | None:
    """Calls and snoops end by leaving the application: when we hang up a call ourselves, its
    destruction is told to nobody. A leg's destruction always is, and says why."""
    leg = _channel(event)
    if leg and _is_snoop(event):
        return SnoopEnded(leg)
    return CallEnded(leg) if leg and is_call(leg) else None


def _hung_up(event: Told) -> Fact | None:
    """Our own hang-ups are "soft"."""
    leg, cause = _channel(event), _number(event.get("cause")) or 0
    if not leg or event.get("soft") or _is_snoop(event):
        return None
    return HungUp(leg, cause, _number(event.get("tech_cause")))


def _digit(event: Told) -> Fact | None:
    leg, digit = _channel(event), event.get("digit")
    return Digit(leg, digit) if leg and isinstance(digit, str) and digit in _DIGITS else None


def _playback(event: Told) -> Fact | None:
    told = _part(event, "playback")
    playback = _line(told.get("id"), MAX_ID)
    return PlaybackFinished(playback, told.get("state") == "failed") if playback else None


def _recording_started(event: Told) -> Fact | None:
    name = _line(_part(event, "recording").get("name"), MAX_RECORDING)
    return RecordingStarted(name, moment(event)) if name else None


def _recording(event: Told) -> Fact | None:
    told = _part(event, "recording")
    name, seconds = _line(told.get("name"), MAX_RECORDING), told.get("duration")
    whole = seconds if isinstance(seconds, int) and not isinstance(seconds, bool) else 0
    failed = event.get("type") == "RecordingFailed"
    return RecordingFinished(name, max(0, whole), failed) if name else None


def _endpoint_state(event: Told) -> Fact | None:
    told = _part(event, "endpoint")
    name = _line(told.get("resource"), MAX_ID)
    if told.get("technology") != "PJSIP" or not name:
        return None
    return EndpointState(name, told.get("state") == "online")


def _of_leg(fact: Callable[[str], Fact]) -> Callable[[Told], Fact | None]:
    def read(event: Told) -> Fact | None:
        leg = _channel(event)
        return fact(leg) if leg else None

    return read


_READERS: Mapping[str, Callable[[Told], Fact | None]] = {
    "StasisStart": _started,
    "StasisEnd": _left,
    "Dial": _dialled,
    "ChannelStateChange": _state_changed,
    "ChannelDestroyed": _destroyed,
    "ChannelHangupRequest": _hung_up,
    "ChannelDtmfReceived": _digit,
    "ChannelHold": _of_leg(Held),
    "ChannelUnhold": _of_leg(Unheld),
    "PlaybackFinished": _playback,
    "RecordingStarted": _recording_started,
    "RecordingFinished": _recording,
    "RecordingFailed": _recording,
    "EndpointStateChange": _endpoint_state,
}
