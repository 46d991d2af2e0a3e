"""Who is asking, and what with: the value every API handler of every slice receives.

web/ builds a ``Context`` for each request of a logged-in person (an ``Anonymous`` one for the
few routes without a session) and leaves it in ``request.state``; handlers take it as ``ctx: Ctx``
or ``anon: Anon`` and ask ``ctx.may`` / ``ctx.need`` about the object in hand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, cast
from uuid import UUID

from fastapi import Depends, Request

from atiende.core import permissions
from atiende.core.permissions import ORGANISATION, Grant, Place
from atiende.core.problem import Problem
from atiende.settings import Settings
from atiende.store import Blobs, Bus, Change, Database


@dataclass(frozen=True, slots=True)
class Actor:
    """A logged-in person, as the session's row and the roles tell it at this request."""

    user_id: UUID
    name: str
    session_id: UUID
    grants: tuple[Grant, ...]
    is_agent: bool
    locale: str
    email: str = ""
    team_id: UUID | None = None


def nothing() -> None:
    """The wake-up of a process that has no router beside it: rows are found by polling."""


def unheard(changes: Sequence[Change]) -> None:
    """The push of a process without screens: the log of events is found by polling."""


@dataclass(frozen=True, slots=True)
class Anonymous:
    """A request without a session: login, links, the public page."""

    db: Database
    now: datetime
    settings: Settings
    address: str | None = None
    browser: str | None = None
    #: After commit: what changed (live.md, Push), and "there are commands" for the router.
    publish: Callable[[Sequence[Change]], None] = unheard
    wake: Callable[[], None] = nothing
    https: bool = False


@dataclass(frozen=True, slots=True)
class Context:
    """A request of a logged-in person."""

    db: Database
    actor: Actor
    now: datetime
    settings: Settings
    publish: Callable[[Sequence[Change]], None] = unheard
    address: str | None = None
    wake: Callable[[], None] = nothing
    bus: Bus = field(default_factory=Bus)
    blobs: Blobs = field(default_factory=lambda: Blobs(Path("blobs")))
    https: bool = False

    def holds(self, permission: str) -> bool:
        """Held in some scope: enough to open a screen, never a row."""
        return permissions.holds(self.actor.grants, permission)

    def may(self, permission: str, place: Place = ORGANISATION) -> bool:
        """Held over the object that stands at ``place``."""
        return permissions.may(self.actor.grants, permission, place)

    def need(self, permission: str, place: Place = ORGANISATION) -> None:
        """Refuse with 403 unless the permission reaches ``place``."""
        if not self.may(permission, place):
            raise Problem(403, "forbidden")

    def reach(self, permission: str) -> Place | None:
        """What a permission covers, for filters in SQL; None = everything."""
        return permissions.reach(self.actor.grants, permission)


def context(request: Request) -> Context:
    """The context that web's authentication left in the request."""
    found = getattr(request.state, "context", None)
    if found is None:
        raise Problem(401, "login_needed")
    return cast("Context", found)


def anonymous(request: Request) -> Anonymous:
    """The context of a route that asks for no session."""
    return cast("Anonymous", request.state.anonymous)


Ctx = Annotated[Context, Depends(context)]
Anon = Annotated[Anonymous, Depends(anonymous)]
