"""The visitor's socket `/chat/live`: hello with the token, then messages both ways.

channels/webchat says what a frame is; cases stores it. A message is acknowledged only after its
commit; what cannot be taken is answered with a key, and the page keeps it.
"""

import asyncio
import contextlib
from dataclasses import dataclass

import asyncpg
from starlette.websockets import WebSocket, WebSocketDisconnect

from atiende.cases import (
    BlockedError,
    Incoming,
    customer_ends,
    read_by_customer,
    receive,
    uuids,
    visitor_messages,
    visitor_states,
)
from atiende.channels.base import BadPayload
from atiende.channels.webchat import parse, render
from atiende.channels.webchat.config import config
from atiende.channels.webchat.limits import (
    FRAMES_PER_WINDOW,
    MESSAGES_PER_WINDOW,
    SOCKETS_PER_VISITOR,
    WINDOW_S,
)
from atiende.core.problem import Problem
from atiende.core.rate import within_rate
from atiende.store import AWAY, Row, fault
from atiende.web.chat import allowed, conversation_of, opening
from atiende.web.chat_hub import ChatHub, Visitor
from atiende.web.frames import Pace, farewell, first_of, not_too_fast, receive_text
from atiende.web.gate import address_of, web_of
from atiende.web.state import Web

HELLO_S = 10.0


@dataclass(frozen=True)
class Chat:
    """One visitor's connection."""

    web: Web
    hub: ChatHub
    visitor: Visitor
    case: Row


async def chat_live(ws: WebSocket) -> None:
    """One visitor socket from handshake to close."""
    web = web_of(ws)
    hub: ChatHub = ws.app.state.chats
    await ws.accept()
    address = address_of(ws) or ""
    if not hub.enter(address):
        await _bye(ws, "too_many_sockets")
        return
    try:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            await _serve(ws, web, hub)
    except AWAY:
        await _bye(ws, "database_away")
    finally:
        hub.exit(address)


async def _bye(ws: WebSocket, key: str) -> None:
    await farewell(ws, render.bye(key))


async def _serve(ws: WebSocket, web: Web, hub: ChatHub) -> None:
    try:
        hello = await asyncio.wait_for(_hello(ws), HELLO_S)
    except TimeoutError:
        hello = None
    if hello is None:
        await _bye(ws, "hello_expected")
        return
    async with web.db.connection() as conn:
        found = await conversation_of(conn, hello.token)
    if found is None:
        await _bye(ws, "token_unknown")
        return
    row, account = found
    if not account["active"] or not allowed(web, ws, config(account["config"])):
        await _bye(ws, "origin_refused")
        return
    if hub.sockets(row["id"]) >= SOCKETS_PER_VISITOR:
        await _bye(ws, "too_many_sockets")
        return
    visitor = Visitor(row["id"], opening(account), rev=hello.held, pong_at=web.clock())
    await _talk(ws, Chat(web, hub, visitor, row), hello.held)


async def _hello(ws: WebSocket) -> parse.Hello | None:
    try:
        frame = parse.frame(await receive_text(ws) or "")
    except BadPayload:
        return None
    return frame if isinstance(frame, parse.Hello) else None


async def _talk(ws: WebSocket, chat: Chat, held: int) -> None:
    chat.hub.join(chat.visitor)
    writer = asyncio.create_task(_write(ws, chat.visitor))
    try:
        await _greet(chat, held)
        reader = asyncio.create_task(_read(ws, chat))
        over = asyncio.create_task(chat.visitor.over.wait())
        await first_of(reader, writer, over)
    finally:
        chat.hub.leave(chat.visitor)
        writer.cancel()


async def _write(ws: WebSocket, visitor: Visitor) -> None:
    while (text := await visitor.out.get()) is not None:
        await ws.send_text(text)
    await _bye(ws, "resume")


async def _greet(chat: Chat, held: int) -> None:
    visitor, conversation = chat.visitor, chat.visitor.conversation
    async with chat.web.db.connection() as conn:
        rows = await visitor_messages(conn, conversation, held)
        state = (await visitor_states(conn, [conversation]))[conversation]
    visitor.rev = max([held, *(r["rev"] for r in rows)])
    visitor.told = chat.hub.state_of(visitor, state)
    visitor.read_told = state["read_by_agent"]
    chat.hub.note_case(visitor, state["case_id"])
    visitor.ready = True
    visitor.send(render.ready(visitor.rev, rows, visitor.told, read=visitor.read_told))


async def _read(ws: WebSocket, chat: Chat) -> None:
    pace = Pace()
    while True:
        text = await receive_text(ws) or ""  # a binary frame is no frame of ours
        await not_too_fast(pace, chat.web.clock, FRAMES_PER_WINDOW)
        frame: parse.Frame | None = None
        try:
            frame = parse.frame(text)
            await _frame(chat, frame)
        except BadPayload as wrong:
            chat.visitor.send(render.error(wrong.key, wrong.client_id))
        except AWAY:
            # Not acknowledged: the page keeps the message, and sends it again when told so.
            client_id = frame.client_id if isinstance(frame, parse.Message) else None
            chat.visitor.send(render.error("database_away", client_id))


async def _frame(chat: Chat, frame: parse.Frame) -> None:
    match frame:
        case parse.Message():
            await _message(chat, frame)
        case parse.Typing(on):
            _typing(chat, on)
        case parse.Read(rev):
            changes = await chat.web.db.retrying(
                lambda conn: read_by_customer(conn, chat.visitor.conversation, rev)
            )
            chat.web.bus.changed(changes)
        case parse.Pong():
            chat.visitor.pong_at = chat.web.clock()
        case parse.End():
            await _end(chat)
        case parse.Hello():
            chat.visitor.send(render.error("bad_frame"))


async def _message(chat: Chat, message: parse.Message) -> None:
    web, visitor = chat.web, chat.visitor
    visitor.pong_at = web.clock()
    times = chat.hub.rates[visitor.conversation]
    if not within_rate(times, web.clock(), MESSAGES_PER_WINDOW, WINDOW_S):
        visitor.send(render.error("rate_limited", message.client_id))
        return
    now = web.now()
    at = now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if fault.on("ack_before_commit"):
        visitor.send(render.ack(message.client_id, message.client_id, visitor.rev, at))
    incoming = Incoming(
        visitor.conversation, message.client_id, message.body, uuids(message.attachments)
    )
    try:
        received = await receive(web.db, incoming, now)
    except Problem as problem:
        visitor.send(render.error(problem.key, message.client_id))
        return
    except BlockedError:
        visitor.send(render.error("blocked", message.client_id))
        return
    except asyncpg.DataError:
        visitor.send(render.error("bad_frame", message.client_id))
        return
    fault.reach("before_ack")
    visitor.send(render.ack(message.client_id, str(received.message_id), received.rev, at))
    web.bus.changed(received.changes)
    if received.work:
        web.bus.wake("commands")


def _typing(chat: Chat, on: bool) -> None:
    if chat.visitor.case is not None:
        told = (chat.visitor.case, chat.visitor.conversation, on)
        chat.web.bus.publish("customer_typing", told)


async def _end(chat: Chat) -> None:
    async with chat.web.db.connection() as conn:
        # Asked each time: what the push will tell of a case just begun may not be here yet.
        case = (await visitor_states(conn, [chat.visitor.conversation]))[chat.visitor.conversation][
            "case_id"
        ]
    if case is None:
        return
    changes = await chat.web.db.retrying(lambda c: customer_ends(c, case, chat.web.now()))
    chat.web.bus.changed(changes)
    chat.web.bus.wake("commands")
