"""What can be asked of a call, as values in the imperative.  PURE.  ``render`` says how.

Whoever asks names what comes into being (leg, snoop, bridge, playback, recording), because the
event about it may arrive before the answer. A name of ours never looks like ``word-12.34``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

ObjectKind = Literal["auth", "aor", "endpoint", "identify", "registration"]


@dataclass(frozen=True, slots=True)
class Ring:
    """The caller hears that it rings; the call is not answered yet."""

    leg: str


@dataclass(frozen=True, slots=True)
class Answer:
    leg: str


@dataclass(frozen=True, slots=True)
class Hangup:
    """``cause`` (Q.850) becomes a SIP status when the call was never answered: 17 busy (486),
    34 no way through (503), 21 refused (403)."""

    leg: str
    cause: int = 16


@dataclass(frozen=True, slots=True)
class Apologise:
    """Out of our hands into the dialplan, which says that we cannot, and hangs up (34)."""

    leg: str


@dataclass(frozen=True, slots=True)
class Play:
    """Sounds in a row, to this leg alone: ``sound:``, ``digits:``, ``number:``, ``tone:``."""

    leg: str
    playback: str
    media: tuple[str, ...]
    language: str = "es"


@dataclass(frozen=True, slots=True)
class StopPlay:
    playback: str


@dataclass(frozen=True, slots=True)
class OpenBridge:
    """``holding``: who waits, hearing music; ``mixing``: who talk with each other."""

    bridge: str
    kind: Literal["holding", "mixing"] = "mixing"


@dataclass(frozen=True, slots=True)
class CloseBridge:
    """Who is in it stays in our hands, and hears nothing."""

    bridge: str


@dataclass(frozen=True, slots=True)
class Music:
    """Music for everybody in a bridge, or its end; ``kind`` is a class of music of Asterisk's."""

    bridge: str
    on: bool = True
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Wait:
    """Into the holding bridge of a queue, out of wherever it was."""

    leg: str
    bridge: str


@dataclass(frozen=True, slots=True)
class Connect:
    bridge: str
    legs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hold:
    """On hold by us: the leg moves to a holding bridge, and hears its music."""

    leg: str
    bridge: str


@dataclass(frozen=True, slots=True)
class Unhold:
    """Back into the bridge of its talk."""

    leg: str
    bridge: str


@dataclass(frozen=True, slots=True)
class Mute:
    """What the leg says is heard by nobody, or again."""

    leg: str
    on: bool = True


@dataclass(frozen=True, slots=True)
class RingAgent:
    """Rings a phone of ours for ``call``, showing the caller's number and name."""

    leg: str
    endpoint: str
    call: str
    number: str
    name: str = ""
    timeout_s: int = 20
    formats: str = "opus,alaw,ulaw"


@dataclass(frozen=True, slots=True)
class Originate:
    """Dials ``number`` out through ``trunk``, showing ``caller_id``."""

    leg: str
    trunk: str
    number: str
    call: str
    caller_id: str
    timeout_s: int = 40
    formats: str = "alaw,ulaw"


@dataclass(frozen=True, slots=True)
class Prepare:
    """A leg to ``number`` through ``trunk``, in our hands (``LegMade``) before it is dialled, so
    that what its network sends can be heard. It shows the number of who is in its bridge."""

    leg: str
    trunk: str
    number: str
    call: str
    formats: str = "alaw,ulaw"


@dataclass(frozen=True, slots=True)
class Dial:
    """Dials a leg that was prepared; it ends by itself when nobody answers in time."""

    leg: str
    timeout_s: int = 45


@dataclass(frozen=True, slots=True)
class SendDigits:
    leg: str
    digits: str


@dataclass(frozen=True, slots=True)
class Snoop:
    """Listens to what a leg says (``in``) or to both sides; ``whisper``: and speaks to it alone."""

    leg: str
    snoop: str
    spy: Literal["in", "both"] = "in"
    whisper: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """Writes what a snoop hears to ``name`` (with folders, without extension). A recording of that
    name is never overwritten: Asterisk refuses (409)."""

    snoop: str
    name: str


@dataclass(frozen=True, slots=True)
class MuteRecording:
    """Silence is written in place of the sound, so that the tracks stay side by side."""

    name: str
    on: bool = True


@dataclass(frozen=True, slots=True)
class StopRecording:
    name: str


@dataclass(frozen=True, slots=True)
class PutObject:
    """Puts a phone's or trunk's part into Asterisk's memory; lost when Asterisk ends. In this
    order: auth, aor, endpoint, identify. Here None (404) means that it was not taken."""

    kind: ObjectKind
    name: str
    fields: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class RemoveObject:
    kind: ObjectKind
    name: str


@dataclass(frozen=True, slots=True)
class WatchEndpoints:
    """From now on the comings and goings of phones and trunks are told. Asterisk refuses (422)
    while it has no endpoint at all."""


Effect = (
    Ring
    | Answer
    | Hangup
    | Apologise
    | Play
    | StopPlay
    | OpenBridge
    | CloseBridge
    | Music
    | Wait
    | Connect
    | Hold
    | Unhold
    | Mute
    | RingAgent
    | Originate
    | Prepare
    | Dial
    | SendDigits
    | Snoop
    | Record
    | MuteRecording
    | StopRecording
    | PutObject
    | RemoveObject
    | WatchEndpoints
)
