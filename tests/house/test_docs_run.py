"""The commands in README and docs, run as a reader would, in a folder of their own.

A block marked `never-ends` is started and must become ready; it goes on while the document's
other blocks run. Blocks marked `other-suite` are not run (`tests/test_docs.py` checks them).
"""

import shlex
import subprocess
from pathlib import Path

import pytest

from tests.documents import Block, blocks, documents
from tests.house.running import Product, environment
from tests.sources import ROOT, short

pytestmark = pytest.mark.house


def runnable(path: Path) -> list[Block]:
    return [block for block in blocks(path) if block.marker != "other-suite"]


@pytest.mark.parametrize("path", [p for p in documents() if runnable(p)], ids=short)
def test_the_documented_commands_run(path: Path, place: Path) -> None:
    (place / "atiende").symlink_to(ROOT / "atiende")
    started: list[Product] = []
    try:
        for block in runnable(path):
            if block.marker == "never-ends":
                started += [begin(command, place) for command in block.commands()]
            else:
                run(block, place)
        for product in started:
            assert product.stop() == 0
    finally:
        for product in started:
            product.end()


def begin(command: str, place: Path) -> Product:
    """Start what never ends; `--data` and `--port` of the test win over the document's."""
    words = shlex.split(command)
    assert words[:2] == ["./atiende", "up"], f"how does one start {command}?"
    options = [*words[2:], "--port", "0"]
    product = Product(place / "data", command=(str(ROOT / "atiende"),), options=options)
    return product.start().ready()


def run(block: Block, place: Path) -> None:
    done = subprocess.run(
        ["bash", "-euc", block.text],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=120,
        cwd=place,
        env=environment(ATIENDE_DATA=str(place / "data"), ATIENDE_PORT="0"),
    )
    where = f"{short(block.path)}:{block.line}"
    assert done.returncode == 0, f"{where}: {done.stdout}{done.stderr}"
