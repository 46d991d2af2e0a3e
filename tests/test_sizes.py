"""Sizes and habits: what keeps each file readable by a person (architecture.md, house rules)."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.sources import PACKAGE, ROOT, all_files, python_files, short, tree

MAX_LINES, MAX_SCREEN_LINES, MAX_FUNCTION, MAX_ARGUMENTS = 400, 250, 60, 6
OURS = (PACKAGE, ROOT / "tests", ROOT / "bench")
SCREENS = (".svelte", ".ts")
#: path (or path:function) -> why it may be longer.
EXCEPTIONS: dict[str, str] = {}
VAGUE = re.compile(r"(^|_)(utils?|helpers?|common|misc|managers?|services?)(_|$)")
#: Hosts of package registries and folders of the machine that built this: never in our files.
STRANGE = re.compile(
    r"files\.python" + r"hosted|py" + r"pi\.org|registry\.npm" + r"js|deb\.debian" + r"\.org"
    r"|security\.debian" + r"\.org|/work/" + r"(main|shared)"
)
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
TEXT = {
    ".py", ".sql", ".md", ".toml", ".json", ".sh", ".ts", ".svelte", ".css", ".html", ".lock",
    ".txt", ".yml", ".mjs", "",
}  # fmt: skip


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_files_are_short() -> None:
    long = []
    for path in python_files(*OURS):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > MAX_LINES and short(path) not in EXCEPTIONS:
            long.append(f"{short(path)}: {lines} lines")
    for path in all_files():
        if path.suffix in SCREENS and path.is_relative_to(ROOT / "ui"):
            lines = len(path.read_text(encoding="utf-8").splitlines())
            if lines > MAX_SCREEN_LINES and short(path) not in EXCEPTIONS:
                long.append(f"{short(path)}: {lines} lines")
    assert long == []


def test_functions_are_short_and_take_few_arguments() -> None:
    wrong = []
    for path in python_files(*OURS):
        for node in functions(path):
            name = f"{short(path)}:{node.name}"
            size = (node.end_lineno or node.lineno) - node.lineno + 1
            if size > MAX_FUNCTION and name not in EXCEPTIONS:
                wrong.append(f"{name}: {size} lines")
            count = len(node.args.posonlyargs) + len(node.args.args)
            fixture = path.is_relative_to(ROOT / "tests")
            if count > MAX_ARGUMENTS and not fixture and name not in EXCEPTIONS:
                wrong.append(f"{name}: {count} positional arguments")
    assert wrong == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        short(p)
        for p in python_files(*OURS)
        if p.read_text(encoding="utf-8").strip() and not ast.get_docstring(tree(p))
    ]
    assert silent == []


def test_state_machines_open_with_a_theory_of_operation() -> None:
    machines = [
        path
        for path in python_files()
        if any(
            isinstance(node, ast.AnnAssign | ast.Assign)
            and "TRANSITIONS" in ast.unparse(node).split("=")[0]
            for node in tree(path).body
        )
    ]
    silent = [
        short(path)
        for path in machines
        if "theory of operation" not in (ast.get_docstring(tree(path)) or "").lower()
    ]
    assert silent == []


def test_no_file_has_a_vague_name() -> None:
    vague = [short(path) for path in python_files(*OURS) if VAGUE.search(path.stem)]
    assert vague == []


def test_a_broad_except_stands_only_where_loops_and_calls_are_kept_apart() -> None:
    broad = []
    for path in python_files():
        for node in functions(path):
            for inner in ast.walk(node):
                if isinstance(inner, ast.ExceptHandler) and catches_everything(inner):
                    broad.append((short(path), node.name))
    assert [place for place in broad if place[1] not in ("run_forever", "apart")] == []
    assert len(broad) <= 2


def catches_everything(handler: ast.ExceptHandler) -> bool:
    """A handler that raises again catches nothing for good: it only cleans up."""
    if any(isinstance(node, ast.Raise) and node.exc is None for node in ast.walk(handler)):
        return False
    names = ast.unparse(handler.type) if handler.type else "BaseException"
    return bool(re.search(r"\b(Base)?Exception\b", names))


def test_logs_take_values_never_formatted_text() -> None:
    wrong = []
    for path in python_files():
        for node in ast.walk(tree(path)):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and ast.unparse(node.func.value) in {"log", "logger", "_log"}
                and node.args
                and not isinstance(node.args[0], ast.Constant)
            ):
                wrong.append(f"{short(path)}:{node.lineno}")
    assert wrong == []


def test_tests_never_sleep_for_a_fixed_time() -> None:
    wrong = [
        f"{short(path)}:{node.lineno}"
        for path in python_files(ROOT / "tests")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "time.sleep"
    ]
    assert wrong == []


def test_no_file_names_a_registry_nor_the_machine_it_was_made_on() -> None:
    wrong = []
    for path in all_files():
        if path.suffix in TEXT:
            for number, line in enumerate(path.read_text(errors="ignore").splitlines(), 1):
                if STRANGE.search(line):
                    wrong.append(f"{short(path)}:{number}")
    assert wrong == []


def test_nothing_is_left_unfinished() -> None:
    wrong = [
        f"{short(path)}:{number}"
        for path in all_files()
        if path.suffix in {".py", ".sql", ".ts", ".svelte", ".sh", ".css"}
        for number, line in enumerate(path.read_text(errors="ignore").splitlines(), 1)
        if UNFINISHED.search(line)
    ]
    assert wrong == []


def test_silenced_checks_say_which() -> None:
    bare = re.compile(r"#\s*(type:\s*ignore|noqa)(?!\[|: )")
    wrong = [
        f"{short(path)}:{number}"
        for path in python_files(*OURS)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if bare.search(line) and "re.compile" not in line
    ]
    assert wrong == []


def test_raw_colours_stand_only_in_the_tokens() -> None:
    colour = re.compile(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(")
    wrong = []
    for path in all_files():
        inside = path.is_relative_to(ROOT / "ui") and path.suffix in {".svelte", ".css"}
        if inside and path.name != "tokens.css":
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                if colour.search(line) and "url(#" not in line and 'href="#' not in line:
                    wrong.append(f"{short(path)}:{number}")
    assert wrong == []
