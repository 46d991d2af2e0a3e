"""Queues and profiles as an administrator decides them, and what the router and screens hear."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from pydantic import ValidationError

from atiende.accounts.api_organisation import NewSkill, archive_skill, create_skill
from atiende.campaigns import new_campaign
from atiende.core.problem import Problem
from atiende.routing import admin
from atiende.routing.admin.people import AgentIn, SkillIn, UserPatch
from atiende.routing.admin.queues import (
    NewProfile,
    NewQueue,
    ProfilePatch,
    QueuePatch,
    Slots,
    StepIn,
)
from tests.company import Company, company

__all__ = ["company"]
api = admin.queues


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def campaign(company: Company) -> AsyncIterator[UUID]:
    async with company.db.transaction() as conn:
        made = await new_campaign(conn, "Atención", None)
    yield made


async def _agent(company: Company, name: str, *queues: UUID) -> UUID:
    boss = await company.boss()
    profile = (await api.list_profiles(boss)).items[0].id
    agent = AgentIn(routing_profile_id=profile, queues=list(queues))
    return (await company.hire(f"{name}@nogal.example", agent=agent)).id


async def _configured(company: Company) -> list[dict[str, str]]:
    """What the router was told since the last question."""
    async with company.db.connection() as conn:
        rows = await conn.fetch(
            "with seen as (delete from commands returning id, kind, args)"
            " select args from seen where kind = 'configure' order by id"
        )
    return [row["args"] for row in rows]


async def _version(company: Company, table: str, column: str, entity: UUID) -> int:
    async with company.db.connection() as conn:
        found: int = await conn.fetchval(f"select version from {table} where {column} = $1", entity)
        logged = await conn.fetchval("select max(version) from events where entity = $1", entity)
    assert logged == found  # each version has its event
    return found


async def test_a_queue_begins_with_sound_defaults(company: Company, campaign: UUID) -> None:
    boss = await company.boss()
    queue = await api.create_queue(boss, NewQueue(campaign_id=campaign, name="Primera"))
    assert (queue.offer_timeout_s, queue.sl_target_s, queue.sl_goal_pct) == (20, 30, 80)
    assert queue.tier_boost == {"vip": 5}
    assert (queue.wrapup_mode, queue.agents) == ("mandatory", [])
    assert {"what": "queue", "id": str(queue.id)} in await _configured(company)
    assert await _version(company, "queues", "id", queue.id) == 1


async def test_a_membership_moves_both_sides(company: Company, campaign: UUID) -> None:
    boss = await company.boss()
    user = await _agent(company, "ana")
    queue = await api.create_queue(boss, NewQueue(campaign_id=campaign, name="Ventas"))
    await _configured(company)
    before = await _version(company, "agents", "user_id", user)
    company.changes.clear()
    changed = await api.change_queue(boss, queue.id, QueuePatch(version=1, agents=[user]))
    assert changed.agents == [user]
    assert await _configured(company) == [
        {"what": "agent", "id": str(user)},
        {"what": "queue", "id": str(queue.id)},
    ]
    assert await _version(company, "agents", "user_id", user) == before + 1
    assert {(c.topic, c.id) for c in company.changes} == {("agent", user), ("queue", queue.id)}
    other = await api.create_queue(boss, NewQueue(campaign_id=campaign, name="Cobranzas"))
    person = next(u for u in (await admin.people.list_users(boss)).items if u.id == user)
    assert person.agent is not None
    agent = AgentIn(routing_profile_id=person.agent.routing_profile_id, queues=[other.id])
    await admin.people.change_user(boss, user, UserPatch(version=person.version, agent=agent))
    lists = {q.id: q.agents for q in (await api.list_queues(boss)).items}
    assert (lists[queue.id], lists[other.id]) == ([], [user])
    assert await _version(company, "queues", "id", queue.id) == 3
    assert await _version(company, "queues", "id", other.id) == 2


async def test_steps_name_skills_that_exist_and_rise(company: Company, campaign: UUID) -> None:
    boss = await company.boss()
    skill = await create_skill(boss, NewSkill(name="Portugués"))
    steps = [StepIn(after_s=0, skills=[(skill.id, 4)]), StepIn(after_s=30, skills=[(skill.id, 2)])]
    body = NewQueue(campaign_id=campaign, name="Portugués", steps=steps)
    queue = await api.create_queue(boss, body)
    async with company.db.connection() as conn:
        kept = await conn.fetchval("select steps from queues where id = $1", queue.id)
    assert kept[1] == {"after_s": 30, "skills": [[str(skill.id), 2]]}
    with pytest.raises(Problem, match="in_use_queues"):
        await archive_skill(boss, skill.id)
    ghost = [StepIn(after_s=0, skills=[(uuid4(), 1)])]
    with pytest.raises(Problem) as unknown:
        await api.create_queue(boss, NewQueue(campaign_id=campaign, name="Fantasma", steps=ghost))
    assert unknown.value.fields == {"steps": "unknown"}
    with pytest.raises(ValidationError):
        NewQueue(campaign_id=campaign, name="x", steps=list(reversed(steps)))


async def test_overflow_never_goes_in_circles(company: Company, campaign: UUID) -> None:
    boss = await company.boss()
    first = await api.create_queue(boss, NewQueue(campaign_id=campaign, name="A"))
    second = await api.create_queue(
        boss, NewQueue(campaign_id=campaign, name="B", overflow_queue_id=first.id)
    )
    third = await api.create_queue(
        boss, NewQueue(campaign_id=campaign, name="C", overflow_queue_id=second.id)
    )
    for target in (first.id, third.id):
        patch = QueuePatch(version=1, overflow_queue_id=target)
        with pytest.raises(Problem, match="overflow_loop"):
            await api.change_queue(boss, first.id, patch)
    with pytest.raises(Problem, match="in_use_queues"):
        await api.archive_queue(boss, first.id)
    await api.archive_queue(boss, third.id)
    assert third.id not in {q.id for q in (await api.list_queues(boss)).items}


async def test_a_queue_with_people_waiting_is_not_archived(
    company: Company, campaign: UUID
) -> None:
    boss = await company.boss()
    queue = await api.create_queue(boss, NewQueue(campaign_id=campaign, name="Con espera"))
    async with company.db.transaction() as conn:
        customer = await conn.fetchval("insert into customers default values returning id")
        case = await conn.fetchval(
            "insert into cases (customer_id, campaign_id, queue_id, opened_at)"
            " values ($1, $2, $3, now()) returning id",
            customer,
            campaign,
            queue.id,
        )
        await conn.execute(
            "insert into work_items (case_id, customer_id, queue_id, media, virtual_start,"
            " entered_at) values ($1, $2, $3, 'messages', now(), now())",
            case,
            customer,
            queue.id,
        )
    with pytest.raises(Problem) as used:
        await api.archive_queue(boss, queue.id)
    assert (used.value.key, used.value.values["n"]) == ("in_use_work", 1)
    company.changes.clear()
    await api.change_queue(boss, queue.id, QueuePatch(version=1, name="Con gente"))
    assert ("case", case) in {(c.topic, c.id) for c in company.changes}
    assert await _version(company, "cases", "id", case) == 2


async def test_a_changed_profile_reaches_its_agents(company: Company) -> None:
    boss = await company.boss()
    user = await _agent(company, "pablo")
    profile = (await api.list_profiles(boss)).items[0]
    await _configured(company)
    before = await _version(company, "agents", "user_id", user)
    patch = ProfilePatch(version=profile.version, slots=Slots(messages=6))
    changed = await api.change_profile(boss, profile.id, patch)
    assert changed.slots == Slots(voice=1, messages=6, mail=5)
    assert await _configured(company) == [{"what": "profile", "id": str(profile.id)}]
    assert await _version(company, "agents", "user_id", user) == before + 1
    with pytest.raises(Problem, match="in_use_people"):
        await api.archive_profile(boss, profile.id)
    spare = await api.create_profile(boss, NewProfile(name="Solo voz", slots=Slots(messages=0)))
    await api.archive_profile(boss, spare.id)


async def test_an_agents_skills_have_levels_and_stand_once(company: Company) -> None:
    boss = await company.boss()
    profile = (await api.list_profiles(boss)).items[0].id
    skill = await create_skill(boss, NewSkill(name="Quechua"))
    twice = [SkillIn(skill_id=skill.id, level=2), SkillIn(skill_id=skill.id, level=3)]
    agent = AgentIn(routing_profile_id=profile, skills=twice)
    with pytest.raises(Problem, match="given_twice"):
        await company.hire("dos@nogal.example", agent=agent)
    user = await company.hire(
        "una@nogal.example", agent=AgentIn(routing_profile_id=profile, skills=twice[:1])
    )
    assert user.agent is not None
    assert [(s.skill_id, s.level) for s in user.agent.skills] == [(skill.id, 2)]
    with pytest.raises(ValidationError):
        SkillIn(skill_id=skill.id, level=6)
