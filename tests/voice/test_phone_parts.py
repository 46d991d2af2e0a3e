"""The pure parts of the virtual phone: sound, SDP, SIP messages, digests, dialogs."""

import contextlib
import wave
from array import array
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atiende.demo.phone import dialog, sdp, sip
from atiende.demo.phone.audio import ALAW, ULAW, decode, encode, read_wav, rms, share, tone

INVITE = (
    b"INVITE sip:300@127.0.0.1:5060 SIP/2.0\r\n"
    b"v: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKa;rport, SIP/2.0/UDP 10.0.0.2;branch=z9hG4bKb\r\n"
    b'f: "P\xc3\xa9rez, \\"Ana\\"" <sip:ana@10.0.0.1>;tag=t1\r\n'
    b"t: <sip:300@127.0.0.1>\r\n"
    b"i: c1\r\nCSeq: 7 INVITE\r\nSubject: one\r\n two\r\n"
    b"Record-Route: <sip:p1;lr>\r\nRecord-Route: <sip:p2;lr>\r\n"
    b"m: <sip:ana@10.0.0.9:5080>\r\nl: 4\r\n\r\nv=0\n"
)


@pytest.mark.parametrize("law", [ALAW, ULAW])
def test_a_law_loses_little_and_each_code_comes_back(law: int) -> None:
    loud = tone(440, 0.5)
    back = decode(encode(loud, law), law)
    noise = array("h", [a - b for a, b in zip(loud, back, strict=True)])
    assert rms(noise) < rms(loud) / 50
    codes = bytes(range(256))
    again = decode(encode(decode(codes, law), law), law)
    assert again == decode(codes, law)


def test_the_laws_agree_with_the_recommendation() -> None:
    """Published values (G.711 tables 1 and 2): the extremes, and the first steps."""
    assert (decode(b"\xd5\x55\xaa\x2a", ALAW)).tolist() == [8, -8, 32256, -32256]
    assert (decode(b"\xff\x7f\x80\x00", ULAW)).tolist() == [0, 0, 32124, -32124]


def test_a_tone_is_found_at_its_frequency_alone() -> None:
    mixed = array("h", [a + b for a, b in zip(tone(440, 1, 0.3), tone(1000, 1, 0.3), strict=True)])
    assert share(tone(440), 440) > 0.99
    assert share(tone(440), 1000) < 0.01
    assert share(mixed, 440) == pytest.approx(0.5, abs=0.02)
    assert share(array("h", bytes(1600)), 440) == 0.0
    assert share(array("h"), 440) == 0.0


@pytest.mark.parametrize("rate", [8_000, 16_000])
def test_a_wav_is_read_at_both_rates(tmp_path: Path, rate: int) -> None:
    with wave.open(str(tmp_path / "x.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        stretched = tone(440 * 8_000 / rate, rate / 8_000)
        file.writeframes(stretched.tobytes())
    read = read_wav(tmp_path / "x.wav")
    assert len(read) == 8_000
    assert share(read, 440) > 0.98


def test_a_message_is_read_in_all_its_spellings() -> None:
    message = sip.parse(INVITE)
    assert (message.method, message.uri, message.body) == (
        "INVITE",
        "sip:300@127.0.0.1:5060",
        b"v=0\n",
    )
    assert [sip.parameter(via, "branch") for via in message.all("Via")] == ["z9hG4bKa", "z9hG4bKb"]
    assert message.cseq == (7, "INVITE")
    assert message.get("subject") == "one two"
    assert sip.display(message.get("From")) == 'Pérez, "Ana"'
    assert sip.user(sip.address(message.get("From"))) == "ana"
    assert sip.place(sip.address(message.get("Contact"))) == ("10.0.0.9", 5080)
    assert sip.parse(sip.render(message)).headers[:-1] == message.headers[:-1]


def test_an_answer_repeats_what_it_must() -> None:
    answer = sip.response(sip.parse(INVITE), 180, tag="mine")
    assert len(answer.all("Via")) == 2
    assert sip.parameter(answer.get("To"), "tag") == "mine"
    assert answer.all("Record-Route") == ["<sip:p1;lr>", "<sip:p2;lr>"]
    assert sip.response(sip.parse(INVITE), 486).all("Record-Route") == []


def test_both_sides_of_a_dialog_find_each_other() -> None:
    invite = sip.parse(INVITE)
    callee = dialog.of_callee(invite, "mine")
    answer = sip.response(invite, 200, tag="mine", extra=(("Contact", "<sip:me@1.2.3.4:9>"),))
    caller = dialog.of_caller(invite, answer)
    assert (caller.routes, callee.routes) == (
        ("<sip:p2;lr>", "<sip:p1;lr>"),
        ("<sip:p1;lr>", "<sip:p2;lr>"),
    )
    assert callee.owns(caller.request("BYE", "SIP/2.0/UDP x;branch=z9hG4bKz", cseq=8))
    assert caller.owns(callee.request("BYE", "SIP/2.0/UDP x;branch=z9hG4bKz", cseq=1))
    assert caller.target == "sip:me@1.2.3.4:9"


def test_the_stream_is_cut_where_messages_end() -> None:
    buffer = bytearray(b"\r\n\r\n" + INVITE + INVITE[:50])
    assert sip.take(buffer) is not None
    assert sip.take(buffer) is None
    buffer += INVITE[50:]
    assert sip.take(buffer) is not None
    assert not buffer


def test_a_digest_is_the_published_one() -> None:
    """The example of RFC 7616 §3.9.1, for both algorithms."""
    told = (
        'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={},'
        ' nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",'
        ' opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
    )
    proof = sip.Proof("Mufasa", "Circle of Life", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", 1)
    for name, response in (
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ):
        value = sip.authorization(told.format(name), proof, "GET", "/dir/index.html")
        assert f'response="{response}"' in value


def test_an_offer_is_answered_with_what_both_speak() -> None:
    offer = sdp.parse(
        b"v=0\r\nc=IN IP4 10.0.0.1\r\nm=audio 4000 RTP/AVP 111 0 96\r\n"
        b"a=rtpmap:111 opus/48000/2\r\na=rtpmap:96 telephone-event/8000\r\na=sendonly\r\n"
    )
    assert (offer.port, offer.laws, offer.events, offer.direction) == (4000, (0,), 96, "sendonly")
    own = sdp.answer(offer, sdp.Sound("127.0.0.1", 5000))
    assert (own.laws, own.events, own.direction) == ((0,), 96, "recvonly")
    assert sdp.parse(sdp.render(own)).direction == "recvonly"
    with pytest.raises(sdp.BadSdpError):
        sdp.parse(b"v=0\r\nc=IN IP4 1.1.1.1\r\nm=audio 4000 RTP/AVP 111\r\n")


@given(st.binary(max_size=400))
def test_whatever_arrives_is_a_message_or_refused(data: bytes) -> None:
    for each in (data, INVITE[:100] + data + INVITE[100:]):
        with contextlib.suppress(sip.BadMessageError):
            sip.parse(each)
        with contextlib.suppress(sdp.BadSdpError):
            sdp.parse(each)
