"""The agent's leg of a call: rung, answered, connected, lost, found again, dropped.  PURE.

Pieces of the machine in ``calls``, which says when each of them is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from atiende.channels.voice import effects as do
from atiende.channels.voice import facts as has
from atiende.channels.voice.call import (
    Accept,
    Call,
    Decline,
    Effect,
    Routed,
    SetTimer,
    Signal,
    SoundBack,
    SoundLost,
    State,
)

#: The one holding bridge: everybody in it hears music.
MUSIC = "atiende-music"
MEDIA_S, REATTACH_S, PROMPT_S = 10.0, 20.0, 120.0
NORMAL, BUSY, REJECTED, NO_SOUND = 16, 17, 21, 44
#: A phone that rings longer than its offer: the router speaks first.
RING_MARGIN_S = 5

Done = tuple[Call, list[Effect]]
Handler = Callable[[Call, Any], Done]


def music_of(bridge: str) -> str:
    """The class of music that such a bridge plays; empty: the usual."""
    return bridge.removeprefix(MUSIC).removeprefix("-")


def waits_in(call: Call) -> str:
    """The holding bridge where he waits: one for each music."""
    return f"{MUSIC}-{call.music}" if call.music else MUSIC


def ring(call: Call, fact: Routed) -> Done:
    """Somebody is to have it: his phone rings, if he has one."""
    if not fact.agent:
        return call, []
    call = replace(
        call,
        state="ringing",
        agent=fact.agent,
        endpoint=fact.endpoint,
        assigned=fact.assigned,
        ring_s=fact.ring_s,
    )
    return ring_again(call, MEDIA_S if fact.assigned else 0)


def ring_again(call: Call, seconds: float) -> Done:
    """A new leg unless one lives; ``seconds``: and a limit until there is sound."""
    effects: list[Effect] = []
    if not call.leg and call.endpoint:
        made = call.made + 1
        call = replace(call, made=made, leg=f"leg:{call.id}:{made}", answered=False)
        call = replace(call, signal=True, lost=False, was_held=False)
        effects.append(
            do.RingAgent(
                call.leg,
                call.endpoint,
                call.id,
                call.number,
                call.name,
                call.ring_s + RING_MARGIN_S,
            )
        )
    if seconds:
        call = replace(call, limits=call.limits + 1)
        effects.append(SetTimer(media_timer(call), seconds))
    return call, effects


def media_timer(call: Call) -> str:
    """The limit in force: it names no leg, for his phone may ring again meanwhile."""
    return f"media:{call.id}:{call.limits}"


def leg_answered(call: Call, _: has.LegAnswered) -> Done:
    """The present leg: a wish, or the talk when the call is his already."""
    if call.answered:
        return call, []
    call = replace(call, answered=True)
    if not call.assigned:
        return call, [Accept(call.agent, call.leg)]
    return connect(call) if is_ready(call) else (call, [])


def is_ready(call: Call) -> bool:
    """Whether the two may hear each other."""
    return call.answered and call.assigned and not call.prompt and bool(call.leg)


def connect(call: Call) -> Done:
    """Into one bridge, and everything of an earlier trouble forgotten."""
    talk: list[Effect] = [
        do.OpenBridge(call.id),
        do.Connect(call.id, (call.channel, call.leg)),
    ]
    call = replace(call, state="connected", bye=False, by_phone=False, signal=True)
    return replace(call, lost=False, was_held=False), talk


def signal(call: Call, fact: Signal) -> Done:
    """Only shown: the sound goes on."""
    return replace(call, signal=fact.on), []


def sound_lost(call: Call, fact: SoundLost) -> Done:
    """As if his phone rang again: only that it has to speak, not to answer."""
    if fact.leg != call.leg:
        return call, []
    held = call.state == "held"
    call = replace(call, state="ringing", answered=False, lost=True, was_held=held)
    call = replace(call, by_phone=False, limits=call.limits + 1)
    music: list[Effect] = [do.Wait(call.channel, waits_in(call))]
    return call, [*music, SetTimer(media_timer(call), REATTACH_S)]


def sound_back(call: Call, fact: SoundBack) -> Done:
    """Who was on hold stays there, until the agent takes him up again."""
    if fact.leg != call.leg or not call.lost:
        return call, []
    call = replace(call, answered=True, lost=False)
    if call.was_held:
        return replace(call, state="held", was_held=False), []
    return connect(call) if is_ready(call) else (call, [])


def leg_gone(call: Call, fact: has.LegEnded) -> Done:
    """Before they were connected."""
    if fact.leg != call.leg:
        return call, []
    no = not call.answered and not call.assigned and fact.cause in (BUSY, REJECTED)
    effects: list[Effect] = [Decline(call.agent, call.leg)] if no else []
    return replace(call, leg="", answered=False), effects


def drop(call: Call) -> list[Effect]:
    """His leg is hung up, if there is one."""
    return [do.Hangup(call.leg)] if call.leg else []


def alone(call: Call) -> Call:
    """Nobody rings, nobody talks."""
    state: State = "greeting" if call.prompt else "waiting"
    call = replace(call, state=state, agent="", endpoint="", leg="", answered=False, assigned=False)
    return replace(call, signal=True, lost=False, was_held=False)
