"""API of what callers hear: the product's own sentences, the company's recordings and music.

Registered in web/routes.py. What is put, renamed or archived reaches Asterisk within a second
(``lay``); the file itself never changes, so that who listens hears what callers hear.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import unicodedata
from typing import Any, Literal
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from atiende.accounts import Ctx, Empty, Item, Name, Out, Patch, items
from atiende.core.problem import Problem
from atiende.prompts.lay import Q
from atiende.prompts.sound import Sound, read_apart
from atiende.prompts.spoken import LANGUAGES, MEDIA_TYPE, audio, sentences

MAX_FILE_MB = 25
PROMPT = items.Kind(
    "prompt",
    "channels.manage",
    ("name",),
    Q,
    {"prompts_name_key": "name"},
    guarded=True,
)
HEADERS = {"Content-Security-Policy": "sandbox; default-src 'none'", "Cache-Control": "private"}
_NAME: TypeAdapter[str] = TypeAdapter(Name)


class PromptOut(Item):
    """``value`` is what a number's settings name it by; ``used``: the numbers that do."""

    kind: Literal["prompt", "music"]
    name: str
    value: str
    seconds: float
    used: list[str]


class PromptPatch(Patch):
    name: Name | None = None


class SentenceOut(Out):
    """One of the product's own, in one language."""

    name: str
    language: str
    text: str
    value: str


class PromptsOut(Out):
    items: list[PromptOut]
    sentences: list[SentenceOut]


async def list_prompts(ctx: Ctx) -> PromptsOut:
    """The company's, and the product's own sentences (their voice is synthetic)."""
    rows = await items.all_of(ctx, PROMPT)
    own = [
        SentenceOut(name=name, language=code, text=text, value=f"custom/{code}/{name}")
        for code in LANGUAGES
        for name, text in sentences(code).items()
    ]
    return PromptsOut(items=[_shown(row) for row in rows], sentences=own)


async def create_prompt(ctx: Ctx, request: Request) -> PromptOut:
    """A form: ``name``, ``kind`` (prompt or music), ``file`` (WAV, FLAC, Ogg, MP3; up to ten
    minutes). Errors: 413 file_too_big, 415 sound_refused, 422 sound_length, file_empty,
    invalid_value."""
    ctx.need(PROMPT.permission)
    async with request.form(max_files=1, max_fields=4) as form:
        file, kind = form.get("file"), form.get("kind")
        if not isinstance(file, UploadFile):
            raise Problem(422, "file_empty")
        name = _name(form.get("name"))
        if kind not in ("prompt", "music"):
            raise Problem(422, "invalid_value", fields={"kind": "invalid"})
        content = await file.read(MAX_FILE_MB * 1024 * 1024 + 1)
    if len(content) > MAX_FILE_MB * 1024 * 1024:
        raise Problem(413, "file_too_big", mb=MAX_FILE_MB)
    sound = await read_apart(content)
    return _shown(await _keep(ctx, str(kind), name, sound))


async def change_prompt(ctx: Ctx, id: UUID, body: PromptPatch) -> PromptOut:
    """A new name; numbers know it by another, which stays."""
    return _shown(await items.change(ctx, PROMPT, id, body))


async def archive_prompt(ctx: Ctx, id: UUID) -> Empty:
    """Refused while a number uses it: 409 in_use_numbers."""
    await items.archive(ctx, PROMPT, id)
    return Empty()


async def get_audio(ctx: Ctx, id: UUID) -> Response:
    """What callers hear, as WAV. Errors: 404 not_found."""
    ctx.need(PROMPT.permission)
    async with ctx.db.connection() as conn:
        key = await conn.fetchval(Q["prompt_audio"], id)
    if key is None:
        raise Problem(404, "not_found")
    return FileResponse(ctx.blobs.path(key), media_type="audio/wav", headers=HEADERS)


async def get_sentence(ctx: Ctx, language: str, name: str) -> Response:
    """The audio of one of the product's own sentences. Errors: 404 not_found."""
    ctx.need(PROMPT.permission)
    if language not in LANGUAGES or name not in sentences(language):
        raise Problem(404, "not_found")
    return FileResponse(audio(language, name), media_type=MEDIA_TYPE, headers=HEADERS)


async def _keep(ctx: Ctx, kind: str, name: str, sound: Sound) -> Any:
    key, digest = await asyncio.to_thread(ctx.blobs.put, sound.wav)
    try:
        async with items.act(ctx, PROMPT) as (conn, changes):
            values = (kind, name, sound_name(name), key, digest, sound.seconds)
            (row,) = await conn.fetch(PROMPT.sql("insert"), *values)
            changes.extend(await PROMPT.after(conn, ctx, row))
            await items.note(conn, ctx, PROMPT, "created", None, row)
    except Problem:
        await asyncio.to_thread(ctx.blobs.remove, key)
        raise
    return row


def sound_name(name: str) -> str:
    """What Asterisk calls it: readable, and never another's."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:24].strip("-") or "audio"
    return f"{words}-{secrets.token_hex(4)}"


def _name(text: object) -> str:
    try:
        return _NAME.validate_python(text)
    except ValidationError:
        raise Problem(422, "invalid_value", fields={"name": "invalid"}) from None


def _shown(row: Any) -> PromptOut:
    value = row["sound"] if row["kind"] == "music" else f"custom/{row['sound']}"
    shown = {k: row[k] for k in ("id", "version", "kind", "name", "used")}
    return PromptOut(**shown, value=value, seconds=round(row["seconds"], 1))
