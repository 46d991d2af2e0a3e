"""What stands from the first minute: the company's row, its first site, team, opening hours,
routing profile, pause reasons and built-in roles; and the first administrator.

The setup link (api.py) founds a company; so do the demo's seed and tests.  Everything in it can
be changed afterwards; its words are data (starter.json).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from uuid import UUID

from atiende.accounts.roles import ADMINISTRATOR, refresh_builtin_roles
from atiende.store import Connection, load_queries

Q = load_queries("atiende.accounts")

WEEKDAY = [["08:00", "18:00"]]
WEEKLY: Mapping[str, list[list[str]]] = {
    **dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), WEEKDAY),
    "sat": [["09:00", "13:00"]],
    "sun": [],
}


@dataclass(frozen=True, slots=True)
class Founded:
    """The rows a new company begins with."""

    site_id: UUID
    team_id: UUID
    hours_id: UUID
    profile_id: UUID


@cache
def starter_words(locale: str) -> dict[str, Any]:
    """The starter names in a language."""
    found: dict[str, Any] = json.loads(
        files("atiende.accounts").joinpath("starter.json").read_text(encoding="utf-8")
    )
    words: dict[str, Any] = found["en" if locale.startswith("en") else "es"]
    return words


async def found_company(
    conn: Connection, name: str, *, country: str, tz: str, locale: str
) -> Founded:
    """Writes the first rows; the caller's transaction."""
    words = starter_words(locale)
    await conn.execute(Q["organisation_insert"], name, country, locale, {"step": "company"})
    await refresh_builtin_roles(conn)
    site = await conn.fetchval(Q["site_insert"], words["site"], tz)
    team = await conn.fetchval(Q["team_insert"], words["team"], site)
    hours = await conn.fetchval(Q["hours_insert"], words["hours"], tz, WEEKLY, [])
    profile = await conn.fetchval(Q["profile_seed"], words["profile"])
    for position, (code, label, productive, builtin) in enumerate(words["pauses"]):
        await conn.execute(Q["pause_reason_seed"], code, label, productive, builtin, position)
    return Founded(site, team, hours, profile)


@dataclass(frozen=True, slots=True)
class NewAdministrator:
    """Who takes charge."""

    name: str
    email: str
    password_hash: str
    locale: str


async def add_administrator(
    conn: Connection, person: NewAdministrator, founded: Founded | None
) -> UUID:
    """The first person: active at once, in charge of everything.  ``founded`` None: the company
    stood already, and had lost its administrators."""
    team, site = (founded.team_id, founded.site_id) if founded else (None, None)
    user: UUID = await conn.fetchval(
        Q["user_insert"], person.email, person.name, "active", team, site, person.locale
    )
    await conn.execute(Q["password_set"], user, person.password_hash)
    await conn.execute(Q["role_give"], user, ADMINISTRATOR, "all", [])
    return user
