"""Two at once: whoever comes second is told so, and nothing has two owners."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.chaos.parts import column, findings, value
from tests.product import Guest, Person, Product, client_id, found, person, running

ROUNDS = 6


@dataclass
class House:
    """Ana and Beto attend, Sonia supervises."""

    product: Product
    key: str
    queue: str
    ana: Person
    beto: Person
    sonia: Person
    dsn: str

    async def visitor(self, says: str = "hola") -> Guest:
        self.product.app.state.starts.clear()
        guest = Guest(self.product, self.key)
        await guest.start(name="Luz Díaz")
        await guest.open()
        await guest.say(says)
        return guest

    async def offered(self) -> tuple[Guest, str, str]:
        """A visitor whose offer waits at Ana: (guest, work, case)."""
        guest = await self.visitor()
        offer = await self.ana.until(lambda: self.ana.agent.get("offer"))
        return guest, offer["work_id"], offer["case_id"]

    async def leaf(self) -> str:
        nodes = (await self.ana.get("/api/reference"))["disposition_sets"][0]["nodes"]
        parents = {n["parent_id"] for n in nodes}
        found_: str = next(
            n["id"] for n in nodes if n["id"] not in parents and n["requires"] == "none"
        )
        return found_


@asynccontextmanager
async def open_house(dsn: str, folder: Path) -> AsyncIterator[House]:
    async with running(dsn, folder) as product:
        made = await found(product)
        async with (
            person(product, "ana@nogal.example") as ana,
            person(product, "beto@nogal.example") as beto,
            person(product, "sonia@nogal.example") as sonia,
        ):
            await ana.open()
            await beto.open()
            await ana.presence("available")
            yield House(product, made["key"], made["queue_id"], ana, beto, sonia, dsn)
    assert await findings(dsn) == []


def over(guest: Guest) -> Callable[[], bool]:
    return lambda: guest.state.get("phase") in ("ended", "none")


def heard(guest: Guest, *texts: str) -> Callable[[], bool]:
    return lambda: all(guest.heard(text) for text in texts)


async def both(*calls: tuple[Person, str, dict[str, Any]]) -> list[httpx.Response]:
    return await asyncio.gather(*(p.http.post(path, json=body) for p, path, body in calls))


def statuses(answers: list[httpx.Response]) -> list[int]:
    return sorted(a.status_code for a in answers)


async def owners(dsn: str, case: str) -> int:
    sql = "select count(*) from assignments where case_id = $1 and state in ('active', 'held')"
    return int(str(await value(dsn, sql, case)))


async def test_of_two_agents_who_accept_the_same_offer_one_has_it(
    database: str, place: Path
) -> None:
    async with open_house(database, place) as h:
        _, work, case = await h.offered()
        path = f"/api/offers/{work}/accept"
        answers = await both(
            (h.ana, path, {"client_id": client_id()}), (h.beto, path, {"client_id": client_id()})
        )
        assert statuses(answers) == [200, 409]
        assert answers[0].status_code == 200
        assert await owners(database, case) == 1


@pytest.mark.parametrize("same", [True, False], ids=["same id", "other id"])
async def test_a_double_click_on_accept_accepts_once(
    database: str, place: Path, same: bool
) -> None:
    async with open_house(database, place) as h:
        _, work, case = await h.offered()
        path, one = f"/api/offers/{work}/accept", client_id()
        other = one if same else client_id()
        answers = await both((h.ana, path, {"client_id": one}), (h.ana, path, {"client_id": other}))
        assert statuses(answers) == ([200, 200] if same else [200, 409])
        assert await owners(database, case) == 1
        accepted = "select count(*) from offers where state = 'accepted'"
        assert await value(database, accepted) == 1


@pytest.mark.parametrize("same", [True, False], ids=["same id", "other id"])
async def test_a_double_click_on_the_outcome_records_it_once(
    database: str, place: Path, same: bool
) -> None:
    async with open_house(database, place) as h:
        await h.offered()
        case = await h.ana.take()
        leaf, one = await h.leaf(), client_id()
        bodies = [
            {"client_id": made, "disposition_id": leaf, "resolve": True}
            for made in (one, one if same else client_id())
        ]
        path = f"/api/cases/{case}/dispose"
        answers = await both(*((h.ana, path, body) for body in bodies))
        assert statuses(answers) in ([200, 200], *([] if same else [[200, 404]]))
        kinds = "select kind from events where kind in ('case.disposed', 'case.resolved')"
        assert sorted(map(str, await column(database, kinds))) == ["case.disposed", "case.resolved"]
        await h.ana.until(lambda: h.ana.agent["active"] == 0)


@pytest.mark.parametrize("same", [True, False], ids=["same id", "other id"])
async def test_a_double_click_on_transfer_moves_it_once(
    database: str, place: Path, same: bool
) -> None:
    async with open_house(database, place) as h:
        await h.offered()
        case = await h.ana.take()
        one = client_id()
        path = f"/api/cases/{case}/transfer"
        answers = await both(
            *(
                (h.ana, path, {"client_id": made, "queue_id": h.queue, "note": "sigue"})
                for made in (one, one if same else client_id())
            )
        )
        assert set(statuses(answers)) <= ({200} if same else {200, 404, 409}), [
            a.text for a in answers
        ]
        assert 200 in statuses(answers)
        assert await owners(database, case) == 0
        moved = "select count(*) from events where kind = 'work.requeued'"
        assert await value(database, moved) == 1
        notes = await value(database, "select count(*) from messages where direction = 'note'")
        assert notes == 1 or not same


async def test_the_customer_leaves_while_the_agent_accepts(database: str, place: Path) -> None:
    """In either order one story is told: attended and ended, or abandoned and closed."""
    async with open_house(database, place) as h:
        for n in range(ROUNDS):
            guest, work, case = await h.offered()
            accept = h.ana.http.post(f"/api/offers/{work}/accept", json={"client_id": client_id()})
            leave = guest.send({"t": "end"})
            first, second = (accept, leave) if n % 2 else (leave, accept)
            await asyncio.gather(first, second)
            await guest.until(over(guest))
            await settled(database)
            assert await findings(database) == []
            if await owners(database, case) or await value(
                database, "select count(*) from assignments where state = 'wrapping'"
            ):
                body = {"client_id": client_id(), "disposition_id": await h.leaf(), "resolve": True}
                await h.ana.post(f"/api/cases/{case}/dispose", body)
            await settled(database)
            await h.ana.until(lambda: not h.ana.agent.get("offer") and not h.ana.agent["wrapping"])
            assert await owners(database, case) == 0
            await guest.close()


async def settled(dsn: str) -> None:
    """The router has answered every command."""
    for _ in range(200):
        if await value(dsn, "select count(*) from commands where result is null") == 0:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("commands wait")


async def test_first_messages_from_two_tabs_are_one_episode(database: str, place: Path) -> None:
    async with open_house(database, place) as h:
        for n in range(ROUNDS):
            h.product.app.state.starts.clear()
            one = Guest(h.product, h.key)
            await one.start(name="Luz Díaz")
            two = Guest(h.product, h.key, token=one.token)
            await asyncio.gather(one.open(), two.open())
            told = await asyncio.gather(one.say(f"uno {n}"), two.say(f"dos {n}"))
            assert [t["t"] for t in told] == ["ack", "ack"]
            sql = "select count(*) from interactions i join conversations v"
            sql += " on v.id = i.conversation_id where v.id = $1"
            assert await value(database, sql, one.conversation) == 1
            await one.until(heard(one, f"uno {n}", f"dos {n}"))
            await one.send({"t": "end"})
            await one.until(over(one))
            await one.close()
            await two.close()
        await settled(database)


async def test_two_supervisors_move_the_same_work_to_two_agents(database: str, place: Path) -> None:
    async with open_house(database, place) as h:
        _, work, case = await h.offered()
        await h.beto.presence("paused", pause_code="lunch")
        path = f"/api/work/{work}/move"
        answers = await both(
            *(
                (h.sonia, path, {"client_id": client_id(), "agent_id": p.me["user"]["id"]})
                for p in (h.ana, h.beto)
            )
        )
        assert 200 in statuses(answers)
        await settled(database)
        assert await owners(database, case) == 1


async def test_an_account_disabled_while_attending_gives_the_work_back(
    database: str, place: Path
) -> None:
    async with open_house(database, place) as h:
        await h.offered()
        case = await h.ana.take()
        path = f"/api/conversations/{h.ana.conversation(case)}/messages"
        async with person(h.product, "rosa@nogal.example") as rosa:
            users = (await rosa.get("/api/admin/users"))["items"]
            ana = next(u["id"] for u in users if u["email"] == "ana@nogal.example")
            writing = h.ana.http.post(path, json={"client_id": client_id(), "body": "un momento"})
            disable = rosa.http.post(f"/api/admin/users/{ana}/disable", json={})
            wrote, disabled = await asyncio.gather(writing, disable)
        assert disabled.status_code == 200
        assert wrote.status_code in (200, 401, 404, 409)
        await settled(database)
        assert await owners(database, case) == 0
        state = "select state from work_items where case_id = $1"
        assert await value(database, state, case) in ("queued", "offered")
        await h.beto.presence("available")
        assert await h.beto.take() == case
        said = await h.ana.http.post(path, json={"client_id": client_id(), "body": "¿sigo?"})
        assert said.status_code == 401
