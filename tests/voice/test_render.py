"""Effects into requests: by kept sessions, and with parts that want to say more than themselves."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atiende.channels.voice import effects as do
from atiende.channels.voice.effects import Effect
from atiende.channels.voice.render import UnsafePartError, render, shown_name
from atiende.channels.voice.rest import Rest
from tests.voice.test_parse import STORIES, plain, steps


def revived(name: str, fields: dict[str, Any]) -> Effect:
    """Tuples come back from JSON as lists."""
    made = {key: tuple(v) if isinstance(v, list) else v for key, v in fields.items()}
    effect: Effect = getattr(do, name)(**made)
    return effect


@pytest.mark.parametrize("story", STORIES)
def test_a_kept_session_asks_the_same_again(story: str) -> None:
    for step in steps(story):
        if "effect" in step:
            ((name, fields),) = step["effect"].items()
            rest = render(revived(name, fields))
            found = {name: getattr(rest, name) for name in ("method", "path", "query", "body")}
            assert plain(found) == step["request"]


REQUESTS: list[tuple[Effect, Rest]] = [
    (do.Ring("n-1.0"), Rest("POST", "channels/n-1.0/ring")),
    (do.Answer("a/b"), Rest("POST", "channels/a%2Fb/answer")),
    (do.Hangup("x", 17), Rest("DELETE", "channels/x", {"reason_code": "17"})),
    (do.Hangup("x", 900), Rest("DELETE", "channels/x", {"reason_code": "16"})),
    (
        do.Play("x", "p", ("sound:/data/es/hola", "digits:12"), "es"),
        Rest("POST", "channels/x/play/p", {"media": "sound:/data/es/hola,digits:12", "lang": "es"}),
    ),
    (do.StopPlay("p"), Rest("DELETE", "playbacks/p")),
    (do.OpenBridge("b", "holding"), Rest("POST", "bridges/b", {"type": "holding"})),
    (do.CloseBridge("b"), Rest("DELETE", "bridges/b")),
    (do.Music("b", on=False), Rest("DELETE", "bridges/b/moh")),
    (do.Music("b"), Rest("POST", "bridges/b/moh")),
    (do.Music("b", kind="cumbia-1a"), Rest("POST", "bridges/b/moh", {"mohClass": "cumbia-1a"})),
    (
        do.Apologise("x"),
        Rest("POST", "channels/x/continue", {"context": "apology", "extension": "s"}),
    ),
    (
        do.Wait("x", "b"),
        Rest("POST", "bridges/b/addChannel", {"channel": "x", "role": "participant"}),
    ),
    (do.Connect("b", ("x", "y")), Rest("POST", "bridges/b/addChannel", {"channel": "x,y"})),
    (do.Unhold("x", "b"), Rest("POST", "bridges/b/addChannel", {"channel": "x"})),
    (do.Mute("x"), Rest("POST", "channels/x/mute", {"direction": "in"})),
    (do.Mute("x", on=False), Rest("DELETE", "channels/x/mute", {"direction": "in"})),
    (do.SendDigits("x", "12#"), Rest("POST", "channels/x/dtmf", {"dtmf": "12#"})),
    (
        do.Snoop("x", "s", "both", whisper=True),
        Rest("POST", "channels/x/snoop/s", {"spy": "both", "whisper": "out", "app": "atiende"}),
    ),
    (
        do.Record("s", "2026/11/c-1"),
        Rest(
            "POST",
            "channels/s/record",
            {"name": "2026/11/c-1", "format": "wav", "ifExists": "fail"},
        ),
    ),
    (do.MuteRecording("a/b"), Rest("POST", "recordings/live/a%2Fb/mute")),
    (do.StopRecording("a/b"), Rest("POST", "recordings/live/a%2Fb/stop")),
    (
        do.PutObject("aor", "ana", {"max_contacts": "1"}),
        Rest(
            "PUT",
            "asterisk/config/dynamic/res_pjsip/aor/ana",
            body={"fields": [{"attribute": "max_contacts", "value": "1"}]},
        ),
    ),
    (
        do.RemoveObject("identify", "t"),
        Rest("DELETE", "asterisk/config/dynamic/res_pjsip/identify/t"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("effect", "rest"), REQUESTS, ids=lambda each: type(each).__name__)
def test_each_effect_is_one_request(effect: Effect, rest: Rest) -> None:
    assert render(effect) == rest


def test_an_agents_phone_is_rung_with_what_the_caller_claims() -> None:
    rest = render(do.RingAgent("leg-1", "ana", "c-1", "+5255", 'A "B" <sip:x@y>\r\nX: y', 20))
    assert rest.query["callerId"] == '"A B sip:x@y X: y" <+5255>'
    assert rest.query["endpoint"] == "PJSIP/ana"
    assert rest.body == {
        "variables": {"CC_ID": "c-1", "CC_ROLE": "agent", "PJSIP_HEADER(add,X-CC-ID)": "c-1"}
    }
    hidden = render(do.RingAgent("leg-1", "ana", "c-1", "300&PJSIP/x", "", 10**9))
    assert hidden.query["callerId"] == '"" <anonymous>'
    assert hidden.query["timeout"] == "600"


def test_a_call_out_goes_through_one_trunk_to_one_number() -> None:
    rest = render(do.Originate("leg-1", "carrier", "+525512345678", "c-1", "+5255"))
    assert rest.query["endpoint"] == "PJSIP/+525512345678@carrier"
    assert rest.query["callerId"] == "<+5255>"


ESCAPES = [
    "300&PJSIP/400", "300@evil", "300/x", "300,x", "300|x", "${SHELL(id)}", "300\n", "300 ", "",
    "٣٠٠", "300;x", "..", "1" * 33, "300%26", "300?x=1", "300#x",
]  # fmt: skip


@pytest.mark.parametrize("part", ESCAPES)
def test_an_extension_cannot_be_injected(part: str) -> None:
    for effect in (
        do.Originate("leg", "carrier", part, "c", "+52"),
        do.Originate("leg", part, "300", "c", "+52") if part != "1" * 33 else None,
        do.Originate("leg", "carrier", "300", "c", part),
        do.RingAgent("leg", part, "c", "300") if part != "1" * 33 else None,
        do.SendDigits("leg", part) if part != "1" * 33 else None,
        do.PutObject("aor", part, {}) if part != "1" * 33 else None,
        do.Play("leg", "p", (f"sound:{part}&",)),
        do.Music("b", kind=part) if part not in ("", "1" * 33) else None,
        do.Record("s", f"a/{part}/../b"),
    ):
        if effect is not None:
            with pytest.raises(UnsafePartError) as refused:
                render(effect)
            assert not part or part not in str(refused.value) or part in "..", "never its value"


@pytest.mark.parametrize("bad", ["", ".", "..", "a\nb", "a\x00", "x" * 201])
def test_an_id_cannot_leave_its_place(bad: str) -> None:
    for effect in (do.Answer(bad), do.CloseBridge(bad), do.StopPlay(bad), do.Connect("b", (bad,))):
        with pytest.raises(UnsafePartError):
            render(effect)


def test_a_second_channel_cannot_be_slipped_in() -> None:
    for effect in (do.Wait("a,b", "w"), do.Connect("b", ("a,b",)), do.Connect("b", ())):
        with pytest.raises(UnsafePartError):
            render(effect)


@pytest.mark.parametrize(
    "media",
    ["", "sound:", "sound:../../etc/passwd", "recording:x", "sound:a,sound:b", "sound:a b", "x"],
)
def test_only_sounds_are_played(media: str) -> None:
    with pytest.raises(UnsafePartError):
        render(do.Play("x", "p", (media,)))


@given(st.text(max_size=200))
def test_a_shown_name_stays_within_its_quotes(name: str) -> None:
    shown = shown_name(name)
    assert len(shown) <= 60
    assert not set(shown) & set('"\\<>\r\n\0')


@given(st.text(max_size=60), st.text(max_size=60))
def test_whatever_the_parts_the_path_keeps_its_shape(leg: str, playback: str) -> None:
    try:
        rest = render(do.Play(leg, playback, ("sound:x",)))
    except UnsafePartError:
        return
    parts = rest.path.split("/")
    assert (len(parts), parts[0], parts[2]) == (4, "channels", "play")
    assert not set(rest.path) & set("?#&= \n")
