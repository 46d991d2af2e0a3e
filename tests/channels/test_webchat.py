"""The web chat's pure part: what a page may send, who it may say it is, where it may come from."""

import json
from collections import deque

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atiende.channels import files
from atiende.channels.base import BadPayload
from atiende.channels.webchat import parse, render
from atiende.channels.webchat.config import Config, Consent, FormField, config
from atiende.channels.webchat.limits import (
    MAX_ATTACHMENTS,
    MAX_BODY,
    MAX_FRAME_BYTES,
    MESSAGES_PER_WINDOW,
    WINDOW_S,
)
from atiende.core.rate import within_rate

EVENTS = ("hello", "message", "typing", "read", "pong", "end")
FIELDS = ("token", "held", "client_id", "body", "attachments", "on", "rev", "t", "x")
CLIENT = "c-00000001"
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)


def key_of(raw: str | bytes) -> str | None:
    """None when the frame is taken, else the key it is refused with; nothing else may happen."""
    try:
        taken = parse.frame(raw)
    except BadPayload as wrong:
        return wrong.key
    assert isinstance(taken, msgspec.Struct)
    return None


@settings(max_examples=60, deadline=None)
@pytest.mark.parametrize("event", [*EVENTS, "admin", ""])
@given(rest=st.dictionaries(st.sampled_from(FIELDS), json_values, max_size=5))
def test_any_event_with_any_values_is_taken_or_refused(event: str, rest: dict[str, object]) -> None:
    key_of(json.dumps({**rest, "t": event}))


@settings(max_examples=60, deadline=None)
@given(raw=st.binary(max_size=300) | st.text(max_size=300))
def test_any_bytes_at_all_are_taken_or_refused(raw: str | bytes) -> None:
    key_of(raw)
    try:
        parse.start(raw.encode("utf-8", "replace") if isinstance(raw, str) else raw)
    except BadPayload:
        return


@settings(max_examples=60, deadline=None)
@given(body=st.text(min_size=1, max_size=200))
def test_a_text_that_is_kept_can_be_stored_and_is_kept_once(body: str) -> None:
    kept = parse.text(body)
    kept.encode("utf-8")
    assert "\x00" not in kept
    assert parse.text(kept) == kept


def test_a_frame_nested_without_end_is_refused() -> None:
    assert key_of("[" * 60_000) == "bad_frame"
    assert key_of('{"t":"message","x":' + "[" * 30_000) == "bad_frame"


def message(**values: object) -> str:
    return json.dumps({"t": "message", "client_id": CLIENT, "body": "hola", **values})


def test_limits_stand_where_they_are_said_to() -> None:
    assert key_of(message(body="ñ" * MAX_BODY)) is None
    assert key_of(message(body="🦊" * (MAX_BODY + 1))) == "message_too_long"
    assert key_of("x" * (MAX_FRAME_BYTES + 1)) == "frame_too_big"
    ids = [f"01890a5d-ac96-774b-bcce-{n:012d}" for n in range(MAX_ATTACHMENTS + 1)]
    assert key_of(message(attachments=ids[:-1])) is None
    assert key_of(message(attachments=ids)) == "too_many_files"


def test_twenty_messages_in_ten_seconds_and_no_more() -> None:
    times: deque[float] = deque()
    limit = (MESSAGES_PER_WINDOW, WINDOW_S)
    assert all(within_rate(times, 100 + n / 10, *limit) for n in range(MESSAGES_PER_WINDOW))
    assert not within_rate(times, 102, *limit)
    assert not within_rate(times, 109.9, *limit)
    assert within_rate(times, 110, *limit)
    assert len(times) == MESSAGES_PER_WINDOW


def test_a_message_becomes_what_cases_receive() -> None:
    taken = parse.frame(message())
    assert isinstance(taken, parse.Message)
    received = parse.inbound(taken, "visitor")
    assert (received.sender, received.body, received.client_id) == ("visitor", "hola", CLIENT)


# -- the form before the chat

ASKS = Config(
    prechat=[FormField("name", required=True), FormField("email"), FormField("phone")],
    consent=Consent(es="Acepto", url="https://nogal.example/datos"),
)


def wrong_fields(known: bool = False, **values: object) -> dict[str, str]:
    form = parse.start(json.dumps({"key": "k", "consent": True, **values}).encode())
    try:
        parse.check_start(form, ASKS, known=known)
    except BadPayload as wrong:
        return wrong.fields
    return {}


def test_the_form_says_every_field_that_is_wrong() -> None:
    assert wrong_fields(name="Ana") == {}
    assert wrong_fields(name=" \x00 ", email="ana@", phone="no", consent=False) == {
        "name": "required",
        "email": "email_invalid",
        "phone": "phone_invalid",
        "consent": "required",
    }
    assert wrong_fields(name="a" * 121) == {"name": "too_long"}


def test_a_known_visitor_is_asked_for_consent_only() -> None:
    assert wrong_fields(known=True) == {}
    assert wrong_fields(known=True, consent=False) == {"consent": "required"}


def test_the_page_is_kept_without_its_secrets() -> None:
    assert parse.page("https://ana:pw@nogal.pe/mesas?token=1#x") == "https://nogal.pe/mesas"
    assert [parse.page(p) for p in ("javascript:alert(1)", "http://[", "")] == ["", "", ""]


