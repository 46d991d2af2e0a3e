"""Who holds the phone: callers with and without patience, and people who are called.

Each script is one person's whole behaviour and returns what became of it, so that a test can ask
and the demo can go on to the next. None waits longer than the bounds it is given.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from atiende.demo.phone.answering import Ending, LateError
from atiende.demo.phone.audio import tone
from atiende.demo.phone.phone import Phone

Fate = Literal["talked", "gave up", "refused", "unheard"]


@dataclass(frozen=True, slots=True)
class Manner:
    """How a person is. ``talk_s``: how long he talks before he hangs up; ``patience_s``: how long
    he waits for an answer (and in a queue); ``digits`` are pressed when it is answered."""

    talk_s: float = 5.0
    patience_s: float = 60.0
    ring_s: float = 1.0
    speech: Sequence[int] = ()
    digits: str = ""

    @property
    def voice(self) -> Sequence[int]:
        return self.speech or tone(440)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a call; ``ending`` is None when nothing was ever heard of it."""

    fate: Fate
    ending: Ending | None = None


Callee = Callable[[Phone, Manner], Awaitable[Outcome]]


async def patient(phone: Phone, number: str, manner: Manner | None = None) -> Outcome:
    """Calls, waits as long as his patience lasts, talks, hangs up."""
    how = manner or Manner()
    await phone.call(number)
    try:
        await phone.until("talking", how.patience_s)
    except LateError:
        return await _leave(phone, "gave up")
    return await _talk(phone, how)


async def impatient(phone: Phone, number: str, after_s: float) -> Outcome:
    """Hangs up after so many seconds, answered or not."""
    await phone.call(number)
    with contextlib.suppress(LateError):
        await phone.until("ended", after_s)
    return await _leave(phone, "gave up")


async def leaves_the_queue(phone: Phone, number: str, manner: Manner | None = None) -> Outcome:
    """Is answered by the greeting, waits in the queue, and hangs up when his patience ends, whether
    he hears music or a person by then: the queue he calls should have nobody to answer."""
    how = manner or Manner(patience_s=5)
    await phone.call(number)
    try:
        await phone.until("talking", how.patience_s)
    except LateError:
        return await _leave(phone, "gave up")
    phone.say(how.voice)
    with contextlib.suppress(LateError):
        await phone.until("ended", how.patience_s)
    return await _leave(phone, "gave up")


async def answers(phone: Phone, manner: Manner) -> Outcome:
    """Lets it ring, answers, talks, hangs up."""
    if not await _rung(phone, manner):
        return Outcome("unheard")
    try:
        await phone.answer()
    except LateError:  # the caller was faster
        return Outcome("unheard", phone.ending)
    return await _talk(phone, manner)


async def busy(phone: Phone, manner: Manner) -> Outcome:
    """Is on another call."""
    return await refuses(phone, manner, 486)


async def refuses(phone: Phone, manner: Manner, status: int = 603) -> Outcome:
    """Sees who it is, and does not want to."""
    if not await _rung(phone, manner):
        return Outcome("unheard")
    with contextlib.suppress(LateError):
        await phone.reject(status)
    return Outcome("refused", phone.ending)


async def never_answers(phone: Phone, manner: Manner) -> Outcome:
    """Lets it ring until the caller gives up."""
    with contextlib.suppress(LateError):
        await phone.until("incoming", manner.patience_s)
        await phone.until("ended", manner.patience_s)
    return Outcome("unheard", phone.ending)


#: The people who are called, by name, for whoever chooses among them.
CALLEES: dict[str, Callee] = {
    "answers": answers,
    "busy": busy,
    "never answers": never_answers,
    "refuses": refuses,
}


async def _rung(phone: Phone, manner: Manner) -> bool:
    """Whether it rang, and still rings after he has let it ring for a while."""
    try:
        await phone.until("incoming", manner.patience_s)
    except LateError:
        return False
    await asyncio.sleep(manner.ring_s)
    return phone.is_busy


async def _talk(phone: Phone, how: Manner) -> Outcome:
    phone.say(how.voice)
    if how.digits:
        await phone.digits(how.digits)
    with contextlib.suppress(LateError):
        await phone.until("ended", how.talk_s)
    await phone.hang_up()
    return Outcome("talked", phone.ending)


async def _leave(phone: Phone, fate: Fate) -> Outcome:
    """Hangs up what still lives; a refusal that came first is told as such."""
    refused = phone.ending is not None and phone.ending.status >= 400
    await phone.hang_up()
    return Outcome("refused" if refused else fate, phone.ending)
