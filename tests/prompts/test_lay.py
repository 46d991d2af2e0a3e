"""What callers hear lies where Asterisk looks for it, and nothing else does."""

import os
import stat
from pathlib import Path
from typing import Any

from atiende.prompts.lay import CLASSES, Sounds
from atiende.prompts.spoken import LANGUAGES, sentences
from atiende.store import Blobs
from tests.prompts.files import file


def row(kind: str, sound: str, key: str) -> Any:
    return {"kind": kind, "sound": sound, "blob_key": key}


def names(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}


def test_the_products_sentences_are_laid_in_each_language(tmp_path: Path) -> None:
    custom = tmp_path / "data" / "sounds" / "custom"
    (tmp_path / "etc").mkdir()
    (custom / "es").mkdir(parents=True)
    (custom / "es" / "of-an-older-version.opus").write_bytes(b"x")
    (custom / "of-nobody.wav16").write_bytes(b"x")
    Sounds(tmp_path, Blobs(tmp_path / "blobs"))._lay([], first=True)
    wanted = {f"{code}/{name}.opus" for code in LANGUAGES for name in sentences(code)}
    assert names(custom) == wanted


def test_the_companys_come_and_go(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    blobs = Blobs(tmp_path / "blobs")
    key, _ = blobs.put(file())
    sounds = Sounds(tmp_path, blobs)
    rows = [row("prompt", "hola-1", key), row("music", "salsa-2", key)]
    old = os.umask(0o077)
    try:
        assert sounds._lay(rows, first=False)
        assert not sounds._lay(rows, first=False), "the same classes need no reload"
    finally:
        os.umask(old)
    laid = tmp_path / "data/sounds/custom/hola-1.wav16"
    assert laid.read_bytes() == file()
    assert stat.S_IMODE(laid.stat().st_mode) == 0o644, "Asterisk may be another user"
    conf = (tmp_path / "etc" / CLASSES).read_text()
    assert f"[salsa-2]\nmode=files\ndirectory={tmp_path}/data/music/salsa-2\n" in conf
    assert names(tmp_path / "data" / "music") == {"salsa-2/salsa-2.wav16"}
    assert sounds._lay([], first=False)
    assert names(tmp_path / "data") == set()
    assert (tmp_path / "etc" / CLASSES).read_text() == ""
