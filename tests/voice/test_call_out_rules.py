"""Who may call whom, asked of the product: each refusal in its words, and kept with its reasons."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from atiende.engines.asterisk import Exchange
from tests.product import client_id
from tests.voice.line import Attendant, Line, line
from tests.voice.test_call_out import dials, rings_there


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(
    database: str, exchange: Exchange, tmp_path_factory: "object"
) -> AsyncIterator[Line]:
    folder = Path(tmp_path_factory.mktemp("line"))  # type: ignore[attr-defined]
    async with line(database, folder, exchange) as made:
        yield made


async def decision(here: Line) -> Any:
    return await here.sql.fetchrow("select * from call_decisions order by at desc, id desc limit 1")


@pytest.mark.parametrize(
    ("number", "status", "key"),
    [
        ("+88212345678", 409, "call_prefix_risky"),
        ("+4930123456", 409, "call_prefix_not_allowed"),
        ("300&PJSIP/400@carrier", 422, "number_invalid"),
        ("912345678,1", 422, "number_invalid"),
        ("912345678@elsewhere", 422, "number_invalid"),
        ("", 422, "number_needed"),
        ("12", 422, "number_invalid"),
    ],
)
async def test_what_may_not_be_called_is_refused_before_anything_is_dialled(
    here: Line, number: str, status: int, key: str
) -> None:
    async with here.agent() as ana:
        before = len(here.outside.history)
        told = await dials(ana, number, status)
        assert told["key"] == key
        if status == 409:
            kept = await decision(here)
            assert (kept["allowed"], kept["interaction_id"]) == (False, None)
            assert key in kept["reasons"]
            assert await here.sql.fetchval(
                "select action from audit where object_id = $1 order by seq desc limit 1", ana.id
            ) == ("call_refused")
        assert len(here.outside.history) == before
        assert await here.channels() == []


async def given_up(here: Line, ana: Attendant, case: str) -> None:
    """His own phone says no; he is free again."""
    await ana.rings()
    await ana.phone.reject(486)
    await ana.wraps_up(case)
    await here.dispose(ana.desk, case)


async def test_the_same_click_is_one_call_and_a_cap_cuts_the_next(here: Line) -> None:
    async with here.agent() as ana:
        once = client_id()
        asked = await dials(ana, client_id=once)
        assert (await dials(ana, client_id=once))["interaction_id"] == asked["interaction_id"]
        assert (await dials(ana, status=409))["key"] == "call_cap_agent_now"
        await given_up(here, ana, asked["case_id"])
        await here.sql.execute("update organisation set calls_minute = 2")
        asked = await dials(ana)
        kept = await decision(here)
        assert (kept["allowed"], kept["alarms"]) == (True, ["agent_minute"])
        assert await here.sql.fetchval(
            "select after->'caps' from audit where action = 'calls_near_cap'"
        ) == ["agent_minute"]
        await given_up(here, ana, asked["case_id"])
        assert (await dials(ana, status=409))["key"] == "call_cap_agent_minute"
        assert (await decision(here))["counts"]["agent_minute"] == 2
        await here.sql.execute("update organisation set calls_minute = 100")
        await here.silent()


async def test_an_emergency_is_called_whatever_the_caps_and_prefixes_say(here: Line) -> None:
    async with here.agent() as ana:
        await here.sql.execute(
            "update organisation set calls_minute = 1, call_blocked = '{1}',"
            " call_prefixes = '{+34}'"
        )
        case = await rings_there(here, ana, "105")
        assert here.outside.invite is not None
        assert "sip:105@" in here.outside.invite.uri
        await ana.ask(case, "hangup")
        await ana.wraps_up(case)
        await here.sql.execute(
            "update organisation set calls_minute = 100, call_blocked = '{}', call_prefixes = '{}'"
        )
        await here.dispose(ana.desk, case)
        await here.silent()


async def test_without_a_phone_or_a_line_it_is_said(here: Line) -> None:
    async with here.agent() as ana:
        await here.sql.execute("update trunks set active = false")
        assert (await dials(ana, status=409))["key"] == "call_no_trunk"
        await here.sql.execute("update trunks set active = true")
        await here.sql.execute("delete from phones where agent_id = $1", ana.id)
        assert (await dials(ana, status=409))["key"] == "call_no_phone"
