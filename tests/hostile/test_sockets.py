"""Hostile sockets: who may open one, how many, how fast, and what is let go."""

import asyncio
import base64
import contextlib
import json
import os
import socket
from typing import Any

import pytest
import websockets

from atiende.web import chat_hub, hub
from tests.hostile.attack import (
    ANA,
    ROSA,
    SHOP,
    Attended,
    address_of,
    chat_socket,
    desk_socket,
    ends,
    refused_frame,
)
from tests.hostile.conftest import House
from tests.product import Guest, Person, client_id, person


async def test_a_megabyte_closes_the_socket_and_nothing_else(
    house: House, attended: Attended
) -> None:
    async with chat_socket(house.product) as ws:
        await ws.send(json.dumps({"t": "hello", "token": attended.guest.token}))
        assert (await refused_frame(ws))["t"] == "ready"
        body = json.dumps({"t": "message", "client_id": client_id(), "body": "x" * 1_100_000})
        await ws.send(body)
        await ends(ws)
    guest = attended.guest
    await guest.send({"t": "message", "client_id": client_id(), "body": "x" * 66_000})
    await guest.until(lambda: any(f.get("key") == "frame_too_big" for f in guest.frames))
    assert (await attended.guest.say("x" * 4_001))["key"] == "message_too_long"
    assert (await attended.guest.say("x" * 4_000))["t"] == "ack"


async def test_a_message_in_many_pieces_is_bounded_too(house: House) -> None:
    async with chat_socket(house.product) as ws:

        async def pieces() -> Any:
            for _ in range(200):
                yield "y" * 10_000

        with contextlib.suppress(websockets.ConnectionClosed):
            await ws.send(pieces())
        with pytest.raises(websockets.ConnectionClosed):
            await ws.recv()


async def test_nothing_is_unfolded_from_a_compressed_frame(house: House) -> None:
    """The server takes no compression: a few kilobytes cannot become all of its memory."""
    async with chat_socket(house.product) as ws:
        assert ws.protocol.extensions == []


