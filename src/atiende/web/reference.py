"""What every screen of a logged-in person needs by name: queues, people, pauses, trees, replies."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from atiende.accounts import Ctx
from atiende.store import load_queries

Q = load_queries("atiende.web")


async def get_reference(ctx: Ctx, request: Request) -> dict[str, Any]:
    """Names and lists that screens offer, and whether calls are on; nothing of a customer."""
    async with ctx.db.connection() as conn:
        found: dict[str, Any] = await conn.fetchval(Q["reference"], ctx.now)
    return {**found, "voice": request.app.state.web.voice_state() != "off"}


async def get_openapi(request: Request) -> JSONResponse:
    """The description of this API, OpenAPI 3.1."""
    return JSONResponse(request.app.openapi())
