"""The launcher: one sentence for each thing that a machine may lack, and nothing half-made."""

import hashlib
import os
import shutil
import stat
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.house.running import environment
from tests.sources import ROOT

pytestmark = pytest.mark.house

KEPT = ("atiende", "requirements.lock", "requirements-dev.lock", "requirements-node.lock", "src")


@pytest.fixture
def checkout(place: Path) -> Path:
    """A checkout of its own, without an environment and without screens to build."""
    folder = place / "checkout"
    folder.mkdir()
    for name in KEPT:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, folder / name)
    return folder


def launch(checkout: Path, *words: str, **more: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(checkout / "atiende"), *words],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=120,
        env=environment(HOME=str(checkout / "home"), **more),
        cwd="/",
    )


def fake_python(folder: Path, version: str, *, venv: bool) -> Path:
    """A Python that says another version, or lacks the modules that make environments."""
    path = folder / "python3"
    lines = [
        "#!/bin/sh",
        'case "$*" in',
        f"  *version_info*) exit {0 if version >= '3.11' else 1} ;;",
        f"  *ensurepip*) exit {0 if venv else 1} ;;",
        "esac",
        f'exec {sys.executable} "$@"',
    ]
    path.write_text("\n".join(lines) + "\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_a_python_that_is_too_old_is_said_in_one_sentence(checkout: Path, place: Path) -> None:
    old = fake_python(place, "3.10", venv=True)
    done = launch(checkout, "status", ATIENDE_PYTHON=str(old))
    assert done.returncode == 1
    assert done.stderr.startswith("atiende: ATIENDE_PYTHON (")
    assert len(done.stderr.splitlines()) == 1
    assert not (checkout / ".venv").exists()


def test_no_python_at_all_is_said_in_one_sentence(checkout: Path, place: Path) -> None:
    tools = place / "bin"
    tools.mkdir()
    for name in ("bash", "env", "dirname", "readlink", "mkdir", "flock", "sha256sum", "grep"):
        found = shutil.which(name)
        assert found is not None
        (tools / name).symlink_to(found)
    done = launch(checkout, "status", PATH=str(tools), ATIENDE_LANG="en")
    assert done.returncode == 1
    assert "Python 3.11, 3.12 or 3.13 is needed" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_python_without_venv_is_said_in_one_sentence(checkout: Path, place: Path) -> None:
    poor = fake_python(place, "3.12", venv=False)
    done = launch(checkout, "status", ATIENDE_PYTHON=str(poor))
    assert done.returncode == 1
    assert "python3-venv" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (checkout / ".venv").exists()


def test_libraries_that_cannot_be_had_leave_nothing_half_made(checkout: Path) -> None:
    (checkout / "requirements.lock").write_text("msgspec==0.22.0 --hash=sha256:" + "0" * 64 + "\n")
    done = launch(checkout, "status")
    assert done.returncode == 1
    assert "no se pudo preparar las bibliotecas del servidor" in done.stderr
    assert not (checkout / ".venv").exists()


def test_a_checkout_that_cannot_be_written_is_served_from_another_folder(
    checkout: Path, place: Path
) -> None:
    """Root may write anywhere, so the folder is named, as anybody may."""
    environment_of_ours(place / "elsewhere" / ".venv", checkout)
    done = launch(checkout, "status", ATIENDE_HOME=str(place / "elsewhere"))
    assert str(place / "elsewhere" / "data") in done.stdout, done.stderr
    assert done.returncode == 3
    assert not (checkout / ".venv").exists()


def test_without_a_node_of_the_system_the_screens_are_built_by_the_one_brought_along(
    checkout: Path, place: Path
) -> None:
    ui, held = checkout / "ui", ROOT / "ui" / "node_modules"
    shutil.copytree(ROOT / "ui", ui, ignore=shutil.ignore_patterns("dist", "node_modules"))
    subprocess.run(["cp", "-al", held, ui / "node_modules"], check=True)
    (ui / "node_modules" / ".package-lock.json").touch()
    environment_of_ours(checkout / ".venv", checkout, pip=True)
    tools = place / "bin"
    tools.mkdir()
    for folder in reversed(os.environ["PATH"].split(":")):
        for program in Path(folder).glob("*"):
            if program.name not in {"node", "npm", "npx", "corepack"}:
                (tools / program.name).unlink(missing_ok=True)
                (tools / program.name).symlink_to(program)
    done = launch(checkout, "web", "--help", PATH=str(tools))
    assert done.returncode == 0, done.stderr
    assert (checkout / "ui/dist/.made-from").exists()


def environment_of_ours(venv: Path, checkout: Path, *, pip: bool = False) -> None:
    """An environment as the launcher leaves it, its libraries those that run this test."""
    bare = () if pip else ("--without-pip",)
    subprocess.run([sys.executable, "-m", "venv", *bare, str(venv)], check=True)
    inside = next(venv.glob("lib/python*/site-packages"))
    libraries = sysconfig.get_path("purelib")
    (inside / "here.pth").write_text(f"{checkout / 'src'}\n{libraries}\n")
    locked = hashlib.sha256((checkout / "requirements.lock").read_bytes()).hexdigest()
    (venv / ".made-from").write_text(f"{checkout} {locked}  -\n")


def test_a_home_that_cannot_be_made_is_said_in_one_sentence(checkout: Path) -> None:
    done = launch(checkout, "status", ATIENDE_HOME=os.devnull + "/home")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "ATIENDE_HOME" in done.stderr
