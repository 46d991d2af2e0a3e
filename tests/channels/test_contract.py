"""What every channel folder must hold.  A new folder is tested by being there."""

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from atiende.channels import channels
from atiende.channels.base import LANGUAGES, BadPayload
from atiende.channels.webchat import parse, render
from atiende.core.problem import Problem
from tests.sources import PACKAGE

FOLDER = PACKAGE / "channels"
CODES = sorted(path.parent.name for path in FOLDER.glob("*/__init__.py"))
FIXTURES = sorted(FOLDER.glob("*/fixtures/*.json"))


def cases() -> list[Any]:
    found = []
    for path in FIXTURES:
        told = json.loads(path.read_text("utf-8"))
        for case in told["cases"]:
            name = f"{path.parent.parent.name}/{path.stem}: {case['name']}"
            found.append(pytest.param(path.parent.parent.name, told["kind"], case, id=name))
    return found


def play_frame(_: str, case: dict[str, Any]) -> None:
    if "refused" in case:
        with pytest.raises(BadPayload) as wrong:
            parse.frame(case["frame"])
        assert (wrong.value.key, wrong.value.client_id) == (case["refused"], case.get("client_id"))
    else:
        assert msgspec.to_builtins(parse.frame(case["frame"])) == case["gives"]


def play_message(_: str, case: dict[str, Any]) -> None:
    assert render.message(case["row"]) == case["shown"]


def play_config(code: str, case: dict[str, Any]) -> None:
    check = channels()[code].check_config
    if "wrong" in case:
        with pytest.raises(Problem) as wrong:
            check(case["config"])
        assert wrong.value.status == 422
        assert list(wrong.value.fields) == [case["wrong"]]
    else:
        kept = check(case["config"])
        assert {key: kept[key] for key in case["has"]} == case["has"]
        assert check(kept) == kept


PLAYERS = {"frames": play_frame, "messages": play_message, "configs": play_config}


@pytest.mark.parametrize(("code", "kind", "case"), cases())
def test_a_fixture_gives_what_it_says(code: str, kind: str, case: dict[str, Any]) -> None:
    PLAYERS[kind](code, case)


def test_channels_are_found_by_their_folders() -> None:
    assert list(channels()) == CODES


@pytest.mark.parametrize("code", CODES)
def test_a_channel_speaks_both_languages(code: str) -> None:
    channel = channels()[code]
    first, *others = (channel.words[language] for language in LANGUAGES)
    assert all(set(first) == set(other) for other in others)
    assert {f"field.{each.key}" for each in channel.fields} <= set(first)
    assert channel.name("es")
    assert channel.name("xx") == channel.name("es")


@pytest.mark.parametrize("code", CODES)
def test_a_channel_has_a_guide_and_fixtures(code: str) -> None:
    for name in ("README.md", "README.en.md"):
        guide = (FOLDER / code / name).read_text("utf-8")
        assert channels()[code].level in guide, f"{name} says its level"
    assert [path for path in FIXTURES if path.parent.parent.name == code]


@pytest.mark.parametrize("code", CODES)
def test_a_channel_reached_by_webhook_has_its_four_functions(code: str) -> None:
    channel = channels()[code]
    assert (channel.wire is None) == (channel.inbound != "webhook")
    assert channel.weight >= 1
    assert re.fullmatch(r"[a-z][a-z0-9_]*", channel.code)
    assert Path(FOLDER / channel.code).is_dir()
