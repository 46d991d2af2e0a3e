"""What is archived is seen in its list and brought back, as long as what it stands on is in use."""

import pytest

from atiende.accounts import api_organisation as api
from atiende.accounts import items
from atiende.accounts.api_archive import archived_of, restore_of
from atiende.accounts.api_security import audit
from atiende.campaigns import api as campaigns
from atiende.core.problem import Problem
from atiende.routing import admin
from atiende.routing.admin.queues import QUEUE, NewQueue
from atiende.web.routes import ARCHIVES
from tests.company import Company, company

__all__ = ["company"]


async def test_an_archived_name_is_found_and_restored_and_the_record_says_so(
    company: Company,
) -> None:
    boss = await company.boss()
    skill = await api.create_skill(boss, api.NewSkill(name="Inglés"))
    await api.archive_skill(boss, skill.id)
    with pytest.raises(Problem, match="taken"):
        await api.create_skill(boss, api.NewSkill(name="Inglés"))
    (found,) = (await archived_of(api.SKILL)(boss)).items
    assert (found.id, found.name) == (skill.id, "Inglés")
    await restore_of(api.SKILL)(boss, skill.id)
    assert (await archived_of(api.SKILL)(boss)).items == []
    assert skill.id in {each.id for each in (await api.list_skills(boss)).items}
    last = (await audit(boss, action="skill.")).items[0]
    assert (last.action, last.after) == ("skill.restored", {"name": "Inglés"})
    with pytest.raises(Problem, match="not_found"):
        await restore_of(api.SKILL)(boss, skill.id)


async def test_a_queue_comes_back_after_its_campaign_and_the_router_hears(company: Company) -> None:
    boss = await company.boss()
    campaign = await campaigns.create_campaign(boss, campaigns.NewCampaign(name="Verano"))
    new = NewQueue(campaign_id=campaign.id, name="Verano")
    queue = await admin.queues.create_queue(boss, new)
    await admin.queues.archive_queue(boss, queue.id)
    await campaigns.archive_campaign(boss, campaign.id)
    with pytest.raises(Problem) as first:
        await restore_of(QUEUE)(boss, queue.id)
    assert (first.value.key, first.value.values) == ("restore_first", {"name": "Verano"})
    await restore_of(campaigns.CAMPAIGN)(boss, campaign.id)
    asked = "select count(*) from commands where kind = 'configure' and args->>'id' = $1"
    async with company.db.connection() as conn:
        before = await conn.fetchval(asked, str(queue.id))
    await restore_of(QUEUE)(boss, queue.id)
    async with company.db.connection() as conn:
        assert await conn.fetchval(asked, str(queue.id)) == before + 1
    assert "Verano" in {each.name for each in (await admin.queues.list_queues(boss)).items}


async def test_every_list_tells_what_is_archived_to_whoever_keeps_it(company: Company) -> None:
    boss, agent = await company.boss(), await company.hire("archivo@nogal.example")
    nobody = await company.as_(agent.email)
    for _, kind in ARCHIVES:
        await items.archived(boss, kind)
        with pytest.raises(Problem, match="forbidden"):
            await items.archived(nobody, kind)
        with pytest.raises(Problem, match="forbidden"):
            await restore_of(kind)(nobody, agent.id)
