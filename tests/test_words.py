"""Catalogues: each sentence in both languages, with the same values, and every problem worded."""

import ast
import json
import re
from pathlib import Path

import pytest

from atiende.words import flat
from tests.sources import PACKAGE, ROOT, python_files, short, tree

LANGUAGES = ("es", "en")
PLACEHOLDER = re.compile(r"\{(\w+)[^}]*\}")


def pairs() -> list[tuple[Path, Path]]:
    spanish = [*PACKAGE.rglob("*.es.json"), *(ROOT / "ui").glob("i18n/es.json")]
    spanish += [*(ROOT / "ui").glob("[a-z]*/i18n/es.json"), *PACKAGE.glob("words/es.json")]
    return [(path, path.with_name(path.name.replace("es.json", "en.json"))) for path in spanish]


def read(path: Path) -> dict[str, str]:
    found: dict[str, str] = flat(json.loads(path.read_text(encoding="utf-8")))
    return found


@pytest.mark.parametrize("pair", pairs(), ids=lambda pair: short(pair[0]))
def test_both_languages_have_the_same_sentences(pair: tuple[Path, Path]) -> None:
    spanish, english = read(pair[0]), read(pair[1])
    assert sorted(set(spanish) ^ set(english)) == []
    assert [key for key, text in (spanish | english).items() if not text.strip()] == []


@pytest.mark.parametrize("pair", pairs(), ids=lambda pair: short(pair[0]))
def test_both_languages_take_the_same_values(pair: tuple[Path, Path]) -> None:
    spanish, english = read(pair[0]), read(pair[1])
    wrong = [
        key
        for key in spanish.keys() & english.keys()
        if set(PLACEHOLDER.findall(spanish[key])) != set(PLACEHOLDER.findall(english[key]))
    ]
    assert wrong == []


def test_the_launchers_sentences_exist_in_both_languages() -> None:
    names = [
        re.findall(r"^(W_\w+)=", (PACKAGE / f"words/launcher.{code}.sh").read_text(), re.MULTILINE)
        for code in LANGUAGES
    ]
    used = set(re.findall(r"\$(W_\w+)", (ROOT / "atiende").read_text()))
    assert names[0] == names[1]
    assert used == set(names[0])


def problems() -> dict[str, str]:
    """Each literal key of a raised Problem, and where."""
    found = {}
    for path in python_files():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Problem":
                key = node.args[1] if len(node.args) > 1 else None
                if isinstance(key, ast.Constant):
                    found[str(key.value)] = f"{short(path)}:{node.lineno}"
    return found


def test_every_problem_has_its_words() -> None:
    known: set[str] = set()
    for spanish, _ in pairs():
        known |= set(read(spanish))
    missing = [
        f"{key} ({where})" for key, where in problems().items() if f"problem.{key}" not in known
    ]
    assert missing == []


def test_every_phrase_of_the_command_line_is_used() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in python_files())
    unused = []
    for key in read(PACKAGE / "words" / "cli.es.json"):
        head, _, tail = key.partition(".")
        shown = f'"{tail}"' in code or f"--{tail}" in code or f'"{key}"' in code
        if head in {"help", "problem"} and not shown:
            unused.append(key)
        if head not in {"help", "problem"} and f'"{key}"' not in code:
            unused.append(key)
    assert sorted(set(unused) - {"help.description"}) == []
