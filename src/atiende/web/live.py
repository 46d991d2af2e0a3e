"""The desk's socket `/live`: hello, snapshot or resume, then pushes; pings tell who is there.

The contract of the frames is docs/en/developers/contract.md. A frame that is not understood is
answered by a generic error, never by anything of the server's inside (CVE-2026-102489).
"""

import asyncio
import contextlib
from typing import Annotated
from uuid import UUID

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from atiende.accounts import MAX_COUNT, Context
from atiende.cases import messages_since
from atiende.core.permissions import holds
from atiende.store import AWAY, Connection, Row, load_queries
from atiende.web.frames import FRAMES_A_WINDOW, Pace, farewell, first_of, not_too_fast, receive_text
from atiende.web.gate import context_of, own_origin, refuse, web_of
from atiende.web.hub import PERMISSION, Desk, Hub, Key
from atiende.web.state import Web

Q = load_queries("atiende.web")
HELLO_S = 10.0
PING_S = 10.0
MAX_FRAME = 256 * 1024
MAX_WATCHED = 200

Version = Annotated[int, msgspec.Meta(ge=0, le=MAX_COUNT)]
Held = Annotated[list[tuple[str, UUID, Version]], msgspec.Meta(max_length=5000)]


class Hello(msgspec.Struct, tag_field="t", tag="hello", frozen=True):
    held: Held = []
    watch: Annotated[list[UUID], msgspec.Meta(max_length=50)] = []
    visible: bool = True


class Watch(msgspec.Struct, tag_field="t", tag="watch", frozen=True):
    case: UUID


class Unwatch(msgspec.Struct, tag_field="t", tag="unwatch", frozen=True):
    case: UUID


class Floor(msgspec.Struct, tag_field="t", tag="floor", frozen=True):
    on: bool


class Pong(msgspec.Struct, tag_field="t", tag="pong", frozen=True):
    pass


Frame = Hello | Watch | Unwatch | Floor | Pong
_decode = msgspec.json.Decoder(Frame).decode


async def live(ws: WebSocket) -> None:
    """One desk socket from handshake to close."""
    web, hub = web_of(ws), hub_of(ws)
    if not own_origin(ws):
        await ws.close(4403)
        return
    try:
        ctx = await context_of(ws)
    except AWAY:
        await refuse(ws)
        return
    if ctx is None:
        await ws.close(4401)
        return
    await ws.accept()
    desk = Desk(ctx.actor, pong_at=web.clock())
    # Counted before hello, so that sockets that never say it count too.
    if not hub.enter(desk):
        await _bye(ws, "too_many_sockets")
        return
    try:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            await _serve(ws, web, hub, desk, ctx)
    finally:
        hub.leave(desk)


def hub_of(ws: WebSocket) -> Hub:
    hub: Hub = ws.app.state.hub
    return hub


async def _serve(ws: WebSocket, web: Web, hub: Hub, desk: Desk, ctx: Context) -> None:
    try:
        hello = await asyncio.wait_for(_receive(ws), HELLO_S)
    except TimeoutError:
        await _bye(ws, "hello_expected")
        return
    if not isinstance(hello, Hello):
        await _bye(ws, "hello_expected")
        return
    hub.join(desk)
    writer = asyncio.create_task(_write(ws, desk))
    try:
        await _greet(web, hub, desk, ctx, hello)
        _heard(web, hub, desk)
        reader = asyncio.create_task(_read(ws, web, hub, desk))
        over = asyncio.create_task(desk.over.wait())
        await first_of(reader, writer, over)
    except AWAY:
        desk.close("database_away")
    finally:
        hub.leave(desk)
        writer.cancel()
        if ws.application_state is WebSocketState.CONNECTED and desk.farewell:
            await _bye(ws, desk.farewell)


async def _receive(ws: WebSocket) -> Frame | None:
    """A frame, or None when it is not one of ours."""
    text = await receive_text(ws)
    if text is None or len(text) > MAX_FRAME:
        return None
    try:
        frame: Frame = _decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    return frame


async def _write(ws: WebSocket, desk: Desk) -> None:
    while (text := await desk.out.get()) is not None:
        await ws.send_text(text)


