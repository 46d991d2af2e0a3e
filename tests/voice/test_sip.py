"""The browser phone's socket: who may come, what is relayed, what is refused, how it ends."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
import websockets
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed, InvalidStatus

from atiende.demo.phone import sip as messages
from atiende.engines.asterisk import Exchange
from atiende.web import sip
from tests.product import Person, Product, browser, found, person, running
from tests.voice.session import session

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Upstream:
    """A stand-in for Asterisk's side: says back what it heard."""

    def __init__(self) -> None:
        self.sockets: list[ServerConnection] = []
        self.sources: list[tuple[str, int]] = []
        self.ended = asyncio.Event()

    async def speak(self, socket: ServerConnection) -> None:
        self.sockets.append(socket)
        self.sources.append(socket.remote_address)
        try:
            with contextlib.suppress(ConnectionClosed):
                async for text in socket:
                    await socket.send(f"heard {text!s}")
        finally:
            self.ended.set()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def product(database: str, tmp_path_factory: Any) -> AsyncIterator[Product]:
    folder = tmp_path_factory.mktemp("product")
    async with running(database, folder) as made:
        await found(made)
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def upstream(product: Product) -> AsyncIterator[Upstream]:
    made = Upstream()
    async with serve(made.speak, "127.0.0.1", 0, subprotocols=[sip.SIP], max_size=None) as server:  # type: ignore[list-item]
        port = server.sockets[0].getsockname()[1]
        product.web.sip_url = lambda: f"ws://127.0.0.1:{port}/ws"
        yield made
        product.web.sip_url = lambda: None


def dialed(who: Person, **more: Any) -> Any:
    cookies = "; ".join(f"{n}={v}" for n, v in who.http.cookies.items())
    headers = {"Cookie": cookies, "Origin": more.pop("origin", who.product.base)}
    more = {"subprotocols": ["sip"], **more}
    return websockets.connect(f"{who.product.ws}/sip", additional_headers=headers, **more)


async def status_of(opening: Any) -> int:
    try:
        async with opening:
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


async def next_sip(line: ClientConnection, seconds: float = 5) -> str:
    """The next frame that is no keep-alive."""
    async with asyncio.timeout(seconds):
        while True:
            text = await line.recv()
            if text.strip():
                return str(text)


async def test_frames_go_both_ways_from_the_agents_own_address(
    product: Product, upstream: Upstream
) -> None:
    async with person(product, "ana@nogal.example") as ana:
        for turn in range(3):  # the address is free again at once
            async with dialed(ana) as line:
                assert line.subprotocol == "sip"
                await line.send("OPTIONS sip:a SIP/2.0\r\n\r\n")
                assert await next_sip(line) == "heard OPTIONS sip:a SIP/2.0\r\n\r\n"
                await line.send("\r\n\r\n")
                assert await line.recv() in ("\r\n", "\r\n\r\n")
            assert upstream.sources[turn] == sip.source_of(UUID(ana.me["user"]["id"]))
            await asyncio.wait_for(upstream.ended.wait(), 2)
            upstream.ended.clear()


async def _no_listening(product: Product) -> None:
    without = """update user_roles set role_id = (select id from roles where code = 'quality')
        where user_id = (select id from users where email = 'sonia@nogal.example')"""
    async with product.db.transaction() as conn:
        await conn.execute(without)


async def test_strangers_are_refused(product: Product, upstream: Upstream) -> None:
    async with (
        person(product, "ana@nogal.example") as ana,
        person(product, "sonia@nogal.example") as sonia,
        browser(product) as nobody,
    ):
        assert await status_of(dialed(ana)) == 101
        assert await status_of(dialed(ana, origin="https://evil.example")) == 403
        assert not sonia.me["is_agent"]
        assert await status_of(dialed(sonia)) == 101  # she may listen to calls
        await _no_listening(product)
        assert await status_of(dialed(sonia)) == 403
        assert await status_of(dialed(ana, subprotocols=None)) == 403
        assert await status_of(dialed(Person(product, nobody))) == 403
    assert len(upstream.sockets) == 2


async def test_whether_a_phones_socket_lives_stands_in_its_row(
    product: Product, upstream: Upstream
) -> None:
    async with person(product, "beto@nogal.example") as beto:
        agent = UUID(beto.me["user"]["id"])
        async with product.db.transaction() as conn:
            await conn.execute(
                "insert into phones (agent_id, endpoint, sealed, minted_at, expires_at)"
                " values ($1, 'agent-of-a-test', '', now(), now() + interval '1 hour')",
                agent,
            )

        async def lives(wanted: bool) -> None:
            async with asyncio.timeout(5), product.db.connection() as conn:
                query = "select socket_at is not null from phones where agent_id = $1"
                while await conn.fetchval(query, agent) != wanted:  # noqa: ASYNC110 - rows only
                    await asyncio.sleep(0.02)

        await lives(False)
        async with dialed(beto):
            await lives(True)
        await lives(False)
        async with dialed(beto):
            await lives(True)
            async with dialed(beto):  # the newer takes its place: his phone has a line all the same
                await asyncio.wait_for(upstream.ended.wait(), 2)
                await lives(True)
        await lives(False)


async def test_without_asterisk_it_says_come_again(product: Product) -> None:
    async with person(product, "ana@nogal.example") as ana:
        assert await status_of(dialed(ana)) == 503
        product.web.sip_url = lambda: "ws://127.0.0.1:9/ws"
        assert await status_of(dialed(ana)) == 503
        product.web.sip_url = lambda: None


