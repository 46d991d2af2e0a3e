"""What README and docs say exists: their commands, their options, the files they point to.

`tests/house/test_docs_run.py` also runs the commands.
"""

import contextlib
import io
import re
import shlex
from pathlib import Path

import pytest

from atiende.cli import COMMANDS, _parser
from tests.documents import MARKERS, blocks, documents, links
from tests.sources import short

ENDLESS = frozenset({"up", "web", "router", "worker"})
OTHER_SUITES = frozenset({"test", "check", "bench", "gallery"})


@pytest.mark.parametrize("path", documents(), ids=short)
def test_the_documented_commands_exist(path: Path) -> None:
    wrong = []
    for block in blocks(path):
        for command in block.commands():
            words = shlex.split(command)
            if words[0] == "./atiende" and (complaint := refused(words[1:])):
                wrong.append(f"{short(path)}:{block.line}: {command}: {complaint}")
    assert wrong == []


@pytest.mark.parametrize("path", documents(), ids=short)
def test_blocks_that_never_end_carry_a_marker(path: Path) -> None:
    wrong = []
    for block in blocks(path):
        where = f"{short(path)}:{block.line}"
        if block.marker not in MARKERS:
            wrong.append(f"{where}: unknown marker {block.marker}")
        for command in block.commands():
            words = shlex.split(command)
            name = words[1] if words[0] == "./atiende" and len(words) > 1 else ""
            endless = name in ENDLESS or (name == "logs" and {"-f", "--follow"} & set(words))
            if endless and block.marker == "":
                wrong.append(f"{where}: {command} never ends")
            if name in OTHER_SUITES and block.marker != "other-suite":
                wrong.append(f"{where}: {command} starts another suite")
    assert wrong == []


@pytest.mark.parametrize("path", documents(), ids=short)
def test_the_files_that_a_document_points_to_exist(path: Path) -> None:
    wrong = []
    for link in links(path):
        target = link.partition("#")[0]
        if target and not re.match(r"[a-z]+:", target) and not (path.parent / target).exists():
            wrong.append(f"{short(path)}: {link}")
    assert wrong == []


def refused(words: list[str]) -> str:
    """Why the command line would not take these words; empty when it would."""
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            _parser("en").parse_args(words)
    except SystemExit as ending:
        if ending.code != 0:
            return said.getvalue().strip().splitlines()[-1]
    return ""


def test_a_command_that_does_not_exist_would_be_found() -> None:
    assert refused(["levitate"])
    assert refused(["up", "--levitate"])
    assert not refused(["up", "--demo"])
    assert set(COMMANDS) > ENDLESS | OTHER_SUITES
