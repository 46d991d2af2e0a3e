"""The company's lists: the habits that every kind of item shares, and what is each one's own."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError

from atiende.accounts import api_organisation as api
from atiende.accounts.api_security import audit
from atiende.core.problem import Problem
from atiende.routing import admin
from tests.company import Company


async def test_the_company_changes_its_name_and_public_address(company: Company) -> None:
    boss = await company.boss()
    before = await api.get_organisation(boss)
    patch = api.OrganisationPatch(
        version=before.version, name="Nogal S.A.S.", public_url="https://atiende.nogal.example/"
    )
    after = await api.change_organisation(boss, patch)
    assert (after.name, after.public_url) == ("Nogal S.A.S.", "https://atiende.nogal.example")
    assert after.country == before.country
    with pytest.raises(Problem, match="changed_meanwhile"):
        await api.change_organisation(boss, patch)
    users = await admin.people.list_users(boss)
    link = await admin.people.make_user_link(
        boss, users.items[0].id, admin.people.LinkIn(purpose="reset")
    )
    assert link.url.startswith("https://atiende.nogal.example/#/enlace/")
    await api.change_organisation(boss, api.OrganisationPatch(version=after.version, public_url=""))
    assert (await api.get_organisation(boss)).public_url is None


async def test_an_item_is_made_changed_and_archived_and_each_act_recorded(
    company: Company,
) -> None:
    boss = await company.boss()
    team = await api.create_team(boss, api.NewTeam(name="  Cobranzas  "))
    assert team.name == "Cobranzas"
    changed = await api.change_team(boss, team.id, api.TeamPatch(version=1, name="Cobranza"))
    assert (changed.name, changed.version) == ("Cobranza", 2)
    await api.archive_team(boss, team.id)
    assert team.id not in {each.id for each in (await api.list_teams(boss)).items}
    acts = (await audit(boss, action="team.")).items
    mine = [act for act in acts if act.object_id == str(team.id)]
    assert [act.action for act in mine] == ["team.archived", "team.changed", "team.created"]
    assert mine[1].before == {"name": "Cobranzas", "site_id": None}
    assert mine[1].after == {"name": "Cobranza", "site_id": None}
    with pytest.raises(Problem, match="not_found"):
        await api.change_team(boss, team.id, api.TeamPatch(version=3, name="Otra"))


async def test_a_null_empties_only_what_may_be_empty(company: Company) -> None:
    boss = await company.boss()
    site = (await api.list_sites(boss)).items[0]
    team = await api.create_team(boss, api.NewTeam(name="Con sede", site_id=site.id))
    patch = api.TeamPatch.model_validate({"version": 1, "name": None})
    same = await api.change_team(boss, team.id, patch)
    assert (same.name, same.site_id) == ("Con sede", site.id)
    patch = api.TeamPatch.model_validate({"version": 2, "site_id": None})
    assert (await api.change_team(boss, team.id, patch)).site_id is None


async def test_a_name_twice_and_a_reference_to_nothing_are_refused(company: Company) -> None:
    boss = await company.boss()
    await api.create_skill(boss, api.NewSkill(name="Inglés"))
    with pytest.raises(Problem) as taken:
        await api.create_skill(boss, api.NewSkill(name="Inglés"))
    assert (taken.value.key, taken.value.fields) == ("taken", {"name": "taken"})
    with pytest.raises(Problem, match="unknown_reference"):
        await api.create_team(boss, api.NewTeam(name="Perdido", site_id=uuid4()))


async def test_what_is_in_use_is_not_archived(company: Company) -> None:
    boss = await company.boss()
    site = (await api.list_sites(boss)).items[0]
    with pytest.raises(Problem) as used:
        await api.archive_site(boss, site.id)
    assert (used.value.status, used.value.key) == (409, "in_use_teams")
    assert used.value.values["name"] == "Equipo principal"
    team = next(t for t in (await api.list_teams(boss)).items if t.name == "Equipo principal")
    with pytest.raises(Problem, match="in_use_people"):
        await api.archive_team(boss, team.id)


async def test_hours_keep_their_intervals_in_order_and_holidays(company: Company) -> None:
    boss = await company.boss()
    body: dict[str, Any] = {
        "name": "Tienda",
        "tz": "America/Bogota",
        "weekly": {"mon": [["14:00", "18:00"], ["08:00", "12:00"]], "sun": []},
        "exceptions": [{"date": "2026-12-25", "name": "Navidad", "intervals": []}],
    }
    hours = await api.create_hours(boss, api.NewHours.model_validate(body))
    assert hours.weekly["mon"] == [("08:00", "12:00"), ("14:00", "18:00")]
    async with company.db.connection() as conn:
        kept = await conn.fetchrow("select weekly, exceptions from hours where id = $1", hours.id)
    assert kept is not None
    assert kept["weekly"]["mon"] == [["08:00", "12:00"], ["14:00", "18:00"]]
    assert kept["exceptions"][0]["date"] == "2026-12-25"
    patch = api.HoursPatch(version=1, name="Tienda norte")
    assert (await api.change_hours(boss, hours.id, patch)).exceptions == hours.exceptions
    await api.archive_hours(boss, hours.id)


@pytest.mark.parametrize(
    "weekly",
    [
        {"mon": [["12:00", "08:00"]]},
        {"mon": [["08:00", "12:00"], ["11:00", "13:00"]]},
        {"lun": []},
        {"mon": [["8:00", "12:00"]]},
        {"mon": [["08:00", "25:00"]]},
    ],
)
def test_hours_that_make_no_sense_are_refused(weekly: object) -> None:
    with pytest.raises(ValidationError):
        api.NewHours.model_validate({"name": "x", "tz": "America/Lima", "weekly": weekly})


@pytest.mark.parametrize("name", ["", "   ", "x" * 121, "a\nb", "a\x00b", "\ud800", "a\x1bb"])
def test_a_name_is_one_line_of_clean_text(name: str) -> None:
    with pytest.raises(ValidationError):
        api.NewTeam(name=name)


@pytest.mark.parametrize("zone", ["Lima", "../etc/passwd", "", "America/Nowhere", "/etc/localtime"])
def test_a_time_zone_is_one_that_exists(zone: str) -> None:
    with pytest.raises(ValidationError):
        api.NewSite(name="x", tz=zone)


def test_unknown_keys_are_refused() -> None:
    with pytest.raises(ValidationError):
        api.NewTeam.model_validate({"name": "x", "id": str(UUID(int=1))})


async def test_builtin_pauses_stay(company: Company) -> None:
    boss = await company.boss()
    pauses = (await api.list_pauses(boss)).items
    rona = next(p for p in pauses if p.code == "rona")
    with pytest.raises(Problem, match="builtin_kept"):
        await api.archive_pause(boss, rona.id)
    own = await api.create_pause(boss, api.NewPause(code="coffee", name="Café"))
    patch = api.PausePatch(version=1, productive=True)
    assert (await api.change_pause(boss, own.id, patch)).productive
    await api.archive_pause(boss, own.id)


async def test_who_lacks_the_permission_is_refused_each_list(company: Company) -> None:
    agent = await company.hire("sinpermiso@nogal.example")
    ctx = await company.as_(agent.email)
    for listing in (
        api.list_sites,
        api.list_teams,
        api.list_skills,
        api.list_hours,
        api.list_pauses,
        api.get_organisation,
    ):
        with pytest.raises(Problem, match="forbidden"):
            await listing(ctx)
