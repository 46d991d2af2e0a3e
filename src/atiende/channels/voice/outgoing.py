"""A call out, until somebody answers: what happened -> what is asked for.  PURE.

Theory of operation
-------------------
``arriving`` (in the rows) -> ``ringing`` (the agent's own phone, which answers by itself) ->
``dialing`` (the number) -> ``alerting`` (it rings there) -> ``connected``. From then on ``reached``
is true and the call is as any other: ``calls`` has it.

The agent's leg stands in the bridge of the talk before the other one is dialled, so he hears what
the network sends: the ringing, or its announcement. The other side sees who calls by the number of
the agent's leg, for Asterisk takes it from who is in the bridge.

The agent is the reason of the call: when the router takes it from him, or he hangs up, it is over.
A phone that was lost (his page loaded anew) rings again while the number rings on; when somebody
answers meanwhile, he hears music until the phone is back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from atiende.channels.voice import effects as do
from atiende.channels.voice import facts as has
from atiende.channels.voice.call import (
    Asked,
    Call,
    Closed,
    Effect,
    End,
    Missing,
    Reached,
    Routed,
    SetTimer,
    Started,
    State,
    Struck,
)
from atiende.channels.voice.legs import (
    BUSY,
    MEDIA_S,
    NO_SOUND,
    NORMAL,
    REATTACH_S,
    REJECTED,
    Done,
    Handler,
    drop,
    media_timer,
    waits_in,
)
from atiende.channels.voice.outcome import Result, outcome

#: How long the router may take to say whose it is; how long it may ring there, and what on top.
BEGIN_S, RINGS_S, MARGIN_S = 15.0, 45, 15.0
NO_WAY = 34


def channel_of(call: str) -> str:
    """The name of the customer's leg."""
    return f"dial:{call}"


def step(call: Call, fact: Any) -> Done:
    """The call after ``fact``, and what is asked for, in order."""
    theirs = (call.leg, call.channel) if call.state != "ended" else ()
    if isinstance(fact, has.LegAnswered) and fact.leg not in theirs:
        return call, [do.Hangup(fact.leg)]
    handler = _HANDLERS.get((call.state, type(fact)))
    return handler(call, fact) if handler else (call, [])


# --- the agent's own phone


def _start(call: Call, _: Started) -> Done:
    return call, [SetTimer(_begin_timer(call), BEGIN_S)]


def _begin_timer(call: Call) -> str:
    return f"begin:{call.id}"


def _reach_timer(call: Call) -> str:
    return f"reach:{call.id}"


def _routed(call: Call, fact: Routed) -> Done:
    if not fact.agent or not fact.assigned:
        return call, []
    call = replace(call, state="ringing", agent=fact.agent, endpoint=fact.endpoint, assigned=True)
    return _ring(call, MEDIA_S)


def _routed_on(call: Call, fact: Routed) -> Done:
    """Still his, perhaps with another phone; else it is over."""
    if (fact.agent, fact.assigned) != (call.agent, True):
        return _over(call, "system", "canceled")
    if fact.endpoint == call.endpoint:
        return call, []
    effects = drop(call)
    call, more = _ring(replace(call, endpoint=fact.endpoint, leg=""), REATTACH_S)
    return call, [*effects, *more]


def _rejoin(call: Call) -> Done:
    effects = drop(call)
    call, more = _ring(replace(call, leg=""), REATTACH_S)
    return call, [*effects, *more]


def _ring(call: Call, seconds: float) -> Done:
    """His phone, with the number that the other side is to see; and a limit."""
    effects: list[Effect] = []
    call = replace(call, leg="", answered=False, limits=call.limits + 1)
    if call.endpoint:
        made = call.made + 1
        call = replace(call, made=made, leg=f"leg:{call.id}:{made}")
        effects.append(do.RingAgent(call.leg, call.endpoint, call.id, call.caller_id))
    return call, [*effects, SetTimer(media_timer(call), seconds)]


def _leg_gone(call: Call, fact: has.LegEnded) -> Done:
    """The number's own end is the answer to the call; the agent's is his hand, or a loss."""
    if fact.leg == call.channel:
        return _over(call, "system", outcome(fact.cause, fact.sip_code))
    if fact.leg != call.leg:
        return call, []
    if call.answered and fact.cause == NORMAL:
        return _over(call, "agent", "canceled")
    if call.state == "ringing" and fact.cause in (BUSY, REJECTED):
        return _over(call, "agent", "canceled")
    call = replace(call, leg="", answered=False, limits=call.limits + 1)
    seconds = MEDIA_S if call.state == "ringing" else REATTACH_S
    return call, [SetTimer(media_timer(call), seconds)]


