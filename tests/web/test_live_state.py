"""`state + events == fresh state`: what a screen holds after an act is what it would load anew.

Every mutating route has a case here or stands in NOT_LIVE with the reason; a new route without
either fails. The negative control drops one kind of event at a time, and each must be noticed.
"""

import asyncio
import random
from typing import Any

import pytest

from atiende.store import Change
from atiende.web.push import Push
from atiende.web.routes import ROUTES
from tests.product import Person, Screen, person
from tests.web import acts
from tests.web.acts import CASES, Scene

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
    "POST /api/phone": "a phone is its page's own",
    "POST /api/calls": "shown in tests/voice, where a call is",
    "POST /api/calls/{interaction}/hangup": "shown in tests/voice, where a call is",
    "POST /api/calls/{interaction}/hold": "shown in tests/voice, where a call is",
    "POST /api/calls/{interaction}/listen": "shown in tests/voice, where a call is",
    "POST /api/calls/{interaction}/mute": "shown in tests/voice, where a call is",
    "POST /api/calls/{interaction}/recording": "shown in tests/voice, where a call is",
    "POST /api/calls/{interaction}/rejoin": "shown in tests/voice, where a call is",
    "POST /api/calls/{interaction}/resume": "shown in tests/voice, where a call is",
    "POST /api/listening/leave": "a supervisor's ear is his page's own",
    "POST /api/recordings/{id}/listens": "leave to listen, kept for the audit alone",
}
#: Administration changes the lists of /api/reference, which screens load anew; the rows of it that
#: are live entities (queues, agents) have their cases below.
LISTS = ("/api/admin/", "/api/setup/", "/api/me")
LIVE_ADMIN = {"PATCH /api/admin/queues/{id}", "PATCH /api/admin/users/{id}"}


def mutating() -> set[str]:
    return {f"{m} {p}" for m, p, _, _ in ROUTES if m not in SAFE}


def test_every_mutating_route_has_a_case_or_a_reason() -> None:
    lists = {r for r in mutating() if r.split(" ")[1].startswith(LISTS)} - LIVE_ADMIN
    missing = mutating() - set(CASES) - set(NOT_LIVE) - lists
    assert missing == set()


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
    await acts.dispose(scene)
    await acts.visitor(scene)
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
    "case.message_sent": acts.message,
    "case.note_added": acts.note,
    "case.topic_set": acts.topic,
    "case.disposed": acts.dispose,
    "agent.presence": _pause,
    "customer.updated": acts.customer,
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
