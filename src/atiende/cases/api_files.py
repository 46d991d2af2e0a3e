"""Files over HTTP, on the desk's side: upload before sending, fetch afterwards."""

from typing import Any
from uuid import UUID

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from atiende.accounts import Context, Ctx
from atiende.cases.attachments import MAX_FILE_MB, Upload, attachment_row, keep_file
from atiende.cases.receive import Q
from atiende.cases.scope import seen_case
from atiende.channels.files import INLINE_TYPES
from atiende.core.problem import Problem
from atiende.store import Connection, Row

SANDBOX = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, max-age=300",
}


async def _case_of(conn: Connection, conversation: UUID) -> UUID:
    place = await conn.fetchrow(Q["conversation_place"], conversation)
    if place is None or place["case_id"] is None:
        raise Problem(404, "conversation_not_found")
    case: UUID = place["case_id"]
    return case


async def post_upload(ctx: Ctx, conversation: UUID, request: Request) -> dict[str, Any]:
    """Keeps a file (the form's `file`) to be sent in a conversation. Errors: 413 file_too_big,
    415 file_type_refused, 422 file_empty, 404 conversation_not_found.

    The body is read here, not by a parameter: a stranger is refused before a byte is taken."""
    async with ctx.db.connection() as conn:
        await seen_case(ctx, conn, await _case_of(conn, conversation), "cases.write")
    async with request.form(max_files=1, max_fields=4) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise Problem(422, "file_empty")
        content = await file.read(MAX_FILE_MB * 1024 * 1024 + 1)
    owner = f"user:{ctx.actor.user_id}"
    upload = Upload(conversation, owner, file.filename or "", content)
    return await keep_file(ctx.db, ctx.blobs, upload)


async def get_attachment(ctx: Ctx, attachment_id: UUID, inline: bool = False) -> Response:
    """The bytes of a file, as an attachment; images may be shown in place.
    Errors: 404 attachment_not_found."""
    async with ctx.db.connection() as conn:
        row = await attachment_row(conn, attachment_id)
        await _check_reader(ctx, conn, row)
    shown = inline and row["media_type"] in INLINE_TYPES
    return FileResponse(
        ctx.blobs.path(row["blob_key"]),
        media_type=row["media_type"],
        filename=row["name"],
        content_disposition_type="inline" if shown else "attachment",
        headers=SANDBOX,
    )


async def _check_reader(ctx: Context, conn: Connection, row: Row) -> None:
    if row["owner"] == f"user:{ctx.actor.user_id}":
        return
    if row["case_id"] is None:
        raise Problem(404, "attachment_not_found")
    try:
        await seen_case(ctx, conn, row["case_id"], "cases.read")
    except Problem:
        raise Problem(404, "attachment_not_found") from None
