"""Headers of every answer (ASVS 3.4) and the limit on what may be sent, as one ASGI layer."""

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; "
    "img-src 'self' data: blob:; connect-src 'self' ws: wss:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
    "X-Frame-Options": "DENY",
}
MAX_BODY = 1_000_000
MAX_UPLOAD = 27 * 1024 * 1024
UPLOADS = frozenset({"/api/uploads", "/api/admin/prompts", "/chat/upload"})


class Headers:
    """Adds the headers; refuses bodies that say they are too long, and cuts those that lie."""

    def __init__(self, app: ASGIApp, secure: bool) -> None:
        self.app = app
        self.secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = MAX_UPLOAD if scope["path"] in UPLOADS else MAX_BODY

        async def send_with(message: Message) -> None:
            if message["type"] == "http.response.start":
                https = self.secure or scope["scheme"] == "https"
                add_headers(MutableHeaders(scope=message), scope["path"], https)
            await send(message)

        if _length(scope) > limit:
            await JSONResponse({"key": "too_big", "values": {}}, 413)(scope, receive, send_with)
            return
        await self.app(scope, _bounded(receive, limit), send_with)


def add_headers(headers: MutableHeaders, path: str, secure: bool) -> None:
    """The headers that an answer did not set itself."""
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    headers.setdefault("Content-Security-Policy", CSP)
    if path.startswith(("/api/", "/openapi.json")):
        headers.setdefault("Cache-Control", "no-store")
    if secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")


def _length(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0


def _bounded(receive: Receive, limit: int) -> Receive:
    taken = 0

    async def bounded() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise HTTPException(413)
        return message

    return bounded
