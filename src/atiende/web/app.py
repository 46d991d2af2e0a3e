"""The ASGI application: routes, errors, headers, sockets, and the loops they need.

Made by boot for a process that has the role `web`; tests make it the same way.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from pathlib import Path

from fastapi import Depends, FastAPI
from starlette.routing import BaseRoute, Route, WebSocketRoute

from atiende import __version__
from atiende.web import chat
from atiende.web.beat import run_beat
from atiende.web.chat_hub import ChatHub
from atiende.web.chat_live import chat_live
from atiende.web.chat_try import try_page
from atiende.web.gate import gate
from atiende.web.headers import Headers
from atiende.web.hub import Hub
from atiende.web.live import live
from atiende.web.pages import page_routes
from atiende.web.problems import install_problems
from atiende.web.push import Push, run_push
from atiende.web.routes import ROUTES
from atiende.web.sip import Lines, sip
from atiende.web.state import Web

LAG_EVERY_S = 0.5

#: Plain routes and sockets that guard themselves: who may use them is said in their own module.
CHAT_ROUTES: list[BaseRoute] = [
    Route("/chat/config", chat.get_config, methods=["GET"]),
    Route("/chat/try", try_page, methods=["GET"]),
    Route("/chat/start", chat.post_start, methods=["POST"]),
    Route("/chat/upload", chat.post_upload, methods=["POST"]),
    Route("/chat/attachments/{id:uuid}", chat.get_attachment, methods=["GET"]),
    Route("/chat/{rest:path}", chat.preflight, methods=["OPTIONS"]),
]
SOCKETS: list[BaseRoute] = [
    WebSocketRoute("/live", live),
    WebSocketRoute("/chat/live", chat_live),
    WebSocketRoute("/sip", sip),
]


def build_app(web: Web, ui: Path, extra: Sequence[BaseRoute] = ()) -> FastAPI:
    """The application; `app.state` holds the process's hubs. `extra`: routes of the demo."""
    app = FastAPI(
        title="Atiende",
        version=__version__,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # the redirection would be built from the Host that was asked
    )
    app.state.web = web
    app.state.hub = Hub()
    app.state.chats = ChatHub(web)
    app.state.lines = Lines(web)
    app.state.push = Push(web, app.state.hub, app.state.chats)
    app.state.starts = dict[str, deque[float]]()
    install_problems(app)
    _add_api(app)
    app.router.routes.extend([*CHAT_ROUTES, *SOCKETS, *extra, *page_routes(ui)])
    app.add_middleware(Headers, secure=web.base_url.startswith("https://"))
    web.bus.subscribe("customer_typing", lambda told: _typing(app, *told))
    return app


def _add_api(app: FastAPI) -> None:
    for method, path, handler, permission in ROUTES:
        app.add_api_route(
            path,
            handler,
            methods=[method],
            dependencies=[Depends(gate(permission))],
            openapi_extra={"x-permission": permission},
            operation_id=f"{method.lower()}_{path.strip('/').replace('/', '_')}",
        )


def _typing(app: FastAPI, case: object, conversation: object, on: bool) -> None:
    frame = {"t": "typing", "case": case, "conversation": conversation, "who": "customer", "on": on}
    app.state.hub.typing(case, frame)


async def run_push_loop(app: FastAPI) -> None:
    """The push of this process, for ever."""
    await run_push(app.state.push)


async def run_beat_loop(app: FastAPI) -> None:
    """The once-a-second duties of this process, for ever."""
    state = app.state
    await run_beat(state.web, state.hub, state.chats, state.push)


async def run_lag_loop(app: FastAPI) -> None:
    """Measures how late the event loop runs (`loop_lag_seconds`)."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + LAG_EVERY_S
        await asyncio.sleep(LAG_EVERY_S)
        app.state.loop_lag_s = max(0.0, loop.time() - due)
