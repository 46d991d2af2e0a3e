"""A virtual agent: logs in, opens the desk's socket, takes offers, answers, records the outcome.

Theory of operation
-------------------
The socket's frames keep two things: the agent's own entity (an offer may be in it) and the cases he
holds. Each held case has a task of its own that looks at it whenever it changes: a customer who
spoke last is read and answered; a case in wrap-up gets its outcome. What to answer comes from the
dialogues (talk.py): the customer's words are recognised, whoever wrote them. Everything is read
from the server again after a reconnection, so a restart loses nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog

from atiende.demo import talk
from atiende.demo.data import place_of
from atiende.demo.headset import Headset
from atiende.demo.line import LOST, Frame, Line, RefusedError, read_frame
from atiende.demo.logins import Login
from atiende.demo.outcomes import Outcome, any_outcome, leaf_of
from atiende.demo.talk import Values
from atiende.demo.turns import Turns
from atiende.demo.visitors import Pace

log = structlog.get_logger("demo")
RETRY_S = 3.0
REFUSED_S = 60.0
HELD = ("connecting", "active", "held", "wrapping")
SILENT_S = 150.0
AGAIN_S = 5.0
BREAK = "break"
LEFT = "Lo toma la otra persona del equipo."
ASKING = (
    "Gracias por escribirnos, {nombre}. ¿Me cuenta un poco más, por favor?",
    "Entiendo, {nombre}. Lo reviso enseguida y le confirmo.",
    "Ya lo dejé anotado y lo paso al área que corresponde. ¿Le puedo ayudar en algo más?",
)
STILL = "¿Sigue en línea, {nombre}? Quedo atento a su respuesta."
BYE = (
    "Ha sido un gusto atenderle, {nombre}. Que tenga un buen día.",
    "Gracias por escribirnos, {nombre}. Hasta pronto.",
    "Con mucho gusto, {nombre}. Aquí estamos para lo que necesite.",
)


@dataclass
class Talk:
    """What the agent remembers of a case he attends."""

    place: talk.Place | None = None
    asked: int = 0
    over: bool = False
    nudged: bool = False
    changed: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class Attendant:
    """One virtual agent at his desk."""

    line: Line
    login: Login
    pace: Pace
    rng: random.Random
    clock: Callable[[], datetime]
    headset: Headset
    turns: Turns = field(default_factory=Turns)
    me: str = ""
    team: str | None = None
    sets: dict[str, list[Frame]] = field(default_factory=dict)
    agent: Frame = field(default_factory=dict)
    cases: dict[str, Frame] = field(default_factory=dict)
    talks: dict[str, Talk] = field(default_factory=dict)
    offers: set[str] = field(default_factory=set)
    moved: asyncio.Event = field(default_factory=asyncio.Event)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)


async def attend(desk: Attendant) -> None:
    """For ever: one shift after another."""
    while True:
        wait = RETRY_S
        try:
            await _shift(desk)
        except RefusedError as refused:
            log.info("virtual agent refused", key=refused.key)
            wait = REFUSED_S if refused.status in (401, 429) else RETRY_S
        except LOST:
            log.debug("virtual agent lost the line")
        finally:
            await _drop(desk)
        await asyncio.sleep(wait)


async def _drop(desk: Attendant) -> None:
    tasks = tuple(desk.tasks)
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)
    desk.cases.clear()
    desk.talks.clear()
    desk.offers.clear()
    desk.agent = {}


async def _shift(desk: Attendant) -> None:
    line = desk.line
    try:
        me = await line.call("GET", "/api/me")
    except RefusedError as refused:
        if refused.status != 401:
            raise
        body = {"email": desk.login.email, "password": desk.login.password}
        me = await line.call("POST", "/api/login", body)
    desk.me, desk.team = me["user"]["id"], me["user"]["team_id"]
    reference = await line.call("GET", "/api/reference")
    desk.sets = {each["id"]: each["nodes"] for each in reference["disposition_sets"]}
    async with line.socket("/live") as ws:
        await ws.send(json.dumps({"t": "hello", "held": [], "watch": [], "visible": True}))
        _begin(desk, _breaks(desk))
        _begin(desk, desk.headset.keep(UUID(desk.me)))
        async for text in ws:
            frame = read_frame(text)
            if frame["t"] == "ping":
                await ws.send('{"t":"pong"}')
            elif frame["t"] in ("snapshot", "events"):
                _events(desk, frame)
            elif frame["t"] == "bye":
                if frame["key"] == "session_ended":
                    line.cookie = ""
                return


def _begin(desk: Attendant, work: Any) -> None:
    """A task of this shift; its refusals and lost lines end only itself."""

    async def guarded() -> None:
        try:
            await work
        except RefusedError as refused:
            log.debug("virtual agent refused", key=refused.key)
        except LOST:
            log.debug("virtual agent lost the line")

    task = asyncio.create_task(guarded())
    desk.tasks.add(task)
    task.add_done_callback(desk.tasks.discard)


def _events(desk: Attendant, frame: Frame) -> None:
    for entity in frame["e"]:
        if entity["topic"] == "agent" and entity["id"] == desk.me and not entity.get("gone"):
            desk.agent = entity["state"]
            desk.moved.set()
            _offer(desk)
        elif entity["topic"] == "case":
            _case(desk, entity)


def _offer(desk: Attendant) -> None:
    offer = desk.agent.get("offer")
    if offer is not None and offer["id"] not in desk.offers:
        desk.offers.add(offer["id"])
        _begin(desk, _accept(desk, offer["work_id"], offer["media"] == "voice"))


async def _accept(desk: Attendant, work: str, rings: bool) -> None:
    await asyncio.sleep(desk.rng.uniform(*desk.pace.accept))
    mute = rings and desk.headset.phone is None
    if mute or desk.turns.passes(work, desk.me, await _somebody(desk)):
        await desk.line.post(f"/api/offers/{work}/reject", reason=LEFT)
    elif rings:  # to answer is to accept
        await desk.headset.talk()
    else:
        await desk.line.post(f"/api/offers/{work}/accept")


async def _somebody(desk: Attendant) -> bool:
    """Is a person of the same team waiting for a contact?"""
    reference = await desk.line.call("GET", "/api/reference")
    return any(
        each["presence"] == "available"
        and each["team_id"] == desk.team
        and each["name"] not in desk.turns.virtual
        for each in reference["agents"]
    )


def _case(desk: Attendant, entity: Frame) -> None:
    case = entity["id"]
    if entity.get("gone") or _mine(desk, entity["state"]) is None:
        desk.cases.pop(case, None)
    else:
        desk.cases[case] = entity["state"]
    known = desk.talks.get(case)
    if known is not None:
        known.changed.set()
    elif case in desk.cases:
        desk.talks[case] = Talk()
        _begin(desk, _attend_case(desk, case))


def _mine(desk: Attendant, state: Frame) -> str | None:
    """The state of one's own assignment, or None."""
    for each in state["assignments"]:
        if each["agent_id"] == desk.me and each["state"] in HELD:
            return str(each["state"])
    return None


