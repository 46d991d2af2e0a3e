"""How each carrier's line is, asked of Asterisk now and then and written where it changed.

Called by the loop of calls. Two things are asked: whether the line's address answers our OPTIONS
(`reachable`), and, where we register, what became of that. Asterisk's memory is not checked by
itself: an address that was put over ARI is asked only when somebody wants it to be.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from atiende.calls.rows import TRUNK, Q, trunk_of
from atiende.channels.voice.ari import Ari
from atiende.store import Database

#: How often a line is looked at, and how often its address is asked.
LOOK_S, ASK_S = 2.0, 15.0
#: An answer takes a moment; until then nothing is said of a line that was just put.
SETTLES_S = 4.0
_ROW = re.compile(r"^\s*(trunk-[0-9a-f-]{36})/\S+.*?\s(Registered|Rejected|Unregistered|Stopped)\b")
_REGISTERED = {
    "Registered": "registered",
    "Rejected": "rejected",
    "Stopped": "rejected",
    "Unregistered": "registering",
}


def registrations(text: str) -> dict[UUID, str]:
    """What `pjsip show registrations` prints, by line: registered, rejected or registering."""
    found = {}
    for line in text.splitlines():
        if (row := _ROW.match(line)) and (trunk := trunk_of(row[1])) is not None:
            found[trunk] = _REGISTERED[row[2]]
    return found


@dataclass(frozen=True, slots=True)
class Line:
    """A line that Asterisk was given at a moment. Not ``taken``: its host's name says nothing."""

    version: int
    registers: bool
    at: datetime
    taken: bool = True


@dataclass
class Watched:
    """``command`` is Asterisk's command line, ``lines`` what it was given."""

    db: Database
    ari: Ari
    command: Callable[[str], Awaitable[str]]
    _looked: datetime | None = None
    _asked: dict[UUID, tuple[int, datetime]] = field(default_factory=dict)

    async def look(self, lines: Mapping[UUID, Line], now: datetime) -> None:
        """Asks and writes, every ``LOOK_S``."""
        if self._looked is not None and 0 <= (now - self._looked).total_seconds() < LOOK_S:
            return
        self._looked = now
        if not lines:
            return
        for trunk, line in lines.items():
            if not line.taken:
                continue
            version, at = self._asked.get(trunk, (0, now))
            if version != line.version or (now - at).total_seconds() >= ASK_S:
                self._asked[trunk] = (line.version, now)
                await self.command(f"pjsip qualify {TRUNK}{trunk}")
        wanted = any(line.registers for line in lines.values())
        told = registrations(await self.command("pjsip show registrations")) if wanted else {}
        for trunk, line in lines.items():
            await self._note(trunk, line, told, now)

    async def _note(self, trunk: UUID, line: Line, told: Mapping[UUID, str], now: datetime) -> None:
        seen = await self.ari.get(f"endpoints/PJSIP/{TRUNK}{trunk}")
        state = _state(line, seen, told.get(trunk), (now - line.at).total_seconds() < SETTLES_S)
        if state:
            async with self.db.connection() as conn:
                await conn.execute(Q["trunk_seen"], trunk, line.version, state, now)


def _state(line: Line, seen: Any, registered: str | None, is_new: bool) -> str:
    """The word for a line; empty while nothing can be said."""
    if not line.taken:
        return "no_address"
    online = isinstance(seen, Mapping) and seen.get("state") == "online"
    if line.registers:
        if registered == "registering" and not online:
            return "" if is_new else "unreachable"
        return "" if registered == "registering" and is_new else registered or ""
    if online:
        return "reachable"
    return "" if is_new else "unreachable"
