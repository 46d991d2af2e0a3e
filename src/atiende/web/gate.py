"""The door of every route: who asks, whether the page that asks is ours, whether he may.

Each line of routes.py names a permission; `gate` makes the dependency that runs before the handler.
Nothing is open unless its line says PUBLIC, and a test walks the whole table.
"""

import contextlib
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from atiende.accounts import Anonymous, Context, cookie_name, find_session
from atiende.core.problem import Problem
from atiende.web.state import Web

PUBLIC = "public"  # anybody, with or without a session
SESSION = "session"  # anybody logged in
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
HEADER = "x-atiende"


def web_of(connection: HTTPConnection) -> Web:
    """The process's state, from a request or a socket."""
    web: Web = connection.app.state.web
    return web


def address_of(connection: HTTPConnection) -> str | None:
    return connection.client.host if connection.client else None


def by_https(connection: HTTPConnection) -> bool:
    """To us, or to a proxy of `--behind-proxy` whose X-Forwarded-Proto says so."""
    return connection.url.scheme in ("https", "wss")


def own_origin(connection: HTTPConnection) -> bool:
    """True when the browser says that the page asking is one of ours.

    The Origin must name the host that was asked (or `public_url`); a browser that sends none on a
    same-origin request says so in Sec-Fetch-Site.
    """
    origin = connection.headers.get("origin")
    if origin is None:
        return connection.headers.get("sec-fetch-site") in ("same-origin", "none")
    try:
        asked = urlsplit(origin)
    except ValueError:
        return False
    # Behind https, a page of the same name over plain http may be anybody's on the way.
    schemes = ("https",) if by_https(connection) else ("http", "https")
    ours = {connection.headers.get("host", ""), urlsplit(web_of(connection).base_url).netloc}
    return asked.scheme in schemes and asked.netloc in ours


def _check_page(request: Request) -> None:
    """CSRF: a header that no form can send, and our own origin (ASVS 3.5)."""
    if request.method in SAFE_METHODS:
        return
    if request.headers.get(HEADER) != "1" or not own_origin(request):
        raise Problem(403, "csrf")


async def context_of(connection: HTTPConnection) -> Context | None:
    """Who this cookie is, with what he may do today; None without a live session."""
    web = web_of(connection)
    token = connection.cookies.get(cookie_name(web.settings, by_https(connection)))
    if not token:
        return None
    now = web.now()
    async with web.db.connection() as conn:
        actor = await find_session(conn, token, now)
    if actor is None:
        return None
    return Context(
        db=web.db,
        actor=actor,
        now=now,
        settings=web.settings,
        publish=web.bus.changed,
        address=address_of(connection),
        wake=lambda: web.bus.wake("commands"),
        bus=web.bus,
        blobs=web.blobs,
        https=by_https(connection),
    )


async def refuse(ws: WebSocket) -> None:
    """A handshake while the database is away: 503, come again; never a 4xx."""
    with contextlib.suppress(RuntimeError, WebSocketDisconnect):
        await ws.send_denial_response(Response(status_code=503, headers={"Retry-After": "2"}))


def anonymous_of(connection: HTTPConnection) -> Anonymous:
    web = web_of(connection)
    return Anonymous(
        db=web.db,
        now=web.now(),
        settings=web.settings,
        address=address_of(connection),
        browser=connection.headers.get("user-agent"),
        publish=web.bus.changed,
        wake=lambda: web.bus.wake("commands"),
        https=by_https(connection),
    )


def gate(permission: str) -> Callable[[Request], Awaitable[None]]:
    """The dependency of a route with this permission."""

    async def enter(request: Request) -> None:
        _check_page(request)
        if permission == PUBLIC:
            request.state.anonymous = anonymous_of(request)
            return
        found = await context_of(request)
        if found is None:
            raise Problem(401, "login_needed")
        if permission != SESSION and not found.holds(permission):
            raise Problem(403, "forbidden")
        request.state.context = found

    return enter
