"""What the virtual people say: enough of it, whole, and understood by the other side."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest

from atiende.campaigns.trees import template_nodes
from atiende.demo import papers, talk
from atiende.demo.data import company, customers, email_of, place_of, quick_replies, stranger
from atiende.demo.talk import Dialogue, Place
from atiende.demo.visitors import slip

NOW = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
ALL = [dialogue for team in talk.TEAMS for dialogue in talk.dialogues(team)]
VALUES = talk.values_for("Óscar Iván Montoya", "Valentina Ríos", NOW, ("CO", "Cali", "Calle 1"))
TREES = {each["key"]: each["tree"] for each in company()["campaigns"]}


def leaves(tree: str) -> dict[tuple[str, ...], str]:
    """Each leaf of a starter tree by its path, with what it requires."""
    _, nodes = template_nodes(tree, "es")
    paths: list[tuple[str, ...]] = []
    for node in nodes:
        above = paths[node.parent] if isinstance(node.parent, int) else ()
        paths.append((*above, node.name))
    parents = {node.parent for node in nodes}
    return {paths[n]: node.requires for n, node in enumerate(nodes) if n not in parents}


@pytest.mark.parametrize("team", talk.TEAMS)
def test_each_team_has_thirty_dialogues_of_several_turns(team: str) -> None:
    found = talk.dialogues(team)
    assert len(found) >= 30
    assert len({dialogue.topic for dialogue in found}) == len(found)
    assert all(d.turns[0].who == "customer" and d.of("agent") for d in found)
    assert sum(len(d.of("customer")) >= 2 for d in found) >= len(found) - 1


@pytest.mark.parametrize("dialogue", ALL, ids=lambda d: d.topic)
def test_every_dialogue_ends_and_closes_its_case(dialogue: Dialogue) -> None:
    requires = leaves(TREES[dialogue.team])[dialogue.outcome]
    assert dialogue.turns[-1].who == "customer" or dialogue.outcome[0] == "No contacto"
    assert requires != "note" or dialogue.of("note")
    for turn in dialogue.turns:
        for body in turn.bubbles(VALUES.words):
            assert 0 < len(body) <= 400
            assert "{" not in body
            assert "[" not in body


@pytest.mark.parametrize("dialogue", ALL, ids=lambda d: d.topic)
def test_an_agent_recognises_what_a_visitor_says(dialogue: Dialogue) -> None:
    before: Place | None = None
    for number, turn in enumerate(dialogue.turns):
        if turn.who != "customer":
            continue
        said = talk.filled(turn.text, VALUES.words)
        found = talk.recognised(said, before)
        if found is None:
            assert len(talk.folded(turn.text)) < 2  # "hola" alone tells no story
            continue
        assert (found.dialogue.topic, found.turn) == (dialogue.topic, number)
        before = found


def test_a_stranger_to_every_story_is_not_recognised() -> None:
    assert talk.recognised("¿Venden pasajes a la luna con escala en Saturno?") is None


def test_an_answer_stops_where_the_visitor_speaks_again() -> None:
    dialogue = ALL[0]
    turns, ends = talk.answer(Place(dialogue, 0))
    assert [turn.who for turn in turns] == ["agent", "agent"]
    assert not ends
    last = len(dialogue.turns) - 1
    assert talk.answer(Place(dialogue, last)) == ([], True)


def test_values_are_the_same_for_the_same_person() -> None:
    again = talk.values_for("Óscar Iván Montoya", "Otra Persona", NOW, ("CO", "Cali", "Calle 1"))
    assert again.words["pedido"] == VALUES.words["pedido"]
    assert again.amount == VALUES.amount > 0
    assert VALUES.date > NOW.date().isoformat()


def test_one_moment_please_makes_a_visitor_wait() -> None:
    assert talk.asks_to_wait("Permítame un momento, por favor; estoy revisando su caso.")
    assert not talk.asks_to_wait("¿Me espera un momento?")
    assert not talk.asks_to_wait("Su pedido llega el lunes.")


def test_people_and_quick_replies_are_many_and_distinct() -> None:
    people = customers()
    assert len(people) >= 60
    assert len({email_of(p["name"]) for p in people}) == len(people)
    assert any(p["tier"] == "vip" for p in people)
    assert {p["country"] for p in people} == {"CO", "PE", "MX", "AR"}
    assert len({shortcut for shortcut, _, _ in quick_replies()}) >= 25
    assert place_of("Nadie Conocido") == place_of("Nadie Conocido")
    assert stranger(random.Random(1)) not in {p["name"] for p in people}


def test_files_of_visitors_are_what_they_say() -> None:
    assert papers.photo(random.Random(1)).startswith(b"\x89PNG\r\n")
    paper = papers.receipt(["Señal (1)", "S/ 20"])
    assert paper.startswith(b"%PDF-")
    assert paper.rstrip().endswith(b"%%EOF")


def test_a_slip_changes_two_letters_and_no_more() -> None:
    rng = random.Random(3)
    sent = [slip("Quisiera saber dónde está", rng)[0] for _ in range(200)]
    changed = [text for text in sent if text != "Quisiera saber dónde está"]
    assert changed
    assert all(sorted(t) == sorted("Quisiera saber dónde está") for t in changed)