# -- the signed identity


def test_a_signed_identity_is_taken_until_it_expires() -> None:
    token = parse.sign_identity(parse.Identity("7", 100, "Ana\x00", "ana@nogal.pe"), "secret")
    assert parse.identity(token, "secret", 99) == parse.Identity("7", 100, "Ana", "ana@nogal.pe")
    with pytest.raises(BadPayload, match="identity_expired"):
        parse.identity(token, "secret", 100)


@pytest.mark.parametrize("secret", ["other", ""])
def test_an_identity_of_another_secret_is_refused(secret: str) -> None:
    token = parse.sign_identity(parse.Identity("7", 100), secret)
    with pytest.raises(BadPayload, match="identity_invalid"):
        parse.identity(token, "secret" if secret else "", 1)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_no_altered_identity_is_taken(data: st.DataObject) -> None:
    token = parse.sign_identity(parse.Identity("7", 100, "Ana"), "secret")
    at = data.draw(st.integers(0, len(token) - 2))
    letter = data.draw(st.characters(codec="utf-8"))
    altered = token[:at] + letter + token[at + 1 :]
    if altered != token:
        with pytest.raises(BadPayload, match="identity_invalid"):
            parse.identity(altered, "secret", 1)


# -- origins


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://nogal.pe", True),
        ("https://NOGAL.pe:443", True),
        ("https://sub.tienda.pe", True),
        ("https://a.b.tienda.pe", True),
        ("http://127.0.0.1:8811", True),
        ("https://tienda.pe", False),
        ("https://eviltienda.pe", False),
        ("https://nogal.pe.evil.example", False),
        ("https://nogal.pe@evil.example", False),
        ("http://nogal.pe", False),
        ("https://nogal.pe:8443", False),
        ("https://nogal.pe/x", False),
        ("https://*.tienda.pe", False),
        ("null", False),
        ("", False),
        (None, False),
        ("https://[::1", False),
        ("https://nogal.pe:port", False),
    ],
)
def test_only_the_allowed_origins_may_chat(origin: str | None, allowed: bool) -> None:
    rules = ["https://nogal.pe", "https://*.tienda.pe", "http://127.0.0.1:8811", "not an origin"]
    assert parse.origin_allowed(origin, rules) is allowed
    assert not parse.origin_allowed(origin, [])


# -- files


@pytest.mark.parametrize(
    ("head", "name", "found"),
    [
        (b"%PDF-1.7", "a.exe", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n", "a.txt", "image/png"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "a", "image/webp"),
        (b"PK\x03\x04" + b"\x00" * 26 + b"[Content_Types].xml", "a.docx", files._OFFICE[".docx"]),
        ("fecha,monto\nñ,1".encode(), "a.csv", "text/csv"),
        (b"PK\x03\x04" + b"\x00" * 26 + b"virus.exe", "a.docx", None),
        (b"PK\x03\x04" + b"\x00" * 26 + b"[Content_Types].xml", "a.zip", None),
        (b"MZ\x90\x00", "factura.pdf", None),
        (b"<script>alert(1)</script>", "a.pdf", None),
        (b" <SVG onload=x>", "a.txt", None),
        (b"<?xml version='1.0'?>", "a.txt", None),
        (b"text", "a.html", None),
        (b"RIFF\x00\x00\x00\x00AVI LIST", "a.webp", None),
        (b"", "a.txt", None),
    ],
)
def test_a_file_is_what_its_bytes_say(head: bytes, name: str, found: str | None) -> None:
    assert files.sniff(head, name) == found


def test_a_files_name_is_only_a_name() -> None:
    assert files.file_name("../../etc/passwd") == "passwd"
    assert files.file_name("C:\\x\\fac\u202etura.pdf") == "factura.pdf"
    assert files.file_name("...") == "archivo"
    assert len(files.file_name("a" * 300 + ".pdf")) == 120
    assert files.file_name("a" * 300 + ".pdf").endswith(".pdf")


# -- what is told


def test_the_public_config_keeps_the_origins_to_itself() -> None:
    told = render.public_config(
        config({"allowed_origins": ["https://nogal.pe"]}), "k", "Nogal", open=False, opens_at="x"
    )
    assert "allowed_origins" not in told
    assert (told["key"], told["open"], told["opens_at"], told["consent"]) == ("k", False, "x", None)


def test_the_state_says_a_place_only_to_who_waits() -> None:
    assert render.state("waiting", position=2, agent="Ana")["position"] == 2
    assert render.state("waiting", position=2, agent="Ana")["agent"] is None
    assert render.state("active", position=2, agent="Ana")["position"] is None


def test_frames_say_their_kind() -> None:
    now = render.state("none")
    frames = [
        render.ready(1, [], now),
        render.changed(2, []),
        render.ack(CLIENT, "m", 2, "at"),
        render.typing(True, "Ana"),
        render.read(2),
        render.state_frame(now),
        render.ping(),
        render.error("rate_limited", CLIENT),
        render.bye("token_unknown"),
    ]
    kinds = [json.loads(each)["t"] for each in frames]
    assert kinds == "ready message ack typing read state ping error bye".split()
