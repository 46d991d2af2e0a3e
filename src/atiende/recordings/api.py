"""Recordings over HTTP: which a case has, a listen (which the audit keeps), and the sound by range.

A listen is asked for first; then, for a while, its session may fetch the sound. So that each
listen stands in the audit once, however many pieces a player asks for.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Header
from pydantic import BaseModel
from starlette.responses import Response

from atiende import cases
from atiende.accounts import Act, Context, Ctx, record, unseal, who
from atiende.cases import place_of
from atiende.core.problem import Problem
from atiende.recordings.cipher import DamagedError, Deciphered
from atiende.recordings.keep import opening_key, recording_secret
from atiende.recordings.policy import may_listen
from atiende.recordings.rows import Q
from atiende.store import Connection, Row

#: How long after a listen its session may fetch the sound.
LISTENS = timedelta(hours=4)
#: As much as one answer holds: who wants more asks again, as players do.
PIECE = 1024 * 1024
OGG = "audio/ogg"
_RANGE = re.compile(r"bytes=(\d{1,15})?-(\d{1,15})?")
HEADERS = {
    "Cache-Control": "no-store",
    "Accept-Ranges": "bytes",
    "Content-Security-Policy": "sandbox; default-src 'none'",
}


class Span(BaseModel):
    """Who spoke from when to when, in milliseconds of the recording."""

    role: str
    agent: str | None
    from_ms: int
    to_ms: int


class Marked(BaseModel):
    """What happened from ``from_ms`` to ``to_ms``: held, paused (card data), agent (joined)."""

    kind: str
    from_ms: int
    to_ms: int
    agent: str | None = None


class RecordingOut(BaseModel):
    """``state``: processing, ready, failed, expired. ``peaks``: loudness of equal parts of the
    time, 0 to 255, of the customer and of the agents."""

    id: UUID
    interaction_id: UUID
    state: str
    may_listen: bool
    duration_ms: int
    peaks: tuple[list[int], list[int]]
    spans: list[Span]
    marks: list[Marked]
    expires_at: datetime


class RecordingsOut(BaseModel):
    items: list[RecordingOut]


async def get_recordings(ctx: Ctx, case_id: UUID) -> RecordingsOut:
    """What was recorded in a case, once its calls are over. Errors: 404 case_not_found."""
    async with ctx.db.connection() as conn:
        case = await cases.readable_case(ctx, conn, case_id)
        rows = await conn.fetch(Q["of_case"], case_id)
    return RecordingsOut(items=[_out(ctx, case, row) for row in rows])


def _out(ctx: Context, case: Row, row: Row) -> RecordingOut:
    began = row["started_at"]
    whole = row["duration_ms"] or 0
    peaks = row["peaks"] or b""
    half = len(peaks) // 2
    return RecordingOut(
        id=row["id"],
        interaction_id=row["interaction_id"],
        state="processing" if row["state"] == "open" else row["state"],
        may_listen=_may(ctx, case, row),
        duration_ms=whole,
        peaks=(list(peaks[:half]), list(peaks[half:])),
        spans=_spans(row["tracks"], began) if began else [],
        marks=_marks(row["marks"] or [], began, whole) if began else [],
        expires_at=row["expires_at"],
    )


def _spans(tracks: list[dict[str, Any]], began: datetime) -> list[Span]:
    found = []
    for track in tracks:
        start = _since(began, track["began"])
        end = start + int(track["seconds"] * 1000)
        found.append(Span(role=track["role"], agent=track["agent"], from_ms=start, to_ms=end))
    return found


#: What opens a stretch, and what closes it.
_CLOSES = {"resumed": "held", "unpaused": "paused"}


def _marks(marks: list[dict[str, Any]], began: datetime, whole: int) -> list[Marked]:
    """Stretches from their beginnings and ends; what was never closed lasts to the end."""
    found: list[Marked] = []
    opened: dict[str, int] = {}
    for mark in marks:
        at, kind = min(whole, max(0, _since(began, mark["at"]))), mark["kind"]
        if kind == "agent":
            found.append(Marked(kind=kind, from_ms=at, to_ms=at, agent=mark.get("agent")))
        elif kind in _CLOSES:
            start = opened.pop(_CLOSES[kind], None)
            if start is not None:
                found.append(Marked(kind=_CLOSES[kind], from_ms=start, to_ms=at))
        else:
            opened.setdefault(kind, at)
    found += [Marked(kind=kind, from_ms=at, to_ms=whole) for kind, at in opened.items()]
    return sorted(found, key=lambda mark: mark.from_ms)


def _since(began: datetime, at: str) -> int:
    return int((datetime.fromisoformat(at) - began).total_seconds() * 1000)


def _may(ctx: Context, case: Row, row: Row) -> bool:
    agents, supervisors = row["agents_listen"], row["supervisors_listen"]
    # Who spoke in it has it for his own, whoever has its case by now.
    place = place_of(case)
    place = replace(place, owners=place.owners | set(row["agents"]))
    return may_listen(ctx.actor.grants, place, agents=agents, supervisors=supervisors)


async def _heard(ctx: Context, conn: Connection, recording: UUID) -> Row:
    """The recording, if who asks may hear it. 404 `recording_not_found`, 403 `forbidden`, 409
    `recording_not_ready`, 410 `recording_expired`."""
    row = await conn.fetchrow(Q["recording"], recording)
    if row is None:
        raise Problem(404, "recording_not_found")
    try:
        case = await cases.readable_case(ctx, conn, row["case_id"])
    except Problem:
        raise Problem(404, "recording_not_found") from None
    if not _may(ctx, case, row):
        raise Problem(403, "forbidden")
    if row["state"] == "expired":
        raise Problem(410, "recording_expired")
    if row["state"] != "ready":
        raise Problem(409, "recording_not_ready")
    return row


async def post_listen(ctx: Ctx, id: UUID) -> dict[str, Any]:
    """A listen begins: it stands in the audit, and the whole file is proved. Errors: 404
    recording_not_found, 403 forbidden, 409 recording_not_ready, recording_damaged, 410
    recording_expired."""
    async with ctx.db.connection() as conn:
        row = await _heard(ctx, conn, id)
    file = await asyncio.to_thread(_opened, ctx, row)
    await asyncio.to_thread(_proved, file)
    async with ctx.db.transaction() as conn:
        await conn.execute(Q["listened"], id, ctx.actor.session_id, ctx.now)
        done = Act("recording.listened", "recording", id, None, {"case": row["number"]})
        await record(conn, who(ctx), done, ctx.now)
    return {}


async def get_audio(
    ctx: Ctx, id: UUID, asked: Annotated[str | None, Header(alias="Range")] = None
) -> Response:
    """The sound (Ogg, Opus, the customer left), whole or the piece asked for. Errors as of a
    listen, and 409 recording_listen_first, 416 range_wrong."""
    async with ctx.db.connection() as conn:
        row = await _heard(ctx, conn, id)
        since = ctx.now - LISTENS
        if await conn.fetchval(Q["listens"], id, ctx.actor.session_id, since) is None:
            raise Problem(409, "recording_listen_first")
    file = await asyncio.to_thread(_opened, ctx, row)
    start, end = _piece(asked, file.size) if asked else (0, file.size)
    body = await asyncio.to_thread(_read, file, start, end)
    if not asked:
        return Response(body, media_type=OGG, headers=HEADERS)
    told = {"Content-Range": f"bytes {start}-{end - 1}/{file.size}"}
    return Response(body, 206, media_type=OGG, headers={**HEADERS, **told})


def _opened(ctx: Context, row: Row) -> Deciphered:
    house = opening_key(ctx.settings.key_file)
    key = unseal(house, recording_secret(row["id"]), row["sealed"])
    try:
        file = Deciphered(ctx.blobs.path(row["blob_key"]), key)
    except (OSError, DamagedError):
        raise Problem(409, "recording_damaged") from None
    if file.size != row["size"]:
        raise Problem(409, "recording_damaged")
    return file


def _proved(file: Deciphered) -> None:
    try:
        file.check()
    except (OSError, DamagedError):
        raise Problem(409, "recording_damaged") from None


def _read(file: Deciphered, start: int, end: int) -> bytes:
    try:
        return file.read(start, end - start)
    except (OSError, DamagedError):
        raise Problem(409, "recording_damaged") from None


def _piece(asked: str, size: int) -> tuple[int, int]:
    """The bytes of a Range header (RFC 9110, 14.2), one range alone, and no more than PIECE."""
    found = _RANGE.fullmatch(asked.strip())
    if found is None or found.group(0) == "bytes=-":
        raise Problem(416, "range_wrong")
    first, last = found.groups()
    if first is None:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), size if last is None else min(size, int(last) + 1)
    if start >= end:
        raise Problem(416, "range_wrong")
    return start, min(end, start + PIECE)
