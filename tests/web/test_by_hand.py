"""What a supervisor does by hand is named: in the audit, and in the case's history."""

from uuid import UUID

import pytest

from tests.product import Guest, client_id
from tests.web.acts import Scene

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def _by_hand(scene: Scene) -> list[dict[str, object]]:
    history = await scene.sonia.get(f"/api/cases/{scene.case}/history")
    return [e for e in history["events"] if e["kind"].startswith("audit.")]


async def test_moving_work_names_the_supervisor_in_history_once_a_click(scene: Scene) -> None:
    await scene.contact()
    body = {"queue_id": scene.house.queue_id, "client_id": client_id()}
    work = scene.work
    for _ in range(2):
        await scene.sonia.post(f"/api/work/{work}/move", body)
    (act,) = await _by_hand(scene)
    assert act["kind"] == "audit.work_moved"
    assert act["cause"] == f"person:{scene.sonia.me['user']['name']}"
    assert act["payload"] == {"queue_id": scene.house.queue_id}


async def test_a_refused_move_is_no_act(scene: Scene) -> None:
    await scene.contact()
    work = scene.work
    await scene.ana.post(f"/api/cases/{scene.case}/dispose", await _resolve(scene))
    body = {"queue_id": scene.house.queue_id, "client_id": client_id()}
    await scene.sonia.post(f"/api/work/{work}/move", body, status=409)
    assert await _by_hand(scene) == []


async def _resolve(scene: Scene) -> dict[str, object]:
    return {"client_id": client_id(), "disposition_id": await scene.leaf(), "resolve": True}


async def test_a_forced_presence_is_in_the_audit_with_its_reason(scene: Scene) -> None:
    ana = scene.house.people["ana@nogal.example"]
    body = {"presence": "offline", "reason": "cambio de turno", "client_id": client_id()}
    await scene.sonia.post(f"/api/agents/{ana}/presence", body)
    async with scene.house.product.db.connection() as conn:
        row = await conn.fetchrow(
            "select actor, object_id, after from audit where action = 'presence_forced'"
            " order by seq desc limit 1"
        )
    assert row is not None
    assert (row["actor"], row["object_id"]) == (scene.sonia.me["user"]["name"], ana)
    assert row["after"] == {"presence": "offline", "reason": "cambio de turno"}


async def _queue(scene: Scene) -> dict[str, int]:
    floor = await scene.sonia.get("/api/floor")
    queues: dict[str, dict[str, int]] = {q["id"]: q for q in floor["queues"]}
    return queues[scene.house.queue_id]


async def test_a_pause_behind_an_open_chat_is_nobody_in_service(scene: Scene) -> None:
    assert (await _queue(scene))["available"] == 1
    await scene.contact()
    queue = await _queue(scene)
    assert (queue["attending"], queue["available"], queue["busy"]) == (1, 1, 0)
    await scene.ana.presence("paused", pause_code="lunch")
    queue = await _queue(scene)
    assert (queue["attending"], queue["available"], queue["busy"]) == (1, 0, 0)


async def test_a_moved_contact_is_counted_where_it_is(scene: Scene) -> None:
    await scene.contact()
    async with scene.house.product.db.transaction() as conn:
        other = await conn.fetchval(
            "insert into queues (campaign_id, name) select campaign_id, 'Otra cola'"
            " from queues where id = $1 returning id::text",
            scene.house.queue_id,
        )
        await conn.execute(
            "insert into commands (kind, args, at) values"
            " ('configure', jsonb_build_object('what', 'queue', 'id', $1::text), now())",
            other,
        )
    scene.house.product.web.bus.wake("commands")
    body = {"queue_id": other, "client_id": client_id()}
    await scene.sonia.post(f"/api/work/{scene.work}/move", body)
    async with scene.house.product.db.connection() as conn:
        counted = await conn.fetchval(
            "select queue_id::text from interactions where case_id = $1", UUID(scene.case)
        )
    assert counted == other


async def test_the_history_names_who_noted_ended_and_resolved(scene: Scene) -> None:
    await scene.contact()
    note = {"client_id": client_id(), "body": "Ojo con la dirección."}
    await scene.sonia.post(f"/api/cases/{scene.case}/notes", note)
    await scene.ana.post(f"/api/cases/{scene.case}/dispose", await _resolve(scene))
    history = await scene.sonia.get(f"/api/cases/{scene.case}/history")
    by = {e["kind"]: e["payload"].get("agent") for e in history["events"]}
    assert by["case.note_added"] == "Sonia Vega"
    assert by["case.talk_ended"] == by["case.resolved"] == by["case.disposed"] == "Ana Torres"


async def test_a_long_first_message_names_the_case_by_whole_words(scene: Scene) -> None:
    guest = Guest(scene.house.product, scene.house.key)
    scene.guests.append(guest)
    text = "Compré una mesa de comedor la semana pasada y una de las patas llegó completamente rota"
    await guest.start(name="Iván Soto")
    await guest.open()
    await guest.say(text)
    case = await scene.ana.take()
    topic = scene.ana.screen.of("case")[case]["topic"]
    assert topic == "Compré una mesa de comedor la semana pasada y una de las patas llegó…"
