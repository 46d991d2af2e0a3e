"""The project's own files, as the structure tests read them. Called by `tests/test_*.py`."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "atiende"
#: Folders that hold no source of ours.
FOREIGN = frozenset(
    {
        ".asterisk",
        ".git",
        ".hypothesis",
        ".venv",
        "node_modules",
        "dist",
        "data",
        "build",
        "generated",
    }
)


def python_files(*folders: Path) -> list[Path]:
    return [path for folder in folders or (PACKAGE,) for path in sorted(folder.rglob("*.py"))]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def all_files() -> Iterator[Path]:
    """Every text file that is, or would be, committed."""
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        if not path.is_file() or FOREIGN & set(parts):
            continue
        if any(part.startswith(".") and part.endswith(("cache", "log", "lock")) for part in parts):
            continue
        yield path


def short(path: Path) -> str:
    return str(path.relative_to(ROOT))
