"""The order of imports, and the purity of what must be pure (architecture.md in one test)."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from atiende.channels.base import Media
from tests.sources import PACKAGE, python_files, short, tree

#: Lowest first. A module imports only what stands before it, or its own slice.
ORDER = (
    "core words settings store channels engines accounts customers knowledge campaigns cases "
    "routing recordings prompts calls flows feedback quality workforce assist reports jobs web "
    "demo boot house cli __main__"
).split()
#: Slices are entered only through their `__init__`; core and engines are read file by file.
OPEN = frozenset({"core", "settings", "words", "house", "web", "jobs", "demo", "boot", "cli"})
#: (module, what it may reach behind a door, why): each a decision that somebody took.
BEHIND_DOORS = {
    ("house", "engines.cluster"): "backup and restore use the cluster's own tools",
}
#: A channel whose other end is our own program has its server side among the sockets of web/; the
#: telephone's, which asks the router, is a slice of its own.
SERVED = {
    "webchat": tuple(PACKAGE / "web" / f"chat{end}.py" for end in ("", "_live", "_hub", "_try"))
}
SERVERS = frozenset({"web", "calls", "prompts"})
#: A channel that bears the name of its media group: the group is spoken of everywhere.
GROUPS = frozenset(get_args(Media))
#: What core may import: all of it without clock, randomness, files, sockets or threads.
PURE = frozenset(
    "abc bisect collections dataclasses datetime enum fractions functools heapq itertools "
    "__future__ math operator re statistics string types typing unicodedata zoneinfo "
    "typing_extensions uuid".split()
)
#: `parse` and `render` also read the payloads that channels send.
PURE_PAYLOADS = PURE | frozenset(
    {"base64", "email", "hashlib", "hmac", "html", "json", "msgspec", "urllib.parse"}
)
IMPURE_CALLS = frozenset({"open", "print", "input", "exec", "eval", "now", "utcnow", "today"})


def imports(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            if node.module in {"atiende", "atiende.channels"}:
                yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)
            else:
                yield node.module, node.lineno


def slice_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def pure_files() -> Iterator[tuple[Path, frozenset[str]]]:
    for path in python_files(PACKAGE / "core"):
        yield path, PURE
    for name in (
        "parse.py",
        "render.py",
        "call.py",
        "calls.py",
        "recording.py",
        "outgoing.py",
        "outcome.py",
        "announce.py",
        "waiting.py",
        "legs.py",
    ):
        for path in sorted((PACKAGE / "channels").rglob(name)):
            yield path, PURE_PAYLOADS


def test_each_slice_imports_only_what_stands_before_it() -> None:
    wrong = []
    for path in python_files():
        here = slice_of(path)
        if here == "__init__":
            continue
        assert here in ORDER, f"{here} has no place in the order of imports"
        for name, line in imports(path):
            target = name.split(".")[1] if name.startswith("atiende.") else here
            if target in ORDER and ORDER.index(target) > ORDER.index(here):
                wrong.append(f"{short(path)}:{line} imports {name}")
    assert wrong == []


def test_a_slice_is_entered_through_its_door() -> None:
    wrong = []
    for path in python_files():
        here = slice_of(path)
        for name, line in imports(path):
            parts = name.split(".")
            if parts[0] != "atiende" or len(parts) < 3 or parts[1] in OPEN or parts[1] == here:
                continue
            if parts[1] == "channels" and (len(parts) == 3 or here in SERVERS):
                continue
            if here == "web" and (parts[2].startswith("api") or parts[2] == "admin"):
                continue  # routes.py names the handlers; nothing else of a slice is open
            if (here, ".".join(parts[1:])) not in BEHIND_DOORS:
                wrong.append(f"{short(path)}:{line} reaches behind the door: {name}")
    assert wrong == []


def test_channels_know_only_their_base() -> None:
    wrong = []
    for path in python_files(PACKAGE / "channels"):
        parts = path.relative_to(PACKAGE / "channels").parts
        for name, line in imports(path):
            inside = name.startswith("atiende.channels.") and len(parts) > 1
            if inside and name.split(".")[2] not in {"base", "files", "text", parts[0]}:
                wrong.append(f"{short(path)}:{line} imports {name}")
    assert wrong == []


def test_what_must_be_pure_imports_nothing_impure() -> None:
    wrong = []
    for path, allowed in pure_files():
        for name, line in imports(path):
            top = name.split(".")[0]
            if top != "atiende" and not {top, name} & allowed:
                wrong.append(f"{short(path)}:{line} imports {name}")
    assert wrong == []
    assert PURE - {"__future__", "typing_extensions"} <= sys.stdlib_module_names


def test_what_must_be_pure_asks_no_clock_and_no_file() -> None:
    wrong = []
    for path, _ in pure_files():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.AsyncFunctionDef | ast.Await):
                wrong.append(f"{short(path)}:{node.lineno} is asynchronous")
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
                if name in IMPURE_CALLS:
                    wrong.append(f"{short(path)}:{node.lineno} calls {name}()")
    assert wrong == []


def test_an_impure_import_would_be_found(tmp_path: Path) -> None:
    """The negative control: the reader sees each spelling of an import."""
    file = tmp_path / "impure.py"
    file.write_text("import random\nfrom time import time\nfrom atiende import web\n")
    assert [name for name, _ in imports(file)] == ["random", "time", "atiende.web"]


def channel_names() -> list[str]:
    return sorted(p.parent.name for p in (PACKAGE / "channels").glob("*/__init__.py"))


def test_a_channels_name_is_spelled_only_in_its_own_places() -> None:
    wrong = []
    for channel in set(channel_names()) - GROUPS:
        own = (
            PACKAGE / "channels" / channel,
            PACKAGE / "demo" / "providers" / channel,
            *SERVED.get(channel, ()),
        )
        for path in python_files():
            if any(path.is_relative_to(place) for place in own):
                continue
            wrong += [f"{short(path)}:{line} spells {channel}" for line in spelled(path, channel)]
    assert wrong == []


def test_a_channel_named_as_its_media_group_is_reached_only_by_its_server() -> None:
    wrong = []
    for channel in set(channel_names()) & GROUPS:
        for path in python_files():
            if slice_of(path) in {"channels", *SERVERS}:
                continue
            for name, line in imports(path):
                if name.startswith(f"atiende.channels.{channel}"):
                    wrong.append(f"{short(path)}:{line} imports {name}")
    assert wrong == []


def spelled(path: Path, word: str) -> Iterator[int]:
    """Lines where code (not a docstring) says the word, as a string or as a name."""
    lectures = {
        id(node.body[0].value)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if word in node.value.lower() and id(node) not in lectures:
                yield node.lineno
        elif isinstance(node, ast.ImportFrom | ast.Import):
            names = [alias.name for alias in node.names]
            if any(word in name for name in [*names, getattr(node, "module", None) or ""]):
                yield node.lineno
