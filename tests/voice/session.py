"""A test's hand on a real Asterisk: asks for effects, waits for facts, and keeps both as a session.

Sessions that were kept (`python -m tests.voice.record`) are the fixtures of the pure tests.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict, replace
from typing import Any, TypeVar

from atiende.channels.voice.ari import Access, Ari, AriError
from atiende.channels.voice.effects import (
    CloseBridge,
    Effect,
    Hangup,
    ObjectKind,
    PutObject,
    RemoveObject,
)
from atiende.channels.voice.facts import Fact
from atiende.channels.voice.parse import parse
from atiende.channels.voice.render import render
from atiende.demo.phone import Options, Phone
from atiende.engines.asterisk import Exchange

F = TypeVar("F")


class Session:
    """`steps` holds events with their facts, and effects with their requests, in order."""

    def __init__(self, ari: Ari, exchange: Exchange) -> None:
        self.ari = ari
        self.proxy = (exchange.sip_host, exchange.sip_port)
        self.exchange = exchange
        self.steps: list[dict[str, Any]] = []
        self.facts: list[Any] = []
        self.listening: asyncio.Task[None]
        self._read = 0
        self._news = asyncio.Event()

    async def listen(self) -> None:
        async for event in self.ari.events():
            fact = parse(event)
            self.steps.append({"event": {**event, "asterisk_id": "x"}, "fact": told(fact)})
            if fact is not None:
                self.facts.append(fact)
                self._news.set()

    async def do(self, effect: Effect) -> Any:
        """Asks for it; None when what it is about has ended."""
        rest = render(effect)
        self.steps.append({"effect": told(effect), "request": asdict(rest)})
        return await self.ari.request(rest)

    async def status(self, effect: Effect) -> int:
        """The status that Asterisk refuses it with; 200 when it does not."""
        try:
            await self.do(effect)
        except AriError as refused:
            return refused.status
        return 200

    async def until(self, kind: type[F], timeout_s: float = 8) -> F:
        """The next fact of a kind; those before it are passed over."""
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    while self._read < len(self.facts):
                        fact = self.facts[self._read]
                        self._read += 1
                        if isinstance(fact, kind):
                            return fact
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"no {kind.__name__} in {self.facts}") from None

    async def put(self, kind: ObjectKind, name: str, **fields: str) -> None:
        assert await self.ari.request(render(PutObject(kind, name, fields))) is not None

    async def put_trunk(self, name: str, port: int, protocol: str = "udp") -> None:
        """A carrier at a port of loopback; every call from 127.0.0.1 without a name is its."""
        more = ";transport=tcp" if protocol == "tcp" else ""
        for kind in KINDS:  # to put again would add a second contact
            await self.ari.request(render(RemoveObject(kind, name)))
        await self.put("aor", name, contact=f"sip:127.0.0.1:{port}{more}")
        own = {"context": "from-trunk", "aors": name, "transport": f"t-{protocol}"}
        await self.put("endpoint", name, **ENDPOINT, **own)
        await self.put("identify", name, endpoint=name, match="127.0.0.1")

    async def put_phone(self, name: str, password: str) -> None:
        """A phone that may register with a password."""
        await self.put("auth", name, auth_type="userpass", username=name, password=password)
        await self.put("aor", name, max_contacts="1", remove_existing="yes")
        own = {"context": "from-agent", "aors": name, "auth": name}
        await self.put("endpoint", name, **ENDPOINT, **own)


KINDS: tuple[ObjectKind, ...] = ("identify", "endpoint", "aor")
ENDPOINT: Mapping[str, str] = {
    "disallow": "all",
    "allow": "alaw,ulaw",
    "dtmf_mode": "rfc4733",
    "direct_media": "no",
    "rtp_symmetric": "yes",
    "language": "es",
}


def told(value: Fact | Effect | None) -> dict[str, Any] | None:
    """A fact or effect as JSON: its name and its fields."""
    return None if value is None else {type(value).__name__: asdict(value)}


@contextlib.asynccontextmanager
async def session(exchange: Exchange) -> AsyncIterator[Session]:
    """A session on a running exchange; every channel and bridge is gone after it."""
    access = Access(exchange.ari_url, exchange.ari_user, exchange.ari_password)
    async with Ari(access) as ari:
        await ari.wait_ready(10)
        made = Session(ari, exchange)
        made.listening = asyncio.create_task(made.listen())
        try:
            yield made
        finally:
            for kind, end in (
                () if ari.replaced else (("channels", Hangup), ("bridges", CloseBridge))
            ):
                for each in await ari.get(kind):
                    await ari.request(render(end(each["id"])))
            made.listening.cancel()
            await asyncio.gather(made.listening, return_exceptions=True)


@contextlib.asynccontextmanager
async def caller_and_agent(
    now: Session, *, transport: Any = "udp", name: str = "Ana Pérez"
) -> AsyncIterator[tuple[Phone, Phone]]:
    """A customer at the carrier, and an agent's registered phone."""
    base = Options(proxy=now.proxy, transport=transport)
    async with (
        Phone(replace(base, user="+525512345678", name=name)) as caller,
        Phone(base) as agent,
    ):
        await now.put_trunk("carrier", caller.line.port, transport)
        await now.put_phone("ana", "s3cret")
        assert await agent.register("ana", "s3cret") == 200
        yield caller, agent
