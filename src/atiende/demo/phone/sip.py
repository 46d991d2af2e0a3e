"""SIP messages as values: read, written, answered, and proven by digest.  PURE.

RFC 3261 for the messages, RFC 8760/7616 for digests.  Names of headers are compared without case
and in their short forms; lists of Via, Route and Record-Route are split into single values.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

MAX_MESSAGE = 65_535
REASONS = {
    100: "Trying", 180: "Ringing", 183: "Session Progress", 200: "OK", 302: "Moved Temporarily",
    400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
    405: "Method Not Allowed", 407: "Proxy Authentication Required", 408: "Request Timeout",
    410: "Gone", 480: "Temporarily Unavailable", 481: "Call/Transaction Does Not Exist",
    484: "Address Incomplete", 486: "Busy Here", 487: "Request Terminated",
    488: "Not Acceptable Here", 491: "Request Pending", 500: "Server Internal Error",
    501: "Not Implemented", 503: "Service Unavailable", 600: "Busy Everywhere", 603: "Decline",
}  # fmt: skip
_SHORT = {
    "v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length",
    "c": "content-type", "e": "content-encoding", "s": "subject", "k": "supported",
}  # fmt: skip
_LISTS = frozenset({"via", "route", "record-route", "contact"})
_COMMA = re.compile(r',\s*(?=(?:[^"]*"[^"]*")*[^"]*$)(?![^<]*>)')
_PAIR = re.compile(r'(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))')
_HASHES = {"md5": hashlib.md5, "sha-256": hashlib.sha256}

Headers = tuple[tuple[str, str], ...]


class BadMessageError(ValueError):
    """Bytes that are no SIP message."""


@dataclass(frozen=True, slots=True)
class Message:
    """A request (``method`` and ``uri``) or a response (``status`` and ``reason``)."""

    headers: Headers
    method: str = ""
    uri: str = ""
    status: int = 0
    reason: str = ""
    body: bytes = b""

    def get(self, name: str) -> str:
        """The first value of a header; empty when it is not there."""
        return next(iter(self.all(name)), "")

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def with_header(self, name: str, value: str) -> Message:
        """The message with this one value of the header, in place of those it had."""
        kept = tuple(pair for pair in self.headers if pair[0].lower() != name.lower())
        return replace(self, headers=(*kept, (name, value)))

    @property
    def cseq(self) -> tuple[int, str]:
        number, _, method = self.get("CSeq").partition(" ")
        return (int(number) if number.isdigit() else 0, method.strip())

    @property
    def branch(self) -> str:
        return parameter(self.get("Via"), "branch")


def parse(data: bytes) -> Message:
    """One message.  BadMessageError when it is none."""
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = _unfolded(head.decode("utf-8", "replace"))
    headers: list[tuple[str, str]] = []
    for line in lines:
        name, colon, value = line.partition(":")
        name = _SHORT.get(name.strip().lower(), name.strip())
        if not colon or not name:
            raise BadMessageError("a header without a name")
        split = _COMMA.split(value.strip()) if name.lower() in _LISTS else [value.strip()]
        headers += [(name, each.strip()) for each in split]
    words = first.split(" ", 2)
    if len(words) < 2:
        raise BadMessageError("no first line")
    if words[0] == "SIP/2.0":
        if not re.fullmatch(r"[1-6]\d\d", words[1]):
            raise BadMessageError("no status")
        reason = words[2] if len(words) > 2 else ""
        message = Message(tuple(headers), status=int(words[1]), reason=reason, body=body)
    elif len(words) == 3 and words[2] == "SIP/2.0" and words[0].isalpha():
        message = Message(tuple(headers), words[0].upper(), words[1], body=body)
    else:
        raise BadMessageError("no first line")
    if not all(message.get(name) for name in ("Via", "From", "To", "Call-ID", "CSeq")):
        raise BadMessageError("a header is missing")
    length = message.get("Content-Length")
    return replace(message, body=body[: int(length)]) if length.isdigit() else message


def _unfolded(head: str) -> list[str]:
    lines = re.sub(r"\r?\n[ \t]+", " ", head).splitlines()
    if not lines:
        raise BadMessageError("nothing")
    return lines


def render(message: Message) -> bytes:
    """The message as bytes, with its length."""
    first = (
        f"{message.method} {message.uri} SIP/2.0"
        if message.method
        else f"SIP/2.0 {message.status} {message.reason}"
    )
    kept = [
        f"{name}: {value}" for name, value in message.headers if name.lower() != "content-length"
    ]
    head = "\r\n".join([first, *kept, f"Content-Length: {len(message.body)}", "", ""])
    return head.encode("utf-8") + message.body


def take(buffer: bytearray) -> Message | None:
    """The next whole message of a stream, removed from it; None until it has arrived."""
    while buffer[:2] == b"\r\n":  # a keep-alive
        del buffer[:2]
    head = bytes(buffer).partition(b"\r\n\r\n")[0]
    if len(head) == len(buffer):
        if len(buffer) > MAX_MESSAGE:
            raise BadMessageError("too long")
        return None
    found = re.search(rb"(?im)^(?:content-length|l)\s*:\s*(\d+)", head)
    size = len(head) + 4 + (int(found.group(1)) if found else 0)
    if size > MAX_MESSAGE:
        raise BadMessageError("too long")
    if len(buffer) < size:
        return None
    message = parse(bytes(buffer[:size]))
    del buffer[:size]
    return message


def response(
    request: Message, status: int, *, tag: str = "", extra: Headers = (), body: bytes = b""
) -> Message:
    """The answer to a request; ``tag`` makes it part of our side's dialog."""
    headers: list[tuple[str, str]] = []
    for name, value in request.headers:
        low = name.lower()
        routed = low == "record-route" and 100 < status < 300
        if routed or low in {"via", "from", "call-id", "cseq"}:
            headers.append((name, value))
        elif low == "to":
            own = f"{value};tag={tag}" if tag and not parameter(value, "tag") else value
            headers.append((name, own))
    reason = REASONS.get(status, "Status")
    return Message((*headers, *extra), status=status, reason=reason, body=body)


