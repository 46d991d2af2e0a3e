"""A page of our own with the chat on it, so that an account can be tried before any site has it.

Opened from the first steps and from the account's screen: `/chat/try?key=PUBLIC_KEY&lang=es`.
"""

from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from atiende.channels.webchat import CHANNEL
from atiende.web.chat import account_of

PAGE = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><title>{title} · {name}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<style>
body {{ margin: 0; min-height: 100vh; display: grid; place-content: center; padding: 24px;
  font: 16px/1.5 system-ui, sans-serif; color: CanvasText; background: Canvas; }}
main {{ max-width: 34rem }}
:root {{ color-scheme: light dark }}
</style></head>
<body><main><h1>{title}</h1><p>{text}</p></main>{script}</body></html>
"""


async def try_page(request: Request) -> Response:
    """The page; 404 with a sentence when there is no such account."""
    lang = "en" if request.query_params.get("lang") == "en" else "es"
    words = CHANNEL.words[lang]
    account = await account_of(request, request.query_params.get("key", "")[:100])
    script = ""
    if account is not None:
        key = escape(account["public_key"], quote=True)
        script = f'<script async src="w.js" data-key="{key}" data-lang="{lang}"></script>'
    page = PAGE.format(
        lang=lang,
        title=escape(words["try.title"]),
        name=escape(account["name"] if account else ""),
        text=escape(words["try.text" if account else "try.unknown"]),
        script=script,
    )
    policy = (
        "default-src 'self'; style-src 'unsafe-inline'; img-src 'self' data: blob:;"
        " connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'"
    )
    headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store"}
    return HTMLResponse(page, 200 if account else 404, headers)
