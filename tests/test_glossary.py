"""The glossary holds every noun of the domain that names a table or a value of the core."""

import ast
import re

from tests.sources import PACKAGE, ROOT, tree

TABLE = re.compile(r"create table (?:if not exists )?([a-z_]+)\b(?!\s+partition)", re.IGNORECASE)
#: Suffixes of the core's values that say what kind of value it is, not what it is about.
KIND = re.compile(r"(Spec|Row|State)$")
CORE_VALUES = ("specs.py", "records.py")


def glossary_words() -> set[str]:
    words: set[str] = set()
    for line in (ROOT / "GLOSSARY.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("| "):
            words |= set(re.findall(r"[a-z]+", line.split("|")[1].lower()))
    return words


def singular(word: str) -> str:
    for ending, put in (("ies", "y"), ("sses", "ss"), ("xes", "x")):
        if word.endswith(ending):
            return word.removesuffix(ending) + put
    return word.removesuffix("s") if not word.endswith("ss") else word


def unknown(nouns: set[str]) -> list[str]:
    known = glossary_words()
    return sorted(
        noun for noun in nouns if not all(w in known or singular(w) in known for w in noun.split())
    )


def test_every_table_is_in_the_glossary() -> None:
    sql = "\n".join(p.read_text(encoding="utf-8") for p in PACKAGE.rglob("migrations/*.sql"))
    tables = set(TABLE.findall(sql))
    assert tables
    assert unknown({name.replace("_", " ") for name in tables}) == []


def test_every_value_of_the_core_is_in_the_glossary() -> None:
    names = {
        KIND.sub("", node.name)
        for file in CORE_VALUES
        if (PACKAGE / "core" / file).exists()
        for node in tree(PACKAGE / "core" / file).body
        if isinstance(node, ast.ClassDef) and KIND.search(node.name)
    }
    assert unknown({re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower() for name in names}) == []


def test_a_noun_that_nobody_explained_would_be_found() -> None:
    assert unknown({"widgetries", "queue agents", "cases"}) == ["widgetries"]
