"""What an agent does with his call: hold, mute, hang up, pass it on; and the phone of his page."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from atiende.demo.phone.audio import share, tone
from atiende.engines.asterisk import Exchange
from tests.product import client_id
from tests.voice.line import NUMBER, Line, hears_music, line
from tests.web.test_live_state import differs


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(
    database: str, exchange: Exchange, tmp_path_factory: "object"
) -> AsyncIterator[Line]:
    folder = Path(tmp_path_factory.mktemp("line"))  # type: ignore[attr-defined]
    async with line(database, folder, exchange) as made:
        yield made


async def test_hold_mute_and_hang_up_by_the_desk(here: Line) -> None:
    async with here.agent() as ana, here.caller() as luz:
        case = await here.talk(ana, luz)
        await ana.ask(case, "resume", 409)
        await ana.ask(case, "hold")
        await ana.until_call(case, "held")
        assert share(await luz.heard(1), 1000) < 0.2
        await hears_music(luz)
        assert share(await ana.phone.heard(0.5), 440) < 0.2
        await ana.ask(case, "resume")
        await ana.until_call(case, "connected")
        assert share(await luz.heard(1), 1000) > 0.9
        await ana.ask(case, "mute", on=True)
        await ana.desk.until(lambda: ana.call(case).get("muted"))
        assert share(await luz.heard(0.5), 1000) < 0.2
        await ana.ask(case, "mute", on=False)
        await ana.desk.until(lambda: not ana.call(case).get("muted"))
        assert share(await luz.heard(1), 1000) > 0.9
        assert await differs(ana.desk) == []
        await ana.ask(case, "hangup")
        await luz.until("ended")
        await ana.phone.until("ended")
        await ana.wraps_up(case)
        assert (await here.last())["hold_s"] >= 1
        await here.dispose(ana.desk, case)
        await here.silent()


async def test_the_desk_ends_a_call_by_its_case_and_writes_nothing_into_it(here: Line) -> None:
    async with here.agent() as ana, here.caller() as luz:
        case = await here.talk(ana, luz)
        thread = ana.desk.conversation(case)
        body = {"client_id": client_id(), "body": "hola"}
        path = f"/api/conversations/{thread}/messages"
        refused = await ana.desk.call("POST", path, body, 409)
        assert refused["key"] == "channel_no_text"
        await here.dispose(ana.desk, case)
        await luz.until("ended")
        await ana.phone.until("ended")
        await here.silent()
        assert (await here.last())["cause"] == "agent"


async def test_a_call_is_passed_on_to_another_agent(here: Line) -> None:
    async with here.agent() as ana, here.caller() as luz:
        case = await here.talk(ana, luz)
        async with here.agent("beto@nogal.example") as beto:
            body = {"client_id": client_id(), "agent_id": beto.id}
            await ana.desk.post(f"/api/cases/{case}/transfer", body)
            await ana.phone.until("ended")
            await beto.rings()
            await hears_music(luz)
            await beto.phone.answer()
            await beto.until_call(case, "connected")
            assert share(await beto.phone.heard(1), 440) > 0.9
            await ana.desk.until(lambda: ana.desk.agent["active"] == 0)
            assert ana.desk.agent["presence"] == "available"
            luz.say([0])
            assert share(await luz.heard(0.5), 1000) < 0.2
            await luz.hang_up()
            await beto.wraps_up(case)
            await here.dispose(beto.desk, case)
            await here.silent()


async def test_a_call_is_passed_on_to_a_queue_and_its_next_agent_hears_the_caller(
    here: Line,
) -> None:
    async with here.agent() as ana, here.caller() as luz:
        case = await here.talk(ana, luz)
        body = {"client_id": client_id(), "queue_id": here.queue}
        await ana.desk.post(f"/api/cases/{case}/transfer", body)
        await ana.phone.until("ended")
        await hears_music(luz)
        await ana.desk.until(lambda: ana.desk.agent["active"] == 0)
        async with here.agent("beto@nogal.example") as beto:
            offer = await beto.offered()
            assert offer["case_id"] == case
            await beto.rings()
            await beto.phone.answer()
            await beto.until_call(case, "connected")
            beto.phone.say(tone(880))
            assert share(await luz.heard(1), 880) > 0.9
            assert share(await beto.phone.heard(1), 440) > 0.9
            await luz.hang_up()
            await beto.wraps_up(case)
            await here.dispose(beto.desk, case)
            await here.silent()


async def test_accepted_at_the_desk_without_a_phone_it_goes_back_in_ten_seconds(here: Line) -> None:
    async with here.agent() as ana, here.caller("+51944555666") as luz:
        await here.sql.execute("delete from phones where agent_id = $1", ana.id)
        await luz.call(NUMBER)
        case = await ana.desk.take()
        await ana.until_call(case, "ringing")
        await ana.desk.until(lambda: ana.desk.agent.get("pause_code") == "technical_failure", 15)
        await here.until("select state = 'waiting' from calls where ended_at is null")
        await hears_music(luz)
        await luz.hang_up()
        await here.silent()


async def test_a_phone_that_refuses_passes_the_offer_on(here: Line) -> None:
    async with here.agent() as ana, here.caller() as luz:
        await luz.call(NUMBER)
        await ana.offered()
        await ana.rings()
        await ana.phone.busy()
        await here.until("select count(*) from offers where state = 'rejected'")
        await luz.hang_up()
        await here.silent()


async def test_a_page_gets_a_phone_that_goes_with_its_session(here: Line) -> None:
    async with here.agent() as ana:
        told = await ana.desk.post("/api/phone")
        assert told["ws"] == "/sip"
        name = told["username"]
        assert told["uri"] == f"sip:{name}@atiende"
        assert (await here.ari(f"endpoints/PJSIP/{name}"))["resource"] == name
        config = await here.ari(f"asterisk/config/dynamic/res_pjsip/endpoint/{name}")
        fields = {each["attribute"]: each["value"] for each in config}
        assert fields["allow"] == "(opus|alaw|ulaw)"
        assert fields["dtls_auto_generate_cert"] == "Yes"
        row = await here.sql.fetchval("select sealed from phones where endpoint = $1", name)
        assert told["password"].encode() not in row
        await ana.desk.post("/api/logout")
        await here.until("select count(*) = 0 from phones where endpoint = $1", name)
        await here.until_gone(f"endpoints/PJSIP/{name}")
        ana.is_out = True
