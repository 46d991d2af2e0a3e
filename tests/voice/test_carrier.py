"""A line with a carrier, all real: the carrier is a second Asterisk that we register with."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from atiende.demo.phone import Options, Phone
from atiende.demo.phone.sip import Headers, Message
from atiende.engines.asterisk import Exchange, Runtime
from tests.product import Person, person
from tests.voice.carrier import PASSWORD, USER, Carrier, carrier
from tests.voice.line import NUMBER, Line, line

LUZ = "+51987650001"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(
    database: str, exchange: Exchange, tmp_path_factory: "object"
) -> AsyncIterator[Line]:
    folder = Path(tmp_path_factory.mktemp("line"))  # type: ignore[attr-defined]
    async with line(database, folder, exchange) as made:
        # The line of the other tests is at this machine's address too.
        await made.sql.execute("update trunks set active = false")
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def operator(asterisk_runtime: Runtime) -> AsyncIterator[Carrier]:
    async with carrier(asterisk_runtime) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def rosa(here: Line) -> AsyncIterator[Person]:
    async with person(here.product, "rosa@nogal.example") as boss:
        yield boss
        await here.sql.execute("update trunks set active = false, version = version + 1")


async def add(rosa: Person, operator: Carrier, name: str, **more: Any) -> dict[str, Any]:
    """A line made as the administrator's page makes it."""
    body = {"name": name, "host": "127.0.0.1", "port": operator.port, "caller_id": "5117001000"}
    found: dict[str, Any] = await rosa.post("/api/admin/trunks", {**body, **more})
    return found


async def until_state(rosa: Person, trunk: str, state: str, seconds: float = 25) -> dict[str, Any]:
    """What the administrator's list says in the end."""
    end = asyncio.get_running_loop().time() + seconds
    while True:
        told = await rosa.get("/api/admin/trunks")
        (row,) = [each for each in told["items"] if each["id"] == trunk]
        if row["state"] == state:
            found: dict[str, Any] = row
            return found
        assert asyncio.get_running_loop().time() < end, row
        await asyncio.sleep(0.2)


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_a_line_with_registration_brings_calls_in_and_takes_them_out(
    here: Line, operator: Carrier, rosa: Person, transport: str
) -> None:
    more = {"username": USER, "password": PASSWORD, "register": True, "transport": transport}
    trunk = await add(rosa, operator, f"Con registro {transport}", **more)
    assert trunk["has_password"]
    assert PASSWORD not in str(trunk)
    row = await until_state(rosa, trunk["id"], "registered")
    assert row["state_since"]
    await operator.until_registered()
    async with here.agent() as ana:
        luz = await operator.ring(NUMBER, LUZ)
        offer = await ana.offered()
        await ana.rings()
        await ana.phone.answer()
        await ana.until_call(offer["case_id"], "connected")
        assert (await here.last())["trunk_id"] is not None
        assert str((await here.last())["trunk_id"]) == trunk["id"]
        await ana.ask(offer["case_id"], "hangup")
        await ana.wraps_up(offer["case_id"])
        await here.dispose(ana.desk, offer["case_id"])
        await here.silent()
        assert not await operator.lives(luz)
    told = await rosa.post(f"/api/admin/trunks/{trunk['id']}/test", {"number": "51100"})
    assert (told["outcome"], told["heard"]) == ("answered", True)


async def test_a_wrong_password_is_told_and_a_right_one_mends_it(
    here: Line, operator: Carrier, rosa: Person
) -> None:
    more = {"username": USER, "password": "otra", "register": True}
    trunk = await add(rosa, operator, "Con mala clave", **more)
    await until_state(rosa, trunk["id"], "rejected")
    body = {"version": trunk["version"], "password": PASSWORD}
    await rosa.call("PATCH", f"/api/admin/trunks/{trunk['id']}", body)
    await until_state(rosa, trunk["id"], "registered")


async def test_a_line_by_address_is_reachable_and_a_dead_one_is_not(
    here: Line, operator: Carrier, rosa: Person
) -> None:
    there = await add(rosa, operator, "Por dirección")
    gone = await add(rosa, operator, "A ninguna parte", host="127.0.0.9", port=9)
    lost = await add(rosa, operator, "Sin nombre", host="nadie.invalid")
    await until_state(rosa, there["id"], "reachable")
    await until_state(rosa, gone["id"], "unreachable")
    await until_state(rosa, lost["id"], "no_address")


@pytest.mark.parametrize(
    ("number", "outcome"),
    [
        ("51101", "busy"),
        ("51102", "bad_number"),
        ("51103", "no_right"),
        ("51104", "congestion"),
        ("51999", "bad_number"),
    ],
)
async def test_a_test_call_says_what_became_of_it(
    here: Line, operator: Carrier, rosa: Person, number: str, outcome: str
) -> None:
    more = {"username": USER, "password": PASSWORD}
    trunk = await add(rosa, operator, f"Prueba {number}", **more)
    await until_state(rosa, trunk["id"], "reachable")
    told = await rosa.post(f"/api/admin/trunks/{trunk['id']}/test", {"number": number})
    assert (told["outcome"], told["heard"]) == (outcome, False)
    assert await here.channels() == []


class Registered(Phone):
    """Calls as some carriers do whom we registered with: our own name first, the number in To."""

    def _outside(self, method: str, uri: str, sender: str, to: str, extra: Headers = ()) -> Message:
        asked = uri.replace(NUMBER, "atiende") if method == "INVITE" else uri
        return super()._outside(method, asked, sender, to, extra)


async def test_the_number_may_stand_in_to_alone(
    here: Line, operator: Carrier, rosa: Person
) -> None:
    trunk = await add(rosa, operator, "Número en To")
    await until_state(rosa, trunk["id"], "reachable")
    async with Registered(Options(proxy=here.proxy, user=LUZ)) as luz:
        await luz.call(NUMBER)
        await luz.until("talking")
        assert (await here.last())["to_number"] == NUMBER
        await luz.hang_up()
    await here.silent()


async def test_a_line_that_does_not_answer_says_so_at_once(
    here: Line, operator: Carrier, rosa: Person
) -> None:
    trunk = await add(rosa, operator, "Muerta", host="127.0.0.9", port=9)
    await until_state(rosa, trunk["id"], "unreachable")
    told = await rosa.post(f"/api/admin/trunks/{trunk['id']}/test", {"number": "51100"})
    assert told["outcome"] == "no_way"
