"""Who may do what: permission strings, the scopes that bound them, the default roles as data.

web/routes.py writes a permission beside each path; slices ask ``may`` about one object, and
``reach`` when they must turn a person's grants into a filter over many rows.  Everything is
denied unless a grant says otherwise.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Scope = Literal["own", "team", "queues", "campaign", "all"]
SCOPES: tuple[Scope, ...] = ("own", "team", "queues", "campaign", "all")

# Every permission there is.  A role that names another one is refused (unknown_permissions).
PERMISSIONS: frozenset[str] = frozenset(
    {
        "desk.use",  # open the desk, set one's own presence, answer offers
        "cases.read",
        "cases.write",  # reply, note, tipify, transfer, resolve
        "cases.search",  # find past gestiones
        "calls.place",  # call a number out
        "customers.read",
        "customers.write",
        "floor.watch",  # live queues and agents
        "floor.act",  # change an agent's state, move work
        "floor.read_chats",  # read a live chat of somebody else
        "calls.listen",  # listen to a live call of somebody else, whisper to its agent
        "recordings.listen",  # hear a recorded call, where its policy lets one
        "recordings.manage",  # which calls are recorded, and for how long
        "company.manage",  # company, sites, time zones, public address
        "users.manage",
        "roles.manage",
        "teams.manage",
        "queues.manage",
        "profiles.manage",
        "skills.manage",
        "hours.manage",
        "pauses.manage",
        "dispositions.manage",
        "quick_replies.manage",
        "channels.manage",
        "campaigns.manage",
        "audit.read",
        "api.read",  # the description of the API
    }
)


@dataclass(frozen=True, slots=True)
class Grant:
    """One permission inside one scope.  ``ids`` are the person's own id, teams, queues or
    campaigns, as the scope says; ``all`` needs none."""

    permission: str
    scope: Scope
    ids: frozenset[Hashable] = frozenset()


@dataclass(frozen=True, slots=True)
class Place:
    """Where an object stands: whose it is, and the teams, queues and campaigns it belongs to.
    ``Place()`` is the whole organisation, which only the scope ``all`` reaches."""

    owners: frozenset[Hashable] = frozenset()
    teams: frozenset[Hashable] = frozenset()
    queues: frozenset[Hashable] = frozenset()
    campaigns: frozenset[Hashable] = frozenset()


ORGANISATION = Place()


def may(grants: Iterable[Grant], permission: str, place: Place = ORGANISATION) -> bool:
    """True when some grant of this permission reaches the object at ``place``."""
    return any(g.permission == permission and _reaches(g, place) for g in grants)


def holds(grants: Iterable[Grant], permission: str) -> bool:
    """True when the permission is held in any scope: enough to open a screen, never a row."""
    return any(g.permission == permission for g in grants)


def reach(grants: Iterable[Grant], permission: str) -> Place | None:
    """The union of what the grants of a permission cover, for SQL filters.  None = everything;
    an empty Place = nothing."""
    found: dict[Scope, set[Hashable]] = {scope: set() for scope in SCOPES}
    for grant in grants:
        if grant.permission != permission:
            continue
        if grant.scope == "all":
            return None
        found[grant.scope] |= grant.ids
    return Place(
        owners=frozenset(found["own"]),
        teams=frozenset(found["team"]),
        queues=frozenset(found["queues"]),
        campaigns=frozenset(found["campaign"]),
    )


def _reaches(grant: Grant, place: Place) -> bool:
    match grant.scope:
        case "all":
            return True
        case "own":
            return not grant.ids.isdisjoint(place.owners)
        case "team":
            return not grant.ids.isdisjoint(place.teams)
        case "queues":
            return not grant.ids.isdisjoint(place.queues)
        case "campaign":
            return not grant.ids.isdisjoint(place.campaigns)


Role = Mapping[str, Scope]  # permission -> scope


def _role(scope: Scope, *permissions: str) -> dict[str, Scope]:
    return dict.fromkeys(permissions, scope)


_AGENT: Role = {
    **_role("own", "calls.place"),
    **_role("own", "desk.use", "cases.read", "cases.write", "cases.search", "recordings.listen"),
    **_role("all", "customers.read", "customers.write"),
}
_SUPERVISOR: Role = {
    **_role("team", "floor.watch", "floor.act", "floor.read_chats", "calls.listen"),
    **_role("team", "cases.read", "cases.write", "cases.search", "recordings.listen"),
    **_role("own", "desk.use", "calls.place"),
    **_role("all", "customers.read", "customers.write", "quick_replies.manage", "api.read"),
}
_QUALITY: Role = _role("all", "cases.read", "cases.search", "customers.read", "recordings.listen")
_ADMINISTRATOR: Role = _role("all", *sorted(PERMISSIONS - {"desk.use"}))
_AUDITOR: Role = _role("all", "audit.read", "cases.read", "cases.search", "customers.read")

# The words people see for them are in the catalogues, under role.<name>.
DEFAULT_ROLES: Mapping[str, Role] = {
    "agent": _AGENT,
    "supervisor": _SUPERVISOR,
    "quality": _QUALITY,
    "administrator": _ADMINISTRATOR,
    "auditor": _AUDITOR,
}


@dataclass(frozen=True, slots=True)
class Membership:
    """What a person is and belongs to, as accounts reads it from the rows."""

    user: Hashable
    teams: frozenset[Hashable] = frozenset()
    queues: frozenset[Hashable] = frozenset()
    campaigns: frozenset[Hashable] = frozenset()


def grants_of(roles: Iterable[Role], who: Membership) -> tuple[Grant, ...]:
    """The grants a person gets from their roles: each scope bound to their own ids."""
    ids: Mapping[Scope, frozenset[Hashable]] = {
        "own": frozenset({who.user}),
        "team": who.teams,
        "queues": who.queues,
        "campaign": who.campaigns,
        "all": frozenset(),
    }
    found = {
        Grant(permission, scope, ids[scope]) for role in roles for permission, scope in role.items()
    }
    return tuple(sorted(found, key=lambda g: (g.permission, SCOPES.index(g.scope))))


def unknown_permissions(role: Iterable[str]) -> frozenset[str]:
    """The names in a role that are no permission of ours: a role that has some is refused."""
    return frozenset(role) - PERMISSIONS
