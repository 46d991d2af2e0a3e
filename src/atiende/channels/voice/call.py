"""One call as a value, and what can be said of it beside Asterisk's facts and effects.  PURE.

``calls`` is the machine that takes and gives these; ``as_row`` and ``of_row`` keep a call.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from atiende.channels.voice import effects as do
from atiende.channels.voice import facts as has

State = Literal[
    "arriving",
    "greeting",
    "waiting",
    "ringing",
    "dialing",
    "alerting",
    "connected",
    "held",
    "closing",
    "ended",
]


@dataclass(frozen=True, slots=True)
class Call:
    """What we believe of a call. ``id`` is the interaction's, and its bridge's; ``prompt`` the
    playback that he must hear to its end; ``made`` and ``limits`` count legs and timers;
    ``barred`` is the agent whose phone brought no sound, until the router has decided anew;
    ``signal``: his phone's line to us is there; ``lost``: his leg has fallen silent, and may speak
    again (``was_held``: while the caller was on hold). Of a call out: the line it goes over and the
    number that is shown; ``reached``: somebody answered; ``result``: see ``outcome``. ``language``
    is what is spoken to the caller, ``music`` what he hears waiting (empty: the usual)."""

    id: str
    channel: str
    number: str = ""
    name: str = ""
    state: State = "arriving"
    prompt: str = ""
    agent: str = ""
    endpoint: str = ""
    leg: str = ""
    made: int = 0
    limits: int = 0
    ring_s: int = 20
    answered: bool = False
    assigned: bool = False
    bye: bool = False
    by_phone: bool = False
    muted: bool = False
    barred: str = ""
    language: str = "es"
    music: str = ""
    signal: bool = True
    lost: bool = False
    was_held: bool = False
    direction: Literal["in", "out"] = "in"
    trunk: str = ""
    caller_id: str = ""
    reached: bool = False
    result: str = ""


# --- facts beside those of ``facts``


@dataclass(frozen=True, slots=True)
class Started:
    """It is in the rows. ``media`` is heard first; ``closed``: and then it is over."""

    media: tuple[str, ...] = ()
    closed: bool = False
    language: str = "es"


@dataclass(frozen=True, slots=True)
class Routed:
    """Who has the call by the router's rows now; no agent: it waits."""

    agent: str = ""
    endpoint: str = ""
    assigned: bool = False
    ring_s: int = 20


@dataclass(frozen=True, slots=True)
class Closed:
    """The interaction was ended in the rows (by the desk, or by the router); ``media`` is what one
    hears whom nobody has attended, before it ends."""

    media: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A person at the desk: hold, resume, mute, unmute, hangup, rejoin."""

    what: str


@dataclass(frozen=True, slots=True)
class Struck:
    """A timer's time has come."""

    timer: str


@dataclass(frozen=True, slots=True)
class Missing:
    """Asterisk does not have the caller any more, and nobody saw him leave."""

    platform: bool = False


@dataclass(frozen=True, slots=True)
class Signal:
    """The line of the agent's phone to us: there, or gone (the sound may go on without it)."""

    on: bool


@dataclass(frozen=True, slots=True)
class SoundLost:
    """The leg's phone has no line to us, and its sound stopped coming: the agent is lost."""

    leg: str


@dataclass(frozen=True, slots=True)
class SoundBack:
    """The sound of a leg that was lost comes again."""

    leg: str


@dataclass(frozen=True, slots=True)
class Listeners:
    """After a connection to Asterisk: the snoops that it has, of every call."""

    snoops: frozenset[str]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a caller stands: ``position`` from 1 on (0: he does not wait), ``wait_s`` None =
    unknown; ``every_s`` until it is told again, None = nothing is told in his queue."""

    n: int
    position: int
    wait_s: float | None = None
    every_s: int | None = None


Fact = (
    has.Fact
    | Place
    | Started
    | Routed
    | Closed
    | Asked
    | Struck
    | Missing
    | Signal
    | SoundLost
    | SoundBack
    | Listeners
)

# --- effects beside those of ``effects``


@dataclass(frozen=True, slots=True)
class Accept:
    """The agent's phone said yes."""

    agent: str
    leg: str


@dataclass(frozen=True, slots=True)
class Decline:
    """The agent's phone said no."""

    agent: str
    leg: str


@dataclass(frozen=True, slots=True)
class NoMedia:
    """The agent has it, and there is no sound to him."""

    agent: str
    leg: str


@dataclass(frozen=True, slots=True)
class End:
    """The interaction is over; ``by``: customer, agent, system or platform."""

    by: str


@dataclass(frozen=True, slots=True)
class Reached:
    """Who was called has answered."""


@dataclass(frozen=True, slots=True)
class SetTimer:
    timer: str
    seconds: float


@dataclass(frozen=True, slots=True)
class AskPlace:
    """The rows are to be asked where he stands; the answer is ``Place``, with the same ``n``."""

    n: int


Effect = do.Effect | Accept | Decline | NoMedia | End | Reached | SetTimer
#: What is told to the router by rows; nothing of it is asked of Asterisk.
TOLD_ROUTER = (Accept, Decline, NoMedia, End, Reached)


def as_row(call: Call) -> Mapping[str, Any]:
    """The call as its row keeps it."""
    return asdict(call)


def of_row(row: Mapping[str, Any]) -> Call:
    """The call of a row; what an older program did not know takes its default."""
    known = {each.name for each in fields(Call)}
    return Call(**{name: value for name, value in row.items() if name in known})


#: What a person may ask for, and when.
ASKS: Mapping[str, frozenset[State]] = {
    "hold": frozenset({"connected"}),
    "resume": frozenset({"held"}),
    "mute": frozenset({"connected", "held"}),
    "unmute": frozenset({"connected", "held"}),
    "hangup": frozenset({"ringing", "dialing", "alerting", "connected", "held"}),
    "rejoin": frozenset({"ringing", "dialing", "alerting", "connected", "held"}),
    # what is asked of the recording changes nothing of the call itself
    "record": frozenset({"connected", "held"}),
    "record_pause": frozenset({"connected", "held"}),
    "record_resume": frozenset({"connected", "held"}),
}


def may_ask(call: Call, what: str, agent: str) -> bool:
    """Only who has the call, and only what makes sense now."""
    return call.state in ASKS.get(what, ()) and call.assigned and call.agent == agent


def is_watched(call: Call) -> bool:
    """Whether it has to be looked at if the agent's sound comes: his phone's line is gone, or the
    sound was lost already."""
    talks = call.state in ("connected", "held") and not call.signal
    return bool(call.leg) and (talks or (call.state == "ringing" and call.lost))


OWN_NAMES = ("leg", "dial", "prompt", "media", "rec", "say")


def owner(name: str) -> str:
    """The call that a leg's or a playback's name belongs to; empty when it is none of ours."""
    kind, _, rest = name.partition(":")
    return rest.partition(":")[0] if kind in OWN_NAMES else ""
