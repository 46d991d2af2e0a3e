"""Logs: JSON lines in the data folder, short lines on the terminal. Called by `run` and the cli.

The whole program logs through structlog or the standard library; both end in the same file.
"""

import json
import logging
import logging.handlers
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import structlog

from atiende.settings import Settings
from atiende.words import phrase

FILE_BYTES = 20 * 2**20
KEPT_FILES = 5
#: Only what needs a person's eye is repeated on the terminal.
TERMINAL_LEVEL = logging.WARNING
#: Packages whose errors quote what they were given.
_TELLTALE = frozenset({"asyncpg", "fastapi", "msgspec", "pydantic", "pydantic_core"})


def configure(settings: Settings) -> None:
    """Send every log of this process to the folder's file, and warnings to the terminal too."""
    settings.log_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.ExceptionRenderer(_without_data),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    file = logging.handlers.RotatingFileHandler(
        settings.log_file, maxBytes=FILE_BYTES, backupCount=KEPT_FILES, encoding="utf-8"
    )
    file.setFormatter(_formatter(shared, structlog.processors.JSONRenderer(ensure_ascii=False)))
    terminal = logging.StreamHandler(sys.stderr)
    terminal.setLevel(TERMINAL_LEVEL)
    terminal.setFormatter(_formatter(shared, _one_line))
    root = logging.getLogger()
    root.handlers[:] = [file, terminal]
    root.setLevel(settings.log_level.upper())
    for chatty in ("uvicorn.access", "httpx", "httpcore", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def show(settings: Settings, *, lines: int, follow: bool, raw: bool) -> int:
    """`atiende logs`: the last lines, and with `follow` those that come."""
    path = settings.log_file
    if not path.exists():
        sys.stdout.write(phrase(settings.language, "logs.none", path=path) + "\n")
        return 0
    render: Callable[[str], str] = str.rstrip if raw else _human
    for line in _tail(path, lines):
        sys.stdout.write(render(line) + "\n")
    sys.stdout.flush()
    if follow:
        for line in _coming(path):
            sys.stdout.write(render(line) + "\n")
            sys.stdout.flush()
    return 0


def _formatter(
    shared: list[structlog.typing.Processor], renderer: structlog.typing.Processor
) -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )


def _without_data(exc_info: structlog.typing.ExcInfo) -> str:
    """A traceback whose sentences repeat no row and no value: what a database or a checker of
    shapes says of an error holds the customer's own words."""
    told: list[str] = []
    error: BaseException | None = exc_info[1]
    while error is not None:
        kind = type(error)
        hidden = kind.__module__.partition(".")[0] in _TELLTALE
        told.append(f"{kind.__qualname__}: {'' if hidden else error}".rstrip(": "))
        told.extend(line.rstrip() for line in traceback.format_tb(error.__traceback__))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(told)


def _one_line(_: object, __: str, event: structlog.typing.EventDict) -> str:
    return _sentence(event)


def _sentence(event: structlog.typing.EventDict) -> str:
    fields = dict(event)
    at = str(fields.pop("timestamp", ""))[11:19]
    level, name = str(fields.pop("level", "")), str(fields.pop("event", ""))
    fields.pop("logger", None)
    trouble = str(fields.pop("exception", ""))
    rest = " ".join(f"{key}={value}" for key, value in fields.items())
    line = " ".join(part for part in (at, level.ljust(7), name, rest) if part)
    return f"{line}\n{trouble}" if trouble else line


def _human(line: str) -> str:
    try:
        event = json.loads(line)
    except ValueError:
        return line.rstrip()
    return _sentence(event) if isinstance(event, dict) else line.rstrip()


def _tail(path: Path, count: int) -> list[str]:
    with path.open("rb") as text:
        text.seek(0, 2)
        text.seek(max(0, text.tell() - count * 2000))
        return text.read().decode(errors="replace").splitlines()[-count:] if count else []


def _coming(path: Path) -> Iterator[str]:
    """New lines as they are written; a file that was rotated is opened again."""
    text = path.open(encoding="utf-8", errors="replace")
    text.seek(0, 2)
    try:
        while True:
            if line := text.readline():
                yield line
            elif not path.exists() or path.stat().st_size < text.tell():
                text.close()
                time.sleep(0.2)
                if path.exists():
                    text = path.open(encoding="utf-8", errors="replace")
            else:
                time.sleep(0.2)
    except KeyboardInterrupt:
        return
    finally:
        text.close()
