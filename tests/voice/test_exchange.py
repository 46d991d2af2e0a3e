"""The client, the facts, the effects and the phones together, on a real Asterisk."""

from collections.abc import AsyncIterator

import pytest

from atiende.channels.voice.effects import RemoveObject
from atiende.demo.phone import Options, Phone
from atiende.engines.asterisk import Exchange
from tests.voice import scenarios
from tests.voice.session import Session, session


@pytest.fixture
async def now(exchange: Exchange) -> AsyncIterator[Session]:
    async with session(exchange) as made:
        yield made


async def test_a_call_in_from_the_greeting_to_the_last_word(now: Session) -> None:
    await scenarios.inbound(now)


async def test_a_call_in_over_tcp(now: Session) -> None:
    await scenarios.inbound(now, "tcp")


async def test_hold_and_mute_by_the_product(now: Session) -> None:
    await scenarios.held_by_us(now)


async def test_calls_out_end_with_the_callees_own_reason(now: Session) -> None:
    await scenarios.outbound(now)


async def test_a_call_refused_before_it_is_answered_hears_why(now: Session) -> None:
    await scenarios.refused_before_answer(now)


async def test_hostile_names_stay_names(now: Session) -> None:
    await scenarios.hostile(now)


async def test_an_agents_phone_is_known_by_its_proof(now: Session) -> None:
    await scenarios.dialled_by_an_agent(now)


async def test_endpoints_are_watched_and_digits_told_once(now: Session) -> None:
    await scenarios.presence(now)


async def test_a_phone_registers_with_its_own_password_alone(now: Session) -> None:
    await now.do(RemoveObject("identify", "carrier"))  # else strangers of this address are its
    async with Phone(Options(proxy=now.proxy)) as phone:
        await now.put_phone("luz", "s3cret")
        assert await phone.register("luz", "s3cret") == 200
        assert await phone.register("luz", "wrong") == 401
        assert await phone.register("nobody", "s3cret") == 401