async def _attend_case(desk: Attendant, case: str) -> None:
    """As long as the case is his; what fails is tried again a little later."""
    memory = desk.talks[case]
    try:
        while (state := desk.cases.get(case)) is not None:
            memory.changed.clear()
            try:
                await _step(desk, case, state, memory)
            except RefusedError as refused:
                log.debug("virtual agent refused", key=refused.key)
                await _changed(memory, AGAIN_S)
            except LOST:
                await _changed(memory, AGAIN_S)
    finally:
        desk.talks.pop(case, None)


async def _step(desk: Attendant, case: str, state: Frame, memory: Talk) -> None:
    """What the case asks of him now."""
    if _mine(desk, state) == "wrapping" or memory.over:
        await _record(desk, case, memory)
        await _changed(memory, 20.0)
    elif any(each.get("call") for each in state["interactions"]):
        await _changed(memory, SILENT_S)
    elif (state["last"] or {}).get("direction") == "in":
        await _answer(desk, case, memory)
    elif not await _changed(memory, SILENT_S):
        await _is_silent(desk, case, memory)


async def _changed(memory: Talk, seconds: float) -> bool:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await memory.changed.wait()
    return memory.changed.is_set()


async def _is_silent(desk: Attendant, case: str, memory: Talk) -> None:
    """The customer says nothing: asked once, then it is over."""
    if memory.nudged:
        memory.over, memory.place = True, None
        return
    memory.nudged = True
    await _write(desk, case, STILL, _values(desk, case))


def _values(desk: Attendant, case: str) -> Values:
    name = desk.cases[case]["customer"]["name"]
    return talk.values_for(name, desk.login.name, desk.clock(), place_of(name))


