"""A virtual visitor: opens the chat, tells his story, answers what he is told, thanks and leaves.

Theory of operation
-------------------
Two things run for each visitor: `Chat.keep` holds his socket (reconnects, sends again what was not
acknowledged, answers pings) and `visit` is the person. The person says his next line when he has
been answered and the other side has fallen silent; a "one moment, please" makes him wait; nobody
answering makes him ask, and in the end leave. He neither knows nor cares whether a virtual agent
or a person attends him.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from websockets.asyncio.client import ClientConnection

from atiende.demo import papers, talk
from atiende.demo.data import email_of, place_of
from atiende.demo.line import LOST, Line, RefusedError, client_id, read_frame
from atiende.demo.talk import Dialogue, Turn, Values

RETRY_S = 2.0
HERE = ("¿Hola?", "¿Siguen ahí?", "¿Hay alguien?", "Sigo esperando, ¿me pueden ayudar?")
WAITING = ("Claro, espero", "Ok, gracias", "Dale, espero", "Está bien, aquí espero")
LEAVING = ("Bueno, escribo más tarde", "Mejor llamo luego, gracias", "Ya no puedo esperar más")


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast virtual people live; seconds. Tests live faster."""

    arrive: tuple[float, float] = (18.0, 38.0)
    first: tuple[float, float] = (2.0, 8.0)
    call: tuple[float, float] = (50.0, 110.0)
    most: int = 8
    most_unattended: int = 3
    per_sign: float = 0.075
    typing_most: float = 14.0
    read: tuple[float, float] = (2.0, 7.0)
    settle: float = 6.0
    patience: tuple[float, float] = (100.0, 200.0)
    patience_attended: float = 260.0
    accept: tuple[float, float] = (2.0, 6.0)
    outcome: tuple[float, float] = (6.0, 18.0)
    pause_every: tuple[float, float] = (420.0, 800.0)
    pause_for: tuple[float, float] = (45.0, 100.0)


class GoneError(Exception):
    """The chat takes this visitor no more (account closed, origin refused)."""


@dataclass
class Chat:
    """A visitor's connection, kept while he is there."""

    line: Line
    token: str
    rev: int = 0
    phase: str = "none"
    agent: str | None = None
    typing: bool = False
    ws: ClientConnection | None = None
    heard: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    moved: asyncio.Event = field(default_factory=asyncio.Event)
    unacknowledged: dict[str, dict[str, Any]] = field(default_factory=dict)
    gone: str = ""

    async def keep(self) -> None:
        """For ever: a socket, and another when it is lost."""
        while not self.gone:
            with contextlib.suppress(*LOST):
                async with self.line.socket("/chat/live") as ws:
                    hello = {"t": "hello", "token": self.token, "held": self.rev}
                    await ws.send(json.dumps(hello))
                    self.ws = ws
                    async for text in ws:
                        await self._frame(ws, read_frame(text))
            self.ws = None
            await asyncio.sleep(RETRY_S)

    async def _frame(self, ws: ClientConnection, frame: dict[str, Any]) -> None:
        match frame["t"]:
            case "ping":
                await ws.send('{"t":"pong"}')
            case "ready" | "message":
                self._messages(frame)
                if frame["t"] == "ready":
                    self._state(frame["state"])
                    for waiting in tuple(self.unacknowledged.values()):
                        await ws.send(json.dumps(waiting))
                await ws.send(json.dumps({"t": "read", "rev": self.rev}))
            case "ack":
                self.unacknowledged.pop(frame["client_id"], None)
            case "error" if frame.get("client_id"):
                self.unacknowledged.pop(frame["client_id"], None)
            case "typing":
                self.typing = bool(frame["on"])
            case "state":
                self._state(frame["state"])
            case "bye" if frame["key"] in ("token_unknown", "origin_refused"):
                self.gone = frame["key"]
        self.moved.set()

    def _messages(self, frame: dict[str, Any]) -> None:
        for message in frame["messages"]:
            if message["direction"] == "out" and message["rev"] > self.rev:
                self.typing = False
                self.heard.put_nowait(str(message["body"]))
        self.rev = max(self.rev, frame["rev"])

    def _state(self, state: dict[str, Any]) -> None:
        self.phase, self.agent = state["phase"], state.get("agent")

    async def send(self, frame: dict[str, Any]) -> None:
        """At once when connected; messages also after a reconnection."""
        if frame["t"] == "message":
            self.unacknowledged[frame["client_id"]] = frame
        if self.ws is not None:
            with contextlib.suppress(*LOST):
                await self.ws.send(json.dumps(frame))

    async def say(self, body: str, attachments: tuple[str, ...] = ()) -> None:
        files = list(attachments)
        frame = {"t": "message", "client_id": client_id(), "body": body, "attachments": files}
        await self.send(frame)

    def is_over(self) -> bool:
        return self.phase == "ended" or bool(self.gone)


@dataclass(frozen=True)
class Visitor:
    """Who comes, why, and to which chat."""

    name: str
    dialogue: Dialogue
    key: str
    identity: str | None
    pace: Pace
    rng: random.Random


