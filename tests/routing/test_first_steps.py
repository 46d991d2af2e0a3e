"""The five steps of a new company, and going back in them."""

import pytest
from fastapi import Response

from atiende.accounts.api import LinkUse, me, use_one_time_link
from atiende.channels import channels
from atiende.core.problem import Problem
from atiende.routing import admin
from atiende.routing.admin.setup import ChannelIn, CompanyIn, PersonIn, QueueIn, TeamIn
from tests.company import PASSWORD, Company, company, token_of

__all__ = ["company"]
CHANNEL = next(code for code, each in channels().items() if each.media == "messages")
WEEK = QueueIn.model_validate(
    {
        "name": "Ventas",
        "tz": "America/Bogota",
        "weekly": {"mon": [["08:00", "18:00"]], "sat": [["08:00", "18:00"]]},
    }
)


def _people(*names: str, role: str = "agent") -> TeamIn:
    return TeamIn(
        people=[
            PersonIn.model_validate(
                {"name": n.title(), "email": f"{n}@nogal.example", "role": role}
            )
            for n in names
        ]
    )


def _channel(origin: str) -> ChannelIn:
    return ChannelIn(channel=CHANNEL, name="Sitio", config={"allowed_origins": [origin]})


async def test_the_first_steps_lead_to_a_channel_that_rings_at_the_administrator(
    company: Company,
) -> None:
    api, boss = admin.setup, await company.boss()
    state = await api.get_setup(boss)
    assert (state.step, state.done, state.channel) == ("company", False, None)
    body = CompanyIn(name="Muebles Nogal", country="CO", locale="es", tz="America/Bogota")
    assert (await api.company(boss, body)).step == "team"
    state = await api.team(boss, _people("ana", "beto"))
    assert state.step == "queue"
    urls = {p.name: p.url for p in state.team.people}
    assert urls["Rosa Admin"] is None
    assert urls["Ana"] is not None
    with pytest.raises(Problem, match="setup_queue_first"):
        await api.channel(boss, _channel("https://nogal.example"))
    state = await api.queue(boss, WEEK)
    assert (state.step, state.queue.name) == ("channel", "Ventas")
    state = await api.channel(boss, _channel("https://nogal.example"))
    assert state.channel is not None
    assert f'data-key="{state.channel.public_key}"' in state.channel.snippet
    assert (state.step, state.first.arrived) == ("first", False)

    queue = next(q for q in (await admin.queues.list_queues(boss)).items if q.name == "Ventas")
    assert len(queue.agents) == 3
    assert boss.actor.user_id in queue.agents
    again = await company.boss()
    mine = await me(again)
    assert (mine.is_agent, mine.roles) == (True, ["administrator", "agent"])
    assert "desk.use" in mine.permissions
    assert (await api.finish(again)).done
    assert (await me(again)).setup.done

    used = LinkUse(token=token_of(urls["Ana"]), password=PASSWORD)
    ana = await use_one_time_link(company.anonymous(), used, Response())
    assert (ana.is_agent, ana.roles) == (True, ["agent"])


async def test_going_back_changes_what_was_made_and_makes_nothing_twice(company: Company) -> None:
    api, boss = admin.setup, await company.boss()
    state = await api.queue(boss, WEEK.model_copy(update={"name": "Ventas web"}))
    assert (state.done, state.queue.name) == (True, "Ventas web")
    state = await api.channel(boss, _channel("https://otra.example"))
    assert state.channel is not None
    assert state.channel.config["allowed_origins"] == ["https://otra.example"]
    state = await api.team(boss, _people("cora"))
    queues = (await admin.queues.list_queues(boss)).items
    assert [q.name for q in queues] == ["Ventas web"]
    assert len(queues[0].agents) == 4
    with pytest.raises(Problem) as taken:
        await api.team(boss, _people("dora", "ana"))
    assert taken.value.fields == {"email": "taken"}
    async with company.db.connection() as conn:
        assert await conn.fetchval("select count(*) from users where name = 'Dora'") == 0


async def test_the_tree_of_the_new_campaign_is_the_starter(company: Company) -> None:
    async with company.db.connection() as conn:
        names = await conn.fetch(
            "select d.name from dispositions d join campaigns c"
            " on c.disposition_set_id = d.set_id where d.parent_id is null order by d.position"
        )
    assert [n["name"] for n in names][:4] == ["Consulta", "Reclamo", "Solicitud", "Incidencia"]


async def test_an_agent_has_no_business_in_the_first_steps(company: Company) -> None:
    ctx = await company.as_("ana@nogal.example")
    with pytest.raises(Problem, match="forbidden"):
        await admin.setup.get_setup(ctx)
    with pytest.raises(Problem, match="forbidden"):
        await admin.setup.finish(ctx)
