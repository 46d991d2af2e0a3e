"""What is not the API: the built screens, the widget's files, /healthz."""

from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from atiende import __version__
from atiende.routing import is_led
from atiende.store import AWAY
from atiende.web.gate import web_of
from atiende.web.problems import body_of

#: A company may not want calls, or may be waiting for their first download.
_WELL_VOICE = frozenset({"ok", "off", "starting"})
_FOREVER = "public, max-age=31536000, immutable"


async def healthz(request: Request) -> Response:
    """{"status": "ok"|"degraded", "version", "components": {...}}; 503 unless all is well."""
    components: dict[str, Any] = {"web": {"status": "ok"}}
    web = web_of(request)
    try:
        async with web.db.connection() as conn:
            led = await is_led(conn)
        components["database"] = {"status": "ok"}
        components["router"] = {"status": "ok" if led else "away"}
    except AWAY:
        components["database"] = {"status": "away"}
        components["router"] = {"status": "unknown"}
    components["voice"] = {"status": web.voice_state()}
    lag = getattr(request.app.state, "loop_lag_s", 0.0)
    components["web"]["loop_lag_seconds"] = round(lag, 4)
    well = all(
        c["status"] in (_WELL_VOICE if name == "voice" else {"ok"})
        for name, c in components.items()
    )
    told = {
        "status": "ok" if well else "degraded",
        "version": __version__,
        "components": components,
    }
    return JSONResponse(told, 200 if well else 503, {"Cache-Control": "no-store"})


class Assets(StaticFiles):
    """Built files carry a hash in their name, so they may be kept for ever."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = _FOREVER
        return response


def page_routes(ui: Path) -> list[BaseRoute]:
    """Routes of the built screens under `ui` (desk/, widget/)."""
    desk, widget = ui / "desk", ui / "widget"

    async def index(_: Request) -> Response:
        page = desk / "index.html"
        if not page.is_file():
            return JSONResponse(body_of("screens_not_built"), 503)
        return FileResponse(page, headers={"Cache-Control": "no-cache"})

    routes: list[BaseRoute] = [Route("/healthz", healthz), Route("/", index)]
    if (desk / "assets").is_dir():
        routes.append(Mount("/assets", Assets(directory=desk / "assets")))
    for name in ("w.js", "app.js", "app.en.js", "preview.js"):
        if (widget / name).is_file():
            routes.append(Route(f"/chat/{name}", _widget_file(widget / name)))
    extra = sorted(p for p in desk.glob("*") if p.is_file() and p.name != "index.html")
    routes += [Route(f"/{p.name}", _plain_file(p)) for p in extra]
    return routes


def _widget_file(path: Path) -> Any:
    async def file(_: Request) -> Response:
        return FileResponse(
            path,
            headers={
                "Access-Control-Allow-Origin": "*",
                "Cross-Origin-Resource-Policy": "cross-origin",
                "Cache-Control": "public, max-age=300",
            },
        )

    return file


def _plain_file(path: Path) -> Any:
    async def file(_: Request) -> Response:
        return FileResponse(path, headers={"Cache-Control": "no-cache"})

    return file
