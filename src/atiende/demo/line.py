"""How virtual people reach the product: HTTP and sockets to its own address, as any browser would.

Used by visitors.py and attendants.py; nothing here knows a slice. Cookies are carried by hand, so
that a `__Host-` cookie also works where a proxy before us speaks https.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from atiende.settings import Settings

Frame = dict[str, Any]
#: What happens to a line when the product restarts, or is busy.
LOST = (OSError, TimeoutError, WebSocketException, httpx.HTTPError)
WILD = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - read, not listened on
TIMEOUT_S = 15.0


class RefusedError(Exception):
    """The product said no: its status and its key."""

    def __init__(self, status: int, key: str) -> None:
        super().__init__(f"{status} {key}")
        self.status = status
        self.key = key


def client_id() -> str:
    return str(uuid4())


@dataclass
class Line:
    """One person's connection: his own client, his own cookie."""

    base: str
    trust: ssl.SSLContext | bool
    cookie: str = ""
    client: httpx.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx.AsyncClient(
            base_url=self.base, verify=self.trust, timeout=TIMEOUT_S, trust_env=False
        )

    async def close(self) -> None:
        await self.client.aclose()

    def _headers(self) -> dict[str, str]:
        own = {"Origin": self.base, "X-Atiende": "1", "User-Agent": "Atiende demo"}
        return {**own, "Cookie": self.cookie} if self.cookie else own

    async def call(self, method: str, path: str, body: object = None, **more: Any) -> Any:
        """The answer's JSON. RefusedError when it is no success."""
        if body is not None:
            more["json"] = body
        headers = {**self._headers(), **more.pop("headers", {})}
        answer = await self.client.request(method, path, headers=headers, **more)
        self.client.cookies.clear()
        if set_cookie := answer.headers.get("set-cookie"):
            self.cookie = set_cookie.partition(";")[0]
        if answer.status_code >= 300:
            raise RefusedError(answer.status_code, _key(answer))
        return answer.json()

    async def post(self, path: str, **body: Any) -> Any:
        """A command with a client id of its own."""
        return await self.call("POST", path, {"client_id": client_id(), **body})

    @contextlib.asynccontextmanager
    async def socket(self, path: str) -> AsyncIterator[ClientConnection]:
        headers = {"Cookie": self.cookie} if self.cookie else {}
        secure = self.base.startswith("https")
        async with connect(
            "ws" + self.base.removeprefix("http") + path,
            origin=self.base,  # type: ignore[arg-type]
            ssl=self.trust if secure and isinstance(self.trust, ssl.SSLContext) else None,
            additional_headers=headers,
            open_timeout=TIMEOUT_S,
            close_timeout=2,
            ping_interval=None,
            proxy=None,
            compression=None,
        ) as ws:
            yield ws


def _key(answer: httpx.Response) -> str:
    try:
        return str(answer.json().get("key", ""))
    except (ValueError, AttributeError):
        return ""


def new_line(settings: Settings) -> Line:
    """A line to the address this very product listens on."""
    host = WILD.get(settings.host, settings.host)
    shown = f"[{host}]" if ":" in host else host
    secure = settings.serves_tls
    return Line(f"{'https' if secure else 'http'}://{shown}:{settings.port}", _trust(secure))


def _trust(secure: bool) -> ssl.SSLContext | bool:
    """The other end is this same process, so its certificate proves nothing to us."""
    if not secure:
        return False
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


async def until_ready(line: Line) -> None:
    """Waits for the product to answer that all is well."""
    while True:
        try:
            await line.call("GET", "/healthz")
        except (*LOST, RefusedError):
            await asyncio.sleep(0.5)
        else:
            return


def read_frame(text: str | bytes) -> Frame:
    frame: Frame = json.loads(text)
    return frame
