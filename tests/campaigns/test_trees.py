"""Disposition trees: edited whole, archived never deleted; the starters; campaigns."""

from uuid import uuid4

import pytest

from atiende.accounts.api_security import audit
from atiende.campaigns import api, policy_of, trees
from atiende.campaigns.api import NewSet, NodeIn, SetPatch
from atiende.campaigns.trees import FLAGS, REQUIRES, Node, checked
from atiende.core.problem import Problem
from tests.company import Company


def _nodes(*rows: tuple[str, int | None]) -> list[NodeIn]:
    return [NodeIn(name=name, parent=parent) for name, parent in rows]


async def test_a_tree_is_written_and_read_in_its_order(company: Company) -> None:
    boss = await company.boss()
    nodes = _nodes(("Venta", None), ("No interesado", None), ("Precio", 1))
    made = await api.create_set(boss, NewSet(name="Ventas", nodes=nodes))
    assert [n.name for n in made.nodes] == ["Venta", "No interesado", "Precio"]
    assert made.nodes[2].parent_id == made.nodes[1].id
    listed = next(s for s in (await api.list_sets(boss)).items if s.id == made.id)
    assert listed == made


async def test_a_kept_node_keeps_its_id_and_a_dropped_one_is_archived(company: Company) -> None:
    boss = await company.boss()
    made = await api.create_set(
        boss, NewSet(name="Cambios", nodes=_nodes(("A", None), ("B", None), ("C", 1)))
    )
    a, b, c = made.nodes
    nodes = [
        NodeIn(id=b.id, name="B bis", flags=["contact"], requires="note"),
        NodeIn(id=c.id, name="C", parent=b.id),
        NodeIn(name="D", parent=0),
    ]
    patch = SetPatch(version=made.version, nodes=nodes)
    changed = await api.change_set(boss, made.id, patch)
    assert [n.id for n in changed.nodes[:2]] == [b.id, c.id]
    assert [(n.name, n.parent_id) for n in changed.nodes] == [
        ("B bis", None),
        ("C", b.id),
        ("D", b.id),
    ]
    async with company.db.connection() as conn:
        assert await conn.fetchval("select archived_at from dispositions where id = $1", a.id)
    with pytest.raises(Problem, match="changed_meanwhile"):
        await api.change_set(boss, made.id, patch)
    act = (await audit(boss, action="disposition_set.changed")).items[0]
    assert act.before is not None
    assert [n["name"] for n in act.before["nodes"]] == ["A", "B", "C"]
    with pytest.raises(Problem, match="unknown_reference"):
        await api.change_set(
            boss,
            made.id,
            SetPatch(version=changed.version, nodes=[NodeIn(id=uuid4(), name="Ajeno")]),
        )


ID = uuid4()


@pytest.mark.parametrize(
    ("nodes", "key"),
    [
        ([Node("A", parent=0)], "tree_wrong"),
        ([Node("A"), Node("B", parent=2), Node("C", parent=1)], "tree_wrong"),
        ([Node("A", parent=uuid4())], "tree_wrong"),
        ([Node("A", id=ID), Node("B", id=ID)], "tree_wrong"),
        ([Node("A"), Node("a")], "tree_twin"),
        ([Node(str(n), parent=n - 1 if n else None) for n in range(6)], "tree_too_deep"),
        ([Node(str(n)) for n in range(501)], "tree_too_big"),
    ],
)
def test_what_is_no_tree_is_refused(nodes: list[Node], key: str) -> None:
    with pytest.raises(Problem, match=key):
        checked(nodes)


def test_the_starters_are_trees_and_alike_in_both_languages() -> None:
    assert trees.template_codes() == ("care", "sales", "collections")
    for code in trees.template_codes():
        (_, spanish), (_, english) = (
            trees.template_nodes(code, locale) for locale in ("es", "en-US")
        )
        assert checked(spanish) == checked(english)
        for one, other in zip(spanish, english, strict=True):
            assert (one.flags, one.requires) == (other.flags, other.requires)
            assert set(one.flags) <= set(FLAGS)
            assert one.requires in REQUIRES
        parents = {node.parent for node in spanish}
        leaves = [node for i, node in enumerate(spanish) if i not in parents]
        assert all(leaf.flags for leaf in leaves)


async def test_a_starter_may_be_sent_back_as_a_new_set(company: Company) -> None:
    boss = await company.boss()
    for template in (await api.list_templates(boss)).items:
        nodes = [NodeIn.model_validate(node.model_dump()) for node in template.nodes]
        name = f"{template.name} {template.locale}"
        made = await api.create_set(boss, NewSet(name=name, nodes=nodes))
        assert len(made.nodes) == len(template.nodes)


async def test_a_campaign_says_how_its_cases_are_closed(company: Company) -> None:
    boss = await company.boss()
    tree = await api.create_set(boss, NewSet(name="De campaña", nodes=_nodes(("Fin", None))))
    body = api.NewCampaign(name="Atención", disposition_set_id=tree.id, reopen_h=48)
    campaign = await api.create_campaign(boss, body)
    async with company.db.connection() as conn:
        policy = await policy_of(conn, campaign.id)
        assert await policy_of(conn, uuid4()) is None
    assert policy is not None
    assert (policy.disposition_set_id, policy.disposition_required) == (tree.id, True)
    assert policy.reopen.total_seconds() == 48 * 3600
    with pytest.raises(Problem, match="in_use_campaigns"):
        await api.archive_set(boss, tree.id)
    patch = api.CampaignPatch.model_validate({"version": 1, "disposition_set_id": None})
    assert (await api.change_campaign(boss, campaign.id, patch)).disposition_set_id is None
    await api.archive_set(boss, tree.id)
    await api.archive_campaign(boss, campaign.id)


async def test_agents_change_neither_trees_nor_campaigns(company: Company) -> None:
    agent = await company.hire("agente@nogal.example")
    ctx = await company.as_(agent.email)
    with pytest.raises(Problem, match="forbidden"):
        await api.create_set(ctx, NewSet(name="Mía"))
    with pytest.raises(Problem, match="forbidden"):
        await api.list_campaigns(ctx)
