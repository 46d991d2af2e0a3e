"""What is handed on says to whom; what an agent leaves behind is where the guide says."""

from typing import Any

import pytest

from tests.product import client_id, person
from tests.web.acts import Scene, change_queue

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def _lines(scene: Scene) -> list[dict[str, Any]]:
    page = await scene.sonia.get(f"/api/cases/{scene.case}/timeline")
    return [m["data"] for m in page["messages"] if m["direction"] == "system"]


async def test_a_transfer_to_a_person_names_that_person(scene: Scene) -> None:
    async with person(scene.house.product, "beto@nogal.example") as beto:
        await beto.open()
        await scene.contact()
        await beto.presence("available")
        target = {"client_id": client_id(), "agent_id": beto.me["user"]["id"]}
        await scene.ana.post(f"/api/cases/{scene.case}/transfer", target)
        await scene.sonia.until(
            lambda: not scene.sonia.screen.of("case")[scene.case]["assignments"]
        )
        line = next(d for d in await _lines(scene) if d["event"] == "transferred")
        assert line["to"] == "Beto Ruiz"
        await beto.presence("offline")


async def test_a_transfer_to_a_queue_names_the_queue_alone(scene: Scene) -> None:
    await scene.contact()
    target = {"client_id": client_id(), "queue_id": scene.house.queue_id}
    await scene.ana.post(f"/api/cases/{scene.case}/transfer", target)
    line = next(d for d in await _lines(scene) if d["event"] == "transferred")
    assert (line["queue"], "to" in line) == ("Ventas", False)


async def test_what_is_to_be_disposed_waits_for_whoever_left(scene: Scene) -> None:
    await change_queue(scene, wrapup_mode="mandatory", wrapup_s=None)
    await scene.contact()
    await scene.ana.post(f"/api/cases/{scene.case}/end", {"client_id": client_id()})
    await scene.ana.until(lambda: scene.ana.agent["wrapping"] == 1)
    await scene.ana.presence("offline")
    state = (await scene.ana.get(f"/api/cases/{scene.case}"))["state"]
    assert (state["state"], state["disposition"]) == ("resolved", None)
    assert state["owner"]["id"] == scene.ana.me["user"]["id"]
