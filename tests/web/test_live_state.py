"""`state + events == fresh state`: what a screen holds after an act is what it would load anew.

Every mutating route has a case here or stands in NOT_LIVE with the reason; a new route without
either fails. The negative control drops one kind of event at a time, and each must be noticed.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio

from atiende.store import Change
from atiende.web.push import Push
from atiende.web.routes import ROUTES
from tests.product import Guest, Person, Screen, client_id, person
from tests.web.conftest import House

SAFE = {"GET"}
#: Routes whose change no screen holds live, and why.
NOT_LIVE = {
    "POST /api/login": "a session is not an entity",
    "POST /api/links/open": "reads a link",
    "POST /api/links/use": "makes an account or a session",
    "POST /api/me/password": "changes a secret",
    "PUT /api/cases/{case_id}/drafts/{mode}": "a draft is its writer's own, by revision",
    "POST /api/conversations/{conversation_id}/typing": "ephemeral, kept nowhere",
    "POST /api/uploads": "a file is seen with its message",
}
#: Administration changes the lists of /api/reference, which screens load anew; the rows of it that
#: are live entities (queues, agents) have their cases below.
LISTS = ("/api/admin/", "/api/setup/", "/api/me")
LIVE_ADMIN = {"PATCH /api/admin/queues/{id}", "PATCH /api/admin/users/{id}"}


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
async def _presence(s: Scene) -> None:
    await s.ana.presence("paused", pause_code="lunch", after_work=True)
    await s.ana.presence("available")


@act("POST /api/offers/{work_id}/accept")
async def _accept(s: Scene) -> None:
    await s.contact()


@act("POST /api/offers/{work_id}/reject")
async def _reject(s: Scene) -> None:
    work = await s.offered()
    await s.ana.post(f"/api/offers/{work}/reject", {"client_id": client_id(), "reason": "ocupada"})


@act("PATCH /api/cases/{case_id}")
async def _topic(s: Scene) -> None:
    await s.contact()
    await s.ana.call("PATCH", f"/api/cases/{s.case}", {"topic": "Reprogramar entrega"})


@act("POST /api/conversations/{conversation_id}/messages")
async def _message(s: Scene) -> None:
    await s.contact()
    body = {"client_id": client_id(), "body": "¿En qué le ayudo?"}
    await s.ana.post(f"/api/conversations/{s.conversation}/messages", body)


@act("POST /api/conversations/{conversation_id}/read")
async def _read(s: Scene) -> None:
    await s.contact()
    rev = max(m["rev"] for m in s.ana.screen.messages[s.case].values())
    await s.ana.post(f"/api/conversations/{s.conversation}/read", {"rev": rev})


@act("POST /api/cases/{case_id}/notes")
async def _note(s: Scene) -> None:
    await s.contact()
    await s.ana.post(f"/api/cases/{s.case}/notes", {"client_id": client_id(), "body": "ojo"})


@act("POST /api/cases/{case_id}/transfer")
async def _transfer(s: Scene) -> None:
    await s.contact()
    target = {"client_id": client_id(), "queue_id": s.house.queue_id, "note": "sigue"}
    await s.ana.post(f"/api/cases/{s.case}/transfer", target)


@act("POST /api/cases/{case_id}/end")
async def _end(s: Scene) -> None:
    await s.contact()
    await s.ana.post(f"/api/cases/{s.case}/end", {"client_id": client_id()})


@act("POST /api/cases/{case_id}/extend-wrapup")
async def _extend(s: Scene) -> None:
    await _change_queue(s, wrapup_mode="timed", wrapup_s=60)
    await _end(s)
    await s.ana.until(lambda: s.ana.agent["wrapping"] == 1)
    await s.ana.post(f"/api/cases/{s.case}/extend-wrapup", {"client_id": client_id()})


@act("POST /api/cases/{case_id}/dispose")
async def _dispose(s: Scene) -> None:
    await s.contact()
    body = {"client_id": client_id(), "disposition_id": await s.leaf(), "resolve": True}
    await s.ana.post(f"/api/cases/{s.case}/dispose", body)


@act("POST /api/cases/{case_id}/pull")
async def _pull(s: Scene) -> None:
    """A supervisor who is an agent takes waiting work; here the refusal must change nothing."""
    await s.offered()
    await s.sonia.post(f"/api/cases/{s.case}/pull", {"client_id": client_id()}, status=409)


@act("PATCH /api/customers/{customer_id}")
async def _customer(s: Scene) -> None:
    await s.contact()
    customer = s.ana.screen.of("case")[s.case]["customer"]["id"]
    version = (await s.ana.get(f"/api/customers/{customer}"))["version"]
    body = {"version": version, "name": "Luz María Díaz", "tier": "vip"}
    await s.ana.call("PATCH", f"/api/customers/{customer}", body)


@act("POST /api/agents/{agent_id}/presence")
async def _force(s: Scene) -> None:
    await s.contact()
    body = {"presence": "offline", "reason": "cambio de turno", "client_id": client_id()}
    await s.sonia.post(f"/api/agents/{s.house.people['ana@nogal.example']}/presence", body)
    await s.ana.presence("available")


@act("POST /api/work/{work_id}/move")
async def _move(s: Scene) -> None:
    await s.contact()
    body = {"queue_id": s.house.queue_id, "client_id": client_id()}
    await s.sonia.post(f"/api/work/{s.work}/move", body)


@act("POST /api/logout")
async def _logout(s: Scene) -> None:
    async with person(s.house.product, "beto@nogal.example") as beto:
        await beto.open()
        await beto.presence("available")
        await beto.post("/api/logout")


@act("POST /api/agents/{agent_id}/logout")
async def _log_out(s: Scene) -> None:
    async with person(s.house.product, "beto@nogal.example") as beto:
        await beto.open()
        await beto.presence("available")
        path = f"/api/agents/{s.house.people['beto@nogal.example']}/logout"
        await s.sonia.post(path, {"reason": "fin de turno"})
        agents = s.sonia.screen
        who = s.house.people["beto@nogal.example"]
        await s.sonia.until(lambda: agents.of("agent")[who]["presence"] == "offline")


@act("PATCH /api/admin/queues/{id}")
async def _queue(s: Scene) -> None:
    await _change_queue(s, sl_goal_pct=85, wrapup_mode="mandatory")
    await _change_queue(s, sl_goal_pct=80)


async def _change_queue(s: Scene, **values: Any) -> None:
    async with person(s.house.product, "rosa@nogal.example") as rosa:
        queues = (await rosa.get("/api/admin/queues"))["items"]
        queue = next(q for q in queues if q["id"] == s.house.queue_id)
        path = f"/api/admin/queues/{queue['id']}"
        await rosa.call("PATCH", path, {"version": queue["version"], **values})


@act("PATCH /api/admin/users/{id}")
async def _user(s: Scene) -> None:
    async with person(s.house.product, "rosa@nogal.example") as rosa:
        users = (await rosa.get("/api/admin/users"))["items"]
        ana = next(u for u in users if u["email"] == "ana@nogal.example")
        name = "Ana Torres Paz" if ana["name"] == "Ana Torres" else "Ana Torres"
        body = {"version": ana["version"], "name": name}
        await rosa.call("PATCH", f"/api/admin/users/{ana['id']}", body)


@act("visitor: message, read mark, end")
async def _visitor(s: Scene) -> None:
    await s.contact()
    await s.guest.say("una pregunta más")
    await s.guest.send({"t": "read", "rev": s.guest.rev})
    await s.guest.send({"t": "end"})
    await s.guest.until(lambda: s.guest.state.get("phase") == "ended")


@act("visitor: leaves while waiting")
async def _abandon(s: Scene) -> None:
    await s.offered()
    await s.guest.send({"t": "end"})
    await s.guest.until(lambda: s.guest.state.get("phase") == "ended")


def mutating() -> set[str]:
    return {f"{m} {p}" for m, p, _, _ in ROUTES if m not in SAFE}


def test_every_mutating_route_has_a_case_or_a_reason() -> None:
    lists = {r for r in mutating() if r.split(" ")[1].startswith(LISTS)} - LIVE_ADMIN
    missing = mutating() - set(CASES) - set(NOT_LIVE) - lists
    assert missing == set()


@pytest_asyncio.fixture(loop_scope="module")
async def scene(house: House) -> Any:
    async with (
        person(house.product, "ana@nogal.example") as ana,
        person(house.product, "sonia@nogal.example") as sonia,
    ):
        house.product.app.state.starts.clear()
        await ana.open()
        await sonia.open()
        await ana.presence("available")
        made = Scene(house, ana, sonia, Guest(house.product, house.key))
        yield made
        await ana.presence("offline")
        await made.leave()


async def fresh(someone: Person) -> Screen:
    """What a screen opened now would hold."""
    async with person(someone.product, someone.me["user"]["email"]) as again:
        await again.open()
        for case in someone.screen.messages:
            if case in again.screen.of("case"):
                await again.load(case)
        return again.screen


def view(screen: Screen, expected: Screen, whole: bool) -> dict[str, Any]:
    """What is compared: every entity and every opened timeline. A supervisor goes on holding the
    cases that were resolved before his eyes, which a fresh screen does not bring (`whole`)."""
    entities = {
        f"{t} {i}": state
        for (t, i), (_, state) in screen.entities.items()
        if (t, i) in expected.entities or t != "case" or whole
    }
    messages = {
        case: sorted((m["id"], m["case_rev"], m["body"]) for m in found.values())
        for case, found in screen.messages.items()
        if case in expected.messages
    }
    return {**entities, "messages": messages}


def _differences(mine: dict[str, Any], wanted: dict[str, Any]) -> list[str]:
    found = []
    for name in sorted({*mine, *wanted}):
        left, right = mine.get(name), wanted.get(name)
        if left is None or right is None:
            found += (
                [] if left == right else [f"{name} is {'missing' if left is None else 'extra'}"]
            )
            continue
        found += [
            f"{name} {part}: {left.get(part)} != {right.get(part)}"
            for part in sorted({*left, *right})
            if left.get(part) != right.get(part)
        ]
    return found


async def differs(someone: Person, seconds: float = 4) -> list[str]:
    """Where the screen differs from a fresh one; looked at again while events travel."""
    whole = "floor.watch" not in someone.me["permissions"]
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while True:
        expected = await fresh(someone)
        found = _differences(view(someone.screen, expected, whole), view(expected, expected, whole))
        if not found or loop.time() > end:
            return found
        await asyncio.sleep(0.1)


@pytest.mark.parametrize("route", sorted(CASES))
async def test_the_screen_equals_a_fresh_one_after(route: str, scene: Scene) -> None:
    await CASES[route](scene)
    assert await differs(scene.ana) == []
    assert await differs(scene.sonia) == []
    assert scene.ana.screen.gaps == scene.sonia.screen.gaps == 0


async def test_doubled_and_reordered_frames_leave_the_same_screen(scene: Scene) -> None:
    await _dispose(scene)
    await _visitor(scene)
    assert await differs(scene.sonia) == []
    frames = [f for f in scene.sonia.frames if f["t"] in ("snapshot", "events")]
    draw = random.Random(7)
    events = [f for f in frames if f["t"] == "events" and not any(e.get("gone") for e in f["e"])]
    shaken = [*events, *events]
    draw.shuffle(shaken)
    screen = Screen()
    for frame in [*frames, *shaken]:
        screen.apply(frame)
    expected = {k: v for k, v in scene.sonia.screen.entities.items() if k[0] in ("case", "agent")}
    held = {k: v for k, v in screen.entities.items() if k in expected}
    assert held == expected


async def test_a_screen_that_was_cut_off_catches_up_by_the_versions_it_held(scene: Scene) -> None:
    case = await scene.contact()
    held = scene.ana.screen
    await scene.ana.close()
    await scene.guest.say("¿sigue ahí?")
    await scene.guest.say("hola de nuevo")
    scene.ana.screen = held
    await scene.ana.open(held=True, watch=(case,))
    assert await differs(scene.ana) == []
    bodies = {m["body"] for m in held.messages[case].values()}
    assert {"¿sigue ahí?", "hola de nuevo"} <= bodies
    snapshot = scene.ana.frames[0]
    assert snapshot["held"] is True
    assert all(e["topic"] in ("case", "customer", "work", "agent") for e in snapshot["e"])


async def _pause(s: Scene) -> None:
    await s.ana.presence("paused", pause_code="lunch")


KINDS = {
    "case.message_sent": _message,
    "case.note_added": _note,
    "case.topic_set": _topic,
    "case.disposed": _dispose,
    "agent.presence": _pause,
    "customer.updated": _customer,
}


@pytest.mark.parametrize("kind", sorted(KINDS))
async def test_a_kind_of_event_that_is_never_pushed_is_noticed(
    kind: str, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: with the kind's entity dropped, the proof above must fail."""
    topic = kind.split(".", maxsplit=1)[0]
    heard = Push.heard

    def deaf(push: Push, changes: list[Change]) -> None:
        heard(push, [c for c in changes if c.topic != topic])

    push = scene.house.product.app.state.push
    await scene.contact()
    listeners = scene.house.product.web.bus._listeners["changes"]
    listeners[:] = [lambda changes: deaf(push, changes)]
    monkeypatch.setattr(push, "_note", lambda key, first, last: _note_but(push, topic, key, last))
    try:
        await KINDS[kind](_Still(scene))
        assert await differs(scene.ana, 1.5) != []
    finally:
        monkeypatch.undo()
        listeners[:] = [push.heard]


def _note_but(push: Push, topic: str, key: tuple[str, Any], last: int) -> None:
    if key[0] != topic:
        Push._note(push, key, last, last)


class _Still(Scene):
    """The same scene, whose contact is already there."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene.house, scene.ana, scene.sonia, scene.guest)
        self.case = scene.case

    async def contact(self) -> str:
        return self.case
