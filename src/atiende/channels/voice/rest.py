"""A request to Asterisk's REST interface, where it goes, and how it fails: as values.  PURE.

``render`` makes requests, ``ari`` sends them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: The status of an error when nothing was answered.
NO_ANSWER = 0


@dataclass(frozen=True, slots=True)
class Rest:
    """``path`` begins after /ari/, its parts already quoted; ``query`` values are plain."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None

    @property
    def kind(self) -> str:
        """What is asked without on whom: for logs, which hold no number and no name."""
        parts = self.path.split("/")
        return f"{self.method} {'/'.join([parts[0], *parts[2:3]])}"


class AriError(Exception):
    """Asterisk said no (``status``), or nothing (``status`` 0: it may or may not have been done).

    ``detail`` is Asterisk's own sentence; it may name a channel, and is no part of the text.
    """

    def __init__(self, kind: str, status: int, detail: str = "") -> None:
        super().__init__(f"{kind}: {status or 'no answer'}")
        self.kind = kind
        self.status = status
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Access:
    """Where and as whom: ``url`` is ``http://HOST:PORT/ari``; ``timeout_s`` bounds each request."""

    url: str
    user: str
    password: str = field(repr=False)
    app: str = "atiende"
    timeout_s: float = 5.0
