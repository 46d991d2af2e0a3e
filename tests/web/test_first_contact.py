"""The straight line: a visitor writes, the router offers, the agent answers, records, closes."""

from urllib.parse import quote

from tests.product import Guest, browser, client_id, person
from tests.web.conftest import House

#: A word may stand in a message and another in the name; every one must stand somewhere.
SEARCHES = {
    "quispe roble": 1,
    "maría mesas de comedor": 1,
    "QUISPE María": 1,
    "quispe caoba": 0,
    '"mesas de comedor"': 1,
    '"comedor mesas"': 0,
}


async def test_a_visitor_is_attended_from_the_first_word_to_the_outcome(house: House) -> None:
    guest = Guest(house.product, house.key)
    async with person(house.product, "ana@nogal.example") as ana:
        await ana.open()
        await ana.presence("available")
        await guest.start(name="María Quispe", topic="Mesa de comedor")
        await guest.open()
        ack = await guest.say("Hola, ¿tienen mesas de comedor?")
        assert ack["t"] == "ack"
        case = await ana.take()
        await guest.until(lambda: guest.state.get("agent") == "Ana Torres")
        messages = await ana.load(case)
        said = [m["body"] for m in messages if m["direction"] != "system"]
        assert said == ["Hola, ¿tienen mesas de comedor?"]
        conversation = ana.conversation(case)
        sent = {"client_id": client_id(), "body": "Buenas tardes, María."}
        first = await ana.post(f"/api/conversations/{conversation}/messages", sent)
        again = await ana.post(f"/api/conversations/{conversation}/messages", sent)
        assert first["message"]["id"] == again["message"]["id"]
        await guest.until(lambda: guest.heard("Buenas tardes, María."))
        await guest.say("La quiero para seis.")
        await ana.until(
            lambda: any(
                m["body"] == "La quiero para seis." for m in ana.screen.messages[case].values()
            )
        )
        note = {"client_id": client_id(), "body": "Prefiere roble."}
        await ana.post(f"/api/cases/{case}/notes", note)
        assert not guest.heard("Prefiere roble.")
        reference = await ana.get("/api/reference")
        nodes = reference["disposition_sets"][0]["nodes"]
        parents = {n["parent_id"] for n in nodes}
        leaf = next(n for n in nodes if n["id"] not in parents and n["requires"] == "none")
        outcome = {"client_id": client_id(), "disposition_id": leaf["id"], "resolve": True}
        await ana.post(f"/api/cases/{case}/dispose", outcome)
        await guest.until(lambda: guest.state.get("phase") == "ended")
        await ana.until(lambda: ana.agent["active"] == 0 and ana.agent["wrapping"] == 0)
        assert ana.screen.gaps == 0
    async with person(house.product, "sonia@nogal.example") as sonia:
        found = await sonia.get("/api/cases?q=roble")
        assert [c["id"] for c in found["cases"]] == [case]
        for text, hits in SEARCHES.items():
            found = await sonia.get(f"/api/cases?q={quote(text)}")
            assert len(found["cases"]) == hits, text
        page = await sonia.get(f"/api/cases/{case}/timeline")
        lines = [m["data"]["event"] for m in page["messages"] if m["direction"] == "system"]
        assert lines == ["joined", "ended"]
        assert len(page["messages"]) == 6
    await guest.close()


async def test_an_account_can_be_tried_on_a_page_of_ours(house: House) -> None:
    async with browser(house.product) as http:
        page = await http.get(f"/chat/try?key={house.key}")
        assert page.status_code == 200
        assert f'data-key="{house.key}"' in page.text
        nothing = await http.get('/chat/try?key="><script>alert(1)</script>')
        assert nothing.status_code == 404
        assert "<script" not in nothing.text
