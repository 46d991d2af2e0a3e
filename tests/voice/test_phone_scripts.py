"""The people who hold the phones: each against the other, over loopback."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from atiende.demo.phone import Ending, Options, Phone
from atiende.demo.phone.scripts import (
    CALLEES,
    Manner,
    Outcome,
    answers,
    busy,
    impatient,
    leaves_the_queue,
    never_answers,
    patient,
    refuses,
)

BRIEF = Manner(talk_s=0.4, patience_s=3, ring_s=0.1, digits="1")


@pytest.fixture
async def pair() -> AsyncIterator[tuple[Phone, Phone]]:
    callee, caller = Phone(Options(user="200")), Phone()
    async with callee, caller:
        caller.options = Options(proxy=("127.0.0.1", callee.line.port))
        yield caller, callee


async def test_who_answers_is_talked_to(pair: tuple[Phone, Phone]) -> None:
    caller, callee = pair
    ours, theirs = await asyncio.gather(
        patient(caller, "200", BRIEF), answers(callee, Manner(talk_s=3, ring_s=0.1))
    )
    assert ours == Outcome("talked", Ending(200, None, "us"))
    assert theirs == Outcome("talked", Ending(200, None, "them"))
    assert callee.media.digits_heard == ["1"]


async def test_refusals_are_told(pair: tuple[Phone, Phone]) -> None:
    caller, callee = pair
    for script, status in ((busy, 486), (refuses, 603)):
        ours, theirs = await asyncio.gather(patient(caller, "200", BRIEF), script(callee, BRIEF))
        assert ours == Outcome("refused", Ending(status, None, "them"))
        assert theirs == Outcome("refused", Ending(status, None, "us"))


async def test_patience_ends(pair: tuple[Phone, Phone]) -> None:
    caller, callee = pair
    short = Manner(patience_s=0.3)
    ours, theirs = await asyncio.gather(patient(caller, "200", short), never_answers(callee, BRIEF))
    assert ours == Outcome("gave up", Ending(487, None, "us"))
    assert theirs == Outcome("unheard", Ending(487, None, "them"))
    ours, theirs = await asyncio.gather(
        impatient(caller, "200", 0.2), answers(callee, Manner(ring_s=2, patience_s=3))
    )
    assert (ours.fate, theirs.fate) == ("gave up", "unheard")


async def test_a_waiting_caller_hangs_up_in_the_queue(pair: tuple[Phone, Phone]) -> None:
    caller, callee = pair
    ours, theirs = await asyncio.gather(
        leaves_the_queue(caller, "200", Manner(patience_s=0.6)),
        answers(callee, Manner(talk_s=5, ring_s=0.1)),
    )
    assert ours == Outcome("gave up", Ending(200, None, "us"))
    assert theirs == Outcome("talked", Ending(200, None, "them"))


async def test_nobody_calls(pair: tuple[Phone, Phone]) -> None:
    _, callee = pair
    for script in CALLEES.values():
        assert await script(callee, Manner(patience_s=0.1)) == Outcome("unheard")
