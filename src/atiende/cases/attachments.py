"""Files that travel with messages: what is taken, where it lies, who may fetch it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from atiende.cases.receive import Q
from atiende.channels.files import HEAD_BYTES, file_name, fitting_name, sniff
from atiende.core.problem import Problem
from atiende.store import Blobs, Connection, Database, Row

MAX_FILE_MB = 25


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it arrived. `owner` = 'user:<id>' or 'visitor:<conversation>': who may send it."""

    conversation_id: UUID
    owner: str
    name: str
    content: bytes
    max_mb: int = MAX_FILE_MB


async def keep_file(db: Database, blobs: Blobs, upload: Upload) -> dict[str, Any]:
    """Stores a file and returns it as screens hold it. Problem 413 `file_too_big`, 415
    `file_type_refused` (what counts is the content, not the name), 422 `file_empty`."""
    if not upload.content:
        raise Problem(422, "file_empty")
    if len(upload.content) > upload.max_mb * 1024 * 1024:
        raise Problem(413, "file_too_big", mb=upload.max_mb)
    name = file_name(upload.name)
    media_type = sniff(upload.content[:HEAD_BYTES], name)
    if media_type is None:
        raise Problem(415, "file_type_refused")
    name = fitting_name(name, media_type)
    key, digest = await asyncio.to_thread(blobs.put, upload.content)
    async with db.connection() as conn:
        attachment = await conn.fetchval(
            Q["put_attachment"],
            upload.conversation_id,
            upload.owner,
            name,
            media_type,
            len(upload.content),
            digest,
            key,
        )
    size = len(upload.content)
    return {"id": attachment, "name": name, "media_type": media_type, "size": size}


async def attachment_row(conn: Connection, attachment: UUID) -> Row:
    """Where an attachment lies and what it belongs to. Problem 404 `attachment_not_found`."""
    row = await conn.fetchrow(Q["attachment"], attachment)
    if row is None:
        raise Problem(404, "attachment_not_found")
    return row


def uuids(texts: Sequence[str]) -> tuple[UUID, ...]:
    """Attachment ids as a visitor's page sent them; parse has checked their shape."""
    return tuple(UUID(text) for text in texts)
