"""A shop that is not ours: its page, under its own strict policy, on an origin of its own.

`localhost` and `127.0.0.1` are different sites to a browser, so the chat in it is a third party.
`/probe` is the negative control of the blocked cookies: it hands one out and says whether it came
back.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from atiende.demo.shop import MEDIA_TYPES, asset, page, policy

COOKIE = "probe=1; SameSite=None; Secure; Path=/"
ASKS = """<!doctype html><title>…</title><p id=said></p><script>
const ask = () => fetch('%s', {credentials: 'include'}).then(r => r.json());
ask().then(ask).then(r => { document.title = r.came ? 'came back' : 'never came'; });
</script>"""


@dataclass
class Shop:
    """What the shop shows: the chat of `chat` with the public key `key`, in `language`."""

    port: int
    chat: str = ""
    key: str = ""
    identity: str = ""
    language: str = "es"

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.origin}/"

    @property
    def probe(self) -> str:
        """A page of the shop that asks another site for a cookie, twice."""
        return f"{self.origin}/probe.html"


@contextmanager
def shop() -> Iterator[Shop]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    here = Shop(server.server_port)
    server.RequestHandlerClass = _handler(here)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield here
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(here: Shop) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Says nothing: the test's output is pytest's."""

        def do_GET(self) -> None:
            name = urlsplit(self.path).path.lstrip("/") or "index.html"
            if name == "probe":
                came = "probe=1" in self.headers.get("Cookie", "")
                return self._answer("application/json", json.dumps({"came": came}))
            if name == "probe.html":
                asks = ASKS % f"http://127.0.0.1:{here.port}/probe"
                return self._answer("text/html; charset=utf-8", asks)
            if name not in MEDIA_TYPES:
                return self.send_error(404)
            text = page(here.chat, here.key, identity=here.identity)
            if here.language != "es":
                text = text.replace('lang="es"', f'lang="{here.language}"')
            return self._answer(
                MEDIA_TYPES[name], text if name == "index.html" else asset(name), here.chat
            )

        def _answer(self, media_type: str, text: str, chat: str = "") -> None:
            data = text.encode()
            self.send_response(200)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(data)))
            if chat:
                self.send_header("Content-Security-Policy", policy(chat))
            else:
                self.send_header("Access-Control-Allow-Origin", here.origin)
                self.send_header("Access-Control-Allow-Credentials", "true")
                self.send_header("Set-Cookie", COOKIE)
            self.end_headers()
            self.wfile.write(data)

    return Handler
