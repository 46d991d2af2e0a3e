"""Which number, who calls, when: hours, greeting, hidden numbers, two calls of one caller."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from atiende.customers import e164
from atiende.engines.asterisk import Exchange
from tests.voice.line import NUMBER, Line, line

SPOKEN, SHUT = "+5117001001", "+5117001002"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(
    database: str, exchange: Exchange, tmp_path_factory: "object"
) -> AsyncIterator[Line]:
    folder = Path(tmp_path_factory.mktemp("line"))  # type: ignore[attr-defined]
    async with line(database, folder, exchange) as made:
        await made.number(SPOKEN, greeting="vm-goodbye")
        await made.number(SHUT, closed="vm-goodbye")
        hours = await made.sql.fetchval(
            "insert into hours (name, tz, weekly) values ('Nunca', 'America/Lima', '{}'::jsonb)"
            " returning id"
        )
        await made.sql.execute(
            "update channel_accounts set hours_id = $1 where public_key = $2", hours, SHUT
        )
        yield made


async def test_the_greeting_is_heard_before_the_agent(here: Line) -> None:
    async with here.agent() as ana, here.caller() as luz:
        await luz.call(SPOKEN)
        await luz.until("talking")
        assert (await here.last())["state"] in ("greeting", "ringing")
        offer = await ana.offered()
        await ana.rings()
        await ana.phone.answer()
        await ana.until_call(offer["case_id"], "connected")
        await luz.hang_up()
        await ana.wraps_up(offer["case_id"])
        await here.dispose(ana.desk, offer["case_id"])
        await here.silent()


async def test_out_of_hours_a_call_is_missed(here: Line) -> None:
    async with here.caller() as luz:
        await luz.call(SHUT)
        await luz.until("ended")
        assert luz.ending is not None
        assert luz.ending.by == "them"
        await here.silent()
        row = await here.last()
        assert (row["interaction"], row["outcome"]) == ("ended", "missed")
        case = await here.sql.fetchval("select state from cases where id = $1", row["case_id"])
        assert case == "open", "somebody calls back"


async def test_out_of_hours_without_words_a_call_hears_busy(here: Line) -> None:
    await here.sql.execute(
        "update channel_accounts set config = config - 'closed' where public_key = $1", SHUT
    )
    async with here.caller() as luz:
        await luz.call(SHUT)
        await luz.until("ended")
        assert luz.ending is not None
        assert luz.ending.status == 486
        await here.silent()
        assert (await here.last())["outcome"] == "missed"


async def test_a_carriers_line_takes_so_many_calls(here: Line) -> None:
    await here.sql.execute("update trunks set max_calls = 1")
    async with here.caller() as luz, here.caller("+51922333444") as eva:
        await luz.call(NUMBER)
        await luz.until("talking")
        await eva.call(NUMBER)
        await eva.until("ended")
        assert eva.ending is not None
        assert eva.ending.status == 503
        await luz.hang_up()
        await here.silent()
    await here.sql.execute("update trunks set max_calls = null")


async def test_a_number_of_nobody_is_refused(here: Line) -> None:
    before = await here.sql.fetchval("select count(*) from calls")
    async with here.caller() as luz:
        await luz.call("+5117009999")
        await luz.until("ended")
        assert luz.ending is not None
        assert luz.ending.status == 404
    assert await here.sql.fetchval("select count(*) from calls") == before


async def test_a_hidden_number_is_a_visitor_and_the_same_number_one_customer(here: Line) -> None:
    async with (
        here.caller("anonymous") as hidden,
        here.caller("987000111") as one,
        here.caller("+51987000111") as same,
    ):
        await hidden.call(NUMBER)
        await hidden.until("talking")
        await one.call("17001000")
        await one.until("talking")
        await same.call(NUMBER)
        await same.until("talking")
        rows = await here.sql.fetch(
            "select p.kind, p.name, c.id as case_id, v.thread_key <> '' as apart from calls k"
            " join interactions i on i.id = k.interaction_id join cases c on c.id = i.case_id"
            " join customers p on p.id = c.customer_id join conversations v on"
            " v.id = i.conversation_id where k.ended_at is null order by k.answered_at"
        )
        told = [(r["kind"], r["name"], r["apart"]) for r in rows]
        assert told == [
            ("visitor", "Número oculto", False),
            ("person", "+51987000111", False),
            ("person", "+51987000111", True),
        ]
        assert rows[1]["case_id"] == rows[2]["case_id"]
        await one.hang_up()
        await here.until("select count(*) = 2 from calls where ended_at is null")
        state = await here.sql.fetchval("select state from cases where id = $1", rows[1]["case_id"])
        assert state == "open", "the other call of the case goes on"
        await hidden.hang_up()
        await same.hang_up()
        await here.silent()


@pytest.mark.parametrize(
    ("text", "country", "form"),
    [
        ("987 654 321", "PE", "+51987654321"),
        ("+51 (987) 654-321", "CO", "+51987654321"),
        ("0051987654321", "MX", "+51987654321"),
        ("01 234 5678", "PE", "+5112345678"),
        ("51987654321", "PE", "+51987654321"),
        ("5512345678", "MX", "+525512345678"),
        ("912345678", "ES", "+34912345678"),
        ("anonymous", "PE", None),
        ("100", "PE", None),
        ("", "PE", None),
        ("+1234567890123456", "PE", None),
        ("٣٣٣٣٣٣٣٣", "PE", None),
    ],
)
def test_numbers_have_one_form(text: str, country: str, form: str | None) -> None:
    assert e164(text, country) == form
