"""The project's own gate: `check`, `test`, `bench`, `gallery`. Called by the command line.

All of them need the complete source, beside this package. Each step is a program of its own; the
exit code says whether all of them passed.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from atiende.core.problem import Problem
from atiende.house.words import speaker
from atiende.settings import Settings

ROOT = Path(__file__).parents[3]
#: Tests without sockets, and those of the house's structure: quick enough for every commit.
QUICK_TESTS = ("tests/core", "tests/channels", "tests/test_*.py")
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def check(settings: Settings, arguments: list[str]) -> int:
    """Format, lint, types, screens, structure, quick tests: all are run, then judged."""
    _need_source("check")
    say = speaker(settings.language)
    python = sys.executable
    quick = [str(path) for name in QUICK_TESTS for path in sorted(ROOT.glob(name))]
    steps: list[tuple[str, list[str]]] = [
        ("ruff format", [python, "-m", "ruff", "format", "--check", "."]),
        ("ruff", [python, "-m", "ruff", "check", "."]),
        ("mypy --strict", [python, "-m", "mypy"]),
        *_screen_steps("svelte-check", "check"),
        ("pytest", [python, "-m", "pytest", "-q", *quick, *arguments]),
    ]
    began = time.monotonic()
    failed = []
    for name, command in steps:
        say("check.step", name=name)
        if _run(command, cwd=_folder(command)) != 0:
            failed.append(name)
    if failed:
        say("check.failed", names=", ".join(failed))
        return 1
    say("check.ok", seconds=int(time.monotonic() - began))
    return 0


def test(settings: Settings, arguments: list[str]) -> int:
    """Every test; the last line is pytest's own."""
    _need_source("test")
    say = speaker(settings.language)
    _system_packages(settings)
    outcome = 0
    if not arguments:
        for _, command in _screen_steps("vitest", "test"):
            say("test.ui")
            outcome = _run(command, cwd=_folder(command)) or outcome
        say("test.python")
        workers = os.environ.get("ATIENDE_TEST_WORKERS", "2")
        # A benchmark beside other tests measures those: they run alone, first.
        alone = [sys.executable, "-m", "pytest", "-q", "tests/bench"]
        outcome = _run(alone) or outcome
        arguments = ["-q", "-n", workers, "--dist", "loadfile", "--ignore", "tests/bench"]
    return _run([sys.executable, "-m", "pytest", *arguments]) or outcome


def bench(settings: Settings, arguments: list[str]) -> int:
    """`bench NAME [--quick] [--json]`: one JSON line."""
    _need_source("bench")
    known = sorted(p.stem for p in (ROOT / "bench").glob("[a-z]*.py"))
    name = arguments[0] if arguments else ""
    if name not in known:
        raise Problem(400, "bench_unknown", name=name, known=", ".join(known))
    return _run([sys.executable, "-m", f"bench.{name}", *arguments[1:]])


def gallery(settings: Settings, arguments: list[str]) -> int:
    """Photograph every screen and state from the demo's data."""
    _need_source("gallery")
    if not (ROOT / "tests" / "gallery").is_dir():
        raise Problem(404, "no_such_command", name="gallery")
    _system_packages(settings)
    return _run([sys.executable, "-m", "tests.gallery", *arguments])


def find_chromium() -> str | None:
    if given := os.environ.get("ATIENDE_CHROMIUM"):
        return given
    return next((path for name in CHROMIUM if (path := shutil.which(name))), None)


def _system_packages(settings: Settings) -> None:
    """What the tests need of the system is installed when we may; else one line says what."""
    missing = missing_packages()
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        speaker(settings.language)("test.packages", names=" ".join(missing))
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for step in (["update", "-qq"], ["install", "-qq", "-y", *missing]):
            subprocess.run(["apt-get", *step], env=quiet, stdin=subprocess.DEVNULL, check=False)
        missing = missing_packages()
    if missing:
        raise Problem(500, "packages_missing", names=" ".join(missing))


def missing_packages() -> list[str]:
    """Packages of `.ci/packages` whose program or path is not there."""
    found = []
    for line in (ROOT / ".ci" / "packages").read_text(encoding="utf-8").splitlines():
        words = line.partition("#")[0].split()
        if len(words) == 2 and not _is_there(words[1]):
            found.append(words[0])
    return found


def _is_there(proof: str) -> bool:
    if proof == "-" or Path(proof).is_absolute():
        return proof == "-" or Path(proof).exists()
    # Ordinary users do not always have the administrator's folders in their path.
    places = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
    if proof == "chromium":
        return find_chromium() is not None
    return shutil.which(proof, path=places) is not None


def _screen_steps(name: str, script: str) -> list[tuple[str, list[str]]]:
    if not (ROOT / "ui" / "package.json").exists():
        return []
    return [(name, [*npm(), "run", "--silent", script])]


def npm() -> list[str]:
    """npm of the Node that the launcher chose, which it puts first in PATH."""
    found = shutil.which("npm")
    if found is None:
        raise Problem(500, "tool_missing", name="npm")
    return [found]


def _folder(command: Sequence[str]) -> Path:
    return ROOT / "ui" if "--silent" in command else ROOT


def _run(command: Sequence[str], cwd: Path = ROOT) -> int:
    sys.stdout.flush()
    environ = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    return subprocess.run(
        command, cwd=cwd, stdin=subprocess.DEVNULL, check=False, env=environ
    ).returncode


def _need_source(name: str) -> None:
    if not (ROOT / "pyproject.toml").exists():
        raise Problem(400, "needs_checkout", name=name)
