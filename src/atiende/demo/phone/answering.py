"""What a phone does by itself: keeps the state of its call and answers the other side's requests.

``phone`` builds what a person does on top of it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Literal
from uuid import uuid4

from atiende.demo.phone import sdp, sip
from atiende.demo.phone.audio import ALAW, ULAW
from atiende.demo.phone.dialog import Dialog
from atiende.demo.phone.line import Line, Place, Source, Transport
from atiende.demo.phone.rtp import Media
from atiende.demo.phone.sip import Headers, Message

ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO, NOTIFY"
Word = Literal["calling", "ringing", "incoming", "talking", "held", "resumed", "ended"]


class LateError(Exception):
    """What was waited for did not come in time, or can no more."""


@dataclass(frozen=True, slots=True)
class Options:
    """Who the phone is. ``proxy``: where its requests go; ``first_sequence``: of its RTP."""

    user: str = "100"
    name: str = ""
    password: str = ""
    proxy: Place = ("127.0.0.1", 5060)
    transport: Transport = "udp"
    host: str = "127.0.0.1"
    laws: tuple[int, ...] = (ALAW, ULAW)
    first_sequence: int | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """How a call ended: SIP status (200: BYE), Q.850 cause when one was told, and by whom."""

    status: int
    cause: int | None
    by: Literal["us", "them"]


class Answering:
    """The state of the one call, and the answers."""

    def __init__(self, options: Options | None = None) -> None:
        self.options = options or Options()
        self.line = Line(self.options.transport, self._asked, self.options.host)
        self.media = Media(self.options.first_sequence)
        self.history: list[Word] = []
        self.ending: Ending | None = None
        self.invite: Message | None = None  # theirs or ours: what began the call
        self._changed = asyncio.Event()
        self._read = 0
        self._source: Source | None = None
        self._dialog: Dialog | None = None
        self._own = sdp.Sound(self.options.host, 0, self.options.laws)
        self._cseq = 0
        self._wants_end = self._cancelled = self._reoffering = False
        self._tag, self._proofs = "", 0

    @property
    def is_busy(self) -> bool:
        return bool(self.history) and self.history[-1] != "ended"

    def _tell(self, word: Word) -> None:
        self.history.append(word)
        self._changed.set()

    # --- requests of the other side

    def _asked(self, request: Message, source: Source) -> None:
        mine = self._dialog is not None and self._dialog.owns(request) and self.is_busy
        if request.method == "ACK":
            if mine and request.body:
                self._sound(request.body)
        elif request.method == "INVITE":
            self._invited(request, source, mine=mine)
        elif request.method == "CANCEL":
            self._cancelled_by(request, source)
        elif request.method == "BYE" and mine:
            self.line.answer(sip.response(request, 200), source)
            self._end(Ending(200, cause(request), "them"))
        elif request.method == "UPDATE" and mine:
            self._offered(request, source)
        elif request.method == "OPTIONS" or (mine and request.method in {"INFO", "NOTIFY"}):
            extra = (("Allow", ALLOW), ("Accept", "application/sdp"))
            self.line.answer(sip.response(request, 200, tag=uuid4().hex, extra=extra), source)
        else:
            status = 481 if sip.parameter(request.get("To"), "tag") else 501
            self.line.answer(sip.response(request, status, tag=uuid4().hex), source)

    def _invited(self, request: Message, source: Source, *, mine: bool) -> None:
        if mine:
            self._offered(request, source)
        elif sip.parameter(request.get("To"), "tag"):
            self.line.answer(sip.response(request, 481), source)
        elif self.is_busy:
            self.line.answer(sip.response(request, 486, tag=uuid4().hex), source)
        else:
            self.line.start(self._rung(request, source))

    async def _rung(self, request: Message, source: Source) -> None:
        await self._begin()
        self.invite, self._source, self._tag = request, source, uuid4().hex
        extra = self._contact()
        self.line.answer(sip.response(request, 180, tag=self._tag, extra=extra), source)
        self._tell("incoming")

    def _cancelled_by(self, request: Message, source: Source) -> None:
        invite = self.invite
        same = invite is not None and invite.branch == request.branch
        if invite is None or not same or self.history[-1:] != ["incoming"]:
            self.line.answer(sip.response(request, 481, tag=uuid4().hex), source)
            return
        self.line.answer(sip.response(request, 200, tag=self._tag), source)
        if self._source is not None:
            self.line.answer(sip.response(invite, 487, tag=self._tag), self._source)
        self._end(Ending(487, cause(request), "them"))

    def _offered(self, request: Message, source: Source) -> None:
        """A re-INVITE or UPDATE: we agree, mirroring their direction."""
        if self._reoffering and request.body:
            self.line.answer(sip.response(request, 491), source)
            return
        if self._dialog is not None:
            self._dialog = self._dialog.refreshed(request)
        if request.body:
            try:
                offer = sdp.parse(request.body)
                self._own = replace(sdp.answer(offer, self._own), version=self._own.version + 1)
            except sdp.BadSdpError:
                self.line.answer(sip.response(request, 488), source)
                return
            self._sound(request.body)
            self._held(offer.direction)
        self.line.answer(self._described(request), source)

    def _held(self, direction: sdp.Direction) -> None:
        talk = [word for word in self.history if word in ("held", "resumed")]
        is_held = talk[-1:] == ["held"]
        holds = direction in ("sendonly", "inactive")
        if holds != is_held:
            self._tell("held" if holds else "resumed")

    # --- parts

    async def _begin(self) -> None:
        await self.media.close()
        self.media = Media(self.options.first_sequence)
        await self.media.open(self.options.host)
        self._own = sdp.Sound(self.options.host, self.media.port, self.options.laws)
        self.history, self._read = [], 0
        self.ending = self._dialog = self.invite = self._source = None
        self._wants_end = self._cancelled = False
        self._tag, self._cseq = "", 0

    def _end(self, ending: Ending) -> None:
        self.ending = ending
        self.media.sending = False
        self._tell("ended")

    def _sound(self, body: bytes) -> None:
        """Their description decides where our sound goes, and whether it may."""
        if not body:
            return
        try:
            theirs = sdp.parse(body)
        except sdp.BadSdpError:
            return
        self.media.sending = (
            theirs.direction in ("sendrecv", "recvonly") and self._own.direction != "inactive"
        )
        self.media.talk_to((theirs.host, theirs.port), theirs.laws[0], theirs.events)

    def _contact(self) -> Headers:
        return (("Contact", self.line.contact(self.options.user)), ("Allow", ALLOW))

    def _described(self, request: Message) -> Message:
        body = b"" if request.method == "UPDATE" and not request.body else sdp.render(self._own)
        extra = self._contact()
        if body:
            extra = (*extra, ("Content-Type", "application/sdp"))
        return sip.response(request, 200, tag=self._tag, extra=extra, body=body)


def cause(message: Message) -> int | None:
    """The Q.850 cause of a Reason header (RFC 3326)."""
    for value in message.all("Reason"):
        told = sip.parameter(value, "cause")
        if value.startswith("Q.850") and told.isdigit():
            return int(told)
    return None