async def visit(line: Line, who: Visitor, now: datetime, open_chats: dict[str, Chat]) -> None:
    """A whole visit. `open_chats` shows to the floor who is here."""
    form: dict[str, Any] = {"key": who.key, "consent": True, "lang": "es"}
    form["page"] = f"{line.base}/demo/site/"
    form.update({"name": who.name, "email": email_of(who.name)})
    if who.identity is not None:
        form["identity"] = who.identity
    started = await line.call("POST", "/chat/start", form)
    chat = Chat(line, started["token"])
    open_chats[started["conversation"]] = chat
    kept = asyncio.create_task(chat.keep())
    try:
        await _talk(chat, who, talk.values_for(who.name, "", now, place_of(who.name)))
    finally:
        open_chats.pop(started["conversation"], None)
        kept.cancel()
        await asyncio.wait({kept})


async def _talk(chat: Chat, who: Visitor, values: Values) -> None:
    rng, pace = who.rng, who.pace
    lines = who.dialogue.of("customer")
    for number, turn in enumerate(lines):
        await _says(chat, who, turn, values)
        patience = rng.uniform(*pace.patience)
        last = number == len(lines) - 1
        if last and number > 0:
            await _until(chat, chat.is_over, pace.settle * rng.uniform(2, 7))
            break
        if not await _answered(chat, who, patience):
            break
        await asyncio.sleep(rng.uniform(*pace.read))
    if not chat.is_over() and (chat.phase == "waiting" or rng.random() < 0.4):
        await chat.send({"t": "end"})
        await _until(chat, chat.is_over, 5.0)


async def _says(chat: Chat, who: Visitor, turn: Turn, values: Values) -> None:
    """One line, typed as people type: in pieces, slowly, now and then with a slip."""
    rng, pace = who.rng, who.pace
    for number, body in enumerate(turn.bubbles(values.words)):
        files: tuple[str, ...] = ()
        if turn.file and number == 0:
            files = await _file(chat, who, turn.file)
        shown, right = slip(body, rng)
        await chat.send({"t": "typing", "on": True})
        await asyncio.sleep(
            min(pace.typing_most, len(body) * pace.per_sign * rng.uniform(0.7, 1.4))
        )
        await chat.say(shown, files)
        await chat.send({"t": "typing", "on": False})
        if right:
            await asyncio.sleep(pace.read[0])
            await chat.say(right)


async def _file(chat: Chat, who: Visitor, kind: str) -> tuple[str, ...]:
    """A photo or a document of the visitor's, uploaded; nothing when it cannot be now."""
    if kind == "foto":
        content = await asyncio.to_thread(papers.photo, who.rng)
        file = ("foto.png", content, "image/png")
    else:
        lines = ["Comprobante de operación", who.name, who.dialogue.topic]
        file = ("comprobante.pdf", papers.receipt(lines), "application/pdf")
    headers = {"Authorization": f"Bearer {chat.token}"}
    try:
        kept = await chat.line.call("POST", "/chat/upload", files={"file": file}, headers=headers)
    except (*LOST, RefusedError):
        return ()
    return (str(kept["id"]),)


def slip(body: str, rng: random.Random) -> tuple[str, str]:
    """(what is sent, the correction sent after it or ""): one message in twelve has a slip."""
    words = body.split(" ")
    long = [n for n, word in enumerate(words) if len(word) > 5 and word.isalpha()]
    if not long or rng.random() > 1 / 12:
        return body, ""
    place = rng.choice(long)
    word = words[place]
    cut = rng.randrange(1, len(word) - 2)
    words[place] = word[:cut] + word[cut + 1] + word[cut] + word[cut + 2 :]
    return " ".join(words), f"*{word}" if rng.random() < 0.5 else ""


async def _answered(chat: Chat, who: Visitor, patience: float) -> bool:
    """True once an agent has answered and fallen silent; False when it is time to leave."""
    rng, pace = who.rng, who.pace
    left, asked = patience, 0
    while not chat.is_over():
        if await _until(chat, lambda: chat.is_over() or not chat.heard.empty(), left / 2):
            if chat.is_over() and chat.heard.empty():
                return False
            last = await _all_said(chat, pace.settle)
            if not talk.asks_to_wait(last):
                return True
            if rng.random() < 0.5:
                await chat.say(rng.choice(WAITING))
            continue
        asked += 1
        if asked > (2 if chat.phase == "active" else 1):
            await chat.say(rng.choice(LEAVING))
            return False
        left = pace.patience_attended if chat.phase == "active" else patience
        await chat.say(rng.choice(HERE))
    return False


async def _all_said(chat: Chat, settle: float) -> str:
    """Everything the agent writes until he pauses; returns his last words."""
    last = ""
    while True:
        while not chat.heard.empty():
            last = chat.heard.get_nowait()
        if not await _until(chat, lambda: not chat.heard.empty() or chat.is_over(), settle):
            if not chat.typing:
                return last
        elif chat.heard.empty():
            return last


async def _until(chat: Chat, true: Any, seconds: float) -> bool:
    """Waits for something to be true of the chat, no longer than so many seconds."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while not true():
                chat.moved.clear()
                await chat.moved.wait()
    return bool(true())


__all__ = ["Chat", "Pace", "Visitor", "slip", "visit"]
