"""What two phones agree about sound: offers and answers of one audio stream (RFC 8866, 3264).
PURE.

Only what this phone speaks: G.711 in both laws and digits as telephone events.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from atiende.demo.phone.audio import ALAW, ULAW

Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]
#: What we answer to each direction offered, when we want nothing else ourselves.
MIRROR: dict[Direction, Direction] = {
    "sendrecv": "sendrecv",
    "sendonly": "recvonly",
    "recvonly": "sendonly",
    "inactive": "inactive",
}
_NAMES = {ALAW: "PCMA/8000", ULAW: "PCMU/8000"}
EVENTS = 101


class BadSdpError(ValueError):
    """No audio stream that this phone can take part in."""


@dataclass(frozen=True, slots=True)
class Sound:
    """One side's description: where it listens, what it speaks (in order), which way it goes."""

    host: str
    port: int
    laws: tuple[int, ...] = (ALAW, ULAW)
    events: int | None = EVENTS
    direction: Direction = "sendrecv"
    version: int = 1


def render(sound: Sound) -> bytes:
    """The description as SDP."""
    kinds = [*sound.laws, *([] if sound.events is None else [sound.events])]
    lines = [
        "v=0",
        f"o=- 1 {sound.version} IN IP4 {sound.host}",
        "s=-",
        f"c=IN IP4 {sound.host}",
        "t=0 0",
        f"m=audio {sound.port} RTP/AVP {' '.join(map(str, kinds))}",
        *(f"a=rtpmap:{law} {_NAMES[law]}" for law in sound.laws),
    ]
    if sound.events is not None:
        lines += [f"a=rtpmap:{sound.events} telephone-event/8000", f"a=fmtp:{sound.events} 0-16"]
    lines += ["a=ptime:20", f"a={sound.direction}", ""]
    return "\r\n".join(lines).encode()


def parse(body: bytes) -> Sound:
    """The first audio stream of an SDP.  BadSdpError when there is none we can speak."""
    host, media = "", None
    direction: Direction = "sendrecv"
    maps: dict[int, str] = {}
    for line in body.decode("utf-8", "replace").splitlines():
        kind, _, value = line.strip().partition("=")
        if kind == "m":
            if media is not None:
                break
            media = value.split() if value.startswith("audio ") else None
        elif kind == "c" and value.startswith("IN IP4 "):
            host = value.split()[2].partition("/")[0]
        elif kind == "a":
            if value.startswith("rtpmap:"):
                number, _, name = value.removeprefix("rtpmap:").partition(" ")
                maps[int(number)] = name.lower() if number.isdigit() else ""
            elif value in MIRROR:
                direction = value
    if media is None or len(media) < 4 or not media[1].isdigit() or not host:
        raise BadSdpError("no audio")
    kinds = [int(each) for each in media[3:] if each.isdigit()]
    laws = tuple(kind for kind in kinds if kind in _NAMES)
    if not laws:
        raise BadSdpError("no G.711")
    events = [kind for kind in kinds if maps.get(kind, "").startswith("telephone-event/8000")]
    return Sound(host, int(media[1]), laws, events[0] if events else None, direction)


def answer(offer: Sound, own: Sound) -> Sound:
    """Our side of an offer: the first law that both speak, their number for events."""
    common = tuple(law for law in offer.laws if law in own.laws)[:1]
    if not common:
        raise BadSdpError("no common law")
    return replace(own, laws=common, events=offer.events, direction=MIRROR[offer.direction])
