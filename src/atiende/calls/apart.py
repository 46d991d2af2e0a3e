"""Keeps a fault of our own from going further than where it happened.

Logged by its kind and place alone: an error's own text may repeat a number or a name.
"""

from __future__ import annotations

import traceback
from collections.abc import Awaitable

import structlog

log = structlog.get_logger("calls")


async def apart(what: str, work: Awaitable[object]) -> Exception | None:
    """Does the work; a fault in it is logged as ``what`` and returned, and goes no further."""
    try:
        await work
    except Exception as error:  # noqa: BLE001 - one call's, whatever it is
        log.error("fault", what=what, error=type(error).__name__, place=_place(error))
        return error
    return None


def _place(error: BaseException) -> str:
    """File and line, without any value."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
