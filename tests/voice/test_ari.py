"""The client alone, against a stand-in that misbehaves on purpose."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from structlog.testing import capture_logs

from atiende.channels.voice import ari as line
from atiende.channels.voice.ari import Access, Ari, AriError
from atiende.channels.voice.rest import Rest
from tests.voice.fake_ari import Asked, FakeAri, fake_ari


@pytest.fixture
async def fake() -> AsyncIterator[FakeAri]:
    async with fake_ari() as made:
        yield made


def access(fake: FakeAri, timeout_s: float = 2.0) -> Access:
    return Access(fake.url, "cc", "pass:word", timeout_s=timeout_s)


async def take(ari: Ari, count: int) -> list[dict[str, Any]]:
    taken: list[dict[str, Any]] = []
    async with asyncio.timeout(5):
        async for event in ari.events():
            taken.append(event)
            if len(taken) == count:
                break
    return taken


async def test_the_password_is_in_a_header_and_the_filter_is_put_first(fake: FakeAri) -> None:
    async with Ari(access(fake)) as ari:
        await ari.wait_ready(5)
    path, headers = fake.opened[0]
    assert path == "/ari/events?app=atiende&subscribeAll=false"
    assert base64.b64decode(headers["Authorization"].split()[1]) == b"cc:pass:word"
    assert "word" not in repr(ari.access)
    first = fake.asked[0]
    assert (first["method"], first["uri"]) == ("PUT", "applications/atiende/eventFilter")
    assert json.loads(first["message_body"]) == {
        "disallowed": [{"type": "ChannelVarset"}, {"type": "ChannelDialplan"}]
    }


async def test_an_event_may_overtake_the_answer_of_what_caused_it(fake: FakeAri) -> None:
    async def late(fake: FakeAri, asked: Asked) -> None:
        await fake.tell({"type": "PlaybackStarted", "n": 1})
        await fake.tell({"type": "PlaybackFinished", "n": 2})
        await fake.answer(asked, 201, {"id": "p"})

    fake.answering = late
    async with Ari(access(fake)) as ari:
        await ari.wait_ready(5)
        asking = asyncio.create_task(ari.request(Rest("POST", "channels/x/play/p")))
        assert [each["n"] for each in await take(ari, 2)] == [1, 2]
        assert await asking == {"id": "p"}


async def test_answers_find_their_requests_in_any_order(fake: FakeAri) -> None:
    waiting: list[Asked] = []

    async def hoard(fake: FakeAri, asked: Asked) -> None:
        waiting.append(asked)
        if len(waiting) == 20:
            for each in reversed(waiting):
                await fake.answer(each, 200, {"uri": each["uri"]})

    fake.answering = hoard
    async with Ari(access(fake)) as ari:
        await ari.wait_ready(5)
        told = await asyncio.gather(*(ari.get(f"channels/{n}") for n in range(20)))
        assert [each["uri"] for each in told] == [f"channels/{n}" for n in range(20)]


async def test_a_query_and_a_body_travel_as_asterisk_reads_them(fake: FakeAri) -> None:
    async with Ari(access(fake)) as ari:
        await ari.wait_ready(5)
        await ari.request(Rest("POST", "channels", {"callerId": '"A & B" <+52>'}, {"a": "ñ"}))
    asked = fake.requests[0]
    assert asked["uri"] == "channels?callerId=%22A+%26+B%22+%3C%2B52%3E"
    assert json.loads(asked["message_body"]) == {"a": "ñ"}


async def test_what_has_ended_is_none_and_other_refusals_are_named(fake: FakeAri) -> None:
    async def refuse(fake: FakeAri, asked: Asked) -> None:
        status = int(asked["uri"].rpartition("/")[2])
        await fake.answer(asked, status, {"message": "Channel +5255 not found"})

    fake.answering = refuse
    async with Ari(access(fake)) as ari:
        await ari.wait_ready(5)
        assert await ari.get("channels/404") is None
        for status in (400, 401, 409, 422, 500, 503):
            with pytest.raises(AriError) as refused:
                await ari.get(f"channels/{status}")
            assert (refused.value.status, str(refused.value)) == (status, f"GET channels: {status}")
            assert refused.value.detail == "Channel +5255 not found"


async def test_no_answer_is_no_answer_and_a_late_one_hurts_nobody(fake: FakeAri) -> None:
    kept: list[Asked] = []

    async def silent(_: FakeAri, asked: Asked) -> None:
        kept.append(asked)

    fake.answering = silent
    async with Ari(access(fake, 0.3)) as ari:
        await ari.wait_ready(5)
        with pytest.raises(AriError) as late:
            await ari.get("channels")
        assert late.value.status == 0
        fake.answering = FakeAri().answering
        await fake.answer(kept[0], 200, {"late": True})
        assert await ari.get("bridges") == {}


async def test_a_lost_line_fails_what_waits_and_comes_back(fake: FakeAri) -> None:
    async def cut(fake: FakeAri, _: Asked) -> None:
        assert fake.socket is not None
        fake.socket.transport.abort()

    connected: list[int] = []

    async def compare(ari: Ari) -> None:
        connected.append(ari.connections)
        await ari.get("channels")

    async with Ari(access(fake), compare) as ari:
        await ari.wait_ready(5)
        fake.answering = cut
        with pytest.raises(AriError) as lost:
            await ari.get("bridges")
        assert lost.value.status == 0
        fake.answering = FakeAri().answering
        await ari.wait_ready(5)
        assert connected == [1, 2]
        assert await ari.get("bridges") == {}


async def test_events_are_held_until_all_was_compared(fake: FakeAri) -> None:
    gate, order = asyncio.Event(), list[str]()

    async def compare(ari: Ari) -> None:
        await fake.tell({"type": "StasisStart"})
        await ari.get("channels")
        await gate.wait()
        order.append("compared")

    async with Ari(access(fake), compare) as ari:
        taking = asyncio.create_task(take(ari, 1))
        await fake.got(1)
        assert not ari.is_ready
        done, _ = await asyncio.wait([taking], timeout=0.1)
        assert not done
        gate.set()
        order.append((await taking)[0]["type"])
        assert order == ["compared", "StasisStart"]


async def test_what_breaks_while_comparing_is_not_swallowed(fake: FakeAri) -> None:
    async def compare(_: Ari) -> None:
        raise KeyError("a mistake of ours")

    async with Ari(access(fake), compare) as ari:
        with pytest.raises(KeyError):
            await take(ari, 1)


async def test_a_second_copy_of_an_event_is_dropped(fake: FakeAri) -> None:
    async with Ari(access(fake)) as ari:
        await ari.wait_ready(5)
        for event in ({"at": 1}, {"at": 1}, {"at": 2}, {"at": 1}, {"at": 3}):
            await fake.tell(event)
        assert [each["at"] for each in await take(ari, 3)] == [1, 2, 3]


async def test_what_is_no_event_is_passed_over(fake: FakeAri) -> None:
    async with Ari(access(fake)) as ari:
        await ari.wait_ready(5)
        assert fake.socket is not None
        for odd in ("", "{", "[]", "7", "[" * 5_000, '{"type":"RESTResponse"}'):
            await fake.socket.send(odd)
        await fake.tell({"at": 9})
        assert [each["at"] for each in await take(ari, 1)] == [9]


async def test_only_so_many_wait_and_the_others_for_a_place(
    fake: FakeAri, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "MAX_ASKED", 3)
    waiting: list[Asked] = []

    async def hoard(_: FakeAri, asked: Asked) -> None:
        waiting.append(asked)

    fake.answering = hoard
    async with Ari(access(fake)) as ari:
        await ari.wait_ready(5)
        asking = [asyncio.create_task(ari.get(f"channels/{n}")) for n in range(10)]
        await fake.got(3)
        await asyncio.sleep(0.1)
        assert len(waiting) == 3
        fake.answering = FakeAri().answering
        for each in waiting:
            await fake.answer(each)
        assert await asyncio.gather(*asking) == [{}] * 10


async def test_who_does_not_listen_loses_the_line_and_not_an_event_in_silence(
    fake: FakeAri, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "MAX_EVENTS", 50)
    again = asyncio.Event()

    async def compare(ari: Ari) -> None:
        if ari.connections == 2:
            again.set()

    async with Ari(access(fake), compare) as ari:
        await ari.wait_ready(5)
        for n in range(60):
            await fake.tell({"n": n})
        async with asyncio.timeout(5):
            await again.wait()
        assert [each["n"] for each in await take(ari, 51)] == list(range(51))


async def test_who_is_replaced_stops(fake: FakeAri) -> None:
    async with Ari(access(fake)) as ari:
        await ari.wait_ready(5)
        await fake.tell({"type": "ApplicationReplaced"})
        async with asyncio.timeout(5):
            assert [each["type"] async for each in ari.events()] == ["ApplicationReplaced"]
        assert ari.replaced
        assert len(fake.opened) == 1


async def test_a_refused_line_is_tried_again_ever_slower_and_says_no_secret(
    fake: FakeAri, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "FIRST_WAIT_S", 0.02)
    fake.refusal = 401
    with capture_logs() as logs:
        async with Ari(access(fake)) as ari:
            with pytest.raises(TimeoutError):
                await ari.wait_ready(0.5)
            with pytest.raises(AriError):
                await ari.get("channels")
            assert 2 <= len(fake.opened) <= 8
            fake.refusal = 0
            await ari.wait_ready(5)
    assert {each["event"] for each in logs} == {"ari_away"}
    assert "401" in logs[0]["reason"]
    assert "word" not in json.dumps(logs, default=str)
