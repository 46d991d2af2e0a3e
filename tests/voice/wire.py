"""SIP by hand over UDP: what no telephone would send, from an address of its own.

A `Wire` sends bytes as they are and keeps what comes back; its requests are templates that a test
bends. Nothing is sent twice and nothing is answered by itself.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from atiende.demo.phone import sip
from atiende.demo.phone.sip import Message

#: Of loopback, and no carrier's.
STRANGER = "127.0.0.9"
SDP = (
    "v=0\r\no=x 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 9 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n"
)


class Wire(asyncio.DatagramProtocol):
    """One socket."""

    def __init__(self, proxy: tuple[str, int]) -> None:
        self.proxy = proxy
        self.heard: list[Message] = []
        self._news = asyncio.Event()
        self._udp: Any = None

    @property
    def place(self) -> str:
        host, port = self._udp.get_extra_info("sockname")[:2]
        return f"{host}:{port}"

    def connection_made(self, transport: Any) -> None:
        self._udp = transport

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        with contextlib.suppress(sip.BadMessageError):
            self.heard.append(sip.parse(data))
            self._news.set()

    def send(self, data: bytes | Message) -> None:
        self._udp.sendto(data if isinstance(data, bytes) else sip.render(data), self.proxy)

    def close(self) -> None:
        self._udp.close()

    def request(self, method: str, uri: str, caller: str = "+51911222333", **more: str) -> Message:
        """A request outside of any call; `more` are headers, with _ for -."""
        via = f"SIP/2.0/UDP {self.place};branch=z9hG4bK{uuid4().hex};rport"
        headers = {
            "Via": via,
            "Max-Forwards": "70",
            "From": f"<sip:{caller}@{self.place}>;tag={uuid4().hex}",
            "To": f"<{uri}>",
            "Call-ID": uuid4().hex,
            "CSeq": f"1 {method}",
            "Contact": f"<sip:x@{self.place}>",
        }
        headers |= {name.replace("_", "-"): value for name, value in more.items()}
        return Message(tuple(headers.items()), method, uri)

    def invite(self, number: str, body: str = SDP, **more: str) -> Message:
        uri = f"sip:{number}@{self.proxy[0]}:{self.proxy[1]}"
        made = self.request("INVITE", uri, Content_Type="application/sdp", **more)
        return Message(made.headers, made.method, made.uri, body=body.encode())

    def within(self, invite: Message, answer: Message, method: str, number: int) -> Message:
        """A request inside the call that the answer made."""
        made = self.request(method, sip.address(answer.get("Contact")))
        kept = made.with_header("From", invite.get("From")).with_header("To", answer.get("To"))
        return kept.with_header("Call-ID", invite.get("Call-ID")).with_header(
            "CSeq", f"{number} {method}"
        )

    async def answer(self, request: Message, seconds: float = 8, final: bool = True) -> Message:
        """The answer to a request of ours; AssertionError when none comes."""
        about = (request.get("Call-ID"), request.cseq)
        try:
            async with asyncio.timeout(seconds):
                while True:
                    for told in self.heard:
                        same = (told.get("Call-ID"), told.cseq) == about
                        if same and told.status >= (200 if final else 100):
                            return told
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"no answer to {request.method}") from None

    async def asked(self, request: Message, seconds: float = 8) -> Message:
        """Sends it and waits for its final answer; an INVITE's is acknowledged."""
        self.send(request)
        told = await self.answer(request, seconds)
        if request.method == "INVITE":
            self.send(self.acknowledged(request, told))
        return told

    def acknowledged(self, invite: Message, answer: Message) -> Message:
        if answer.status < 300:
            return self.within(invite, answer, "ACK", invite.cseq[0])
        ack = Message(invite.headers, "ACK", invite.uri).with_header("To", answer.get("To"))
        return ack.with_header("CSeq", f"{invite.cseq[0]} ACK")


@asynccontextmanager
async def wire(proxy: tuple[str, int], host: str = "127.0.0.1") -> AsyncIterator[Wire]:
    loop = asyncio.get_running_loop()
    made = Wire(proxy)
    await loop.create_datagram_endpoint(lambda: made, (host, 0))
    try:
        yield made
    finally:
        made.close()
