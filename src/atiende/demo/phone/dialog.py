"""One SIP dialog: what both sides remember of a call, and the requests made within it.  PURE."""

from __future__ import annotations

from dataclasses import dataclass, replace

from atiende.demo.phone.sip import Headers, Message, address, parameter


@dataclass(frozen=True, slots=True)
class Dialog:
    """``local`` and ``remote`` are whole From/To values with tags; ``target`` is where they are."""

    call_id: str
    local: str
    remote: str
    target: str
    routes: tuple[str, ...] = ()
    cseq: int = 0

    def owns(self, request: Message) -> bool:
        """Whether a request from the other side belongs to this dialog."""
        return (
            request.get("Call-ID") == self.call_id
            and parameter(request.get("To"), "tag") == parameter(self.local, "tag")
            and parameter(request.get("From"), "tag") == parameter(self.remote, "tag")
        )

    def request(
        self, method: str, via: str, *, cseq: int, extra: Headers = (), body: bytes = b""
    ) -> Message:
        """A request within the dialog; ACK and CANCEL repeat the number of what they are for."""
        headers = (
            ("Via", via),
            ("Max-Forwards", "70"),
            *(("Route", route) for route in self.routes),
            ("From", self.local),
            ("To", self.remote),
            ("Call-ID", self.call_id),
            ("CSeq", f"{cseq} {method}"),
            *extra,
        )
        return Message(headers, method, self.target, body=body)

    def next_hop(self) -> str:
        """The URI that the next request is sent to."""
        return address(self.routes[0]) if self.routes else self.target

    def refreshed(self, message: Message) -> Dialog:
        """After a re-INVITE or its answer, the other side may be elsewhere."""
        contact = address(message.get("Contact"))
        return replace(self, target=contact) if contact else self


def of_caller(request: Message, answer: Message) -> Dialog:
    """The dialog of who sent ``request`` and got ``answer``."""
    return Dialog(
        call_id=request.get("Call-ID"),
        local=request.get("From"),
        remote=answer.get("To"),
        target=address(answer.get("Contact")) or request.uri,
        routes=tuple(reversed(answer.all("Record-Route"))),
        cseq=request.cseq[0],
    )


def of_callee(request: Message, tag: str) -> Dialog:
    """The dialog of who got ``request`` and answers it with ``tag``."""
    return Dialog(
        call_id=request.get("Call-ID"),
        local=f"{request.get('To')};tag={tag}",
        remote=request.get("From"),
        target=address(request.get("Contact")),
        routes=tuple(request.all("Record-Route")),
    )
