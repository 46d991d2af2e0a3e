"""The straight line of a call, all real: number, queue, offer, the agent's phone, wrap-up."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from atiende.demo.phone.audio import share, tone
from atiende.engines.asterisk import Exchange
from tests.product import client_id
from tests.voice.line import NUMBER, Line, line


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(
    database: str, exchange: Exchange, tmp_path_factory: "object"
) -> AsyncIterator[Line]:
    folder = Path(tmp_path_factory.mktemp("line"))  # type: ignore[attr-defined]
    async with line(database, folder, exchange) as made:
        yield made


async def test_a_call_in_is_attended_and_ended_by_the_caller(here: Line) -> None:
    async with here.agent() as ana, here.caller(name="Luz Díaz") as luz:
        await luz.call(NUMBER)
        offer = await ana.offered()
        assert (offer["media"], offer["customer"]) == ("voice", "Luz Díaz")
        await ana.rings()
        await ana.phone.answer()
        case = offer["case_id"]
        await ana.desk.until(lambda: ana.call(case).get("state") == "connected")
        luz.say(tone(440))
        ana.phone.say(tone(1000))
        assert share(await luz.heard(1), 1000) > 0.9
        assert share(await ana.phone.heard(1), 440) > 0.9
        await luz.hang_up()
        await ana.phone.until("ended")
        await ana.desk.until(
            lambda: ana.desk.screen.of("case")[case]["assignments"][0]["state"] == "wrapping"
        )
        row = await here.last()
        assert (row["interaction"], row["outcome"], row["ended_by"], row["cause"]) == (
            "ended", "served", "customer", "customer",
        )  # fmt: skip
        await dispose(here, ana.desk, case)
        await here.silent()


async def dispose(here: Line, desk: object, case: str) -> None:
    """The agent records the outcome, and is free again."""
    leaf = await here.sql.fetchval(
        "select d.id from dispositions d join cases c on c.id = $1 join campaigns k on"
        " k.id = c.campaign_id where d.set_id = k.disposition_set_id and not d.system"
        " and d.requires = 'none' and not exists (select 1 from dispositions x where"
        " x.parent_id = d.id) limit 1",
        case,
    )
    body = {"disposition_id": str(leaf), "client_id": client_id(), "resolve": True}
    await desk.post(f"/api/cases/{case}/dispose", body)  # type: ignore[attr-defined]
    await here.until("select state = 'resolved' from cases where id = $1", case)
