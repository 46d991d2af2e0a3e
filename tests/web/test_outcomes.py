"""An outcome saved first and resolved later keeps its data; a promise is for a day to come."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.product import client_id
from tests.web.acts import Scene

pytestmark = pytest.mark.asyncio(loop_scope="module")


def day(ahead: int) -> str:
    """A day by the company's clock."""
    return (datetime.now(ZoneInfo("America/Lima")) + timedelta(days=ahead)).date().isoformat()


GIVEN: dict[str, dict[str, Any]] = {
    "none": {"note": "sin más"},
    "note": {"note": "llamó por la entrega"},
    "date": {"note": "", "data": {"date": day(3)}},
    "amount": {"note": "", "data": {"amount": 12050}},
    "agreement": {"note": "en dos partes", "data": {"date": day(3), "amount": 500}},
}


async def _leaf(scene: Scene, requires: str, *flags: str) -> str:
    async with scene.house.product.db.connection() as conn:
        made: str = await conn.fetchval(
            "insert into dispositions (set_id, name, requires, flags, position)"
            " select k.disposition_set_id, 'Hoja ' || $2 || gen_random_uuid(), $2, $3, 99"
            " from queues q join campaigns k on k.id = q.campaign_id where q.id = $1::uuid"
            " returning id::text",
            scene.house.queue_id,
            requires,
            list(flags),
        )
    return made


async def _dispose(scene: Scene, status: int = 200, **body: object) -> dict[str, Any]:
    answer: dict[str, Any] = await scene.ana.post(
        f"/api/cases/{scene.case}/dispose", {"client_id": client_id(), **body}, status=status
    )
    return answer


async def _kept(scene: Scene) -> dict[str, Any]:
    state = (await scene.sonia.get(f"/api/cases/{scene.case}"))["state"]
    assert state["state"] == "resolved"
    return {k: state["disposition"][k] for k in ("note", "data")}


@pytest.mark.parametrize("requires", GIVEN)
async def test_resolving_later_keeps_what_was_saved(scene: Scene, requires: str) -> None:
    await scene.contact()
    leaf = await _leaf(scene, requires, "callback")
    given = GIVEN[requires]
    await _dispose(scene, disposition_id=leaf, resolve=False, **given)
    await _dispose(scene, disposition_id=leaf, resolve=True)
    assert await _kept(scene) == {"note": given["note"], "data": given.get("data", {})}


async def test_another_outcome_takes_nothing_of_the_saved_one(scene: Scene) -> None:
    await scene.contact()
    await _dispose(scene, disposition_id=await _leaf(scene, "note"), note="una", resolve=False)
    await _dispose(scene, disposition_id=await _leaf(scene, "none"), resolve=True)
    assert await _kept(scene) == {"note": "", "data": {}}


@pytest.mark.parametrize(("requires", "flags"), [("date", ["callback"]), ("agreement", [])])
async def test_a_promise_is_for_a_day_to_come(
    scene: Scene, requires: str, flags: list[str]
) -> None:
    await scene.contact()
    leaf = await _leaf(scene, requires, *flags)
    past = {"date": day(-1), "amount": 100}
    refused = await _dispose(scene, 422, disposition_id=leaf, data=past, resolve=True)
    assert refused["key"] == "disposition_date_past"
    await _dispose(scene, disposition_id=leaf, data={**past, "date": day(0)}, resolve=True)


async def test_what_has_happened_may_have_a_past_day(scene: Scene) -> None:
    await scene.contact()
    leaf = await _leaf(scene, "date", "contact")
    await _dispose(scene, disposition_id=leaf, data={"date": day(-9)}, resolve=True)
    assert (await _kept(scene))["data"] == {"date": day(-9)}
