"""What is said to a caller while he waits, beside the machine of his call.  PURE.

Theory of operation. It sees each step of the call. While the call waits a timer runs; when it
strikes, the place is asked for (``AskPlace``), because only the rows know it then; ``Place`` is the
answer, and is spoken over the music to this caller alone, and the timer is set again. An agent's
phone that rings lets a sentence end and begins none. A sentence is stopped before the two are
connected: what plays to a leg holds up what is asked of it.

Nothing of it stands in rows: after a restart it begins anew, as for one who has just come.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from atiende.channels.voice import effects as do
from atiende.channels.voice import facts as has
from atiende.channels.voice.announce import Said, announce
from atiende.channels.voice.call import AskPlace, Call, Place, SetTimer, Struck

#: The first words come soon, but not to one whose agent is about to speak.
FIRST_S = 5.0
#: Asked and not answered (the database is away), or an agent's phone rings: looked at again.
AGAIN_S = 5.0
SPOKEN = "say"


@dataclass(frozen=True, slots=True)
class Words:
    """What this caller hears. ``n`` counts timers and sentences; ``playing`` names one."""

    on: bool = False
    n: int = 0
    playing: str = ""
    said: Said = field(default_factory=Said)


Told = tuple[Words, list[do.Effect | SetTimer | AskPlace]]


def step(words: Words, call: Call, fact: object) -> Told:
    """After the call took ``fact`` and is as it is now."""
    if isinstance(fact, has.PlaybackFinished) and fact.playback == words.playing:
        words = replace(words, playing="")
    if call.state == "waiting":
        return _waits(words, call, fact)
    if call.state == "ringing" and words.on:
        return _set(words, call, AGAIN_S) if _struck(words, call, fact) else (words, [])
    if not words.on:
        return words, []
    stop: list[do.Effect | SetTimer | AskPlace] = (
        [do.StopPlay(words.playing)] if words.playing else []
    )
    return replace(words, on=False, playing=""), stop


def _waits(words: Words, call: Call, fact: object) -> Told:
    if not words.on:
        return _set(replace(words, on=True), call, FIRST_S)
    if _struck(words, call, fact):
        words, timer = _set(words, call, AGAIN_S)
        return words, [AskPlace(words.n), *timer]
    if isinstance(fact, Place) and fact.n == words.n:
        return _speak(words, call, fact)
    return words, []


def _speak(words: Words, call: Call, place: Place) -> Told:
    if place.every_s is None:
        return replace(words, n=words.n + 1), []
    if not place.position or words.playing:
        return words, []
    media, said = announce(place.position, place.wait_s, words.said, call.language)
    words, timer = _set(words, call, float(place.every_s))
    name = _name(call, words.n)
    words = replace(words, said=said, playing=name)
    return words, [do.Play(call.channel, name, media, call.language), *timer]


def _set(words: Words, call: Call, seconds: float) -> Told:
    words = replace(words, n=words.n + 1)
    return words, [SetTimer(_name(call, words.n), seconds)]


def _struck(words: Words, call: Call, fact: object) -> bool:
    return isinstance(fact, Struck) and fact.timer == _name(call, words.n)


def _name(call: Call, n: int) -> str:
    return f"{SPOKEN}:{call.id}:{n}"
