"""One call, from its arrival to its end: what happened -> what is asked for.  PURE.

Theory of operation
-------------------
``arriving`` -> ``greeting`` (what must be heard first) -> ``waiting`` (music) -> ``ringing`` (an
agent was chosen) -> ``connected`` <-> ``held`` -> ``ended``. Out of hours ``arriving`` ->
``closing`` -> ``ended``.

Who attends is the router's decision. It is told as a level, not as an edge: ``Routed`` says which
agent has the call now (offered, or ``assigned`` to him), and may be told late, twice, or not at all
when it changes back. The machine compares it with whom it has: another agent, or nobody, takes the
leg away and puts the caller back to music. A transfer is nothing else.

The agent's phone rings with the offer. Its answer is a wish (``Accept``): the two are connected
when the router has assigned the call to him, and when the caller has heard what he must. Assigned
without sound within ``MEDIA_S``: ``NoMedia``, and the work goes back to its place.

A leg that ends by the agent's own hand ends the call. One that is merely lost does not: the caller
hears music, the same agent has ``REATTACH_S`` to come back, then the work goes back.

An agent is lost when his phone's line to us is gone and his sound has stopped (``SoundLost``): the
caller hears music, the same ``REATTACH_S`` begin, and his leg is kept meanwhile: it may speak again
(``SoundBack``). A line that is gone while the sound goes on is only shown (``signal``).

The bridge of the talk is kept until the end: one that is closed and opened again at once may be
the dying one, in which nobody hears anybody.

Each leg has a name of its own, and each timer names the leg or the prompt it watches, so what comes
late, doubled or out of order is about something else and changes nothing. Whatever happens, a leg
that is not the present one is hung up when it answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from atiende.channels.voice import effects as do
from atiende.channels.voice import facts as has
from atiende.channels.voice import outgoing
from atiende.channels.voice.call import (
    ASKS,
    Asked,
    Call,
    Closed,
    Effect,
    End,
    Fact,
    Missing,
    NoMedia,
    Routed,
    SetTimer,
    Signal,
    SoundBack,
    SoundLost,
    Started,
    State,
    Struck,
)
from atiende.channels.voice.legs import (
    BUSY,
    MEDIA_S,
    MUSIC,
    NO_SOUND,
    NORMAL,
    PROMPT_S,
    REATTACH_S,
    Done,
    Handler,
    alone,
    connect,
    drop,
    is_ready,
    leg_answered,
    leg_gone,
    media_timer,
    music_of,
    ring,
    ring_again,
    signal,
    sound_back,
    sound_lost,
    waits_in,
)

__all__ = ["MEDIA_S", "MUSIC", "TRANSITIONS", "music_of", "step", "waits_in"]

TRANSITIONS: Mapping[State, frozenset[State]] = {
    "arriving": frozenset({"greeting", "waiting", "ringing", "closing", "ended"}),
    "greeting": frozenset({"waiting", "closing", "ringing", "ended"}),
    "waiting": frozenset({"ringing", "closing", "ended"}),
    # back to greeting: the agent was taken away before the caller had heard everything
    "ringing": frozenset(
        {"greeting", "waiting", "closing", "ringing", "dialing", "connected", "held", "ended"}
    ),
    # calls out: to ringing when who was called answers while the agent's phone is being rung anew
    "dialing": frozenset({"alerting", "connected", "ringing", "ended"}),
    "alerting": frozenset({"connected", "ringing", "ended"}),
    "connected": frozenset({"held", "waiting", "ringing", "ended"}),
    "held": frozenset({"connected", "waiting", "ringing", "ended"}),
    "closing": frozenset({"ended"}),
    "ended": frozenset(),
}


def step(call: Call, fact: Fact) -> Done:
    """The call after ``fact``, and what is asked for, in order."""
    if call.direction == "out" and not call.reached:
        return outgoing.step(call, fact)
    if isinstance(fact, has.LegAnswered) and fact.leg not in (call.leg, call.channel):
        return call, [do.Hangup(fact.leg)]
    if isinstance(fact, has.LegEnded) and fact.leg == call.channel:
        fact = has.CallEnded(call.channel)  # a leg of ours: the end of a call out
    handler = _HANDLERS.get((call.state, type(fact)))
    return handler(call, fact) if handler else (call, [])


# --- arrival, greeting


def _start(call: Call, fact: Started) -> Done:
    effects: list[Effect] = [do.Answer(call.channel)]
    if not fact.media:
        if not fact.closed:
            return replace(call, state="waiting"), [*effects, do.Wait(call.channel, waits_in(call))]
        return replace(call, state="closing"), [do.Hangup(call.channel, BUSY)]
    prompt = f"prompt:{call.id}"
    effects += [
        do.Play(call.channel, prompt, fact.media, fact.language),
        SetTimer(prompt, PROMPT_S),
    ]
    state: State = "closing" if fact.closed else "greeting"
    return replace(call, state=state, prompt=prompt), effects


def _heard(call: Call, fact: has.PlaybackFinished) -> Done:
    return _prompt_over(call, fact.playback)


def _struck(call: Call, fact: Struck) -> Done:
    if fact.timer == call.prompt:
        return _prompt_over(call, fact.timer)
    if call.state == "ringing" and call.assigned and fact.timer == media_timer(call):
        away: list[Effect] = [NoMedia(call.agent, fact.timer), *drop(call)]
        return replace(alone(call), barred=call.agent), away
    return call, []


def _prompt_over(call: Call, prompt: str) -> Done:
    if not call.prompt or prompt != call.prompt:
        return call, []
    call = replace(call, prompt="")
    if call.state == "closing":
        return call, [do.Hangup(call.channel)]
    if is_ready(call):
        return connect(call)
    state: State = "waiting" if call.state == "greeting" else call.state
    return replace(call, state=state), [do.Wait(call.channel, waits_in(call))]


# --- the router


def _routed(call: Call, fact: Routed) -> Done:
    """While nobody's phone rings."""
    if call.barred and (call.barred, True) == (fact.agent, fact.assigned):
        return call, []
    return ring(replace(call, barred=""), fact)


