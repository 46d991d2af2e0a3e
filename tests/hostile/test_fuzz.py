"""Every event name and type of both sockets fuzzed: understood or refused, nothing told."""

import asyncio
import json
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atiende.channels.base import BadPayload
from atiende.channels.webchat import parse
from atiende.web.live import _decode
from tests.hostile.attack import (
    HOSTILE,
    HUGE,
    INSIDE,
    NOWHERE,
    ROSA,
    body_of,
    chat_socket,
    desk_socket,
    ends,
    refused_frame,
)
from tests.hostile.conftest import House
from tests.product import Guest, client_id, person

NAMES = (
    "hello watch unwatch floor pong message typing read end ready snapshot events state ack bye "
    "error ping base subscribe __init__ constructor"
).split()
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40)
values = st.recursive(
    scalars | st.sampled_from([*HUGE, NOWHERE, *HOSTILE[:-1]]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)
KEYS = "case on held watch visible token client_id body attachments rev t".split()
frames = st.fixed_dictionaries(
    {"t": st.sampled_from(NAMES) | values}, optional=dict.fromkeys(KEYS[:-1], values)
)
fuzz = settings(
    max_examples=300,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
#: Frames that are no JSON, or no frame.
BROKEN: tuple[str | bytes, ...] = (
    "",
    "{",
    "null",
    "[]",
    '"hello"',
    "0",
    "[" * 30_000,
    '{"t":"hello","t":"watch"}',
    '{"t":"watch","case":"' + "9" * 70_000 + '"}',
    '{"t":"message","client_id":"12345678","body":"\\ud800"}',
    "\ufeff{}",
    b"\x00\x01\x02",
    b'{"t":"pong"}',
    b"\xff\xfe" * 1000,
)


@fuzz
@given(frames)
def test_a_desks_frame_is_understood_or_refused(frame: dict[str, Any]) -> None:
    try:
        _decode(body_of(frame))
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return


@fuzz
@given(frames)
def test_a_visitors_frame_is_understood_or_refused(frame: dict[str, Any]) -> None:
    try:
        parse.frame(body_of(frame))
    except BadPayload:
        return


def examples() -> list[str]:
    """The same frames at every run: each name with each kind of value in each place."""
    made: list[str] = []
    value: Any
    for name in NAMES:
        for value in (None, True, 7, -1, 1.5, "x", [], {}, NOWHERE, [NOWHERE], *HUGE, *HOSTILE[:3]):
            made.append(json.dumps({"t": name, **dict.fromkeys(KEYS[:-1], value)}))
            made.append(json.dumps({"t": value, "case": NOWHERE}))
        made.append(json.dumps({"t": name}))
    return made


def nothing_of_the_inside(said: list[dict[str, Any]]) -> None:
    text = json.dumps(said)
    assert not any(word in text for word in INSIDE), text[:500]


async def say_all(socket: Any, said: list[Any], texts: list[str | bytes]) -> None:
    """Sends and reads, as fast as the server takes."""

    async def listen() -> None:
        async for text in socket:
            said.append(json.loads(text))

    listening = asyncio.create_task(listen())
    for text in texts:
        await socket.send(text)
    await asyncio.sleep(0)
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The brake on fast senders would make a fuzz of hundreds of frames last for minutes."""

    async def now(*_: object) -> None:
        return None

    monkeypatch.setattr("atiende.web.live.not_too_fast", now)
    monkeypatch.setattr("atiende.web.chat_live.not_too_fast", now)


@pytest.mark.usefixtures("hurried")
async def test_a_desks_socket_survives_every_event_and_says_nothing_of_the_inside(
    house: House,
) -> None:
    async with person(house.product, ROSA) as rosa, desk_socket(rosa) as ws:
        await ws.send('{"t":"hello"}')
        assert (await refused_frame(ws))["t"] == "snapshot"
        said: list[dict[str, Any]] = []
        await say_all(ws, said, [*examples(), *BROKEN])
        await ws.send(json.dumps({"t": "watch", "case": NOWHERE}))
        while True:
            frame = await refused_frame(ws)
            said.append(frame)
            if frame["t"] == "events" and frame["e"][0].get("gone"):
                break
        nothing_of_the_inside(said)
        errors = [f for f in said if f["t"] == "error"]
        assert errors
        assert {json.dumps(f) for f in errors} == {'{"t": "error", "key": "bad_frame"}'}


@pytest.mark.usefixtures("hurried")
async def test_a_visitors_socket_survives_every_event_and_says_nothing_of_the_inside(
    house: House,
) -> None:
    guest = Guest(house.product, house.key)
    await guest.start(name="Fuzz")
    async with chat_socket(house.product) as ws:
        await ws.send(json.dumps({"t": "hello", "token": guest.token}))
        assert (await refused_frame(ws))["t"] == "ready"
        said: list[dict[str, Any]] = []
        texts = [x for x in examples() if '"t": "end"' not in x and '"t": "message"' not in x]
        await say_all(ws, said, [*texts, *BROKEN])
        made = client_id()
        await ws.send(json.dumps({"t": "message", "client_id": made, "body": "sigo aquí"}))
        while True:
            frame = await refused_frame(ws)
            said.append(frame)
            if frame.get("client_id") == made:
                break
        assert frame["t"] == "ack"
        await ws.send('{"t":"end"}')
        while frame["t"] != "state" or frame["state"]["phase"] != "ended":
            frame = await refused_frame(ws)
        nothing_of_the_inside(said)


@pytest.mark.parametrize(
    "first", [*BROKEN, '{"t":"pong"}', '{"t":"base"}', '{"t":"hello","held":3}']
)
async def test_whatever_comes_first_but_hello_ends_the_visitors_socket(
    house: House, first: str | bytes
) -> None:
    async with chat_socket(house.product) as ws:
        await ws.send(first)
        assert await ends(ws) == [{"t": "bye", "key": "hello_expected"}]


@pytest.mark.parametrize("first", [*BROKEN, '{"t":"pong"}', '{"t":"base"}'])
async def test_whatever_comes_first_but_hello_ends_the_desks_socket(
    house: House, first: str | bytes
) -> None:
    async with person(house.product, ROSA) as rosa, desk_socket(rosa) as ws:
        await ws.send(first)
        assert await ends(ws) == [{"t": "bye", "key": "hello_expected"}]