def parameter(value: str, name: str) -> str:
    """A parameter behind a header's value (after the address's bracket, if it has one)."""
    tail = value.rpartition(">")[2] if ">" in value else value
    for each in tail.split(";")[1:]:
        key, _, told = each.partition("=")
        if key.strip().lower() == name:
            return told.strip().strip('"')
    return ""


def address(value: str) -> str:
    """The URI of a From, To, Contact or Route."""
    bracket = re.search(r"<([^>]*)>", value)
    return bracket.group(1) if bracket else value.partition(";")[0].strip()


def display(value: str) -> str:
    """The name before the URI, without quotes."""
    quoted = re.match(r'\s*"((?:[^"\\]|\\.)*)"\s*<', value)
    if quoted:
        return re.sub(r"\\(.)", r"\1", quoted.group(1))
    return value.partition("<")[0].strip() if "<" in value else ""


def user(uri: str) -> str:
    """What stands before the @ of a URI."""
    found = re.match(r"sips?:([^@;>]*)@", uri)
    return found.group(1) if found else ""


def place(uri: str) -> tuple[str, int]:
    """Host and port of a URI (5060 when it says none)."""
    rest = re.sub(r"^sips?:", "", uri).rpartition("@")[2]
    host, _, port = re.split(r"[;?]", rest)[0].partition(":")
    return host, int(port) if port.isdigit() else 5060


@dataclass(frozen=True, slots=True)
class Proof:
    """Who proves himself, and the random and count that make a proof good only once."""

    user: str
    password: str
    cnonce: str
    count: int = 1


def authorization(challenge: str, proof: Proof, method: str, uri: str) -> str:
    """The value of (Proxy-)Authorization for a challenge.  BadMessageError: unknown algorithm."""
    told = {key.lower(): quoted or bare for key, quoted, bare in _PAIR.findall(challenge)}
    algorithm = told.get("algorithm", "MD5")
    maker = _HASHES.get(algorithm.lower())
    if maker is None:
        raise BadMessageError("unknown digest")

    def digest(*parts: str) -> str:
        return maker(":".join(parts).encode()).hexdigest()

    realm, nonce = told.get("realm", ""), told.get("nonce", "")
    first, second = digest(proof.user, realm, proof.password), digest(method, uri)
    fields = {"username": proof.user, "realm": realm, "nonce": nonce, "uri": uri}
    plain = {"algorithm": algorithm}
    if "auth" in [each.strip() for each in told.get("qop", "").split(",")]:
        count = f"{proof.count:08x}"
        fields |= {
            "response": digest(first, nonce, count, proof.cnonce, "auth", second),
            "cnonce": proof.cnonce,
        }
        plain |= {"qop": "auth", "nc": count}
    else:
        fields["response"] = digest(first, nonce, second)
    if "opaque" in told:
        fields["opaque"] = told["opaque"]
    return "Digest " + ", ".join(
        [*(f'{key}="{value}"' for key, value in fields.items()), *_plain(plain.items())]
    )


def _plain(pairs: Iterable[tuple[str, str]]) -> list[str]:
    return [f"{key}={value}" for key, value in pairs]
