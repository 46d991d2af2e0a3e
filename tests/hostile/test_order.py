"""Everything in the wrong order, twice, or to somewhere that is no more."""

import pytest

from tests.hostile.attack import BETO, HUGE, NOWHERE, ROSA, Attended, is_sane
from tests.hostile.conftest import House
from tests.product import Frame, Person, client_id, person


async def answered(who: Person, path: str, body: Frame, *codes: int) -> str:
    """The key of a refusal ("" when taken), one of these codes."""
    answer = await who.http.post(path, json=body)
    is_sane(answer)
    assert answer.status_code in codes, (path, answer.status_code, answer.text)
    return str(answer.json().get("key", ""))


def one(**more: object) -> Frame:
    return {"client_id": client_id(), **more}


async def a_leaf(who: Person) -> str:
    nodes = (await who.get("/api/reference"))["disposition_sets"][0]["nodes"]
    parents = {n["parent_id"] for n in nodes}
    found: str = next(n["id"] for n in nodes if n["id"] not in parents and n["requires"] == "none")
    return found


async def test_transfers_that_lead_nowhere_leave_the_work_where_it_is(
    house: House, attended: Attended
) -> None:
    ana, path = attended.ana, f"/api/cases/{attended.case}/transfer"
    mine, his = house.people["ana@nogal.example"], house.people[BETO]
    assert await answered(ana, path, one(queue_id=NOWHERE), 409) == "queue_unknown"
    assert await answered(ana, path, one(agent_id=NOWHERE), 409) == "agent_offline"
    assert await answered(ana, path, one(agent_id=his), 409) == "agent_offline"
    assert await answered(ana, path, one(agent_id=mine), 409) == "transfer_self"
    assert await answered(ana, path, one(), 422) == "target_needed"
    both = one(agent_id=his, queue_id=house.queue_id)
    assert await answered(ana, path, both, 422) == "target_needed"
    assert ana.holds(attended.case)


async def test_an_archived_queue_and_a_disabled_agent_take_no_work(
    house: House, attended: Attended
) -> None:
    async with person(house.product, ROSA) as rosa:
        campaign = (await rosa.get("/api/admin/campaigns"))["items"][0]["id"]
        queue = await rosa.post(
            "/api/admin/queues", {"campaign_id": campaign, "name": f"Q {client_id()}"}
        )
        await rosa.call("DELETE", f"/api/admin/queues/{queue['id']}")
        path = f"/api/cases/{attended.case}/transfer"
        key = await answered(attended.ana, path, one(queue_id=queue["id"]), 409)
        assert key == "queue_unknown"
        his = house.people[BETO]
        await rosa.post(f"/api/admin/users/{his}/disable")
        key = await answered(attended.ana, path, one(agent_id=his), 409)
        assert key == "agent_offline"
        await rosa.post(f"/api/admin/users/{his}/enable")
    assert attended.ana.holds(attended.case)


async def test_ends_and_outcomes_come_twice_and_late_without_harm(attended: Attended) -> None:
    ana, case = attended.ana, f"/api/cases/{attended.case}"
    leaf = await a_leaf(ana)
    await answered(ana, f"{case}/dispose", one(disposition_id=NOWHERE), 422)
    await answered(ana, f"{case}/end", one(), 200)
    await answered(ana, f"{case}/end", one(), 200)
    messages = f"/api/conversations/{attended.conversation}/messages"
    assert await answered(ana, messages, one(body="tarde"), 409) == "conversation_ended"
    outcome = one(disposition_id=leaf, resolve=True)
    await answered(ana, f"{case}/dispose", outcome, 200)
    # Once it is over and no longer hers, later words are refused or change nothing.
    await answered(ana, f"{case}/dispose", outcome, 200, 404)
    await answered(ana, f"{case}/dispose", one(disposition_id=leaf, resolve=True), 200, 404, 409)
    await answered(ana, f"{case}/end", one(), 200, 404)
    await answered(ana, f"{case}/transfer", one(queue_id=NOWHERE), 404, 409)
    await answered(ana, f"{case}/extend-wrapup", one(), 409)
    await answered(ana, messages, one(body="muy tarde"), 404, 409)
    await answered(ana, f"{case}/notes", one(body="nota después"), 200, 404, 409)
    state = (await ana.get(case))["state"]
    assert state["state"] == "resolved"
    bodies = [m["body"] for m in (await ana.get(f"{case}/timeline"))["messages"]]
    assert not {"tarde", "muy tarde"} & set(bodies)


async def test_an_offer_of_another_or_of_nobody_is_not_taken(
    house: House, attended: Attended
) -> None:
    async with house.product.db.connection() as conn:
        work = await conn.fetchval("select id from work_items where case_id = $1", attended.case)
    for who in (attended.ana, attended.beto):
        for target in (work, NOWHERE):
            await answered(who, f"/api/offers/{target}/accept", one(), 409)
            await answered(who, f"/api/offers/{target}/reject", one(reason="no"), 409)
    assert attended.ana.holds(attended.case)


async def test_a_pause_that_is_no_more_is_no_pause(house: House, attended: Attended) -> None:
    async with person(house.product, ROSA) as rosa:
        made = await rosa.post("/api/admin/pause-reasons", {"code": "siesta", "name": "Siesta"})
        await rosa.call("DELETE", f"/api/admin/pause-reasons/{made['id']}")
    for code in ("siesta", "nada", None):
        body = one(presence="paused", pause_code=code)
        assert await answered(attended.ana, "/api/presence", body, 422) == "pause_unknown"
    await answered(attended.ana, "/api/presence", one(presence="root"), 422)


@pytest.mark.parametrize("rev", [10**6, 2**53 - 1, *HUGE, -1])
async def test_nothing_is_read_beyond_what_there_is(attended: Attended, rev: int) -> None:
    path = f"/api/conversations/{attended.conversation}/read"
    await answered(attended.ana, path, {"rev": rev}, 200, 422)
    await attended.guest.send({"t": "read", "rev": rev})
    assert (await attended.guest.say("sigo"))["t"] == "ack"
    state = (await attended.ana.get(f"/api/cases/{attended.case}"))["state"]
    seen = state["conversations"][-1]
    assert all(v < 10**6 for v in seen.values() if isinstance(v, int))


async def test_a_draft_for_no_case_or_no_mode_is_refused(attended: Attended) -> None:
    put = attended.ana.http.put
    body = {"body": "x", "base_rev": 0}
    assert (await put(f"/api/cases/{NOWHERE}/drafts/note", json=body)).status_code == 404
    long = await put(f"/api/cases/{attended.case}/drafts/{'m' * 61}", json=body)
    assert long.status_code == 422
    for mode in ("%00", "%e2%80%ae", "a%2fb", "..%2f.."):
        is_sane(await put(f"/api/cases/{attended.case}/drafts/{mode}", json=body))


async def test_the_same_client_id_is_one_message_whatever_it_says(attended: Attended) -> None:
    path = f"/api/conversations/{attended.conversation}/messages"
    made = client_id()
    first = await attended.ana.post(path, {"client_id": made, "body": "uno"})
    again = await attended.ana.post(path, {"client_id": made, "body": "dos"})
    assert again["message"]["id"] == first["message"]["id"]
    assert again["message"]["body"] == "uno"
