"""The server killed and started again: nobody is logged out, nothing is missing, nothing twice."""

import asyncio
from pathlib import Path

import pytest
import websockets

from atiende.engines import dsn_of
from tests.chaos.conftest import Founded, Make
from tests.chaos.parts import Part, column, findings, value
from tests.chaos.writers import LOST
from tests.product import Edge, Guest, client_id, found, person, running


async def test_after_kill_9_everybody_goes_on_where_he_was(company: Founded, part: Make) -> None:
    server = await part(company.data).up()
    guest = Guest(server.edge, company.made["key"])
    async with person(server.edge, "ana@nogal.example") as ana:
        await ana.open()
        await ana.presence("available")
        await guest.start(name="Luz Díaz")
        await guest.open()
        written = client_id()
        first = await guest.say("hola", client_id=written)
        case = await ana.take()
        await ana.load(case)
        answer = {"client_id": client_id(), "body": "¿En qué le ayudo?"}
        path = f"/api/conversations/{ana.conversation(case)}/messages"
        sent = await ana.post(path, answer)
        await guest.until(lambda: guest.heard("¿En qué le ayudo?"))
        draft = {"body": "Le cuento que", "base_rev": 0}
        mode = f"/api/cases/{case}/drafts/reply.{ana.conversation(case)}"
        await ana.call("PUT", mode, draft)
        rev, held = guest.rev, ana.screen.held()
        server.kill()
        await ana.close()
        await guest.close()

        await server.up()
        assert (await ana.get("/api/me"))["user"]["email"] == "ana@nogal.example"
        drafts = (await ana.get("/api/drafts"))["drafts"]
        assert [d["body"] for d in drafts] == ["Le cuento que"]
        await ana.open(held=True, watch=(case,))
        assert ana.frames[0]["held"] is True
        assert ana.screen.held() == held
        assert ana.holds(case)
        again = await ana.post(path, answer)
        assert again["message"]["id"] == sent["message"]["id"]
        guest.messages.clear()
        await guest.open()
        assert guest.frames[0]["rev"] == rev
        assert guest.messages == {}
        repeated = await guest.say("hola", client_id=written)
        assert (repeated["id"], repeated["rev"]) == (first["id"], first["rev"])
        await guest.say("¿sigue ahí?")
        await ana.until(
            lambda: any(m["body"] == "¿sigue ahí?" for m in ana.screen.messages[case].values())
        )
    await guest.close()
    dsn = dsn_of(server.settings)
    assert dsn is not None
    said = await column(
        dsn, "select body from messages where direction <> 'system' order by case_rev"
    )
    assert said == ["hola", "¿En qué le ayudo?", "¿sigue ahí?"]
    assert await findings(dsn, company.data / "blobs") == []


@pytest.mark.parametrize("point", ["before_commit", "after_commit", "before_ack"])
async def test_a_message_on_its_way_when_the_server_dies_arrives_once(
    database: str, place: Path, part: Make, point: str
) -> None:
    """The web role alone, killed by itself at a named point while a visitor's message is stored."""
    guest = await visitor_of(database, place / "company")
    server = part(place / "web", "web", DATABASE_URL=database, FAULT=point)
    await server.up()
    guest.product = server.edge
    await guest.open()
    written = client_id()
    before = await value(database, "select count(*) from messages")
    await guest.send({"t": "message", "client_id": written, "body": "una vez"})
    assert await asyncio.to_thread(server.wait) == -9
    left = await value(database, "select count(*) from messages") != before
    assert left is (point != "before_commit")
    server.more.pop("FAULT")
    await server.up()
    await guest.close()
    await guest.open()
    told = await guest.say("una vez", client_id=written)
    assert told["t"] == "ack"
    await guest.close()
    count = "select count(*) from messages where body = 'una vez' and client_id = $1"
    assert await value(database, count, written) == 1
    assert await findings(database) == []


async def visitor_of(dsn: str, folder: Path) -> Guest:
    """A visitor of a company in this database, who has begun a chat and said nothing yet."""
    async with running(dsn, folder, router=False, loops=False) as product:
        guest = Guest(product, (await found(product))["key"])
        await guest.start(name="Luz Díaz")
    return guest


async def test_while_the_server_is_away_nobody_is_told_that_he_did_something_wrong(
    company: Founded, part: Make
) -> None:
    """The negative side of the above: a dead server gives no answer at all, never a 4xx."""
    server = await part(company.data).up()
    server.kill()
    guest = Guest(Edge(server.edge.base), company.made["key"], token="x")
    with pytest.raises((*LOST, websockets.InvalidStatus)):
        await guest.open()
    assert isinstance(server, Part)
