"""Errors to people: one shape, one place. Nothing of a server's inside ever gets out.

`{"key", "values", "fields"}`; the words are in the catalogues under `problem.<key>`.
"""

from typing import Any

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse

from atiende.core.problem import Problem
from atiende.store import AWAY, UNFIT
from atiende.web.headers import add_headers

log = structlog.get_logger("web")
_KEYS = {404: "not_found", 405: "method_not_allowed", 413: "too_big"}


def body_of(key: str, values: dict[str, Any] | None = None, fields: Any = None) -> dict[str, Any]:
    told: dict[str, Any] = {"key": key, "values": values or {}}
    if fields:
        told["fields"] = dict(fields)
    return told


async def _problem(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, Problem):
        raise error
    fields = getattr(error, "fields", None)
    headers = {"Retry-After": str(error.values["seconds"])} if "seconds" in error.values else None
    return JSONResponse(body_of(error.key, dict(error.values), fields), error.status, headers)


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    fields = {
        ".".join(str(part) for part in each["loc"][1:]) or "body": str(each["type"])
        for each in error.errors()
    }
    return JSONResponse(body_of("invalid", fields=fields), 422)


async def _http(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    return JSONResponse(body_of(_KEYS.get(error.status_code, "refused")), error.status_code)


async def _away(_: Request, error: Exception) -> JSONResponse:
    log.warning("database away", error=type(error).__name__)
    return JSONResponse(body_of("database_away"), 503, {"Retry-After": "2"})


async def _unfit(_: Request, __: Exception) -> JSONResponse:
    return JSONResponse(body_of("invalid"), 422)


async def _left(_: Request, __: Exception) -> JSONResponse:
    """Whoever asked went away before he had said it all: nobody reads this answer."""
    return JSONResponse(body_of("refused"), 400)


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("request failed", route=request.url.path, error=type(error).__name__, exc_info=error)
    answer = JSONResponse(body_of("unexpected"), 500)
    # This answer is given outside the layer that adds the headers to all others.
    add_headers(answer.headers, request.url.path, request.url.scheme == "https")
    return answer


def install_problems(app: FastAPI) -> None:
    """The one place where errors become answers."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    for unfit in UNFIT:
        app.add_exception_handler(unfit, _unfit)
    app.add_exception_handler(ClientDisconnect, _left)
    for kind in AWAY:
        app.add_exception_handler(kind, _away)
    app.add_exception_handler(Exception, _unexpected)
