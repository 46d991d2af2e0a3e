"""The https (or http) edge: one ASGI application served on the socket that `up` took.

Called by boot. It serves until it is cancelled, then lets requests in hand end. Signals are not
its business: `atiende.house.run` decides when to end.
"""

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable, Iterator
from typing import Any

import uvicorn

from atiende.engines.tls import follow_certificate, server_context
from atiende.settings import Settings

#: How long requests and sockets in hand may take to end.
GRACE_S = 5


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve_app(app: Any, settings: Settings, ready: Callable[[], None]) -> None:
    """Serve `app`; `ready` is called once connections are answered. Ends by being cancelled."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        ws="wsproto",
        ws_max_size=2**20,
        ws_per_message_deflate=False,  # a few kilobytes of zeros unfold to all our memory
        proxy_headers=bool(settings.behind_proxy),
        forwarded_allow_ips=list(settings.behind_proxy),
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
    )
    config.load()
    context = server_context(settings)
    config.ssl = context
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[_socket(settings)]))
    follow = asyncio.create_task(follow_certificate(context, settings)) if context else None
    try:
        while not server.started and not serving.done():  # noqa: ASYNC110 (uvicorn tells no one)
            await asyncio.sleep(0.01)
        if server.started:
            ready()
        await asyncio.shield(serving)
    finally:
        server.should_exit = True
        if follow is not None:
            follow.cancel()
        await asyncio.wait({serving})


def _socket(settings: Settings) -> socket.socket:
    """A second handle on the listening socket: closing it leaves `up`'s own open."""
    if settings.listen_fd is not None:
        return socket.socket(fileno=os.dup(settings.listen_fd))
    return socket.create_server((settings.host, settings.port))
