"""A supervisor who listens to an agent's call, or speaks to the agent alone.  PURE.

Theory of operation
-------------------
``ringing`` (the supervisor's own phone) -> ``ready`` (it answered; nothing to hear yet) <->
``open`` (he hears both sides) -> ``ended``, from anywhere.

His phone's leg stands in a bridge of its own with what listens to the agent's leg (a snoop). Who
listens is muted. To whisper is another snoop on the same leg, which lets his voice through to the
agent and nobody else: a mode is changed by ending one snoop and making the next.

What is listened to is told as a level (``Talks``), as the router's decisions are to a call. The
agent's phone may change (his page was loaded anew): the next leg is listened to. Another agent ends
it: the right to listen was looked at for the one who had the call.

Each snoop has a name of its own, so one that comes late is not the present one, and is ended.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from atiende.channels.voice import effects as do
from atiende.channels.voice import facts as has

Mode = Literal["listen", "whisper"]
State = Literal["ringing", "ready", "open", "ended"]
Reason = Literal["left", "no_phone", "call_ended", "moved", "platform"]
RING_S = 15
KIND = "sup"

TRANSITIONS: Mapping[State, frozenset[State]] = {
    "ringing": frozenset({"ready", "ended"}),
    "ready": frozenset({"open", "ended"}),
    "open": frozenset({"ready", "ended"}),
    "ended": frozenset(),
}


@dataclass(frozen=True, slots=True)
class Supervision:
    """``call`` is the interaction; ``target`` the agent's leg, empty while it has no sound;
    ``made`` counts the snoops; ``listens``: whether the present one lives."""

    id: str
    call: str
    supervisor: str
    agent: str
    endpoint: str
    mode: Mode = "listen"
    state: State = "ringing"
    target: str = ""
    made: int = 0
    listens: bool = False
    reason: Reason | None = None

    @property
    def leg(self) -> str:
        """His own phone's."""
        return f"{KIND}:{self.id}:leg"

    @property
    def snoop(self) -> str:
        return f"{KIND}:{self.id}:{self.made}"

    @property
    def bridge(self) -> str:
        return f"{KIND}:{self.id}"


@dataclass(frozen=True, slots=True)
class Began:
    """It is in the rows."""


@dataclass(frozen=True, slots=True)
class Wished:
    mode: Mode


@dataclass(frozen=True, slots=True)
class Left:
    """He has heard enough."""


@dataclass(frozen=True, slots=True)
class Talks:
    """Who has the call now, and by which leg; no leg: there is no sound to him now."""

    agent: str
    leg: str


@dataclass(frozen=True, slots=True)
class Over:
    """The call has ended, or the platform did."""

    reason: Reason


Fact = has.Fact | Began | Wished | Left | Talks | Over
Done = tuple[Supervision, list[do.Effect]]


def owner(name: str) -> str:
    """The supervision that a leg's, snoop's or bridge's name belongs to; empty when none."""
    kind, _, rest = name.partition(":")
    return rest.partition(":")[0] if kind == KIND else ""


def shown_call(supervision: str) -> str:
    """What the supervisor's phone is told that it rings for: no call of his own."""
    return f"{KIND}-{supervision}"


def step(now: Supervision, fact: Fact) -> Done:
    """The supervision after ``fact``, and what is asked for, in order."""
    if now.state == "ended":
        late = isinstance(fact, has.SnoopReady | has.LegAnswered)
        return now, [do.Hangup(_name(fact))] if late else []
    handler = _HANDLERS.get(type(fact))
    return handler(now, fact) if handler else (now, [])


def _name(fact: Any) -> str:
    found: str = fact.snoop if isinstance(fact, has.SnoopReady) else fact.leg
    return found


def _began(now: Supervision, _: Began) -> Done:
    return now, [do.RingAgent(now.leg, now.endpoint, shown_call(now.id), "", "", RING_S)]


def _answered(now: Supervision, fact: has.LegAnswered) -> Done:
    if fact.leg != now.leg or now.state != "ringing":
        return now, []
    effects: list[do.Effect] = [
        do.OpenBridge(now.bridge),
        do.Connect(now.bridge, (now.leg,)),
        do.Mute(now.leg, now.mode == "listen"),
    ]
    now, more = _listen(replace(now, state="ready"))
    return now, [*effects, *more]


def _listen(now: Supervision) -> Done:
    """A snoop on the agent's leg, when there is one."""
    if now.state == "ringing" or not now.target:
        return now, []
    now = replace(now, made=now.made + 1, listens=True)
    return now, [do.Snoop(now.target, now.snoop, "both", now.mode == "whisper")]


def _deaf(now: Supervision) -> Done:
    """The present snoop ends."""
    gone: list[do.Effect] = [do.Hangup(now.snoop)] if now.listens else []
    state: State = "ready" if now.state == "open" else now.state
    return replace(now, listens=False, state=state), gone


def _ready(now: Supervision, fact: has.SnoopReady) -> Done:
    if fact.snoop != now.snoop or not now.listens:
        return now, [do.Hangup(fact.snoop)]
    return replace(now, state="open"), [do.Connect(now.bridge, (now.snoop,))]


def _snoop_gone(now: Supervision, fact: has.SnoopEnded) -> Done:
    """With the leg that it listened to: the next level says what comes."""
    if fact.snoop != now.snoop or not now.listens:
        return now, []
    return replace(_deaf(now)[0], target=""), []


def _wished(now: Supervision, fact: Wished) -> Done:
    if fact.mode == now.mode:
        return now, []
    now, gone = _deaf(replace(now, mode=fact.mode))
    if now.state == "ringing":
        return now, gone
    mute = do.Mute(now.leg, now.mode == "listen")
    now, more = _listen(now)
    return now, [*gone, mute, *more]


def _talks(now: Supervision, fact: Talks) -> Done:
    if fact.agent != now.agent:
        return _end(now, "moved")
    if fact.leg == now.target:
        return now, []
    now, gone = _deaf(now)
    now, more = _listen(replace(now, target=fact.leg))
    return now, [*gone, *more]


def _hung_up(now: Supervision, fact: has.LegEnded | has.HungUp) -> Done:
    if fact.leg != now.leg:
        return now, []
    return _end(now, "no_phone" if now.state == "ringing" else "left")


def _end(now: Supervision, reason: Reason) -> Done:
    now, effects = _deaf(now)
    effects = [*effects, do.Hangup(now.leg)]
    if now.state != "ringing":
        effects.append(do.CloseBridge(now.bridge))
    return replace(now, state="ended", reason=reason), effects


_HANDLERS: Mapping[type, Callable[[Supervision, Any], Done]] = {
    Began: _began,
    has.LegAnswered: _answered,
    has.SnoopReady: _ready,
    has.SnoopEnded: _snoop_gone,
    has.LegEnded: _hung_up,
    has.HungUp: _hung_up,
    Wished: _wished,
    Talks: _talks,
    Left: lambda now, _: _end(now, "left"),
    Over: lambda now, fact: _end(now, fact.reason),
}
