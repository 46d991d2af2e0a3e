"""People: who may touch whom, disabling, the last administrator, scopes."""

from uuid import UUID, uuid4

import pytest

from atiende.accounts import Context
from atiende.accounts.api_organisation import NewTeam, create_team
from atiende.accounts.api_security import (
    NewRole,
    RolePatch,
    archive_role,
    change_role,
    create_role,
    list_roles,
)
from atiende.core.problem import Problem
from atiende.routing.admin import people as admin
from atiende.routing.admin.people import AgentIn, LinkIn, NewUser, RoleIn, UserOut, UserPatch
from tests.company import Company


async def _profile(company: Company) -> UUID:
    async with company.db.connection() as conn:
        found: UUID = await conn.fetchval("select id from routing_profiles limit 1")
    return found


async def _commands(company: Company) -> list[tuple[str, dict[str, object]]]:
    async with company.db.connection() as conn:
        rows = await conn.fetch("select kind, args from commands order by id")
    return [(row["kind"], row["args"]) for row in rows]


async def _self(company: Company, ctx: Context) -> UserOut:
    return next(u for u in (await admin.list_users(ctx)).items if u.id == ctx.actor.user_id)


async def test_a_new_person_is_invited_with_roles_and_an_agents_profile(company: Company) -> None:
    profile = await _profile(company)
    user = await company.hire("lucia@nogal.example", agent=AgentIn(routing_profile_id=profile))
    assert (user.state, [r.code for r in user.roles]) == ("active", ["agent"])
    assert user.agent is not None
    assert user.agent.routing_profile_id == profile
    ctx = await company.as_(user.email)
    assert ctx.actor.is_agent
    assert ctx.holds("desk.use")
    assert not ctx.holds("users.manage")
    assert ("configure", {"what": "agent", "id": str(user.id)}) in await _commands(company)
    assert any(c.topic == "agent" and c.id == user.id for c in company.changes)


async def test_the_same_email_twice_names_the_field(company: Company) -> None:
    boss = await company.boss()
    await admin.create_user(boss, NewUser(email="doble@nogal.example", name="Doble"))
    with pytest.raises(Problem) as taken:
        await admin.create_user(boss, NewUser(email="DOBLE@nogal.example", name="Otra"))
    assert (taken.value.status, taken.value.fields) == (409, {"email": "taken"})


async def test_disabling_ends_sessions_and_gives_the_work_back(company: Company) -> None:
    profile = await _profile(company)
    user = await company.hire("bruno@nogal.example", agent=AgentIn(routing_profile_id=profile))
    token = await company.log_in(user.email)
    boss = await company.boss()
    done = await admin.disable_user(boss, user.id)
    assert done.state == "disabled"
    assert not await company.alive(token)
    with pytest.raises(Problem, match="login_failed"):
        await company.log_in(user.email)
    kinds = (await _commands(company))[-2:]
    assert kinds == [
        ("force_presence", {"presence": "offline", "reason": "disabled"}),
        ("configure", {"what": "agent", "id": str(user.id)}),
    ]
    with pytest.raises(Problem, match="person_disabled"):
        await admin.make_user_link(boss, user.id, LinkIn(purpose="reset"))
    assert (await admin.enable_user(boss, user.id)).state == "active"
    await company.log_in(user.email)


async def test_unlock_opens_an_account_that_failures_shut(company: Company) -> None:
    user = await company.hire("carla@nogal.example")
    for _ in range(5):
        with pytest.raises(Problem, match="login_failed"):
            await company.log_in(user.email, "mal")
    with pytest.raises(Problem, match="login_locked"):
        await company.log_in(user.email)
    await admin.unlock_user(await company.boss(), user.id)
    await company.log_in(user.email)


async def test_the_last_administrator_stays(company: Company) -> None:
    boss = await company.boss()
    me = await _self(company, boss)
    with pytest.raises(Problem, match="not_yourself"):
        await admin.disable_user(boss, me.id)
    with pytest.raises(Problem, match="last_administrator"):
        await admin.change_user(boss, me.id, UserPatch(version=me.version, roles=[]))
    other = await company.hire("otra@nogal.example", "administrator", "all")
    await admin.disable_user(await company.as_(other.email), me.id)
    late = await company.as_(other.email)
    with pytest.raises(Problem, match="last_administrator"):
        await admin.change_user(late, other.id, UserPatch(version=other.version, roles=[]))
    await admin.enable_user(late, me.id)
    await admin.disable_user(await company.boss(), other.id)