@pytest.mark.parametrize(
    ("frame", "code"), [("x" * (sip.MAX_FRAME + 1), sip.TOO_BIG), (b"REGISTER", sip.NOT_TEXT)]
)
async def test_a_frame_that_no_phone_sends_ends_the_line(
    frame: str | bytes, code: int, product: Product, upstream: Upstream
) -> None:
    async with person(product, "ana@nogal.example") as ana, dialed(ana) as line:
        await line.send(frame)
        with pytest.raises(ConnectionClosed) as ended:
            await next_sip(line)
        assert ended.value.rcvd is not None
        assert ended.value.rcvd.code == code
        await asyncio.wait_for(upstream.ended.wait(), 2)
    assert len(product.app.state.lines) == 0


async def test_an_agent_has_one_phone_and_the_newest_is_it(
    product: Product, upstream: Upstream
) -> None:
    async with person(product, "ana@nogal.example") as ana, dialed(ana) as first:
        async with dialed(ana) as second:
            with pytest.raises(ConnectionClosed) as ended:
                await next_sip(first)
            assert ended.value.rcvd is not None
            assert ended.value.rcvd.code == sip.TAKEN
            await second.send("hola")
            assert await next_sip(second) == "heard hola"
        assert len(set(upstream.sources)) == 1


async def test_the_end_of_asterisk_and_of_the_session_end_the_line(
    product: Product, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sip, "SESSIONS_EVERY_S", 0.1)
    async with person(product, "ana@nogal.example") as ana:
        async with dialed(ana) as line:
            await line.send("hola")
            await next_sip(line)
            upstream.sockets[-1].transport.abort()
            with pytest.raises(ConnectionClosed) as ended:
                await next_sip(line)
            assert ended.value.rcvd is not None
            assert ended.value.rcvd.code == sip.COME_AGAIN
        async with dialed(ana) as line:
            await ana.post("/api/logout")
            with pytest.raises(ConnectionClosed) as ended:
                await next_sip(line)
            assert ended.value.rcvd is not None
            assert ended.value.rcvd.code == sip.SESSION_OVER


async def test_a_browser_that_answers_no_keep_alive_is_gone(
    product: Product, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sip, "KEEP_ALIVE_S", 0.1)
    async with person(product, "ana@nogal.example") as ana, dialed(ana) as line:
        for _ in range(5):
            assert await line.recv() == sip.KEEP_ALIVE
            await line.send("\r\n")
        assert not upstream.ended.is_set()
        await asyncio.wait_for(upstream.ended.wait(), 2)
    assert len(product.app.state.lines) == 0


async def test_every_agents_address_is_on_loopback_and_his_own() -> None:
    found = {sip.source_of(UUID(int=secrets.randbits(128))) for _ in range(2000)}
    assert len(found) == 2000
    assert all(host.startswith("127.") and host != "127.0.0.1" for host, _ in found)
    assert all(sip.FIRST_PORT <= port < sip.FIRST_PORT + sip.PORTS for _, port in found)


async def test_a_phone_registers_at_asterisk_through_it(
    product: Product, exchange: Exchange
) -> None:
    product.web.sip_url = lambda: exchange.sip_ws_url
    async with session(exchange) as now, person(product, "ana@nogal.example") as ana:
        await now.put_phone("web-ana-123", "s3cret")
        async with dialed(ana) as line:
            assert await register(line, "s3cret") == 200
            assert await register(line, "wrong") == 401
            # Another agent's name with one's own password, proven under either name.
            await now.put_phone("web-beto-123", "0ther")
            assert await register(line, "s3cret", "web-beto-123") == 401
            assert await register(line, "s3cret", "web-beto-123", proves="web-ana-123") == 401
    product.web.sip_url = lambda: None


async def register(
    line: ClientConnection, password: str, name: str = "web-ana-123", proves: str = ""
) -> int:
    """What Asterisk says to a REGISTER with this password."""
    who, here = f"sip:{name}@atiende", f"{secrets.token_hex(6)}.invalid"
    message = messages.Message(
        (
            ("Via", f"SIP/2.0/WS {here};branch=z9hG4bK{secrets.token_hex(6)}"),
            ("Max-Forwards", "70"),
            ("From", f"<{who}>;tag={secrets.token_hex(4)}"),
            ("To", f"<{who}>"),
            ("Call-ID", secrets.token_hex(8)),
            ("CSeq", "1 REGISTER"),
            ("Contact", f"<sip:x@{here};transport=ws>;expires=60"),
        ),
        "REGISTER",
        "sip:atiende",
    )
    asked = await answer_to(line, message)
    assert asked.status == 401
    proof = messages.Proof(proves or name, password, secrets.token_hex(8), 1)
    again = message.with_header("CSeq", "2 REGISTER").with_header(
        "Authorization",
        messages.authorization(asked.get("WWW-Authenticate"), proof, "REGISTER", "sip:atiende"),
    )
    return (await answer_to(line, again)).status


async def answer_to(line: ClientConnection, message: messages.Message) -> messages.Message:
    await line.send(messages.render(message).decode())
    while True:
        told = messages.parse((await next_sip(line)).encode())
        if told.status >= 200 and told.cseq == message.cseq:
            return told
