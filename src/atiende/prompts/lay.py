"""Puts what callers hear where Asterisk looks for it: at its start, and when something changes.

Below Asterisk's folder: ``data/sounds/custom/<language>/<name>.opus`` are the product's own
sentences, ``data/sounds/custom/<sound>.wav16`` the company's, ``data/music/<sound>/`` a class of
music on hold each, named in ``etc/musiconhold_own.conf``, which ``musiconhold.conf`` includes.
"""

from __future__ import annotations

import asyncio
import filecmp
import shutil
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from atiende.prompts.spoken import LANGUAGES, SUFFIX, audio, sentences
from atiende.store import Blobs, Database, Row, load_queries

Q = load_queries("atiende.prompts")
#: 16-bit PCM, one channel, 16 kHz, with a header: to Asterisk.
WIDE = ".wav16"
CLASSES = "musiconhold_own.conf"
#: The module that reads the classes of music.
MUSIC_MODULE = "res_musiconhold.so"


@dataclass
class Sounds:
    """What one Asterisk has been given. ``folder`` is its own."""

    folder: Path
    blobs: Blobs
    laid: dict[str, tuple[str, str]] | None = field(default=None)

    async def look(self, db: Database, reload: Callable[[], Awaitable[object]]) -> None:
        """Lays what is new, removes what is gone; ``reload`` when the classes of music changed."""
        async with db.connection() as conn:
            rows = await conn.fetch(Q["laid"])
        wanted = {row["sound"]: (row["kind"], row["blob_key"]) for row in rows}
        if wanted == self.laid:
            return
        changed = await asyncio.to_thread(self._lay, rows, first=self.laid is None)
        if changed:
            await reload()
        self.laid = wanted

    def _lay(self, rows: Sequence[Row], *, first: bool) -> bool:
        custom, music = self._custom, self.folder / "data" / "music"
        if first:
            lay_own(custom)
        files = {custom / f"{r['sound']}{WIDE}": r for r in rows if r["kind"] == "prompt"}
        classes = {r["sound"]: r for r in rows if r["kind"] == "music"}
        files |= {music / name / f"{name}{WIDE}": row for name, row in classes.items()}
        for path, row in files.items():
            _copy(self.blobs.path(row["blob_key"]), path)
        for path in (*custom.glob(f"*{WIDE}"), *music.glob(f"*/*{WIDE}")):
            if path not in files:
                path.unlink(missing_ok=True)
        text = "".join(
            f"[{name}]\nmode=files\ndirectory={music / name}\n\n" for name in sorted(classes)
        )
        return _write(self.folder / "etc" / CLASSES, text)

    @property
    def _custom(self) -> Path:
        return self.folder / "data" / "sounds" / "custom"


def lay_own(custom: Path) -> None:
    """The product's own sentences, in each language, and none of an older version's."""
    for language in LANGUAGES:
        names = sentences(language)
        for name in names:
            source = audio(language, name)
            if source.exists():
                _copy(source, custom / language / source.name)
        for path in (custom / language).glob(f"*{SUFFIX}"):
            if path.name.removesuffix(SUFFIX) not in names:
                path.unlink()


def _copy(source: Path, target: Path) -> None:
    """Whole or not at all; what stands there already is left alone."""
    if target.exists() and filecmp.cmp(source, target, shallow=False):
        return
    _folder(target)
    half = target.with_suffix(".part")
    shutil.copyfile(source, half)
    half.chmod(0o644)
    half.replace(target)


def _write(path: Path, text: str) -> bool:
    """Whether it said something else before."""
    before = path.read_text() if path.exists() else ""
    if before == text:
        return False
    half = path.with_suffix(".part")
    half.write_text(text)
    half.chmod(0o644)
    half.replace(path)
    return True


def _folder(target: Path) -> None:
    """Asterisk may run as another, lesser user."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.parent.chmod(0o755)
