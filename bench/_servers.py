"""The two servers that bench/inbox.py compares, each as a process of its own.

`subject`: the product itself (boot.serve) on a database given. `null`: the same stack (uvicorn,
uvloop, Starlette, asyncpg, one committed insert, websockets) with nothing of ours in between: a
visitor's frame is inserted and sent to the agent's socket.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import asyncpg
import uvloop
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from atiende import boot
from atiende.engines import serve_app
from atiende.settings import Settings


def settings_of(port: int, folder: str) -> Settings:
    return Settings(
        data_dir=Path(folder),
        port=port,
        testing=True,
        test_fast_passwords=True,
        test_fsync_off=True,
    )


async def subject(port: int, dsn: str, folder: str) -> None:
    await boot.serve(settings_of(port, folder), dsn, lambda *_, **__: print("ready", flush=True))


async def null(port: int, dsn: str, folder: str) -> None:
    pool = await asyncpg.create_pool(dsn, min_size=2, max_size=12)
    await pool.execute("create table if not exists null_messages (id text, body text)")
    desks: dict[int, WebSocket] = {}

    async def desk(ws: WebSocket) -> None:
        await ws.accept()
        number = int(await ws.receive_text())
        desks[number] = ws
        try:
            while True:
                await ws.receive_text()
        except WebSocketDisconnect:
            desks.pop(number, None)

    async def visitor(ws: WebSocket) -> None:
        await ws.accept()
        number = int(await ws.receive_text())
        try:
            while True:
                text = await ws.receive_text()
                frame = json.loads(text)
                await pool.execute(
                    "insert into null_messages values ($1, $2)", frame["client_id"], frame["body"]
                )
                await ws.send_text(json.dumps({"t": "ack", "client_id": frame["client_id"]}))
                if number in desks:
                    await desks[number].send_text(text)
        except WebSocketDisconnect:
            return

    app = Starlette(routes=[WebSocketRoute("/desk", desk), WebSocketRoute("/visitor", visitor)])
    await serve_app(app, settings_of(port, folder), lambda: print("ready", flush=True))


if __name__ == "__main__":
    kind, port, dsn, folder = sys.argv[1:5]
    uvloop.run({"subject": subject, "null": null}[kind](int(port), dsn, folder))