def handshake(path: str, origin: str, cookie: str = "") -> bytes:
    """The request of a socket, written by hand."""
    host = origin.partition("//")[2]
    lines = (
        f"GET {path} HTTP/1.1",
        f"Host: {host}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
        "Sec-WebSocket-Version: 13",
        f"Origin: {origin}",
        f"Cookie: {cookie}",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def masked(payload: bytes) -> bytes:
    """A text frame of less than 126 bytes."""
    return bytes([0x81, 0x80 | len(payload), 0, 0, 0, 0]) + payload


async def test_wrong_utf8_closes_the_socket(house: House) -> None:
    reader, writer = await asyncio.open_connection(*address_of(house.product))
    writer.write(handshake("/chat/live", SHOP))
    assert b"101" in await reader.readuntil(b"\r\n\r\n")
    writer.write(masked(b"\xff\xfe\xfa\xfb"))
    assert (await asyncio.wait_for(reader.read(), 5))[:1] in (b"", b"\x88")
    writer.close()


async def test_a_token_guessed_or_of_nobody_opens_nothing(house: House) -> None:
    for token in ("x", "A" * 43, "A" * 200, "' or 1=1 --", "\u0000", "0" * 64):
        async with chat_socket(house.product) as ws:
            await ws.send(json.dumps({"t": "hello", "token": token}))
            assert (await ends(ws))[-1] == {"t": "bye", "key": "token_unknown"}


async def test_what_is_stored_of_a_token_is_no_token(house: House, attended: Attended) -> None:
    async with house.product.db.connection() as conn:
        kept = [r["value"] for r in await conn.fetch("select value from identities")]
    assert attended.guest.token not in kept
    for value in kept:
        async with chat_socket(house.product) as ws:
            await ws.send(json.dumps({"t": "hello", "token": value}))
            assert (await ends(ws))[-1]["key"] == "token_unknown"


ORIGINS = (
    None, "null", "", "https://tienda.example.malo.example", "https://malo.example",
    "https://sub.tienda.example", "http://tienda.example", "https://tienda.example:8443",
    "https://tienda.example@malo.example", "https://tienda.exampl", "//tienda.example",
    "https://[", "https://tienda.example/../x", "ftp://tienda.example", "https://tienda\u2024example",
)  # fmt: skip


@pytest.mark.parametrize("origin", ORIGINS)
async def test_a_forged_origin_opens_no_chat(
    house: House, attended: Attended, origin: str | None
) -> None:
    headers = {} if origin is None else {"Origin": origin.encode("utf-8").decode("latin-1")}
    async with websockets.connect(
        f"{house.product.ws}/chat/live", additional_headers=headers
    ) as ws:
        await ws.send(json.dumps({"t": "hello", "token": attended.guest.token}))
        assert (await ends(ws))[-1] == {"t": "bye", "key": "origin_refused"}
    http = attended.ana.http
    form = {"key": house.key, "consent": True}
    answer = await http.post("/chat/start", json=form, headers={"Origin": "https://malo.example"})
    assert (answer.status_code, answer.json()["key"]) == (403, "origin_refused")


@pytest.mark.parametrize(
    "origin", [None, "null", "https://malo.example", "http://127.0.0.1", "http://[", SHOP]
)
async def test_a_forged_origin_opens_no_desk(house: House, origin: str | None) -> None:
    async with person(house.product, ROSA) as rosa:
        with pytest.raises(websockets.InvalidStatus) as refused:
            async with desk_socket(rosa, origin):
                raise AssertionError("it opened")
        assert refused.value.response.status_code == 403


async def test_without_a_session_no_desk_opens(house: House) -> None:
    for cookie in ("", "atiende=", "atiende=x", f"atiende={'A' * 43}", "atiende=%00"):
        with pytest.raises(websockets.InvalidStatus):
            async with websockets.connect(
                f"{house.product.ws}/live",
                additional_headers={"Cookie": cookie, "Origin": house.product.base},
            ):
                raise AssertionError("it opened")


async def test_hello_twice_is_an_error_and_changes_nobody(house: House, attended: Attended) -> None:
    other = Guest(house.product, house.key)
    await other.start(name="Otro")
    await attended.guest.send({"t": "hello", "token": other.token, "held": 0})
    await attended.guest.until(
        lambda: any(f.get("key") == "bad_frame" for f in attended.guest.frames)
    )
    assert (await attended.guest.say("sigo siendo yo"))["t"] == "ack"
    bodies = [m["body"] for m in await attended.ana.load(attended.case)]
    assert "sigo siendo yo" in bodies


async def test_a_sixth_socket_of_a_visitor_is_refused_politely(
    house: House, attended: Attended
) -> None:
    token = attended.guest.token
    opened = []
    for _ in range(4):
        ws = await websockets.connect(
            f"{house.product.ws}/chat/live", additional_headers={"Origin": SHOP}
        )
        await ws.send(json.dumps({"t": "hello", "token": token}))
        assert (await refused_frame(ws))["t"] == "ready"
        opened.append(ws)
    async with chat_socket(house.product) as ws:
        await ws.send(json.dumps({"t": "hello", "token": token}))
        assert await ends(ws) == [{"t": "bye", "key": "too_many_sockets"}]
    for ws in opened:
        await ws.close()


async def test_a_ninth_socket_of_a_person_is_refused_even_if_none_said_hello(
    house: House,
) -> None:
    async with person(house.product, ROSA) as rosa:
        opened = [await _desk(rosa) for _ in range(hub.SOCKETS_A_PERSON)]
        async with desk_socket(rosa) as ws:
            assert await ends(ws) == [{"t": "bye", "key": "too_many_sockets"}]
        for ws in opened:
            await ws.close()
        await _until(lambda: house.product.app.state.hub.total == 0)
        async with desk_socket(rosa) as ws:
            await ws.send('{"t":"hello"}')
            assert (await refused_frame(ws))["t"] == "snapshot"


async def _desk(someone: Person) -> Any:
    cookies = "; ".join(f"{n}={v}" for n, v in someone.http.cookies.items())
    headers = {"Cookie": cookies, "Origin": someone.product.base}
    return await websockets.connect(f"{someone.product.ws}/live", additional_headers=headers)


async def _until(met: Any, seconds: float = 8) -> None:
    async with asyncio.timeout(seconds):
        while not met():  # noqa: ASYNC110 (nothing of the product tells a test)
            await asyncio.sleep(0.02)


async def test_beyond_the_total_a_socket_is_refused_politely(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat_hub, "MAX_SOCKETS", 0)
    monkeypatch.setattr(hub, "MAX_SOCKETS", 0)
    async with chat_socket(house.product) as ws:
        assert await ends(ws) == [{"t": "bye", "key": "too_many_sockets"}]
    async with person(house.product, ROSA) as rosa, desk_socket(rosa) as ws:
        assert await ends(ws) == [{"t": "bye", "key": "too_many_sockets"}]


async def test_an_address_holds_only_so_many_sockets(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat_hub, "MAX_PER_ADDRESS", 1)
    async with chat_socket(house.product), chat_socket(house.product) as second:
        assert await ends(second) == [{"t": "bye", "key": "too_many_sockets"}]


async def test_who_never_says_hello_is_sent_away(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("atiende.web.chat_live.HELLO_S", 0.1)
    monkeypatch.setattr("atiende.web.live.HELLO_S", 0.1)
    async with chat_socket(house.product) as ws:
        assert await ends(ws) == [{"t": "bye", "key": "hello_expected"}]
    async with person(house.product, ROSA) as rosa, desk_socket(rosa) as ws:
        assert await ends(ws) == [{"t": "bye", "key": "hello_expected"}]


async def test_the_limit_of_messages_is_the_visitors_not_the_sockets(
    house: House, attended: Attended
) -> None:
    guest = attended.guest
    answers = [await guest.say(f"m{n}") for n in range(25)]
    assert [a["t"] for a in answers].count("ack") <= 20
    assert answers[-1]["key"] == "rate_limited"
    async with chat_socket(house.product) as ws:
        await ws.send(json.dumps({"t": "hello", "token": guest.token, "held": 10**9}))
        assert (await refused_frame(ws))["t"] == "ready"
        await ws.send(json.dumps({"t": "message", "client_id": client_id(), "body": "otra vía"}))
        while (frame := await refused_frame(ws))["t"] not in ("ack", "error"):
            pass
        assert (frame["t"], frame["key"]) == ("error", "rate_limited")
    house.product.app.state.chats.rates.clear()


async def test_thousands_of_frames_delay_nobody_else(house: House, attended: Attended) -> None:
    flood = Guest(house.product, house.key)
    await flood.start(name="Inundación")
    await flood.open()
    try:
        for _ in range(3_000):
            await asyncio.wait_for(flood.send({"t": "typing", "on": True}), 0.2)
    except TimeoutError:
        pass  # held back by the network, as intended
    clock = asyncio.get_running_loop().time
    begun = clock()
    assert (await attended.guest.say("¿me atienden?"))["t"] == "ack"
    assert clock() - begun < 2
    flood.socket.transport.abort()


async def test_a_desk_that_does_not_read_is_let_go(house: House, attended: Attended) -> None:
    """Its network is full and stays so: the server forgets it, and everybody else goes on."""
    desks = house.product.app.state.hub
    others = set(desks.desks)
    sock = socket.socket()
    async with person(house.product, ANA) as ana, contextlib.AsyncExitStack() as stack:
        stack.enter_context(sock)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.connect(address_of(house.product))
        cookies = "; ".join(f"{n}={v}" for n, v in ana.http.cookies.items())
        sock.sendall(handshake("/live", house.product.base, cookies))
        assert b"101" in await asyncio.to_thread(sock.recv, 4096)
        sock.sendall(masked(b'{"t":"hello"}'))
        await _until(lambda: desks.desks - others)
        (desk,) = desks.desks - others
        await _until(lambda: desk.backlog is None)
        filler = json.dumps({"t": "typing", "preview": "x" * 60_000})
        for _ in range(hub.MAX_WAITING + 200):
            desk.send_text(filler)
            await asyncio.sleep(0)
        assert desk.farewell == "too_slow"
        await _until(lambda: desk not in desks.desks, 15)


async def test_a_cut_without_a_word_leaves_nothing_behind(house: House) -> None:
    chats = house.product.app.state.chats
    guest = Guest(house.product, house.key)
    await guest.start(name="Corte")
    for _ in range(30):
        await guest.open()
        guest.socket.transport.abort()
        guest.frames.clear()
    await _until(lambda: chats.total == 0, 15)
    assert len(chats) == 0
