"""`/demo/site`: the demo's shop with our chat on it, its key filled in. Routes for boot.

The pages are in `shop/`; here they get the demo account's public key and the strict policy.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from atiende.demo.company import Q
from atiende.demo.shop import MEDIA_TYPES, asset, page, policy
from atiende.web.gate import web_of

HOME = "/demo/site"


async def _page(request: Request) -> Response:
    async with web_of(request).db.connection() as conn:
        key = await conn.fetchval(Q["shop_key"])
    if key is None:
        return JSONResponse({"key": "chat_unknown"}, 404)
    origin = _origin(request)
    headers = {
        "Content-Security-Policy": policy(origin),
        "Cache-Control": "no-cache",
        "Vary": "Accept-Language",
    }
    # The shop speaks Spanish, so the chat would too; whoever tries the demo in English reads it so.
    spoken = request.headers.get("Accept-Language", "").strip().lower()
    lang = "en" if spoken.startswith("en") else ""
    body = page(origin, key, base=HOME, lang=lang)
    return Response(body, headers=headers, media_type=MEDIA_TYPES["index.html"])


def _origin(request: Request) -> str:
    """The address the browser asked, https when a proxy before us speaks it."""
    base = web_of(request).base_url
    asked = f"{request.url.scheme}://{request.url.netloc}"
    return base if base.partition("://")[2] == request.url.netloc else asked


async def _file(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in MEDIA_TYPES or name == "index.html":
        return JSONResponse({"key": "not_found"}, 404)
    return Response(
        asset(name), headers={"Cache-Control": "no-cache"}, media_type=MEDIA_TYPES[name]
    )


async def _home(_: Request) -> Response:
    return RedirectResponse(HOME + "/")


def site_routes() -> list[BaseRoute]:
    """The shop, for an installation that runs the demo."""
    return [Route(HOME, _home), Route(HOME + "/", _page), Route(HOME + "/{name}", _file)]
