"""What attacks need: hostile strings, sockets that break rules, and a contact in progress."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import websockets

from tests.product import Guest, Person, Product, client_id

ROSA, ANA, BETO, SONIA = (f"{n}@nogal.example" for n in ("rosa", "ana", "beto", "sonia"))
NOWHERE = "0198c000-0000-7000-8000-000000000000"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
SHOP = "https://tienda.example"
HUGE = (2**31, 2**63, 2**64, 10**40, -(2**63) - 1)

#: What may come in any field that people fill in.
HOSTILE = (
    "<script>window.__xss=1</script>",
    '"><img src=x onerror=window.__xss=1>',
    "<svg/onload=window.__xss=1>",
    "{{7*7}}${7*7}<%= 7*7 %>",
    "javascript:window.__xss=1",
    "'; drop table cases; --",
    "../../../../etc/passwd",
    "=cmd|'/c calc'!A1",
    "\u202egnp.exe",
    "\u200b\u200d\u2060\ufeff",
    "👨‍👩‍👧‍👦🏳️‍🌈" * 20,
    "Z\u0351\u036b\u0343\u036a\u0302" * 50,
    "nul\x00here",
    "half \ud83d surrogate",
    "\x1b[31mred\x07",
    "a\r\nSet-Cookie: x=1",
    "%00%0a%n%s",
    "x" * 100_000,
)
#: Words that only the inside of the server knows.
INSIDE = ("Traceback", "asyncpg", "pydantic", "/src/", 'File "', "postgres", "0x7f", "select ")


def body_of(value: object) -> bytes:
    """JSON with lone surrogates written as escapes, as a hostile program may send it."""
    return json.dumps(value).encode()


async def send_raw(
    http: httpx.AsyncClient, method: str, path: str, value: object
) -> httpx.Response:
    headers = {"Content-Type": "application/json"}
    return await http.request(method, path, content=body_of(value), headers=headers)


def is_sane(response: httpx.Response) -> None:
    """Refused or taken, never surprised, and nothing of the inside in the answer."""
    assert response.status_code < 500, (response.request.url, response.text[:300])
    if response.status_code >= 400:
        assert not any(word in response.text for word in INSIDE), response.text[:300]


async def refused_frame(socket: Any) -> dict[str, Any]:
    """The next frame that is no ping."""
    while True:
        frame: dict[str, Any] = json.loads(await asyncio.wait_for(socket.recv(), 8))
        if frame["t"] != "ping":
            return frame


@asynccontextmanager
async def chat_socket(product: Product, origin: str | None = SHOP) -> AsyncIterator[Any]:
    """A bare visitor's socket, which has said nothing yet."""
    headers = {} if origin is None else {"Origin": origin}
    async with websockets.connect(
        f"{product.ws}/chat/live", additional_headers=headers, max_size=None
    ) as socket:
        yield socket


@asynccontextmanager
async def desk_socket(someone: Person, origin: str | None = "") -> AsyncIterator[Any]:
    """A bare desk's socket with this person's cookie."""
    product = someone.product
    headers = {"Cookie": "; ".join(f"{n}={v}" for n, v in someone.http.cookies.items())}
    if origin is not None:
        headers["Origin"] = origin or product.base
    async with websockets.connect(
        f"{product.ws}/live", additional_headers=headers, max_size=None
    ) as socket:
        yield socket


async def ends(socket: Any) -> list[dict[str, Any]]:
    """What was said until the socket closed."""
    said: list[dict[str, Any]] = []
    with contextlib.suppress(websockets.ConnectionClosed):
        while True:
            said.append(await refused_frame(socket))
    return said


@dataclass
class Attended:
    """A contact in progress."""

    ana: Person
    beto: Person
    guest: Guest
    case: str
    conversation: str

    async def guest_file(self, name: str = "f.png", content: bytes = PNG) -> str:
        """A file that the visitor has kept with us and not sent."""
        found: str = (await self.guest_upload(name, content)).json()["id"]
        return found

    async def guest_upload(self, name: str, content: bytes) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.guest.token}", "Origin": SHOP}
        async with httpx.AsyncClient(base_url=self.ana.product.base, timeout=20) as http:
            sent = {"file": (name, content)}
            return await http.post("/chat/upload", files=sent, headers=headers)


async def attend(product: Product, key: str, ana: Person, **form: Any) -> tuple[Guest, str]:
    """A visitor writes and Ana takes him; returns the visitor and the case."""
    await ana.open()
    await ana.presence("available")
    guest = Guest(product, key)
    await guest.start(**{"name": "Eva", **form})
    await guest.open()
    await guest.say("hola")
    case = await ana.take()
    while ana.conversation(case) != guest.conversation:  # somebody whom another test left waiting
        await ana.post(f"/api/cases/{case}/end", {"client_id": client_id()})
        case = await ana.take()
    return guest, case


def address_of(product: Product) -> tuple[str, int]:
    return "127.0.0.1", int(product.base.rsplit(":", 1)[1])


async def raw_http(product: Product, request: bytes, wait_s: float = 5) -> bytes:
    """Bytes out, bytes back, for what no client would send."""
    reader, writer = await asyncio.open_connection(*address_of(product))
    writer.write(request)
    with contextlib.suppress(ConnectionError):
        await writer.drain()
    found = b""
    with contextlib.suppress(TimeoutError, ConnectionError):
        async with asyncio.timeout(wait_s):
            while chunk := await reader.read(65536):
                found += chunk
    writer.close()
    return found
