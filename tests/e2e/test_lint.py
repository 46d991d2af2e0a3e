"""These tests come from outside: only `truth*.py` may look behind the screens (proof.md 4)."""

import ast
import re
from pathlib import Path

import pytest

from tests.sources import tree

HERE = Path(__file__).parent
#: Who only needs an address or the program's own files to stand the stage up.
STAGE = {"stage.py", "shop.py", "secure.py"}
NEVER_IMPORTED = re.compile(
    r"^(httpx|requests|urllib\.request|aiohttp|websockets|asyncpg|psycopg)\b"
)
#: Paths of the API, and SQL.
NEVER_SAID = re.compile(
    r"/api/|/chat/(start|upload|live|config)|\bfetch\(|XMLHttpRequest"
    r"|\b(select|insert|update|delete)\b.+\b(from|into|set|where)\b",
    re.IGNORECASE | re.DOTALL,
)
#: Playwright's own ways round a screen, and its fixed sleep.
NEVER_CALLED = {"wait_for_timeout", "add_cookies", "route", "fulfill", "request"}


def faults(path: Path) -> list[str]:
    found = []
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree(path)):
        line = f"{path.name}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Import):
            found += [f"{line} {a.name}" for a in node.names if NEVER_IMPORTED.match(a.name)]
        elif isinstance(node, ast.ImportFrom) and NEVER_IMPORTED.match(node.module or ""):
            found.append(f"{line} {node.module}")
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) not in docstrings and NEVER_SAID.search(node.value):
                found.append(f"{line} {node.value[:40]!r}")
        elif isinstance(node, ast.Attribute) and node.attr in NEVER_CALLED:
            found.append(f"{line} .{node.attr}")
    return found


def test_nobody_acts_but_through_a_screen() -> None:
    lawful = STAGE | {Path(__file__).name}
    looked = [p for p in sorted(HERE.glob("*.py")) if p.name not in lawful]
    looked = [p for p in looked if not p.name.startswith("truth")]
    assert len(looked) > 8
    assert [fault for path in looked for fault in faults(path)] == []


@pytest.mark.parametrize(
    "line",
    [
        "import httpx",
        "from asyncpg import connect",
        "page.request.post(base + '/api/login')",
        "page.evaluate(\"fetch('x')\")",
        "sql = 'select body from messages'",
        "page.wait_for_timeout(500)",
    ],
)
def test_the_lint_sees_each_way_round_a_screen(line: str, tmp_path: Path) -> None:
    (tmp_path / "round.py").write_text(line)
    assert faults(tmp_path / "round.py") != []
