"""The addresses of a customer: only what can be one is taken, and what was typed can go again."""

from typing import Any

import pytest
import pytest_asyncio

from tests.web.acts import Scene

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def scene(scene: Scene) -> Scene:
    """With a visitor in Ana's hands."""
    await scene.contact()
    return scene


async def _customer(scene: Scene) -> dict[str, Any]:
    case = (await scene.ana.get(f"/api/cases/{scene.case}"))["state"]
    found: dict[str, Any] = await scene.ana.get(f"/api/customers/{case['customer']['id']}")
    return found


async def _set(scene: Scene, *wanted: tuple[str, str], status: int = 200) -> dict[str, Any]:
    there = await _customer(scene)
    body = {
        "version": there["version"],
        "identities": [{"kind": kind, "value": value} for kind, value in wanted],
    }
    answer: dict[str, Any] = await scene.ana.call(
        "PATCH", f"/api/customers/{there['state']['id']}", body, status=status
    )
    return answer


async def _held(scene: Scene) -> list[str]:
    return [i["value"] for i in (await _customer(scene))["state"]["identities"]]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("email", "ana@"),
        ("email", "ana@tienda"),
        ("email", "a b@c.pe"),
        ("phone", "12345"),
        ("phone", "mañana"),
        ("phone", "12"),
        ("phone", "1234567890123456"),
        ("phone", "++51 999"),
    ],
)
async def test_what_is_no_address_is_refused_by_its_field(
    scene: Scene, kind: str, value: str
) -> None:
    refused = await _set(scene, (kind, value), status=422)
    assert refused["fields"] == {"identities": kind}
    assert await _held(scene) == []


async def test_addresses_come_and_go(scene: Scene) -> None:
    await _set(scene, ("email", "Luz@Tienda.pe"), ("phone", "(01) 555-0199"))
    assert await _held(scene) == ["luz@tienda.pe", "(01) 555-0199"]
    await _set(scene, ("phone", "(01) 555-0199"))
    assert await _held(scene) == ["(01) 555-0199"]


async def test_a_proved_address_stays(scene: Scene) -> None:
    await _set(scene, ("email", "luz2@tienda.pe"))
    async with scene.house.product.db.transaction() as conn:
        await conn.execute(
            "update identities set verified_at = now() where value = 'luz2@tienda.pe'"
        )
    refused = await _set(scene, status=409)
    assert refused["key"] == "identity_verified"
    assert await _held(scene) == ["luz2@tienda.pe"]


async def test_an_old_address_of_another_shape_does_not_bar_a_new_one(scene: Scene) -> None:
    async with scene.house.product.db.transaction() as conn:
        await conn.execute(
            "insert into identities (customer_id, kind, value, source) select customer_id,"
            " 'phone', 'casa', 'agent' from cases where id = $1::uuid",
            scene.case,
        )
    await _set(scene, ("phone", "casa"), ("phone", "999 888 777"))
    assert await _held(scene) == ["casa", "999 888 777"]