async def _bye(ws: WebSocket, key: str) -> None:
    await farewell(ws, msgspec.json.encode({"t": "bye", "key": key}).decode())


async def _read(ws: WebSocket, web: Web, hub: Hub, desk: Desk) -> None:
    pace = Pace()
    while True:
        frame = await _receive(ws)
        await not_too_fast(pace, web.clock, FRAMES_A_WINDOW)
        match frame:
            case Pong():
                _heard(web, hub, desk)
            case Watch(case):
                await _watch(web, hub, desk, case)
            case Unwatch(case):
                desk.watched.discard(case)
            case Floor(on):
                desk.floor = on
            case Hello() | None:
                desk.send({"t": "error", "key": "bad_frame"})


def _heard(web: Web, hub: Hub, desk: Desk) -> None:
    desk.pong_at = web.clock()
    if desk.actor.is_agent:
        hub.heard[desk.actor.user_id] = desk.pong_at


async def _watch(web: Web, hub: Hub, desk: Desk, case: UUID) -> None:
    """From here on the case's messages come too, when the scope allows it."""
    async with web.db.connection() as conn:
        rows = await conn.fetch(Q["live_case"], [case])
    if rows and desk.may_see("case", rows[0]) and len(desk.watched) < MAX_WATCHED:
        desk.watched.add(case)
        hub.hold(desk, [("case", case)])
        # The answer tells from which version on nothing will be missed.
        at = rows[0]["version"]
        told = {"topic": "case", "id": case, "v": at, "state": rows[0]["state"]}
        desk.send({"t": "events", "e": [{**told, "base": at, "messages": []}]})
    else:
        desk.send({"t": "events", "e": [{"topic": "case", "id": case, "gone": True}]})


async def _greet(web: Web, hub: Hub, desk: Desk, ctx: Context, hello: Hello) -> None:
    """What changed or appeared against what is held; everything when nothing is."""
    held: dict[Key, int] = {(t, i): v for t, i, v in hello.held if t in PERMISSION}
    desk.watched.update(hello.watch)
    async with web.db.connection() as conn:
        wanted = await _in_view(conn, ctx)
        for topic, entity in held:
            wanted.setdefault(topic, set()).add(entity)
        entities = []
        for topic, ids in wanted.items():
            rows = await conn.fetch(Q[f"live_{topic}"], list(ids))
            entities += await _entities(conn, hub, desk, topic, rows, held)
    seen = {(e["topic"], e["id"]) for e in entities} | desk.held
    gone = [{"topic": t, "id": i, "gone": True} for t, i in held if (t, i) not in seen]
    desk.watched &= {i for t, i in desk.held if t == "case"}
    desk.begin({"t": "snapshot", "at": web.now(), "held": bool(held), "e": [*entities, *gone]})


async def _entities(
    conn: Connection,
    hub: Hub,
    desk: Desk,
    topic: str,
    rows: list[Row],
    held: dict[Key, int],
) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for row in rows:
        key = (topic, row["id"])
        if not desk.may_see(topic, row):
            continue
        hub.hold(desk, [key])
        version = held.get(key, 0)
        if version == row["version"]:
            continue
        entity = {"topic": topic, "id": row["id"], "v": row["version"], "state": row["state"]}
        if topic == "case" and version and desk.follows(row):
            entity["base"] = version
            entity["messages"] = await messages_since(conn, row["id"], version)
        found.append(entity)
    return found


async def _in_view(conn: Connection, ctx: Context) -> dict[str, set[UUID]]:
    """The entities a screen starts with, before scopes are asked one by one."""
    me, grants = ctx.actor.user_id, ctx.actor.grants
    wide = any(g.permission == "cases.read" and g.scope != "own" for g in grants)
    floor = holds(grants, "floor.watch")
    cases = {r["id"] for r in await conn.fetch(Q["cases_in_view"], me, wide and floor)}
    return {
        "case": cases,
        "agent": {r["id"] for r in await conn.fetch(Q["agents_in_view"], me, floor)},
        "work": {r["id"] for r in await conn.fetch(Q["work_in_view"], floor)},
        "customer": {r["id"] for r in await conn.fetch(Q["customers_in_view"], list(cases))},
        "queue": {r["id"] for r in await conn.fetch(Q["queues_in_view"], me, floor)},
    }
