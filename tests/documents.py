"""The Markdown of the project: its blocks of commands and its links. Called by the docs' tests.

A block of commands is fenced with `sh`. After that word may stand a marker: `never-ends` (it
runs until it is stopped) or `other-suite` (it starts tests, or needs what a test cannot have).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.sources import all_files

FENCE = re.compile(r"^```(\w+)?[ ]*([\w-]*)[ ]*$")
LINK = re.compile(r"(?<!\\)\[[^\]]*\]\(([^)\s]+)\)")
SHELL = frozenset({"sh", "bash", "shell", "console"})
MARKERS = frozenset({"", "never-ends", "other-suite"})


@dataclass(frozen=True)
class Block:
    """One block of commands: where it stands, its marker, its lines."""

    path: Path
    line: int
    marker: str
    text: str

    def commands(self) -> list[str]:
        """Each command on one line, without comments."""
        joined = self.text.replace("\\\n", " ")
        lines = [re.sub(r"(^|\s)#.*$", "", line).strip() for line in joined.splitlines()]
        return [line for line in lines if line]


def documents() -> list[Path]:
    return [path for path in all_files() if path.suffix == ".md"]


def blocks(path: Path) -> Iterator[Block]:
    began, marker, language = 0, "", ""
    lines: list[str] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        found = FENCE.match(line.strip())
        if found is None:
            lines.append(line)
        elif began == 0:
            began, language, marker, lines = number, found[1] or "", found[2], []
        else:
            if language in SHELL:
                yield Block(path, began, marker, "\n".join(lines))
            began = 0


def links(path: Path) -> list[str]:
    return LINK.findall(path.read_text(encoding="utf-8"))
