"""API of the company itself: its data, sites, teams, skills, opening hours and pause reasons.

Registered in web/routes.py; the words of each field are in the contract (docs/en/developers).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from atiende.accounts import items
from atiende.accounts.audit import Act, record, who
from atiende.accounts.context import Context, Ctx
from atiende.accounts.items import Kind
from atiende.accounts.shapes import (
    Code,
    Country,
    Empty,
    In,
    Intervals,
    Item,
    Items,
    Locale,
    Name,
    Out,
    Patch,
    ShortName,
    Weekly,
    Zone,
)
from atiende.core.problem import Problem
from atiende.store import Change, Connection, Row, load_queries

Q = load_queries("atiende.accounts")

SITE = Kind("site", "company.manage", ("name", "tz"), Q, {"sites_name_key": "name"}, guarded=True)
TEAM = Kind(
    "team",
    "teams.manage",
    ("name", "site_id"),
    Q,
    {"teams_name_key": "name"},
    nullable=frozenset({"site_id"}),
    guarded=True,
    stands=True,
)
SKILL = Kind("skill", "skills.manage", ("name",), Q, {"skills_name_key": "name"}, guarded=True)


async def _hours_after(conn: Connection, ctx: Context, row: Row) -> Sequence[Change]:
    await conn.execute(Q["hours_queues"], row["id"], ctx.now)
    return ()


HOURS = Kind(
    "hours",
    "hours.manage",
    ("name", "tz", "weekly", "exceptions"),
    Q,
    {"hours_name_key": "name"},
    guarded=True,
    after=_hours_after,
)
PAUSE = Kind(
    "pause_reason",
    "pauses.manage",
    ("code", "name", "productive", "position"),
    Q,
    {"pause_reasons_code_key": "code"},
)

# --- the company


class OrganisationOut(Out):
    name: str
    country: str
    locale: str
    public_url: str | None
    shows_listening: bool
    call_prefixes: list[str]
    call_blocked: list[str]
    calls_minute: int
    calls_day: int
    tz: str
    version: int


PublicUrl = Annotated[str, StringConstraints(pattern=r"^(https?://[^\s/?#]+)?/?$", max_length=200)]


def _without_gaps(lines: list[str]) -> list[str]:
    return [each for each in lines if each]


#: The beginning of numbers in E.164; an empty line of the form is none.
Prefix = Annotated[str, StringConstraints(pattern=r"^(\+[0-9]{1,14})?$")]
Prefixes = Annotated[list[Prefix], Field(max_length=300), AfterValidator(_without_gaps)]
Calls = Annotated[int, Field(ge=1, le=100_000)]


class OrganisationPatch(Patch):
    name: Name | None = None
    country: Country | None = None
    locale: Locale | None = None
    public_url: PublicUrl | None = None
    shows_listening: bool | None = None
    call_prefixes: Prefixes | None = None
    call_blocked: Prefixes | None = None
    calls_minute: Calls | None = None
    calls_day: Calls | None = None


async def get_organisation(ctx: Ctx) -> OrganisationOut:
    ctx.need("company.manage")
    async with ctx.db.connection() as conn:
        return await _organisation(conn)


async def change_organisation(ctx: Ctx, body: OrganisationPatch) -> OrganisationOut:
    ctx.need("company.manage")
    columns = (
        "name", "country", "locale", "public_url", "shows_listening",
        "call_prefixes", "call_blocked", "calls_minute", "calls_day",
    )  # fmt: skip
    async with ctx.db.transaction() as conn:
        before = await conn.fetchrow(Q["organisation_get"])
        if before is None:
            raise Problem(404, "not_found")
        if before["version"] != body.version:
            raise Problem(409, "changed_meanwhile")
        given = body.given()
        values = {c: before[c] if given.get(c) is None else given[c] for c in columns}
        if "public_url" in given:
            values["public_url"] = (body.public_url or "").rstrip("/") or None
        await conn.fetchrow(Q["organisation_update"], *values.values())
        done = Act(
            "organisation.changed", "organisation", "1", {c: before[c] for c in columns}, values
        )
        await record(conn, who(ctx), done, ctx.now)
        return await _organisation(conn)


async def _organisation(conn: Connection) -> OrganisationOut:
    row = await conn.fetchrow(Q["organisation_read"])
    if row is None:
        raise Problem(404, "not_found")
    return OrganisationOut(**dict(row))


# --- sites


class SiteOut(Item):
    name: str
    tz: str


class NewSite(In):
    name: Name
    tz: Zone


class SitePatch(Patch):
    name: Name | None = None
    tz: Zone | None = None


async def list_sites(ctx: Ctx) -> Items[SiteOut]:
    return Items(items=[SiteOut(**dict(row)) for row in await items.all_of(ctx, SITE)])


async def create_site(ctx: Ctx, body: NewSite) -> SiteOut:
    return SiteOut(**dict(await items.create(ctx, SITE, body.model_dump())))


async def change_site(ctx: Ctx, id: UUID, body: SitePatch) -> SiteOut:
    return SiteOut(**dict(await items.change(ctx, SITE, id, body)))


async def archive_site(ctx: Ctx, id: UUID) -> Empty:
    await items.archive(ctx, SITE, id)
    return Empty()


# --- teams


class TeamOut(Item):
    name: str
    site_id: UUID | None


class NewTeam(In):
    name: Name
    site_id: UUID | None = None


class TeamPatch(Patch):
    name: Name | None = None
    site_id: UUID | None = None


async def list_teams(ctx: Ctx) -> Items[TeamOut]:
    return Items(items=[TeamOut(**dict(row)) for row in await items.all_of(ctx, TEAM)])


async def create_team(ctx: Ctx, body: NewTeam) -> TeamOut:
    return TeamOut(**dict(await items.create(ctx, TEAM, body.model_dump())))


async def change_team(ctx: Ctx, id: UUID, body: TeamPatch) -> TeamOut:
    return TeamOut(**dict(await items.change(ctx, TEAM, id, body)))


async def archive_team(ctx: Ctx, id: UUID) -> Empty:
    await items.archive(ctx, TEAM, id)
    return Empty()


# --- skills


class SkillOut(Item):
    name: str


class NewSkill(In):
    name: ShortName


class SkillPatch(Patch):
    name: ShortName | None = None


async def list_skills(ctx: Ctx) -> Items[SkillOut]:
    return Items(items=[SkillOut(**dict(row)) for row in await items.all_of(ctx, SKILL)])


async def create_skill(ctx: Ctx, body: NewSkill) -> SkillOut:
    return SkillOut(**dict(await items.create(ctx, SKILL, body.model_dump())))


async def change_skill(ctx: Ctx, id: UUID, body: SkillPatch) -> SkillOut:
    return SkillOut(**dict(await items.change(ctx, SKILL, id, body)))


async def archive_skill(ctx: Ctx, id: UUID) -> Empty:
    await items.archive(ctx, SKILL, id)
    return Empty()


# --- opening hours


class HoursException(In):
    """A holiday (no intervals) or a day with other hours."""

    date: date
    name: ShortName
    intervals: Intervals = Field(default_factory=list)


class HoursOut(Item):
    name: str
    tz: str
    weekly: Weekly
    exceptions: list[HoursException]


class NewHours(In):
    name: Name
    tz: Zone
    weekly: Weekly
    exceptions: list[HoursException] = Field(default_factory=list, max_length=200)


class HoursPatch(Patch):
    name: Name | None = None
    tz: Zone | None = None
    weekly: Weekly | None = None
    exceptions: Annotated[list[HoursException], Field(max_length=200)] | None = None


async def list_hours(ctx: Ctx) -> Items[HoursOut]:
    return Items(items=[HoursOut(**dict(row)) for row in await items.all_of(ctx, HOURS)])


async def create_hours(ctx: Ctx, body: NewHours) -> HoursOut:
    return HoursOut(**dict(await items.create(ctx, HOURS, body.model_dump(mode="json"))))


async def change_hours(ctx: Ctx, id: UUID, body: HoursPatch) -> HoursOut:
    given = body.model_dump(mode="json", include=body.model_fields_set)
    return HoursOut(**dict(await items.change_values(ctx, HOURS, id, body.version, given)))


async def archive_hours(ctx: Ctx, id: UUID) -> Empty:
    await items.archive(ctx, HOURS, id)
    return Empty()


# --- pause reasons


class PauseOut(Item):
    code: str
    name: str
    productive: bool
    position: int
    builtin: bool


Position = Annotated[int, Field(ge=0, le=10_000)]


class NewPause(In):
    code: Code
    name: ShortName
    productive: bool = False
    position: Position = 0


class PausePatch(Patch):
    name: ShortName | None = None
    productive: bool | None = None
    position: Position | None = None


async def list_pauses(ctx: Ctx) -> Items[PauseOut]:
    return Items(items=[PauseOut(**dict(row)) for row in await items.all_of(ctx, PAUSE)])


async def create_pause(ctx: Ctx, body: NewPause) -> PauseOut:
    return PauseOut(**dict(await items.create(ctx, PAUSE, body.model_dump())))


async def change_pause(ctx: Ctx, id: UUID, body: PausePatch) -> PauseOut:
    return PauseOut(**dict(await items.change(ctx, PAUSE, id, body)))


async def archive_pause(ctx: Ctx, id: UUID) -> Empty:
    ctx.need(PAUSE.permission)
    async with ctx.db.connection() as conn:
        if await conn.fetchval(Q["pause_reason_builtin"], id):
            raise Problem(409, "builtin_kept")
    await items.archive(ctx, PAUSE, id)
    return Empty()
