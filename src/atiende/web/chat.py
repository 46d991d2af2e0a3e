"""The visitor's side over HTTP: the widget's files, its configuration, the start of a chat, files.

The pages that call are the company's, on other origins: the account's list of allowed origins is
asked each time, cookies play no part, and the visitor's token travels in a header or a body.
"""

import hashlib
import secrets
from collections import deque
from typing import Any

import msgspec
import structlog
from starlette.datastructures import UploadFile
from starlette.requests import HTTPConnection, Request
from starlette.responses import FileResponse, JSONResponse, Response

from atiende.accounts import account_secret, hours_of, read_secret
from atiende.cases import Q as CASES
from atiende.cases import Upload, attachment_row, keep_file, open_conversation
from atiende.channels.base import BadPayload
from atiende.channels.webchat import parse, render
from atiende.channels.webchat.config import Config, config
from atiende.channels.webchat.limits import UPLOAD_WINDOW_S, UPLOADS_PER_WINDOW
from atiende.core.hours import Hours, is_open, next_opening
from atiende.core.problem import Problem
from atiende.core.rate import within_rate
from atiende.customers import Visitor, identify_visitor
from atiende.store import Change, Connection, Row
from atiende.web.gate import address_of, own_origin, web_of
from atiende.web.state import Web

log = structlog.get_logger("chat")

STARTS_PER_WINDOW = 20
START_WINDOW_S = 60.0
MANY_ADDRESSES = 5_000
_STATUS = {"form_invalid": 422, "frame_too_big": 413}


def origin_of(connection: HTTPConnection) -> str | None:
    return connection.headers.get("origin")


def opening(account: Row) -> Hours | None:
    """The account's opening hours (its own, else its queue's); None = always open."""
    if account["weekly"] is None:
        return None
    return hours_of(account["tz"], account["weekly"], account["exceptions"])


def token_value(token: str) -> str:
    """What is stored of a visitor's token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


async def conversation_of(conn: Connection, token: str) -> tuple[Row, Row] | None:
    """(conversation, account) behind a token, or None."""
    row = await conn.fetchrow(CASES["conversation_of_token"], token_value(token))
    if row is None:
        return None
    account = await conn.fetchrow(CASES["account_by_id"], row["account_id"])
    return None if account is None else (row, account)


def _cors(origin: str | None) -> dict[str, str]:
    return {
        "Access-Control-Allow-Origin": origin or "null",
        "Access-Control-Allow-Headers": "content-type, authorization",
        "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
        "Access-Control-Max-Age": "600",
        "Vary": "Origin",
        "Cache-Control": "no-store",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }


def allowed(web: Web, request: HTTPConnection, settings: Config) -> bool:
    """The account's own pages; our own address too (the demo shop, the preview)."""
    origin = origin_of(request)
    if origin is None:
        return request.headers.get("sec-fetch-site") == "same-origin"
    if own_origin(request):
        return True
    return parse.origin_allowed(origin, [*settings.allowed_origins, web.base_url])


async def account_of(connection: HTTPConnection, key: str) -> Row | None:
    """The active account of a public key."""
    return await _account(web_of(connection), key)


async def _account(web: Web, key: str) -> Row | None:
    async with web.db.connection() as conn:
        row = await conn.fetchrow(CASES["account"], key)
    return row if row is not None and row["active"] else None


def _refused(request: Request, status: int, key: str, **more: Any) -> Response:
    return JSONResponse({"key": key, **more}, status, _cors(origin_of(request)))


async def preflight(request: Request) -> Response:
    """CORS preflight: the answer itself gives nothing away; the call asks the origin again."""
    return Response(status_code=204, headers=_cors(origin_of(request)))


async def get_config(request: Request) -> Response:
    """What a page may know of a chat account. 403 origin_refused, 404 chat_unknown."""
    web = web_of(request)
    account = await _account(web, request.query_params.get("key", "")[:100])
    if account is None:
        return _refused(request, 404, "chat_unknown")
    settings = config(account["config"])
    if not allowed(web, request, settings):
        return _refused(request, 403, "origin_refused")
    now, hours = web.now(), opening(account)
    opened = hours is None or is_open(hours, now)
    opens = None if opened or hours is None else next_opening(hours, now)
    told = render.public_config(
        settings,
        account["public_key"],
        account["name"],
        open=opened,
        opens_at=opens.isoformat() if opens else None,
    )
    return JSONResponse(told, headers=_cors(origin_of(request)))


async def post_start(request: Request) -> Response:
    """Starts (or takes up again) a visitor's conversation. 403 origin_refused, 422 form_invalid
    {fields}, 429 rate_limited."""
    web = web_of(request)
    try:
        form = parse.start(await request.body())
    except BadPayload as wrong:
        return _refused(request, _STATUS.get(wrong.key, 400), wrong.key)
    account = await _account(web, form.key)
    if account is None:
        return _refused(request, 404, "chat_unknown")
    settings = config(account["config"])
    if not allowed(web, request, settings):
        return _refused(request, 403, "origin_refused")
    if not _may_start(request.app.state.starts, address_of(request) or "", web.clock()):
        return _refused(request, 429, "rate_limited")
    signed = await _signed(web, account, form)
    known = await _returning(web, account, form)
    try:
        parse.check_start(form, settings, known=known or signed is not None)
    except BadPayload as wrong:
        return _refused(request, 422, wrong.key, fields=wrong.fields)
    token = form.visitor if known and form.visitor else secrets.token_urlsafe(32)
    conversation, changes = await _open(web, account, form, token, signed)
    web.bus.changed(changes)
    told = {"token": token, "conversation": str(conversation)}
    return JSONResponse(told, headers=_cors(origin_of(request)))


