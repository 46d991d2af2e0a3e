"""The telephone: calls, is called, talks, holds, presses digits, hangs up.

Theory of operation
-------------------
One phone holds one call at a time; a second caller hears busy. What happens is told as words in
``history``: calling, ringing, incoming, talking, held, resumed, ended. ``until`` waits for a word
and goes on from there, so a script reads like a story. A call that has ended leaves its ``ending``
and its sound behind until the next one begins.
"""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Sequence
from dataclasses import replace
from types import TracebackType
from typing import Literal
from uuid import uuid4

from atiende.demo.phone import dialog as dialogs
from atiende.demo.phone import sdp, sip
from atiende.demo.phone.answering import Answering, Ending, LateError, Word, cause
from atiende.demo.phone.dialog import Dialog
from atiende.demo.phone.line import Place, Source
from atiende.demo.phone.sip import Headers, Message


class Phone(Answering):
    """``async with Phone(Options(...)) as phone: await phone.call("100")``."""

    async def __aenter__(self) -> Phone:
        await self.line.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if self.is_busy and kind is None:
            await self.hang_up()
        await self.media.close()
        await self.line.close()

    # --- what a person sees

    @property
    def caller(self) -> tuple[str, str]:
        """(number, name) of who called."""
        sender = self.invite.get("From") if self.invite else ""
        return sip.user(sip.address(sender)), sip.display(sender)

    async def until(self, word: Word, timeout_s: float = 10.0) -> None:
        """Waits for the next ``word`` of the history. LateError: too long, or the call is over."""
        try:
            async with asyncio.timeout(timeout_s):
                while word not in self.history[self._read :]:
                    if self.history[-1:] == ["ended"] and word != "incoming":
                        raise LateError(f"{word}: ended with {self.ending}")
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise LateError(f"{word}: only {self.history}") from None
        self._read = self.history.index(word, self._read) + 1

    async def heard(self, seconds: float) -> array[int]:
        """What is heard in the next so many seconds."""
        mark = self.media.mark()
        await asyncio.sleep(seconds)
        return self.media.heard_since(mark)

    def say(self, samples: Sequence[int], *, repeat: bool = True) -> None:
        self.media.say(samples, repeat=repeat)

    async def digits(self, digits: str) -> None:
        """Presses digits and waits until they have gone out."""
        await asyncio.sleep(self.media.press(digits))

    async def digits_heard(self, count: int, timeout_s: float = 5.0) -> str:
        """The digits heard, once there are ``count``. LateError when they do not come."""
        try:
            async with asyncio.timeout(timeout_s):
                while len(self.media.digits_heard) < count:
                    self.media.news.clear()
                    await self.media.news.wait()
        except TimeoutError:
            raise LateError(f"digits: only {self.media.digits_heard}") from None
        return "".join(self.media.digits_heard)

    # --- registration

    async def register(self, user: str, password: str, expires_s: int = 300) -> int:
        """Registers as ``user`` at the proxy; the final status. ``expires_s`` 0 unregisters."""
        self.options = replace(self.options, user=user, password=password)
        own = f"<sip:{user}@{_joined(self.options.proxy)}>"
        extra = (("Contact", self.line.contact(user)), ("Expires", str(expires_s)))
        request = self._outside("REGISTER", f"sip:{_joined(self.options.proxy)}", own, own, extra)
        _, answer = await self._proven(request, self.options.proxy)
        return answer.status

    # --- calling

    async def call(self, number: str, *, extra: Headers = ()) -> None:
        """Dials; what becomes of it is told in the history. LateError while another call lives."""
        if self.is_busy:
            raise LateError(f"busy: {self.history}")
        await self._begin()
        server = _joined(self.options.proxy)
        own, uri = f"<sip:{self.options.user}@{server}>", f"sip:{number}@{server}"
        if self.options.name:
            quoted = self.options.name.replace("\\", "\\\\").replace('"', '\\"')
            own = f'"{quoted}" {own}'
        more = (*self._contact(), ("Content-Type", "application/sdp"), *extra)
        self.invite = replace(
            self._outside("INVITE", uri, own, f"<{uri}>", more), body=sdp.render(self._own)
        )
        self._tell("calling")
        self.line.start(self._dial(self.invite))

    async def _dial(self, invite: Message) -> None:
        to = self.options.proxy
        invite, answer = await self._proven(invite, to, progress=True)
        if answer.status >= 300:
            by: Literal["us", "them"] = "us" if self._cancelled else "them"
            self._end(Ending(answer.status, cause(answer), by))
            return
        self._dialog = dialogs.of_caller(invite, answer)
        await self._acknowledge(invite, answer)
        if self._wants_end:  # it was answered before the CANCEL arrived
            await self._bye()
            return
        self._sound(answer.body)
        self._tell("talking")

    def _progress(self, answer: Message) -> None:
        if self._wants_end:
            self._cancel()
        if answer.status in (180, 183) and "ringing" not in self.history:
            self._tell("ringing")
        if answer.body:
            self._sound(answer.body)

    def _cancel(self) -> None:
        invite = self.invite
        if invite is not None and not self._cancelled:
            self._cancelled = True
            names = {"Via", "From", "To", "Call-ID", "Max-Forwards", "Route"}
            kept = tuple(pair for pair in invite.headers if pair[0] in names)
            head = (*kept, ("CSeq", f"{invite.cseq[0]} CANCEL"))
            self.line.start(self._ask_only(Message(head, "CANCEL", invite.uri)))

    async def _ask_only(self, request: Message) -> None:
        await self.line.ask(request, self.options.proxy)

    # --- being called

    async def answer(self) -> None:
        """Takes the call that rings."""
        invite, source = self._ringing()
        self._tag = self._tag or uuid4().hex
        offer = sdp.parse(invite.body) if invite.body else None
        self._own = sdp.answer(offer, self._own) if offer else self._own
        self._dialog = dialogs.of_callee(invite, self._tag)
        self.line.answer(self._described(invite), source)
        if offer:
            self._sound(invite.body)
        self._tell("talking")

    async def busy(self) -> None:
        await self.reject(486)

    async def reject(self, status: int = 603) -> None:
        """Refuses the call that rings."""
        invite, source = self._ringing()
        self.line.answer(sip.response(invite, status, tag=self._tag), source)
        self._end(Ending(status, None, "us"))

    def _ringing(self) -> tuple[Message, Source]:
        if self.invite is None or self._source is None or self.history[-1:] != ["incoming"]:
            raise LateError(f"nothing rings: {self.history}")
        return self.invite, self._source

    # --- while talking

    async def hold(self) -> int:
        """Puts the other side on hold; the status of the re-INVITE."""
        return await self._reoffer("sendonly")

    async def unhold(self) -> int:
        return await self._reoffer("sendrecv")

    async def _reoffer(self, direction: sdp.Direction) -> int:
        dialog = self._talking()
        self._own = replace(self._own, direction=direction, version=self._own.version + 1)
        self._cseq += 1
        more = (*self._contact(), ("Content-Type", "application/sdp"))
        request = dialog.request(
            "INVITE", self.line.via(), cseq=self._cseq, extra=more, body=sdp.render(self._own)
        )
        self._reoffering = True
        try:
            request, answer = await self._proven(request, sip.place(dialog.next_hop()))
        finally:
            self._reoffering = False
        if answer.status < 300:
            self._dialog = dialog.refreshed(answer)
            await self._acknowledge(request, answer)
            self._sound(answer.body)
        return answer.status

    async def hang_up(self) -> None:
        """Ends the call in whatever state it is, and waits for its end."""
        if not self.is_busy:
            return
        if self._dialog is not None:
            await self._bye()
        elif self._source is not None:
            await self.reject(480)
        else:
            self._wants_end = True
            if "ringing" in self.history or self._cancelled:
                self._cancel()
            await self.until("ended", 40.0)

    async def _bye(self) -> None:
        dialog = self._talking()
        self._cseq += 1
        request = dialog.request("BYE", self.line.via(), cseq=self._cseq)
        self._end(Ending(200, None, "us"))
        await self._proven(request, sip.place(dialog.next_hop()))

    def _talking(self) -> Dialog:
        if self._dialog is None or not self.is_busy:
            raise LateError(f"no call: {self.history}")
        return self._dialog

    def _outside(self, method: str, uri: str, sender: str, to: str, extra: Headers = ()) -> Message:
        """A request outside of any dialog."""
        self._cseq += 1
        head = (
            ("Via", self.line.via()),
            ("Max-Forwards", "70"),
            ("From", f"{sender};tag={uuid4().hex}"),
            ("To", to),
            ("Call-ID", uuid4().hex),
            ("CSeq", f"{self._cseq} {method}"),
        )
        return Message((*head, ("User-Agent", "Atiende demo"), *extra), method, uri)

    async def _proven(
        self, request: Message, to: Place, *, progress: bool = False
    ) -> tuple[Message, Message]:
        """The request as it was at last sent, and its answer; proves who we are when asked."""
        hear = self._progress if progress else None
        answer = await self.line.ask(request, to, hear)
        wanted = answer.get("WWW-Authenticate" if answer.status == 401 else "Proxy-Authenticate")
        if answer.status not in (401, 407) or not wanted or not self.options.password:
            return request, answer
        self._proofs += 1
        proof = sip.Proof(self.options.user, self.options.password, uuid4().hex)
        value = sip.authorization(wanted, proof, request.method, request.uri)
        name = "Authorization" if answer.status == 401 else "Proxy-Authorization"
        self._cseq = request.cseq[0] + 1
        again = (
            request.with_header("Via", self.line.via())
            .with_header("CSeq", f"{self._cseq} {request.method}")
            .with_header(name, value)
        )
        if progress:
            self.invite = again
        return again, await self.line.ask(again, to, hear)

    async def _acknowledge(self, invite: Message, answer: Message) -> None:
        dialog = self._dialog
        if dialog is not None:
            ack = dialog.request("ACK", self.line.via(), cseq=invite.cseq[0])
            await self.line.acknowledge(invite, ack, sip.place(dialog.next_hop()))


def _joined(place: Place) -> str:
    return f"{place[0]}:{place[1]}"
