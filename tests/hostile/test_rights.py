"""Rights that somebody tries to make grow, and rights taken away."""

import httpx

from tests.hostile.attack import (
    ROSA,
    SONIA,
    Attended,
)
from tests.hostile.conftest import House
from tests.product import PASSWORD, Frame, Person, browser, client_id, person


async def join(house: House, rosa: Person, email: str, roles: list[Frame], **more: object) -> str:
    """A new person who has used the invitation; returns the id."""
    body = {"email": email, "name": email.split("@", maxsplit=1)[0], "roles": roles, **more}
    made = await rosa.post("/api/admin/users", body)
    link = await rosa.post(f"/api/admin/users/{made['id']}/link", {"purpose": "invite"})
    async with browser(house.product) as http:
        token = link["url"].rsplit("/", 1)[1]
        used = await http.post("/api/links/use", json={"token": token, "password": PASSWORD})
        assert used.status_code == 200, used.text
    found: str = made["id"]
    return found


async def role(rosa: Person, code: str) -> str:
    roles = (await rosa.get("/api/admin/roles"))["items"]
    found: str = next(r["id"] for r in roles if r["code"] == code)
    return found


async def manager(house: House, rosa: Person, *permissions: str) -> Person:
    """Somebody who may manage people, and little else, over everything."""
    code = f"m{client_id()[:8].replace('-', '')}"
    made = await rosa.post(
        "/api/admin/roles", {"code": code, "name": code, "permissions": list(permissions)}
    )
    email = f"{code}@nogal.example"
    given = [{"role_id": made["id"], "scope": "all"}]
    await join(house, rosa, email, given)
    async with browser(house.product) as http:
        answer = await http.post("/api/login", json={"email": email, "password": PASSWORD})
    fresh = httpx.AsyncClient(
        base_url=house.product.base,
        headers={"X-Atiende": "1", "Origin": house.product.base},
        cookies=answer.cookies,
    )
    return Person(house.product, fresh, me=answer.json())


async def test_nobody_gives_more_than_he_holds(house: House) -> None:
    async with person(house.product, ROSA) as rosa:
        boss_role = await role(rosa, "administrator")
        some = await manager(house, rosa, "users.manage", "roles.manage", "company.manage")
        users = {u["email"]: u for u in (await some.get("/api/admin/users"))["items"]}
        mine = users[str(some.me["user"]["email"])]
        own_role = mine["roles"][0]["role_id"]
        roles = {r["id"]: r for r in (await some.get("/api/admin/roles"))["items"]}
        admin = [{"role_id": boss_role, "scope": "all"}]
        tries: list[tuple[str, str, Frame]] = [
            (
                "PATCH",
                f"/api/admin/users/{mine['id']}",
                {"version": mine["version"], "roles": admin},
            ),
            ("POST", "/api/admin/users", {"email": "n@n.example", "name": "N", "roles": admin}),
            ("POST", f"/api/admin/users/{users[ROSA]['id']}/link", {"purpose": "reset"}),
            ("POST", f"/api/admin/users/{users[ROSA]['id']}/disable", {}),
            (
                "PATCH",
                f"/api/admin/users/{users[ROSA]['id']}",
                {"version": users[ROSA]["version"], "email": "mia@n.example"},
            ),
            (
                "PATCH",
                f"/api/admin/roles/{own_role}",
                {"version": roles[own_role]["version"], "permissions": ["audit.read"]},
            ),
            (
                "POST",
                "/api/admin/roles",
                {"code": "x2", "name": "X", "permissions": ["audit.read"]},
            ),
            (
                "PATCH",
                f"/api/admin/roles/{boss_role}",
                {"version": roles[boss_role]["version"], "permissions": []},
            ),
            ("POST", "/api/setup/queue", {"name": "Q", "tz": "America/Lima", "weekly": {}}),
            ("POST", "/api/setup/channel", {"channel": "webchat", "name": "C"}),
        ]
        for method, path, body in tries:
            answer = await some.http.request(method, path, json=body)
            assert answer.status_code in (403, 409), (method, path, answer.text)
        await some.http.aclose()


async def test_a_queue_joined_brings_no_right_that_its_giver_lacks(house: House) -> None:
    """A role over "one's own queues" grows with the queues: who gives them must hold it there."""
    async with person(house.product, ROSA) as rosa:
        made = await rosa.post(
            "/api/admin/roles", {"code": "lector", "name": "L", "permissions": ["cases.read"]}
        )
        some = await manager(house, rosa, "users.manage")
        users = (await rosa.get("/api/admin/users"))["items"]
        mine = next(u for u in users if u["id"] == some.me["user"]["id"])
        profile = (await rosa.get("/api/admin/routing-profiles"))["items"][0]["id"]
        agent = {"routing_profile_id": profile, "queues": [house.queue_id], "skills": []}
        roles = [{k: r[k] for k in ("role_id", "scope", "scope_ids")} for r in mine["roles"]] + [
            {"role_id": made["id"], "scope": "queues"}
        ]
        body = {"version": mine["version"], "roles": roles, "agent": agent}
        path = f"/api/admin/users/{mine['id']}"
        assert (await some.http.patch(path, json=body)).status_code == 403
        await some.http.aclose()


async def test_the_last_administrator_stays(house: House) -> None:
    async with person(house.product, ROSA) as rosa:
        users = (await rosa.get("/api/admin/users"))["items"]
        me = next(u for u in users if u["email"] == ROSA)
        path = f"/api/admin/users/{me['id']}"
        answer = await rosa.http.patch(path, json={"version": me["version"], "roles": []})
        assert (answer.status_code, answer.json()["key"]) == (409, "last_administrator")
        assert (await rosa.http.post(f"{path}/disable", json={})).status_code == 409


async def test_an_old_version_changes_nothing(house: House) -> None:
    async with person(house.product, ROSA) as rosa:
        queue = next(
            q for q in (await rosa.get("/api/admin/queues"))["items"] if q["id"] == house.queue_id
        )
        for version in (queue["version"] - 1, queue["version"] + 1, 0, -1, 2**63):
            body = {"version": version, "name": "Robada"}
            answer = await rosa.http.patch(f"/api/admin/queues/{house.queue_id}", json=body)
            assert answer.status_code == 409, (version, answer.text)


async def test_search_by_customer_needs_the_right_over_everybody(
    house: House, attended: Attended
) -> None:
    async with person(house.product, ROSA) as rosa:
        some = await manager(house, rosa, "cases.read")
        answer = await some.get("/api/search?q=Eva")
        assert answer["customers"] == []
        await some.http.aclose()
    assert (await attended.ana.get("/api/search?q=Eva"))["customers"]


async def test_a_role_taken_closes_what_it_opened_at_once(house: House, attended: Attended) -> None:
    """An open socket must not go on seeing what its person may see no more."""
    async with person(house.product, ROSA) as rosa, person(house.product, SONIA) as sonia:
        await sonia.open()
        await sonia.until(lambda: attended.case in sonia.screen.of("case"))
        users = (await rosa.get("/api/admin/users"))["items"]
        her = next(u for u in users if u["email"] == SONIA)
        path = f"/api/admin/users/{her['id']}"
        kept = [{k: r[k] for k in ("role_id", "scope", "scope_ids")} for r in her["roles"]]
        changed = await rosa.call("PATCH", path, {"version": her["version"], "roles": []})
        assert (await sonia.http.get(f"/api/cases/{attended.case}")).status_code == 403
        await sonia.until(lambda: any(f["t"] == "bye" for f in sonia.frames), 10)
        await rosa.call("PATCH", path, {"version": changed["version"], "roles": kept})
