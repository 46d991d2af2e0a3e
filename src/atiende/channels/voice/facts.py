"""What can have happened to a call, as values in the past tense.  PURE.  ``parse`` makes them.

A *call* is a channel that came to us by itself, a *leg* one that we made and named; both are said
by the id of their channel. Texts that strangers chose are clean and short here, but not trusted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class CallArrived:
    """``trunk`` brought a call for ``did``; ``caller`` and ``name`` are what the caller claims."""

    call: str
    did: str
    caller: str
    name: str
    trunk: str


@dataclass(frozen=True, slots=True)
class DialAsked:
    """An agent's own phone (``endpoint``) dialled ``number``."""

    call: str
    number: str
    endpoint: str


@dataclass(frozen=True, slots=True)
class Digit:
    """A key pressed, on a call or a leg. In a bridge of two it goes to the other side untold."""

    leg: str
    digit: str


@dataclass(frozen=True, slots=True)
class LegMade:
    """A leg that is to be dialled is in our hands; not dialled yet."""

    leg: str


@dataclass(frozen=True, slots=True)
class LegRinging:
    leg: str


@dataclass(frozen=True, slots=True)
class LegProgress:
    """The other side's network sends sound, though nobody has answered."""

    leg: str


@dataclass(frozen=True, slots=True)
class LegAnswered:
    """``call`` is what the leg was made for (its CC_ID); empty when it was not told."""

    leg: str
    call: str = ""


@dataclass(frozen=True, slots=True)
class LegEnded:
    """``cause`` is Q.850; ``sip_code`` the other side's own status, the best reason there is."""

    leg: str
    cause: int
    sip_code: int | None = None


@dataclass(frozen=True, slots=True)
class HungUp:
    """The other side ended it (16), or its sound stopped coming (44); never we ourselves. The end
    follows as CallEnded or LegEnded."""

    leg: str
    cause: int
    sip_code: int | None = None


@dataclass(frozen=True, slots=True)
class CallEnded:
    """Once for each CallArrived and DialAsked, whoever ended it."""

    call: str


@dataclass(frozen=True, slots=True)
class SnoopReady:
    """Only now can what listens to a leg be recorded or connected."""

    snoop: str


@dataclass(frozen=True, slots=True)
class SnoopEnded:
    snoop: str


@dataclass(frozen=True, slots=True)
class PlaybackFinished:
    playback: str
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """The other side's phone put us on hold."""

    leg: str


@dataclass(frozen=True, slots=True)
class Unheld:
    leg: str


@dataclass(frozen=True, slots=True)
class RecordingStarted:
    """``at``: Asterisk's clock, to lay the tracks of a call beside each other."""

    name: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class RecordingFinished:
    name: str
    seconds: int = 0
    failed: bool = False


@dataclass(frozen=True, slots=True)
class EndpointState:
    """A phone or trunk came or went. A hint: a dead browser may stay "online" for long."""

    endpoint: str
    online: bool


Fact = (
    CallArrived
    | DialAsked
    | Digit
    | LegMade
    | LegRinging
    | LegProgress
    | LegAnswered
    | LegEnded
    | HungUp
    | CallEnded
    | SnoopReady
    | SnoopEnded
    | PlaybackFinished
    | Held
    | Unheld
    | RecordingStarted
    | RecordingFinished
    | EndpointState
)
