"""A stand-in server to work on the widget with: one shop, one company, an agent made of rules.

    PYTHONPATH=src python ui/widget/dev/server.py [CHAT_PORT] [SHOP_PORT]

It speaks the real protocol through the product's own ``parse`` and ``render``, keeps everything in
memory, and is not shipped.  The shop stands on another origin, with its strict policy.  What the
visitor writes may order it about: "cola" leaves him waiting, "lee" reads, "escribe" types, "corta"
cuts the line, "rechaza" refuses the next, "termina" ends, "adjunto" sends a file.
"""

import asyncio
import sys
import time
import uuid
from collections import deque
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from atiende.channels import files
from atiende.channels.base import BadPayload
from atiende.channels.webchat import parse, render
from atiende.channels.webchat.config import Config, config
from atiende.channels.webchat.limits import within_rate
from atiende.demo import shop

DIST = Path(__file__).parents[2] / "dist" / "widget"
KEY = "nogal"
AGENT = "Valentina Restrepo"


class World:
    """Everything the stand-in knows."""

    def __init__(self, settings: Config) -> None:
        self.config = settings
        self.open = True
        self.rev = 0
        self.rows: list[dict] = []
        self.sockets: set[WebSocket] = set()
        self.tokens: set[str] = set()
        self.uploads: dict[str, tuple[dict, bytes]] = {}
        self.times: deque[float] = deque()
        self.phase: render.Phase = "none"
        self.position: int | None = None
        self.read = 0
        self.allowed: list[str] = []

    def state(self) -> dict:
        opens = datetime.now(UTC).replace(hour=14, minute=0) + timedelta(days=1)
        return render.state(
            self.phase, position=self.position, agent=AGENT, open=self.open,
            opens_at=opens.isoformat().replace("+00:00", "Z"),
        )

    def add(self, **values: object) -> dict:
        self.rev += 1
        row = {
            "id": str(uuid.uuid4()), "rev": self.rev, "direction": "out", "author_kind": "agent",
            "author_name": AGENT, "kind": "text", "body": "", "state": "sent", "client_id": None,
            "at": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "deleted": False, "attachments": [], "data": {}, **values,
        }
        self.rows.append(row)
        return row

    async def tell(self, text: str) -> None:
        for each in list(self.sockets):
            await each.send_text(text)

    async def say(self, body: str, **values: object) -> None:
        row = self.add(body=body, **values)
        await self.tell(render.changed(self.rev, [row]))

    async def become(self, phase: render.Phase, position: int | None = None) -> None:
        self.phase, self.position = phase, position
        await self.tell(render.state_frame(self.state()))


world = World(config({
    "color": "#5b3419",
    "title": {"es": "Muebles Nogal", "en": "Nogal Furniture"},
    "welcome": {"es": "¡Hola! Gracias por escribirnos. ¿Busca un mueble o tiene un pedido?",
                "en": "Hello! Thank you for writing. Are you after a piece of furniture or an order?"},
    "consent": {"es": "Acepto que Muebles Nogal guarde esta conversación para atenderme.",
                "en": "I agree that Nogal Furniture keeps this conversation to help me.",
                "url": "https://nogal.example/datos"},
    "prechat": [{"key": "name", "required": True}, {"key": "email", "required": False}],
}))


def refused(request: Request | WebSocket) -> bool:
    return not parse.origin_allowed(request.headers.get("origin"), world.allowed)


def cors(response: Response, request: Request) -> Response:
    if not refused(request):
        response.headers["Access-Control-Allow-Origin"] = request.headers["origin"]
        response.headers["Access-Control-Allow-Headers"] = "content-type, authorization"
        response.headers["Vary"] = "Origin"
    return response


async def code(request: Request) -> Response:
    return FileResponse(DIST / request.path_params["name"], headers={"Access-Control-Allow-Origin": "*"})


async def configuration(request: Request) -> Response:
    if refused(request):
        # Readable by the page that is refused, so that it can stop asking; there is nothing in it.
        return JSONResponse({"key": "origin_refused"}, 403, {"Access-Control-Allow-Origin": "*"})
    state = world.state()
    told = render.public_config(world.config, KEY, "Muebles Nogal", open=world.open, opens_at=state["opens_at"])
    return cors(JSONResponse(told), request)


async def start(request: Request) -> Response:
    if request.method == "OPTIONS":
        return cors(Response(), request)
    try:
        form = parse.start(await request.body())
        who = parse.identity(form.identity, "s", time.time()) if form.identity else None
        parse.check_start(form, world.config, known=form.visitor in world.tokens or who is not None)
    except BadPayload as wrong:
        return cors(JSONResponse({"key": wrong.key, "values": {}, "fields": wrong.fields}, 422), request)
    token = form.visitor if form.visitor in world.tokens else uuid.uuid4().hex
    world.tokens.add(token)
    world.phase = "none" if world.phase == "ended" else world.phase
    return cors(JSONResponse({"token": token, "conversation": str(uuid.uuid4())}), request)


async def upload(request: Request) -> Response:
    if request.method == "OPTIONS":
        return cors(Response(), request)
    form = await request.form()
    file = form["file"]
    content = await file.read()
    kind = files.sniff(content[: files.HEAD_BYTES], file.filename)
    if kind is None:
        return cors(JSONResponse({"key": "file_type_refused", "values": {}}, 415), request)
    row = {"id": str(uuid.uuid4()), "name": files.file_name(file.filename), "media_type": kind, "size": len(content)}
    world.uploads[row["id"]] = (row, content)
    return cors(JSONResponse(row), request)


