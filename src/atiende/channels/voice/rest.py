"""A request to Asterisk's REST interface, as a value.  PURE.  ``render`` makes them, ``ari`` sends
them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


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
