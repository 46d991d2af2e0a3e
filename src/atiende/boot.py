"""The only file that imports everything: wires the product together and serves it.

Called by `atiende.house.run`, which gives the settings (with the listening socket), the address
of a ready database, and `announce`: "ready" once requests are answered, else a line for the
terminal. It serves until it is cancelled, then ends its work in hand and returns.
"""

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from atiende import __version__
from atiende.engines import serve_app
from atiende.settings import Settings
from atiende.store import migrate


async def serve(settings: Settings, dsn: str, announce: Callable[[str], None]) -> None:
    """Migrate, serve until cancelled."""
    await migrate(dsn)
    await serve_app(_app(), settings, lambda: announce("ready"))


def _app() -> Starlette:
    async def healthz(_: Request) -> JSONResponse:
        return JSONResponse({"status": "ok", "version": __version__, "components": {}})

    return Starlette(routes=[Route("/healthz", healthz)])