async def test_nobody_gives_more_than_he_holds(company: Company) -> None:
    boss = await company.boss()
    team = await create_team(boss, NewTeam(name="Ventas"))
    leads = await create_role(
        boss, NewRole(code="lead", name="Jefe de equipo", permissions=["users.manage"])
    )
    head = await company.hire("jefe@nogal.example", team_id=team.id)
    given = RoleIn(role_id=leads.id, scope="team")
    await admin.change_user(boss, head.id, UserPatch(version=head.version, roles=[given]))
    ctx = await company.as_(head.email)
    administrator = RoleIn(role_id=await company.role("administrator"), scope="all")
    for role in (administrator, RoleIn(role_id=await company.role("quality"), scope="all")):
        with pytest.raises(Problem, match="more_than_own"):
            await admin.create_user(
                ctx, NewUser(email="x@nogal.example", name="X", team_id=team.id, roles=[role])
            )
    fine = await admin.create_user(
        ctx, NewUser(email="y@nogal.example", name="Y", team_id=team.id, roles=[given])
    )
    assert fine.team_id == team.id


async def test_a_team_scope_sees_and_touches_only_its_team(company: Company) -> None:
    ctx = await company.as_("jefe@nogal.example")
    boss = await company.boss()
    listed = (await admin.list_users(ctx)).items
    assert {u.email for u in listed} == {"jefe@nogal.example", "y@nogal.example"}
    stranger = next(u for u in (await admin.list_users(boss)).items if u.name == "Rosa Admin")
    for act in (admin.disable_user, admin.unlock_user, admin.enable_user):
        with pytest.raises(Problem, match="not_found"):
            await act(ctx, stranger.id)
    with pytest.raises(Problem, match="not_found"):
        await admin.disable_user(ctx, uuid4())
    with pytest.raises(Problem, match="forbidden"):
        await admin.create_user(ctx, NewUser(email="z@nogal.example", name="Z"))
    mate = next(u for u in listed if u.name == "Y")
    with pytest.raises(Problem, match="forbidden"):
        await admin.change_user(ctx, mate.id, UserPatch(version=mate.version, team_id=None))


async def test_who_holds_less_cannot_take_over_who_holds_more(company: Company) -> None:
    boss, ctx = await company.boss(), await company.as_("jefe@nogal.example")
    mighty = await company.hire(
        "auditora@nogal.example", "auditor", "all", team_id=ctx.actor.team_id
    )
    with pytest.raises(Problem, match="more_than_own"):
        await admin.make_user_link(ctx, mighty.id, LinkIn(purpose="reset"))
    patch = UserPatch(version=mighty.version, email="mio@nogal.example")
    with pytest.raises(Problem, match="more_than_own"):
        await admin.change_user(ctx, mighty.id, patch)
    assert (await admin.make_user_link(boss, mighty.id, LinkIn(purpose="reset"))).url


async def test_an_old_version_is_refused(company: Company) -> None:
    boss = await company.boss()
    user = await company.hire("version@nogal.example")
    await admin.change_user(boss, user.id, UserPatch(version=user.version, name="Nueva"))
    with pytest.raises(Problem) as stale:
        await admin.change_user(boss, user.id, UserPatch(version=user.version, name="Vieja"))
    assert (stale.value.status, stale.value.key) == (409, "changed_meanwhile")


async def test_roles_made_here_are_bounded_by_their_maker(company: Company) -> None:
    boss = await company.boss()
    listed = await list_roles(boss)
    assert "users.manage" in listed.permissions
    builtin = next(r for r in listed.items if r.code == "agent")
    with pytest.raises(Problem, match="builtin_kept"):
        await change_role(boss, builtin.id, RolePatch(version=builtin.version, name="X"))
    with pytest.raises(Problem, match="unknown_permission"):
        await create_role(boss, NewRole(code="odd", name="Raro", permissions=["all.things"]))
    small = await create_role(
        boss, NewRole(code="roles", name="Roles", permissions=["roles.manage"])
    )
    user = await company.hire("roles@nogal.example", "roles", "all")
    ctx = await company.as_(user.email)
    with pytest.raises(Problem, match="more_than_own"):
        await create_role(ctx, NewRole(code="more", name="Más", permissions=["audit.read"]))
    with pytest.raises(Problem, match="in_use_people"):
        await archive_role(boss, small.id)


async def test_an_agent_at_work_stays_an_agent(company: Company) -> None:
    boss = await company.boss()
    profile = await _profile(company)
    user = await company.hire("enlinea@nogal.example", agent=AgentIn(routing_profile_id=profile))
    async with company.db.connection() as conn:
        await conn.execute("update agents set presence = 'available' where user_id = $1", user.id)
    with pytest.raises(Problem, match="agent_busy"):
        await admin.change_user(boss, user.id, UserPatch(version=user.version, agent=None))
    async with company.db.connection() as conn:
        await conn.execute("update agents set presence = 'offline' where user_id = $1", user.id)
    done = await admin.change_user(boss, user.id, UserPatch(version=user.version, agent=None))
    assert done.agent is None