def _may_start(starts: dict[str, deque[float]], address: str, now: float) -> bool:
    """The limit on an address; those that have been quiet are forgotten."""
    if len(starts) > MANY_ADDRESSES:
        for quiet in [a for a, at in starts.items() if not at or at[-1] < now - START_WINDOW_S]:
            del starts[quiet]
    times = starts.setdefault(address, deque())
    return within_rate(times, now, STARTS_PER_WINDOW, START_WINDOW_S)


async def _signed(web: Web, account: Row, form: parse.Start) -> parse.Identity | None:
    """The identity the shop's server signed, if it is genuine and still valid."""
    if form.identity is None:
        return None
    try:
        async with web.db.connection() as conn:
            secret = await read_secret(conn, web.settings.key_file, account_secret(account["id"]))
    except Problem as unreadable:  # the house's matter: the visitor is as welcome as one unsigned
        log.error("identity_unverifiable", key=unreadable.key)
        return None
    if secret is None:
        return None
    try:
        return parse.identity(form.identity, secret.decode(), web.clock())
    except BadPayload:
        return None


async def _returning(web: Web, account: Row, form: parse.Start) -> bool:
    if form.visitor is None:
        return False
    async with web.db.connection() as conn:
        found = await conversation_of(conn, form.visitor)
    return found is not None and found[1]["id"] == account["id"]


async def _open(
    web: Web, account: Row, form: parse.Start, token: str, signed: parse.Identity | None
) -> tuple[Any, list[Change]]:
    name = (signed.name if signed else None) or form.name or ""
    person = Visitor(
        account_id=account["id"],
        token_hash=token_value(token),
        name=name,
        email=form.email,
        phone=form.phone,
        language=form.lang,
        signed=(signed.id, signed.email) if signed else None,
    )
    told = {"page": form.page, "language": form.lang, "topic": form.topic, "consent": form.consent}
    typed = {"name": form.name, "email": form.email, "phone": form.phone}
    visitor = {k: v for k, v in {**told, **typed}.items() if v not in (None, "")}

    async def work(conn: Connection) -> tuple[Any, list[Change]]:
        customer, identity, changes = await identify_visitor(conn, person, web.now())
        conversation = await open_conversation(conn, account["id"], identity, customer, visitor)
        return conversation, changes

    return await web.db.retrying(work)


def _bearer(request: Request) -> str | None:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token if kind.lower() == "bearer" and token else None


async def _visitor(web: Web, request: Request) -> tuple[Row, Row] | None:
    token = _bearer(request)
    if token is None:
        return None
    async with web.db.connection() as conn:
        found = await conversation_of(conn, token)
    if found is None or not allowed(web, request, config(found[1]["config"])):
        return None
    return found


async def post_upload(request: Request) -> Response:
    """A visitor's file. 401 token_unknown, 413 file_too_big, 415 file_type_refused."""
    web = web_of(request)
    found = await _visitor(web, request)
    if found is None:
        return _refused(request, 401, "token_unknown")
    conversation, account = found
    settings = config(account["config"])
    if not settings.files:
        return _refused(request, 403, "files_off")
    times = request.app.state.chats.uploads[conversation["id"]]
    if not within_rate(times, web.clock(), UPLOADS_PER_WINDOW, UPLOAD_WINDOW_S):
        return _refused(request, 429, "rate_limited")
    limit = settings.max_file_mb
    async with request.form(max_files=1, max_fields=4) as form:  # closed: it is a file on disk
        file = form.get("file")
        if not isinstance(file, UploadFile):
            return _refused(request, 422, "file_missing")
        content = await file.read(limit * 1024 * 1024 + 1)
    owner = f"visitor:{conversation['id']}"
    upload = Upload(conversation["id"], owner, file.filename or "", content, limit)
    try:
        kept = await keep_file(web.db, web.blobs, upload)
    except Problem as problem:
        return _refused(request, problem.status, problem.key, values=problem.values)
    body = msgspec.json.encode(kept)
    return Response(body, 200, _cors(origin_of(request)), "application/json")


async def get_attachment(request: Request) -> Response:
    """A file of the visitor's own conversation. 404 otherwise."""
    web = web_of(request)
    found = await _visitor(web, request)
    if found is None:
        return _refused(request, 401, "token_unknown")
    async with web.db.connection() as conn:
        row = await attachment_row(conn, request.path_params["id"])
    own = row["owner"] == f"visitor:{found[0]['id']}"
    unsent = row["direction"] is None and not own
    if row["conversation_id"] != found[0]["id"] or row["direction"] == "note" or unsent:
        return _refused(request, 404, "attachment_not_found")
    return file_answer(web, row, _cors(origin_of(request)))


def file_answer(web: Web, row: Row, headers: dict[str, str], inline: bool = False) -> Response:
    """A stored file: as an attachment, sandboxed, its own name kept (security.md 2.2)."""
    return FileResponse(
        web.blobs.path(row["blob_key"]),
        media_type=row["media_type"],
        filename=row["name"],
        content_disposition_type="inline" if inline else "attachment",
        headers={**headers, "Content-Security-Policy": "sandbox; default-src 'none'"},
    )