async def _answer(desk: Attendant, case: str, memory: Talk) -> None:
    """Reads what the customer wrote since the last answer, and answers it."""
    await asyncio.sleep(desk.rng.uniform(*desk.pace.read))
    state = desk.cases.get(case)
    if state is None:
        return
    timeline = await desk.line.call("GET", f"/api/cases/{case}/timeline?limit=30")
    said: list[str] = []
    for message in timeline["messages"]:
        if message["direction"] == "out":
            said.clear()
        elif message["direction"] == "in":
            said.append(message["body"])
    for conversation in state["conversations"]:
        rev = max((m["rev"] for m in timeline["messages"]), default=0)
        await desk.line.call("POST", f"/api/conversations/{conversation['id']}/read", {"rev": rev})
    if not said:
        await _changed(memory, 1.0)
        return
    memory.nudged = False
    values = _values(desk, case)
    found = talk.recognised(" ".join(said), memory.place)
    if found is None:
        await _ask_more(desk, case, memory, values)
        return
    memory.place = found
    turns, ends = talk.answer(found)
    for turn in turns:
        if turn.who == "note":
            body = talk.filled(turn.text, values.words)
            await desk.line.post(f"/api/cases/{case}/notes", body=body)
        else:
            await _write(desk, case, turn.text, values)
    if ends:
        if not turns:
            await _write(desk, case, desk.rng.choice(BYE), values)
        memory.over = True


async def _ask_more(desk: Attendant, case: str, memory: Talk, values: Values) -> None:
    """What is said to words that no story knows."""
    if memory.asked >= len(ASKING):
        await _write(desk, case, desk.rng.choice(BYE), values)
        memory.over = True
        return
    await _write(desk, case, ASKING[memory.asked], values)
    memory.asked += 1


async def _write(desk: Attendant, case: str, text: str, values: Values) -> None:
    """Types and sends, while the case is still his."""
    for body in text.split(" / "):
        state = desk.cases.get(case)
        live = [c for c in (state or {}).get("conversations", ()) if c["live"]]
        if not live:
            return
        conversation = live[0]["id"]
        typing = f"/api/conversations/{conversation}/typing"
        shown = talk.filled(body, values.words)
        await desk.line.call("POST", typing, {"on": True})
        pace = desk.pace
        await asyncio.sleep(
            min(pace.typing_most, len(shown) * pace.per_sign * desk.rng.uniform(0.4, 0.9))
        )
        await desk.line.post(f"/api/conversations/{conversation}/messages", body=shown)
        await desk.line.call("POST", typing, {"on": False})


async def _record(desk: Attendant, case: str, memory: Talk) -> None:
    """The outcome with what it requires; it also ends the talk and resolves the case."""
    await asyncio.sleep(desk.rng.uniform(*desk.pace.outcome))
    state = desk.cases.get(case)
    if state is None:
        return
    nodes = desk.sets.get(state["campaign"]["disposition_set_id"] or "", [])
    dialogue = memory.place.dialogue if memory.place else None
    outcome = leaf_of(nodes, dialogue.outcome) if dialogue else None
    outcome = outcome or any_outcome(nodes)
    if outcome is None:
        await desk.line.post(f"/api/cases/{case}/end")
        return
    await _dispose(desk, case, outcome, dialogue)


async def _dispose(
    desk: Attendant, case: str, outcome: Outcome, dialogue: talk.Dialogue | None
) -> None:
    values = _values(desk, case)
    notes = (
        [talk.filled(turn.text, values.words) for turn in dialogue.of("note")] if dialogue else []
    )
    note = (notes or [desk.cases[case]["topic"] or "—"])[-1] if outcome.requires == "note" else ""
    data: dict[str, object] = {}
    if outcome.requires in ("date", "agreement"):
        data["date"] = values.date
    if outcome.requires in ("amount", "agreement"):
        data["amount"] = values.amount
    await desk.line.post(
        f"/api/cases/{case}/dispose",
        disposition_id=outcome.id,
        note=note,
        data=data,
        resolve=True,
    )


async def _breaks(desk: Attendant) -> None:
    """Available, and now and then a break after what is in hand."""
    await desk.line.post("/api/presence", presence="available")
    while True:
        await asyncio.sleep(desk.rng.uniform(*desk.pace.pause_every))
        await _presence(desk, presence="paused", pause_code=BREAK, after_work=True)
        await asyncio.sleep(desk.rng.uniform(*desk.pace.pause_for))
        while desk.agent.get("pending"):
            desk.moved.clear()
            await desk.moved.wait()
        await _presence(desk, presence="available")


async def _presence(desk: Attendant, **body: Any) -> None:
    """A change that may be refused (a supervisor decided otherwise) and changes nothing then."""
    with contextlib.suppress(RefusedError):
        await desk.line.post("/api/presence", **body)
