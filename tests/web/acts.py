"""One act for each mutating route, played by Ana (agent), Sonia (supervisor) and a visitor.

tests/web/test_live_state.py compares the screens after each.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from tests.product import Guest, Person, client_id, person

if TYPE_CHECKING:
    from tests.web.conftest import House


class Scene:
    """Ana attends a visitor; Sonia, the supervisor, watches everything."""

    def __init__(self, house: House, ana: Person, sonia: Person, guest: Guest) -> None:
        self.house, self.ana, self.sonia, self.guest = house, ana, sonia, guest
        self.case = ""
        self.guests: list[Guest] = []

    async def visitor(self, name: str) -> None:
        self.guest = Guest(self.house.product, self.house.key)
        self.guests.append(self.guest)
        await self.guest.start(name=name, topic="Entrega")
        await self.guest.open()

    async def leave(self) -> None:
        """Nobody waits for the next test."""
        for guest in self.guests:
            await _end_chat(guest)

    async def contact(self) -> str:
        """A new visitor attended by Ana; returns the case."""
        await self.visitor("Luz Díaz")
        await self.guest.say("hola")
        self.case = await self.ana.take()
        await self.ana.load(self.case)
        await self.sonia.load(self.case)
        return self.case

    @property
    def conversation(self) -> str:
        return self.ana.conversation(self.case)

    @property
    def work(self) -> str:
        found: str = self.ana.screen.of("case")[self.case]["work"][0]["id"]
        return found

    async def offered(self) -> str:
        """A visitor whose offer waits at Ana; returns the work."""
        await self.visitor("Iván Soto")
        await self.guest.say("buenas")
        offer = await self.ana.until(lambda: self.ana.agent.get("offer"))
        self.case = offer["case_id"]
        work: str = offer["work_id"]
        return work

    async def leaf(self) -> str:
        reference = await self.ana.get("/api/reference")
        nodes = reference["disposition_sets"][0]["nodes"]
        parents = {n["parent_id"] for n in nodes}
        found: str = next(
            n["id"] for n in nodes if n["id"] not in parents and n["requires"] == "none"
        )
        return found


async def _end_chat(guest: Guest) -> None:
    await guest.send({"t": "end"})
    await guest.until(lambda: guest.state.get("phase") in ("ended", "none"))
    await guest.close()


Act = Callable[[Scene], Awaitable[Any]]
CASES: dict[str, Act] = {}


def act(route: str) -> Callable[[Act], Act]:
    def note(function: Act) -> Act:
        CASES[route] = function
        return function

    return note


@act("POST /api/presence")
async def presence(s: Scene) -> None:
    await s.ana.presence("paused", pause_code="lunch", after_work=True)
    await s.ana.presence("available")


@act("POST /api/offers/{work_id}/accept")
async def accept(s: Scene) -> None:
    await s.contact()


@act("POST /api/offers/{work_id}/reject")
async def reject(s: Scene) -> None:
    work = await s.offered()
    await s.ana.post(f"/api/offers/{work}/reject", {"client_id": client_id(), "reason": "ocupada"})


@act("PATCH /api/cases/{case_id}")
async def topic(s: Scene) -> None:
    await s.contact()
    await s.ana.call("PATCH", f"/api/cases/{s.case}", {"topic": "Reprogramar entrega"})


@act("POST /api/conversations/{conversation_id}/messages")
async def message(s: Scene) -> None:
    await s.contact()
    body = {"client_id": client_id(), "body": "¿En qué le ayudo?"}
    await s.ana.post(f"/api/conversations/{s.conversation}/messages", body)


@act("POST /api/conversations/{conversation_id}/read")
async def read(s: Scene) -> None:
    await s.contact()
    rev = max(m["rev"] for m in s.ana.screen.messages[s.case].values())
    await s.ana.post(f"/api/conversations/{s.conversation}/read", {"rev": rev})


@act("POST /api/cases/{case_id}/notes")
async def note(s: Scene) -> None:
    await s.contact()
    await s.ana.post(f"/api/cases/{s.case}/notes", {"client_id": client_id(), "body": "ojo"})


@act("POST /api/cases/{case_id}/transfer")
async def transfer(s: Scene) -> None:
    await s.contact()
    target = {"client_id": client_id(), "queue_id": s.house.queue_id, "note": "sigue"}
    await s.ana.post(f"/api/cases/{s.case}/transfer", target)


@act("POST /api/cases/{case_id}/end")
async def end(s: Scene) -> None:
    await s.contact()
    await s.ana.post(f"/api/cases/{s.case}/end", {"client_id": client_id()})


@act("POST /api/cases/{case_id}/extend-wrapup")
async def extend(s: Scene) -> None:
    await change_queue(s, wrapup_mode="timed", wrapup_s=60)
    await end(s)
    await s.ana.until(lambda: s.ana.agent["wrapping"] == 1)
    await s.ana.post(f"/api/cases/{s.case}/extend-wrapup", {"client_id": client_id()})


@act("POST /api/cases/{case_id}/dispose")
async def dispose(s: Scene) -> None:
    await s.contact()
    body = {"client_id": client_id(), "disposition_id": await s.leaf(), "resolve": True}
    await s.ana.post(f"/api/cases/{s.case}/dispose", body)


@act("POST /api/cases/{case_id}/pull")
async def pull(s: Scene) -> None:
    """A supervisor who is an agent takes waiting work; here the refusal must change nothing."""
    await s.offered()
    await s.sonia.post(f"/api/cases/{s.case}/pull", {"client_id": client_id()}, status=409)


@act("PATCH /api/customers/{customer_id}")
async def customer(s: Scene) -> None:
    await s.contact()
    customer = s.ana.screen.of("case")[s.case]["customer"]["id"]
    version = (await s.ana.get(f"/api/customers/{customer}"))["version"]
    body = {"version": version, "name": "Luz María Díaz", "tier": "vip"}
    await s.ana.call("PATCH", f"/api/customers/{customer}", body)


@act("POST /api/agents/{agent_id}/presence")
async def force(s: Scene) -> None:
    await s.contact()
    body = {"presence": "offline", "reason": "cambio de turno", "client_id": client_id()}
    await s.sonia.post(f"/api/agents/{s.house.people['ana@nogal.example']}/presence", body)
    await s.ana.presence("available")


@act("POST /api/work/{work_id}/move")
async def move(s: Scene) -> None:
    await s.contact()
    body = {"queue_id": s.house.queue_id, "client_id": client_id()}
    await s.sonia.post(f"/api/work/{s.work}/move", body)


@act("POST /api/logout")
async def logout(s: Scene) -> None:
    async with person(s.house.product, "beto@nogal.example") as beto:
        await beto.open()
        await beto.presence("available")
        await beto.post("/api/logout")


@act("POST /api/agents/{agent_id}/logout")
async def log_out(s: Scene) -> None:
    async with person(s.house.product, "beto@nogal.example") as beto:
        await beto.open()
        await beto.presence("available")
        path = f"/api/agents/{s.house.people['beto@nogal.example']}/logout"
        await s.sonia.post(path, {"reason": "fin de turno", "client_id": client_id()})
        agents = s.sonia.screen
        who = s.house.people["beto@nogal.example"]
        await s.sonia.until(lambda: agents.of("agent")[who]["presence"] == "offline")


@act("PATCH /api/admin/queues/{id}")
async def queue(s: Scene) -> None:
    await change_queue(s, sl_goal_pct=85, wrapup_mode="mandatory")
    await change_queue(s, sl_goal_pct=80)


async def change_queue(s: Scene, **values: Any) -> None:
    async with person(s.house.product, "rosa@nogal.example") as rosa:
        queues = (await rosa.get("/api/admin/queues"))["items"]
        queue = next(q for q in queues if q["id"] == s.house.queue_id)
        path = f"/api/admin/queues/{queue['id']}"
        await rosa.call("PATCH", path, {"version": queue["version"], **values})


@act("PATCH /api/admin/users/{id}")
async def user(s: Scene) -> None:
    async with person(s.house.product, "rosa@nogal.example") as rosa:
        users = (await rosa.get("/api/admin/users"))["items"]
        ana = next(u for u in users if u["email"] == "ana@nogal.example")
        name = "Ana Torres Paz" if ana["name"] == "Ana Torres" else "Ana Torres"
        body = {"version": ana["version"], "name": name}
        await rosa.call("PATCH", f"/api/admin/users/{ana['id']}", body)


@act("visitor: message, read mark, end")
async def visitor(s: Scene) -> None:
    await s.contact()
    await s.guest.say("una pregunta más")
    await s.guest.send({"t": "read", "rev": s.guest.rev})
    await s.guest.send({"t": "end"})
    await s.guest.until(lambda: s.guest.state.get("phase") == "ended")


@act("visitor: leaves while waiting")
async def abandon(s: Scene) -> None:
    await s.offered()
    await s.guest.send({"t": "end"})
    await s.guest.until(lambda: s.guest.state.get("phase") == "ended")
