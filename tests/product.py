"""The whole product in this process, as tests of the edge need it: server, router, push, beat.

`Product` listens on a port of its own; `Person` talks to it as a browser does (cookie, header,
`/live`), `Guest` as the widget does. What a screen would hold is kept by `Screen`, the reducer of
the contract: newest version wins, a gap is noticed, `gone` removes.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import ssl
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import websockets
from fastapi import FastAPI

from atiende.accounts import first_link, refresh_builtin_roles
from atiende.engines import serve_app
from atiende.jobs import run_forever
from atiende.routing import run_router
from atiende.settings import Settings
from atiende.store import Blobs, Bus, Database, open_database
from atiende.web.app import build_app, run_beat_loop, run_push_loop
from atiende.web.state import Web
from tests.screen import Edge, Frame, Place, Screen

__all__ = [
    "PASSWORD",
    "Edge",
    "Frame",
    "Guest",
    "Person",
    "Place",
    "Product",
    "Screen",
    "browser",
    "client_id",
    "found",
    "found_by",
    "person",
    "running",
]

PASSWORD = "una frase larga y buena"
# One for all: each new one reads every certificate of the system (some 50 ms of CPU), and a hundred
# visitors who do so at once hold the server up, which lives on the same loop.
TLS = ssl.create_default_context()


@dataclass
class Product:
    """A running installation. `base` is its address."""

    settings: Settings
    app: FastAPI
    web: Web
    db: Database
    base: str

    @property
    def ws(self) -> str:
        return self.base.replace("http", "ws", 1)


@asynccontextmanager
async def running(
    dsn: str,
    folder: Path,
    *,
    router: bool = True,
    loops: bool = True,
    clock: Callable[[], float] = time.time,
) -> AsyncIterator[Product]:
    """Starts everything on a free port; ends everything it started."""
    listening = socket.create_server(("127.0.0.1", 0))
    settings = Settings(
        data_dir=folder,
        port=listening.getsockname()[1],
        testing=True,
        test_fast_passwords=True,
        test_fsync_off=True,
    )
    settings = replace(settings, listen_fd=listening.fileno())
    db, bus = await open_database(dsn), Bus()
    async with db.transaction() as conn:
        await refresh_builtin_roles(conn)
    web = Web(settings, db, bus, Blobs(settings.blobs_dir), clock)
    app = build_app(web, folder / "no-screens")
    ready = asyncio.Event()
    wanted: dict[str, Callable[[], Any]] = {}
    if loops:
        wanted["push"] = lambda: run_push_loop(app)
        wanted["beat"] = lambda: run_beat_loop(app)
    if router:
        wanted["router"] = lambda: run_router(dsn, bus, clock)
    tasks = [asyncio.create_task(run_forever(n, loop)) for n, loop in wanted.items()]
    server = asyncio.create_task(serve_app(app, settings, ready.set))
    try:
        await asyncio.wait_for(ready.wait(), 10)
        yield Product(settings, app, web, db, settings.base_url())
    finally:
        for task in [*tasks, server]:
            task.cancel()
        await asyncio.gather(*tasks, server, return_exceptions=True)
        await db.close()
        listening.close()


def client_id() -> str:
    return str(uuid.uuid4())


@dataclass
class Person:
    """A logged-in browser."""

    product: Place
    http: httpx.AsyncClient
    screen: Screen = field(default_factory=Screen)
    socket: Any = None
    frames: list[Frame] = field(default_factory=list)
    me: Frame = field(default_factory=dict)
    answers_pings: bool = True
    _reader: asyncio.Task[None] | None = None
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def call(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        response = await self.http.request(method, path, json=body)
        assert response.status_code == status, (method, path, response.status_code, response.text)
        return response.json() if response.content else None

    async def get(self, path: str, status: int = 200) -> Any:
        return await self.call("GET", path, status=status)

    async def post(self, path: str, body: Any = None, status: int = 200) -> Any:
        return await self.call("POST", path, {} if body is None else body, status)

    async def open(self, held: bool = False, watch: tuple[str, ...] = ()) -> None:
        """Opens `/live` and waits for the snapshot."""
        cookies = "; ".join(f"{n}={v}" for n, v in self.http.cookies.items())
        self.socket = await websockets.connect(
            f"{self.product.ws}/live",
            additional_headers={"Cookie": cookies, "Origin": self.product.base},
        )
        known = self.screen.held() if held else []
        await self.send({"t": "hello", "held": known, "watch": list(watch)})
        self._reader = asyncio.create_task(self._read())
        await self.until(lambda: any(f["t"] == "snapshot" for f in self.frames))

    async def send(self, frame: Frame) -> None:
        await self.socket.send(json.dumps(frame))

    async def _read(self) -> None:
        with contextlib.suppress(websockets.ConnectionClosed):
            async for text in self.socket:
                frame = json.loads(text)
                if frame["t"] == "ping":
                    if self.answers_pings:
                        await self.send({"t": "pong"})
                    continue
                async with self._news:
                    self.frames.append(frame)
                    if frame["t"] in ("snapshot", "events"):
                        self.screen.apply(frame)
                    self._news.notify_all()
        async with self._news:
            self._news.notify_all()

    async def until(self, met: Callable[[], Any], seconds: float = 8) -> Any:
        """Waits until something is true of what the screen holds; returns it."""
        async with self._news:
            await asyncio.wait_for(self._news.wait_for(lambda: bool(met())), seconds)
            return met()

    async def close(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
        if self.socket is not None:
            await self.socket.close()
            self.socket = None
        self.frames.clear()

    @property
    def agent(self) -> Frame:
        return self.screen.of("agent").get(self.me["user"]["id"], {})

    async def presence(self, presence: str, **more: Any) -> Any:
        return await self.post(
            "/api/presence", {"presence": presence, "client_id": client_id(), **more}
        )

    async def take(self) -> str:
        """Waits for an offer, accepts it, and waits for the case; returns its id."""
        offer = await self.until(lambda: self.agent.get("offer"))
        await self.post(f"/api/offers/{offer['work_id']}/accept", {"client_id": client_id()})
        case: str = offer["case_id"]
        await self.until(lambda: self.holds(case))
        return case

    def holds(self, case: str) -> bool:
        state = self.screen.of("case").get(case, {})
        mine = self.me["user"]["id"]
        return any(a["agent_id"] == mine for a in state.get("assignments", ()))

    def conversation(self, case: str) -> str:
        found: str = self.screen.of("case")[case]["conversations"][-1]["id"]
        return found

    async def load(self, case: str) -> list[Frame]:
        """Opens the timeline of a case, as the screen does: watch first, then fetch."""
        seen = len(self.frames)
        await self.send({"t": "watch", "case": case})
        await self.until(
            lambda: any(
                e["id"] == case and ("base" in e or e.get("gone"))
                for f in self.frames[seen:]
                for e in f.get("e", ())
            )
        )
        page = await self.get(f"/api/cases/{case}/timeline")
        self.screen.messages[case] = {m["id"]: m for m in page["messages"]}
        found: list[Frame] = page["messages"]
        return found


@asynccontextmanager
async def browser(product: Place) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"X-Atiende": "1", "Origin": product.base}
    async with httpx.AsyncClient(
        base_url=product.base, headers=headers, timeout=10, verify=TLS
    ) as http:
        yield http


@asynccontextmanager
async def person(product: Place, email: str, password: str = PASSWORD) -> AsyncIterator[Person]:
    """Logs in."""
    async with browser(product) as http:
        someone = Person(product, http)
        someone.me = await someone.post("/api/login", {"email": email, "password": password})
        try:
            yield someone
        finally:
            await someone.close()


async def found(product: Product) -> Frame:
    """A company in a product of this process; see found_by."""
    token = await first_link(product.db, product.web.now())
    assert token is not None
    return await found_by(product, token)


async def found_by(product: Place, token: str) -> Frame:
    """The first start through the screens' own calls: company, people, queue, chat account.

    Returns {"key", "queue_id", "people": {email: id}}; everybody's password is PASSWORD.
    """
    week = {d: [["00:00", "24:00"]] for d in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    async with browser(product) as http:
        admin = Person(product, http)
        await admin.post(
            "/api/links/use",
            {
                "token": token,
                "password": PASSWORD,
                "name": "Rosa Admin",
                "email": "rosa@nogal.example",
                "organisation": {"name": "Nogal", "country": "PE", "tz": "America/Lima"},
            },
        )
        people = [
            {"name": "Ana Torres", "email": "ana@nogal.example", "role": "agent"},
            {"name": "Beto Ruiz", "email": "beto@nogal.example", "role": "agent"},
            {"name": "Sonia Vega", "email": "sonia@nogal.example", "role": "supervisor"},
        ]
        state = await admin.post("/api/setup/team", {"people": people})
        for invited in state["team"]["people"]:
            if invited["url"]:
                await _join(product, invited["url"])
        state = await admin.post(
            "/api/setup/queue",
            {"name": "Ventas", "tz": "America/Lima", "weekly": week, "template": "care"},
        )
        config = {"allowed_origins": ["https://tienda.example"], "files": True}
        made = await admin.post(
            "/api/setup/channel", {"channel": "webchat", "name": "Tienda", "config": config}
        )
        await admin.post("/api/setup/finish")
    return {
        "key": made["channel"]["public_key"],
        "queue_id": state["queue"]["id"],
        "people": {p["email"]: p["id"] for p in made["team"]["people"]},
    }


async def _join(product: Place, url: str) -> None:
    async with browser(product) as http:
        guest = Person(product, http)
        body = {"token": url.rsplit("/", 1)[1], "password": PASSWORD}
        await guest.post("/api/links/use", body)
        await guest.post("/api/logout")


@dataclass
class Guest:
    """A visitor with the widget open."""

    product: Place
    key: str
    origin: str = "https://tienda.example"
    token: str = ""
    conversation: str = ""
    socket: Any = None
    frames: list[Frame] = field(default_factory=list)
    messages: dict[str, Frame] = field(default_factory=dict)
    state: Frame = field(default_factory=dict)
    rev: int = 0
    _reader: asyncio.Task[None] | None = None
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def start(self, status: int = 200, **form: Any) -> Frame:
        body = {"key": self.key, "consent": True, "lang": "es", **form}
        if self.token:
            body["visitor"] = self.token
        async with httpx.AsyncClient(base_url=self.product.base, timeout=10, verify=TLS) as http:
            response = await http.post("/chat/start", json=body, headers={"Origin": self.origin})
        assert response.status_code == status, response.text
        told: Frame = response.json()
        self.token = told.get("token", self.token)
        self.conversation = told.get("conversation", self.conversation)
        return told

    async def open(self) -> None:
        self.socket = await websockets.connect(
            f"{self.product.ws}/chat/live", additional_headers={"Origin": self.origin}
        )
        await self.send({"t": "hello", "token": self.token, "held": self.rev})
        self._reader = asyncio.create_task(self._read())
        await self.until(lambda: any(f["t"] in ("ready", "bye") for f in self.frames))

    async def send(self, frame: Frame) -> None:
        await self.socket.send(json.dumps(frame))

    async def say(self, body: str, **more: Any) -> Frame:
        """Sends a message and waits for its acknowledgement."""
        made = more.pop("client_id", None) or client_id()
        await self.send({"t": "message", "client_id": made, "body": body, **more})
        found: Frame = await self.until(
            lambda: next((f for f in self.frames if f.get("client_id") == made), None)
        )
        return found

    async def _read(self) -> None:
        with contextlib.suppress(websockets.ConnectionClosed):
            async for text in self.socket:
                frame = json.loads(text)
                if frame["t"] == "ping":
                    await self.send({"t": "pong"})
                    continue
                async with self._news:
                    self._apply(frame)
                    self._news.notify_all()
        async with self._news:
            self._news.notify_all()

    def _apply(self, frame: Frame) -> None:
        self.frames.append(frame)
        for m in frame.get("messages", ()):
            self.messages[m["id"]] = m
        self.rev = max(self.rev, frame.get("rev", 0) if frame["t"] in ("ready", "message") else 0)
        if "state" in frame and frame["t"] in ("ready", "state"):
            self.state = frame["state"]

    async def until(self, met: Callable[[], Any], seconds: float = 8) -> Any:
        async with self._news:
            await asyncio.wait_for(self._news.wait_for(lambda: bool(met())), seconds)
            return met()

    def heard(self, text: str) -> bool:
        return any(m["body"] == text for m in self.messages.values())

    async def close(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
        if self.socket is not None:
            await self.socket.close()
        self.frames.clear()