async def attachment(request: Request) -> Response:
    if request.method == "OPTIONS":
        return cors(Response(), request)
    row, content = world.uploads[request.path_params["id"]]
    return cors(Response(content, media_type=row["media_type"]), request)


async def attend(message: parse.Message) -> None:
    """The agent made of rules."""
    word = message.body.lower()
    if "cola" in word:
        return await world.become("waiting", 2)
    if "termina" in word:
        world.add(direction="system", author_kind="system", author_name=None, data={"event": "ended"})
        await world.tell(render.changed(world.rev, world.rows[-1:]))
        return await world.become("ended")
    if "corta" in word:
        for each in list(world.sockets):
            await each.close()
        return None
    if "lee" in word:
        world.read = world.rev
        return await world.tell(render.read(world.rev))
    if world.phase != "active":
        data = {"event": "joined", "name": AGENT.split()[0], "position": 2}
        world.add(direction="system", author_kind="system", author_name=None, data=data)
        await world.tell(render.changed(world.rev, world.rows[-1:]))
        await world.become("active")
    world.read = world.rev
    await world.tell(render.read(world.rev))
    await world.tell(render.typing(True, AGENT.split()[0]))
    if "escribe" in word:
        return None
    await asyncio.sleep(0.3)
    if "adjunto" in word:
        row = {"id": str(uuid.uuid4()), "name": "Mesa Tayrona, medidas.pdf", "media_type": "application/pdf", "size": 1_200_000}
        world.uploads[row["id"]] = (row, b"%PDF-1.4")
        return await world.say("Aquí van las medidas:", attachments=[row])
    return await world.say(f"Recibido: {message.body[:200]} https://nogal.example/mesas.")


async def live(socket: WebSocket) -> None:
    if refused(socket):
        return await socket.close(4403)
    await socket.accept()
    tasks: set[asyncio.Task] = set()
    try:
        hello = parse.frame(await socket.receive_text())
        if not isinstance(hello, parse.Hello) or hello.token not in world.tokens:
            await socket.send_text(render.bye("token_unknown"))
            return await socket.close()
        world.sockets.add(socket)
        rows = [row for row in world.rows if row["rev"] > hello.held]
        await socket.send_text(render.ready(world.rev, rows, world.state(), read=world.read))
        while True:
            try:
                frame = parse.frame(await socket.receive_text())
            except BadPayload as wrong:
                await socket.send_text(render.error(wrong.key, wrong.client_id))
                continue
            if isinstance(frame, parse.End):
                await world.become("ended")
            if not isinstance(frame, parse.Message):
                continue
            known = next((row for row in world.rows if row["client_id"] == frame.client_id), None)
            if known is None:
                now = asyncio.get_running_loop().time()
                if "rechaza" in frame.body or not within_rate(world.times, now):
                    await socket.send_text(render.error("rate_limited", frame.client_id))
                    continue
                known = world.add(
                    direction="in", author_kind="customer", author_name=None, body=frame.body,
                    client_id=frame.client_id,
                    attachments=[world.uploads[each][0] for each in frame.attachments],
                )
                task = asyncio.create_task(attend(frame))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
            await socket.send_text(render.ack(frame.client_id, known["id"], known["rev"], known["at"]))
    except WebSocketDisconnect:
        return None
    finally:
        world.sockets.discard(socket)


async def control(request: Request) -> Response:
    """Puts the stand-in in a state: ?open=0&phase=waiting&position=2&…"""
    query = request.query_params
    world.open = query.get("open", "1") == "1"
    if "allow" in query:
        world.allowed = query["allow"].split()
    if "rows" in query:
        world.rows.clear()
        world.rev = world.read = 0
    if "phase" in query:
        await world.become(query["phase"], int(query.get("position", 0)) or None)
    return Response("ok")


def shop_of(chat: str) -> Starlette:
    async def home(request: Request) -> Response:
        base = str(request.base_url).rstrip("/")
        page = shop.page(chat, KEY, base=base, identity=request.query_params.get("identity", ""))
        return Response(page, media_type="text/html", headers={"Content-Security-Policy": shop.policy(chat)})

    async def asset(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in shop.MEDIA_TYPES:
            return Response(status_code=204)
        return Response(shop.asset(name), media_type=shop.MEDIA_TYPES[name])

    return Starlette(routes=[Route("/", home), Route("/{name}", asset)])


async def serve(chat_port: int, shop_port: int) -> None:
    world.allowed = [f"http://127.0.0.1:{shop_port}"]
    chat = Starlette(routes=[
        Route("/chat/config", configuration),
        Route("/chat/start", start, methods=["POST", "OPTIONS"]),
        Route("/chat/upload", upload, methods=["POST", "OPTIONS"]),
        Route("/chat/attachments/{id}", attachment, methods=["GET", "OPTIONS"]),
        WebSocketRoute("/chat/live", live),
        Route("/chat/{name}", code),
        Route("/control", control, methods=["POST"]),
    ])
    apps = [(chat, chat_port), (shop_of(f"http://localhost:{chat_port}"), shop_port)]
    await asyncio.gather(*(
        uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning")).serve()
        for app, port in apps
    ))


if __name__ == "__main__":
    asyncio.run(serve(*(int(each) for each in (*sys.argv[1:], "8810", "8811")[:2])))