def _routed_ringing(call: Call, fact: Routed) -> Done:
    if fact.agent != call.agent or (call.assigned and not fact.assigned):
        freed, effects = alone(call), drop(call)
        after, more = ring(freed, fact)
        return after, [*effects, *more]
    if fact.assigned and not call.assigned:
        call = replace(call, assigned=True, endpoint=fact.endpoint)
        if is_ready(call):
            return connect(call)
        return ring_again(call, MEDIA_S)
    if fact.endpoint and fact.endpoint != call.endpoint:
        effects = drop(call)
        call = replace(call, endpoint=fact.endpoint, leg="", answered=False, lost=False)
        call, more = ring_again(call, MEDIA_S if call.assigned else 0)
        return call, [*effects, *more]
    return call, []


def _routed_talking(call: Call, fact: Routed) -> Done:
    """A transfer, or a supervisor's hand: back to music, then to whoever comes next."""
    if fact.agent == call.agent and fact.assigned:
        # his page has another phone now: it rings when he asks for it
        return replace(call, endpoint=fact.endpoint or call.endpoint), []
    back: list[Effect] = [do.Wait(call.channel, waits_in(call)), *drop(call)]
    after, more = ring(replace(alone(call), muted=False), fact)
    return after, [*back, *more]


# --- the agent's leg


def _hung_up(call: Call, fact: has.HungUp) -> Done:
    """The agent's own BYE ends the call; a silent leg is merely lost (its end follows)."""
    if fact.leg != call.leg or fact.cause == NO_SOUND:
        return call, []
    return _over(call, "agent")


def _leg_lost(call: Call, fact: has.LegEnded) -> Done:
    if fact.leg != call.leg:
        return call, []
    if fact.cause == NORMAL:
        return _over(call, "agent")
    call = replace(call, state="ringing", leg="", answered=False, muted=False, by_phone=False)
    call = replace(call, limits=call.limits + 1)
    return call, [
        do.Wait(call.channel, waits_in(call)),
        SetTimer(media_timer(call), REATTACH_S),
    ]


# --- hold, mute and the rest


def _asked(call: Call, fact: Asked) -> Done:
    handler = _ASKED.get(fact.what)
    if handler is None or call.state not in ASKS[fact.what]:
        return call, []
    return handler(call, fact)


def _rejoin(call: Call, _: Asked) -> Done:
    """His page was loaded anew: its phone rings again, and the old leg, if any, goes."""
    if not call.assigned or not call.endpoint:
        return call, []
    talking = call.state != "ringing"
    back: list[Effect] = [do.Wait(call.channel, waits_in(call))] if talking else []
    effects = [*back, *drop(call)]
    call, more = ring_again(
        replace(call, state="ringing", leg="", answered=False, muted=False), REATTACH_S
    )
    return call, [*effects, *more]


