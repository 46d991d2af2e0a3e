"""Events into facts: by sessions kept from a real Asterisk, and with values made to hurt."""

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from atiende.channels.voice import facts as has
from atiende.channels.voice.parse import is_call, parse
from tests.sources import PACKAGE
from tests.voice.session import told

FOLDER = PACKAGE / "channels" / "voice" / "fixtures"
STORIES = "dialled held hostile inbound outbound presence refused".split()


def steps(story: str) -> list[dict[str, Any]]:
    kept: list[dict[str, Any]] = json.loads((FOLDER / f"{story}.json").read_text("utf-8"))["steps"]
    return kept


EVENTS = [each["event"] for story in STORIES for each in steps(story) if "event" in each]


def plain(value: Any) -> Any:
    return json.loads(json.dumps(value, default=str))


@pytest.mark.parametrize("story", STORIES)
def test_a_kept_session_gives_its_facts(story: str) -> None:
    for step in steps(story):
        if "event" in step:
            assert plain(told(parse(step["event"]))) == step["fact"]


def kinds(story: str) -> list[str]:
    return [next(iter(each["fact"])) for each in steps(story) if each.get("fact")]


def test_the_facts_of_a_whole_call_come_in_their_order() -> None:
    """Said by hand, so that a wrong reader could not bless itself by keeping what it read."""
    assert (
        kinds("inbound")
        == (
            "CallArrived Digit Digit Digit PlaybackFinished LegRinging LegAnswered SnoopReady "
            "RecordingStarted RecordingFinished SnoopEnded Held Unheld HungUp CallEnded LegEnded"
        ).split()
    )
    assert kinds("refused") == ["CallArrived", "CallEnded"] * 3
    assert kinds("dialled") == ["DialAsked", "CallEnded"]
    assert [each for each in kinds("presence") if each != "EndpointState"] == (
        "CallArrived Digit Digit HungUp CallEnded".split()
    )


def test_the_callees_own_reasons_are_kept() -> None:
    ended = [each["fact"]["LegEnded"] for each in steps("outbound") if "LegEnded" in fact(each)]
    told = {each["sip_code"]: each["cause"] for each in ended if each["leg"] != "leg-late"}
    assert {486: 17, 603: 21, 404: 1, 480: 19, 503: 34, 410: 22}.items() <= told.items()


def fact(step: dict[str, Any]) -> dict[str, Any]:
    return step.get("fact") or {}


def arrived(**caller: Any) -> Any:
    return parse(
        {
            "type": "StasisStart",
            "args": ["inbound", "+52155"],
            "channel": {"id": "n-1.0", "name": "PJSIP/my-trunk-0000000a", "caller": caller},
        }
    )


def test_what_a_caller_claims_is_cleaned_and_cut() -> None:
    assert arrived(name="A" * 4_000, number="9" * 4_000) == has.CallArrived(
        "n-1.0", "+52155", "9" * 64, "A" * 120, "my-trunk"
    )
    hostile = arrived(name='x"\r\nVia: y\x00\x1b[31m \u202eevil\u202c \ud800<b>', number="5\n5")
    assert hostile.name == 'x" Via: y[31m evil <b>'
    assert hostile.caller == "5 5"
    for odd in (None, 7, ["x"], {"a": 1}, True):
        assert arrived(name=odd, number=odd) == has.CallArrived(
            "n-1.0", "+52155", "", "", "my-trunk"
        )
    assert arrived() == has.CallArrived("n-1.0", "+52155", "", "", "my-trunk")


@pytest.mark.parametrize(
    "event",
    [
        None, [], "x", 7, {}, {"type": None}, {"type": ["x"]}, {"type": "Unheard"},
        {"type": "StasisStart"}, {"type": "StasisStart", "channel": []},
        {"type": "StasisStart", "args": "inbound", "channel": {"id": "1.0"}},
        {"type": "StasisStart", "args": ["inbound"], "channel": {"id": "1.0"}},
        {"type": "StasisStart", "args": [], "channel": {"id": "leg", "state": "Busy"}},
        {"type": "ChannelDtmfReceived", "digit": "12", "channel": {"id": "1.0"}},
        {"type": "ChannelDtmfReceived", "digit": "", "channel": {"id": "1.0"}},
        {"type": "ChannelDtmfReceived", "digit": ["1"], "channel": {"id": "1.0"}},
        {"type": "ChannelDestroyed", "channel": {"id": 7}},
        {"type": "ChannelStateChange", "channel": {"id": "1.0", "state": "Ringing"}},
        {"type": "EndpointStateChange", "endpoint": {"technology": "IAX2", "resource": "x"}},
    ],
)  # fmt: skip
def test_what_tells_nothing_is_none(event: object) -> None:
    assert parse(event) is None


def test_odd_causes_are_nought() -> None:
    for odd in ("16", None, -1, True, 10**9, [16]):
        event = {"type": "ChannelDestroyed", "cause": odd, "channel": {"id": "leg-1"}}
        assert parse(event) == has.LegEnded("leg-1", 0, None)


def test_when_it_happened_is_asterisks_clock() -> None:
    event = {"type": "RecordingStarted", "recording": {"name": "a/b"}}
    assert parse({**event, "timestamp": "2026-11-29T08:35:27.030+0000"}) == has.RecordingStarted(
        "a/b", datetime(2026, 11, 29, 8, 35, 27, 30_000, UTC)
    )
    assert parse({**event, "timestamp": "yesterday"}) == has.RecordingStarted("a/b", None)


def test_a_name_of_ours_is_told_from_asterisks() -> None:
    assert [is_call(each) for each in ("atiende-1795941327.0", "1795941327.12")] == [True] * 2
    assert not any(is_call(each) for each in ("leg-1", "0b7c.1a", "leg-1.x", "call-1-agent", ""))


HURTFUL: tuple[Any, ...] = (
    None, True, -1, 10**30, 1.5, float("nan"), "", "x" * 5_000, "\ud800\x00\r\n", "1.0", [], [[]],
    ["inbound", 7], ["inbound", "x" * 5_000], {}, {"id": {"id": []}},
)  # fmt: skip


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Each (holder, key) of a JSON value, at any depth."""
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from places(value[key])


def test_no_change_of_an_event_makes_it_raise() -> None:
    """Each value of each real event in turn replaced by something hurtful, or taken away."""
    tried = 0
    for event in EVENTS:
        for holder, key in list(places(event)):
            kept = holder[key]
            for hurtful in HURTFUL:
                holder[key] = hurtful
                assert_short(parse(event))
                tried += 1
            if isinstance(holder, dict):
                del holder[key]
                assert_short(parse(event))
            holder[key] = kept
    assert tried > 20_000


def assert_short(found: object) -> None:
    if found is not None:
        assert is_dataclass(found)
        for each in fields(found):
            value = getattr(found, each.name)
            assert not isinstance(value, str) or len(value) <= 300
