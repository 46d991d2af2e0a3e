"""Quick replies."""

import pytest
from pydantic import ValidationError

from atiende.core.problem import Problem
from atiende.knowledge import api, quick_replies
from tests.company import Company


async def test_a_quick_reply_is_made_changed_and_archived(company: Company) -> None:
    boss = await company.boss()
    body = api.NewQuickReply(shortcut="envío", title="Plazo", body="Llega en 3 días.\nGracias.")
    made = await api.create_quick_reply(boss, body)
    patch = api.QuickReplyPatch(version=1, body="Llega en 2 días.")
    changed = await api.change_quick_reply(boss, made.id, patch)
    assert (changed.title, changed.body, changed.version) == ("Plazo", "Llega en 2 días.", 2)
    async with company.db.connection() as conn:
        assert [row["shortcut"] for row in await quick_replies(conn)] == ["envío"]
    with pytest.raises(Problem) as taken:
        await api.create_quick_reply(boss, body)
    assert taken.value.fields == {"shortcut": "taken"}
    await api.archive_quick_reply(boss, made.id)
    assert (await api.list_quick_replies(boss)).items == []


async def test_supervisors_keep_replies_and_agents_do_not(company: Company) -> None:
    chief = await company.hire("supervisora@nogal.example", "supervisor", "team")
    agent = await company.hire("agente@nogal.example")
    body = api.NewQuickReply(shortcut="hola", title="Saludo", body="Buenos días.")
    await api.create_quick_reply(await company.as_(chief.email), body)
    with pytest.raises(Problem, match="forbidden"):
        await api.create_quick_reply(await company.as_(agent.email), body)


@pytest.mark.parametrize("shortcut", ["", "Hola", "dos palabras", "x" * 41, "/hola", "<b>"])
def test_a_shortcut_is_one_small_word(shortcut: str) -> None:
    with pytest.raises(ValidationError):
        api.NewQuickReply(shortcut=shortcut, title="x", body="y")
