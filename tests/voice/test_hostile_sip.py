"""Hostile SIP at a working company's door: refused or taken as text, and the next call works."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from atiende.calls.rows import TRUNK
from atiende.demo.phone import Options, Phone
from atiende.engines.asterisk import Exchange
from tests.voice.line import NUMBER, Attendant, Line, line
from tests.voice.wire import SDP, STRANGER, Wire, wire

NAMES = (
    'x" <sip:300&PJSIP/400@carrier>;tag=1',
    "<script>window.__xss=1</script>",
    "'; drop table calls; --",
    "Ñandú \u202egnirts\u202c \x07\x1b[31m ${SHELL(id)}",
    "a" * 4_000,
)
#: What is dialled that is no number of the company's, and would like to be more than a number.
EXTENSIONS = (
    "300&PJSIP/400",
    "+5117001000&PJSIP/trunk",
    "+5117001000,1",
    "+51,inbound,+5117001000",
    "1$%7BSHELL(id)%7D",
    "+5117001000%0d%0aX:%201",
    "9" * 900,
    "atiende-music",
    "0'%20or%20'1'='1",
)
BODIES = (
    "",
    "v=0\r\n",
    "v=0\r\no=x 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/AVP 8\r\n",
    SDP.replace("m=audio 9", "m=audio 99999999"),
    SDP.replace("RTP/AVP 8 101", "RTP/AVP 8 " + "101 " * 500),
    SDP.replace("IP4 127.0.0.1", "IP4 ${SHELL(id)}"),
    SDP + "a=x:" + "y" * 30_000 + "\r\n",
    "\x00\xff" * 400,
    "a=" * 5_000,
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(
    database: str, exchange: Exchange, tmp_path_factory: "object"
) -> AsyncIterator[Line]:
    folder = Path(tmp_path_factory.mktemp("line"))  # type: ignore[attr-defined]
    async with line(database, folder, exchange) as made:
        yield made


async def calls(here: Line) -> int:
    found: int = await here.sql.fetchval("select count(*) from calls")
    return found


async def works(here: Line) -> None:
    """Somebody calls, is heard, and hangs up: nothing of what came before is in the way."""
    async with here.caller() as luz:
        await luz.call(NUMBER)
        await luz.until("talking")
        await luz.hang_up()
    await here.silent(20)


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
async def test_a_hostile_name_is_a_clean_line_of_text(here: Line, name: str) -> None:
    number = f"+5195500010{NAMES.index(name)}"
    async with here.agent() as ana, here.caller(number, name=name) as luz:
        await luz.call(NUMBER)
        offer = await ana.offered()
        shown = offer["customer"]
        assert shown.isprintable()
        assert len(shown) <= 120
        await ana.rings()
        assert ana.phone.caller[0] == number
        assert not set('<>"\\') & set(ana.phone.caller[1])
        await _attended(here, ana, luz, offer["case_id"])
    kept = await here.sql.fetchval("select name from customers where name = $1", shown)
    assert kept == shown


async def _attended(here: Line, ana: Attendant, luz: Phone, case: str) -> None:
    await ana.phone.answer()
    await ana.until_call(case, "connected")
    await luz.hang_up()
    await ana.wraps_up(case)
    await here.dispose(ana.desk, case)
    await here.silent()


async def test_a_caller_who_says_he_is_a_dial_string_is_a_hidden_number(here: Line) -> None:
    async with here.agent() as ana, here.caller("300&PJSIP/400,1") as luz:
        await luz.call(NUMBER)
        offer = await ana.offered()
        assert offer["customer"] == "Número oculto"
        await ana.rings()
        assert ana.phone.caller[0] == "anonymous"
        await _attended(here, ana, luz, offer["case_id"])


async def test_what_is_dialled_is_a_number_of_ours_or_nothing(here: Line) -> None:
    before = await calls(here)
    async with wire(here.proxy) as carrier:
        for number in EXTENSIONS:
            told = await carrier.asked(carrier.invite(number), 20)
            assert told.status in (400, 404, 414, 416, 484, 513), (number, told.status)
    assert await calls(here) == before
    await here.silent()


async def test_an_address_that_is_no_carrier_is_refused_whoever_it_says_it_is(here: Line) -> None:
    before = await calls(here)
    trunk = await here.sql.fetchval("select id from trunks")
    async with wire(here.proxy, STRANGER) as stranger:
        for who in ("+51911222333", f"{TRUNK}{trunk}", "atiende", "anonymous"):
            asked = stranger.invite(NUMBER, caller=who)
            asked = asked.with_header("P-Asserted-Identity", f"<sip:{TRUNK}{trunk}@127.0.0.1>")
            assert (await stranger.asked(asked)).status == 401, who
    assert await calls(here) == before
    assert await here.channels() == []


async def test_a_flood_of_strangers_calls_takes_nothing_from_a_caller(here: Line) -> None:
    before = await calls(here)
    async with wire(here.proxy, STRANGER) as stranger:
        flood = [stranger.invite(NUMBER) for _ in range(500)]
        for number, asked in enumerate(flood):
            stranger.send(asked)
            if number % 50 == 0:
                await asyncio.sleep(0.01)
        await works(here)
        statuses = {told.status for told in stranger.heard}
        assert statuses == {401}
        for asked in flood:
            stranger.send(stranger.acknowledged(asked, stranger.heard[0]))
    assert await calls(here) == before + 1


async def test_a_flood_of_the_carriers_calls_stops_at_its_limit(here: Line) -> None:
    before = await calls(here)
    await here.sql.execute("update trunks set max_calls = 5")
    async with wire(here.proxy) as carrier:
        flood = [carrier.invite(NUMBER, caller=f"+5195511{n:04}") for n in range(100)]
        for asked in flood:
            carrier.send(asked)
        told = [await carrier.answer(asked, 30) for asked in flood]
        for asked, answer in zip(flood, told, strict=True):
            carrier.send(carrier.acknowledged(asked, answer))
        statuses = [answer.status for answer in told]
        assert statuses.count(503) == 95
        assert statuses.count(200) == 5
        assert await calls(here) == before + 5
        for asked, answer in zip(flood, told, strict=True):
            if answer.status == 200:
                bye = carrier.within(asked, answer, "BYE", 2)
                assert (await carrier.asked(bye)).status == 200
    await here.silent(20)
    await here.sql.execute("update trunks set max_calls = null")
    await works(here)


async def test_a_thousand_wrong_passwords_open_nothing_and_stop_nobody(here: Line) -> None:
    async with here.agent() as ana, wire(here.proxy, STRANGER) as thief:
        known = ana.phone.options.user
        answers: dict[str, list[Any]] = {}
        for who in (known, "agent-00000000000000000000"):
            answers[who] = [await _register(thief, who, "wrong", here) for _ in range(3)]
        assert answers[known] == answers["agent-00000000000000000000"]
        assert {status for status, _ in answers[known]} == {401}
        for number in range(1_000):
            asked = thief.request("REGISTER", f"sip:127.0.0.1:{here.proxy[1]}", known)
            thief.send(asked.with_header("Authorization", _guess(known, number)))
            if number % 50 == 0:
                await asyncio.sleep(0.01)
        assert await ana.phone.register(known, ana.phone.options.password) == 200
        async with here.caller() as luz:
            await luz.call(NUMBER)
            offer = await ana.offered()
            await ana.rings()
            await _attended(here, ana, luz, offer["case_id"])
        assert {told.status for told in thief.heard} == {401}
        contacts = await here.ari(f"endpoints/PJSIP/{known}")
        assert contacts["state"] == "online"


def _guess(user: str, number: int) -> str:
    return (
        f'Digest username="{user}", realm="asterisk", nonce="1/{number:x}", uri="sip:x",'
        f' response="{number:032x}", algorithm=MD5'
    )


async def _register(thief: Wire, user: str, password: str, here: Line) -> tuple[int, Any]:
    """The status of a whole attempt, and the names of what the refusal says."""
    async with Phone(Options(proxy=here.proxy, host=STRANGER)) as phone:
        status = await phone.register(user, password)
    asked = await thief.asked(thief.request("REGISTER", f"sip:127.0.0.1:{here.proxy[1]}", user))
    challenge = asked.get("WWW-Authenticate")
    words = [each.partition("=")[0].strip() for each in challenge.split(",")]
    return status, (asked.status, [name for name, _ in asked.headers], words)


async def test_malformed_descriptions_are_refused_or_borne(here: Line) -> None:
    async with wire(here.proxy) as carrier:
        for body in BODIES:
            asked = carrier.invite(NUMBER, body, caller="+51955220001")
            carrier.send(asked)
            told = await carrier.answer(asked, 15)
            carrier.send(carrier.acknowledged(asked, told))
            if told.status == 200:
                carrier.send(carrier.within(asked, told, "BYE", 2))
    await here.silent(20)
    await works(here)


async def test_what_is_no_sip_is_not_answered_or_refused(here: Line) -> None:
    async with wire(here.proxy) as carrier:
        for bad in (
            b"\x00" * 2_000,
            b"INVITE\r\n\r\n",
            b"INVITE sip:x SIP/2.0\r\nVia: \r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
            b"\xff\xfe" * 500,
        ):
            carrier.send(bad)
        for name, value in (
            ("Subject", "x" * 40_000),
            ("CSeq", "99999999999999999999 INVITE"),
            ("Max-Forwards", "0"),
            ("From", "<sip:" + "x" * 3_000 + ">;tag=1"),
            *((name, "\x01\x02;;;<<>>") for name in ("Via", "To", "Call-ID", "CSeq")),
        ):
            asked = carrier.invite(NUMBER).with_header(name, value)
            carrier.send(asked)
            with contextlib.suppress(AssertionError):  # most are not worth an answer
                told = await carrier.answer(asked, 0.5)
                carrier.send(carrier.acknowledged(asked, told))
                if told.status == 200:
                    await carrier.asked(carrier.within(asked, told, "BYE", 2))
    await here.silent(40)
    await works(here)


async def test_a_call_that_is_cancelled_at_once_leaves_nothing(here: Line) -> None:
    async with wire(here.proxy) as carrier:
        for _ in range(5):
            asked = carrier.invite(NUMBER, caller="+51955330001")
            cancel = asked.with_header("CSeq", "1 CANCEL")
            carrier.send(asked)
            bare = tuple(pair for pair in cancel.headers if pair[0] != "Content-Type")
            carrier.send(type(asked)(bare, "CANCEL", asked.uri))
            told = await carrier.answer(asked)
            assert told.status in (200, 487)
            carrier.send(carrier.acknowledged(asked, told))
            if told.status == 200:  # the answer was faster
                assert (await carrier.asked(carrier.within(asked, told, "BYE", 2))).status == 200
            await here.silent(20)
    await works(here)


async def test_an_invite_sent_twice_is_one_call(here: Line) -> None:
    before = await calls(here)
    async with wire(here.proxy) as carrier:
        asked = carrier.invite(NUMBER, caller="+51955440001")
        for _ in range(4):
            carrier.send(asked)
        told = await carrier.answer(asked)
        assert told.status == 200
        carrier.send(carrier.acknowledged(asked, told))
        assert (await carrier.asked(carrier.within(asked, told, "BYE", 2))).status == 200
    await here.silent(20)
    assert await calls(here) == before + 1


async def test_a_goodbye_before_the_acknowledgement_ends_the_call(here: Line) -> None:
    async with wire(here.proxy) as carrier:
        asked = carrier.invite(NUMBER, caller="+51955550001")
        carrier.send(asked)
        told = await carrier.answer(asked)
        assert (await carrier.asked(carrier.within(asked, told, "BYE", 2))).status == 200
    await here.silent(20)
    assert (await here.last())["ended_by"] == "customer"


async def test_a_flood_of_digits_ends_with_the_call(here: Line) -> None:
    async with here.agent() as ana, here.caller("+51955660001") as luz:
        case = await here.talk(ana, luz)
        place = luz.media
        for _ in range(2_000):
            place.press("5")
            while place._queue:
                place._tick()
        assert ana.call(case)["state"] == "connected"
        await luz.hang_up()
        await ana.phone.until("ended")
        await ana.wraps_up(case)
        await here.dispose(ana.desk, case)
    await here.silent(20)


@pytest.mark.parametrize("who", ["customer", "agent"])
async def test_nobody_moves_a_call_by_sip(here: Line, who: str) -> None:
    async with here.agent() as ana, here.caller("+51955770001") as luz:
        case = await here.talk(ana, luz)
        phone = luz if who == "customer" else ana.phone
        refer = (("Refer-To", f"<sip:300@127.0.0.1:{here.proxy[1]}>"), ("Referred-By", "<sip:x@x>"))
        dialog = phone._talking()
        phone._cseq += 1
        extra = (*phone._contact(), *refer)
        asked = dialog.request("REFER", phone.line.via(), cseq=phone._cseq, extra=extra)
        told = await phone.line.ask(asked, here.proxy)
        assert told.status in (403, 405, 501, 603), told.status
        assert ana.call(case)["state"] == "connected"
        await luz.hang_up()
        await ana.wraps_up(case)
        await here.dispose(ana.desk, case)
    await here.silent(20)


async def test_an_agents_phone_reaches_no_other_phone_by_itself(here: Line) -> None:
    async with here.agent() as ana, here.agent("beto@nogal.example") as beto:
        for number in (beto.phone.options.user, "300&PJSIP/400", "+51,1", "s", "h"):
            await ana.phone.call(number)
            await ana.phone.until("ended")
            assert ana.phone.ending is not None
            assert ana.phone.ending.status >= 400, number
            assert beto.phone.history == []
    await here.silent(20)