def _mute(call: Call, fact: Asked) -> Done:
    on = fact.what == "mute"
    return replace(call, muted=on), [do.Mute(call.leg, on)]


def _hold(call: Call, _: Asked) -> Done:
    return replace(call, state="held"), [do.Hold(call.channel, waits_in(call))]


def _resume(call: Call, _: Asked) -> Done:
    if call.by_phone:
        return call, []
    return replace(call, state="connected"), [do.Unhold(call.channel, call.id)]


_ASKED: Mapping[str, Handler] = {
    "hold": _hold,
    "resume": _resume,
    "mute": _mute,
    "unmute": _mute,
    "hangup": lambda call, _: _over(call, "agent"),
    "rejoin": _rejoin,
}


def _held(call: Call, fact: has.Held) -> Done:
    """His phone did it: Asterisk plays the music itself."""
    mine = fact.leg == call.leg
    return (replace(call, state="held", by_phone=True), []) if mine else (call, [])


def _unheld(call: Call, fact: has.Unheld) -> Done:
    mine = fact.leg == call.leg and call.by_phone
    return (replace(call, state="connected", by_phone=False), []) if mine else (call, [])


# --- the end


def _left(call: Call, _: has.CallEnded) -> Done:
    return _over(call, "customer")


def _missing(call: Call, fact: Missing) -> Done:
    return _over(call, "platform" if fact.platform else "customer")


def _closed(call: Call, fact: Closed) -> Done:
    if fact.media and call.state in TURNED and not call.assigned:
        return _turn_away(call, fact)
    after, effects = _over(call, "")
    return after, [each for each in effects if not isinstance(each, End)]


def _turn_away(call: Call, fact: Closed) -> Done:
    """He is told that nobody will attend him, and then it ends."""
    effects: list[Effect] = drop(call)
    if call.prompt:
        effects.append(do.StopPlay(call.prompt))
    if call.made:
        effects.append(do.CloseBridge(call.id))
    prompt = f"prompt:{call.id}:away"
    effects += [
        do.Play(call.channel, prompt, fact.media, call.language),
        SetTimer(prompt, PROMPT_S),
    ]
    return replace(call, state="closing", prompt=prompt, leg=""), effects


def _over(call: Call, by: str) -> Done:
    effects: list[Effect] = [End(by), *drop(call)]
    if by not in ("customer", "platform"):
        effects.append(do.Hangup(call.channel))
    if call.made:
        effects.append(do.CloseBridge(call.id))
    return replace(call, state="ended", leg="", prompt=""), effects


def _gone(call: Call, _: Any) -> Done:
    return replace(call, state="ended", prompt=""), []


WAITS: tuple[State, ...] = ("greeting", "waiting")
TURNED: tuple[State, ...] = (*WAITS, "ringing")
TALKS: tuple[State, ...] = ("connected", "held")
LIVES: tuple[State, ...] = ("arriving", *WAITS, "ringing", *TALKS)

_TABLE: tuple[tuple[tuple[State, ...], type, Handler], ...] = (
    (("arriving",), Started, _start),
    (("greeting", "ringing", "closing"), has.PlaybackFinished, _heard),
    (("greeting", "ringing", "closing"), Struck, _struck),
    (WAITS, Routed, _routed),
    (("ringing",), Routed, _routed_ringing),
    (TALKS, Routed, _routed_talking),
    (("ringing",), has.LegAnswered, leg_answered),
    (("ringing",), has.LegEnded, leg_gone),
    (TALKS, has.HungUp, _hung_up),
    (TALKS, has.LegEnded, _leg_lost),
    (TALKS, Signal, signal),
    (TALKS, SoundLost, sound_lost),
    (("ringing",), SoundBack, sound_back),
    (("ringing", *TALKS), Asked, _asked),
    (("connected",), has.Held, _held),
    (("held",), has.Unheld, _unheld),
    (LIVES, has.CallEnded, _left),
    (LIVES, Missing, _missing),
    (LIVES, Closed, _closed),
    (("closing",), has.CallEnded, _gone),
    (("closing",), Missing, _gone),
)
_HANDLERS: Mapping[tuple[State, type], Handler] = {
    (state, kind): handler for states, kind, handler in _TABLE for state in states
}