def _hung_up(call: Call, fact: has.HungUp) -> Done:
    if fact.leg != call.leg or fact.cause == NO_SOUND or not call.answered:
        return call, []
    return _over(call, "agent", "canceled")


# --- the number


def _phone_answered(call: Call, fact: has.LegAnswered) -> Done:
    if fact.leg != call.leg:
        return call, []
    call = replace(call, answered=True, state="dialing")
    return call, [
        do.OpenBridge(call.id),
        do.Connect(call.id, (call.leg,)),
        do.Prepare(call.channel, call.trunk, call.number, call.id),
        SetTimer(_reach_timer(call), RINGS_S + MARGIN_S),
    ]


def _made(call: Call, fact: has.LegMade) -> Done:
    """First into the bridge, then dialled: he would miss how it begins to ring."""
    if fact.leg != call.channel:
        return call, []
    return call, [do.Connect(call.id, (call.channel,)), do.Dial(call.channel, RINGS_S)]


def _rings(call: Call, fact: has.LegRinging | has.LegProgress) -> Done:
    return (replace(call, state="alerting"), []) if fact.leg == call.channel else (call, [])


def _answered(call: Call, fact: has.LegAnswered) -> Done:
    if fact.leg == call.leg:  # his phone is back
        if call.answered:
            return call, []
        return replace(call, answered=True), [do.Connect(call.id, (call.leg,))]
    call = replace(call, reached=True, result="answered")
    if call.answered:
        return replace(call, state="connected"), [Reached()]
    call = replace(call, state="ringing", limits=call.limits + 1)
    waits: list[Effect] = [Reached(), do.Wait(call.channel, waits_in(call))]
    return call, [*waits, SetTimer(media_timer(call), REATTACH_S)]


# --- the end


def _struck(call: Call, fact: Struck) -> Done:
    if fact.timer == _begin_timer(call) and call.state == "arriving":
        return _over(call, "system", "failed")
    if fact.timer == _reach_timer(call):
        return _over(call, "system", "no_answer")
    if fact.timer == media_timer(call) and not call.answered:
        return _over(call, "system", "no_phone")
    return call, []


def _asked(call: Call, fact: Asked) -> Done:
    if fact.what == "hangup":
        return _over(call, "agent", "canceled")
    return _rejoin(call) if fact.what == "rejoin" and call.assigned else (call, [])


def _missing(call: Call, fact: Missing) -> Done:
    return _over(call, "platform" if fact.platform else "system", "failed")


def _closed(call: Call, _: Closed) -> Done:
    after, effects = _over(call, "", "canceled")
    return after, [each for each in effects if not isinstance(each, End)]


def _over(call: Call, by: str, result: Result) -> Done:
    effects: list[Effect] = [End(by), *drop(call)]
    if call.state in ("dialing", "alerting"):
        effects.append(do.Hangup(call.channel))
    if call.made:
        effects.append(do.CloseBridge(call.id))
    return replace(call, state="ended", leg="", result=result), effects


TRIES: tuple[State, ...] = ("dialing", "alerting")
BEFORE: tuple[State, ...] = ("arriving", "ringing", *TRIES)

_TABLE: tuple[tuple[tuple[State, ...], type, Handler], ...] = (
    (("arriving",), Started, _start),
    (("arriving",), Routed, _routed),
    (("ringing", *TRIES), Routed, _routed_on),
    (("ringing",), has.LegAnswered, _phone_answered),
    (("ringing", *TRIES), has.LegEnded, _leg_gone),
    (("ringing", *TRIES), has.HungUp, _hung_up),
    (TRIES, has.LegMade, _made),
    (("dialing",), has.LegRinging, _rings),
    (("dialing",), has.LegProgress, _rings),
    (TRIES, has.LegAnswered, _answered),
    (BEFORE, Struck, _struck),
    (("ringing", *TRIES), Asked, _asked),
    (BEFORE, Missing, _missing),
    (BEFORE, Closed, _closed),
)
_HANDLERS: Mapping[tuple[State, type], Handler] = {
    (state, kind): handler for states, kind, handler in _TABLE for state in states
}
