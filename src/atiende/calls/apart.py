"""Keeps a fault of our own from going further than where it happened.

Logged by its kind and place alone: an error's own text may repeat a number or a name.
"""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Iterator

import structlog

log = structlog.get_logger("calls")


def place_of(error: BaseException) -> str:
    """File and line, without any value."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""


@contextlib.contextmanager
def apart(what: str) -> Iterator[None]:
    """A fault in here is logged as ``what``, and goes no further."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - that is what it is for
        log.error(what, error=type(error).__name__, place=place_of(error))
