"""The systemd unit: what it runs, as a machine would read it."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.house.running import atiende

pytestmark = pytest.mark.house


def test_the_unit_is_only_printed_when_asked(place: Path) -> None:
    done = atiende("install-service", "--print", "--data", place / "my data", "--port", "8080")
    assert done.returncode == 0
    assert list(place.iterdir()) == []
    start = next(line for line in done.stdout.splitlines() if line.startswith("ExecStart="))
    assert f'--data "{place}/my data"' in start
    # Tests have no calls; a person has them by default, and the unit says nothing of it.
    assert start.endswith("--host 127.0.0.1 --port 8080 --voice off")
    assert "WantedBy=multi-user.target" in done.stdout
    assert "KillMode=process" in done.stdout


def test_a_users_unit_is_written_and_the_next_step_is_said(place: Path) -> None:
    home = {"XDG_CONFIG_HOME": str(place / "config"), "DATABASE_URL": "postgresql://u:secret@/x"}
    done = atiende("install-service", "--user", "--data", place / "data", **home)
    assert done.returncode == 0, done.stderr
    unit = place / "config" / "systemd" / "user" / "atiende.service"
    assert "systemctl --user enable --now atiende.service" in done.stdout
    assert "loginctl enable-linger" in done.stdout
    assert "secret" not in unit.read_text()
    kept = place / "data" / "service.env"
    assert kept.read_text() == "DATABASE_URL=postgresql://u:secret@/x\n"
    assert kept.stat().st_mode & 0o777 == 0o600


def test_systemd_understands_the_unit(place: Path) -> None:
    """Where systemd is not there to ask, each line must at least be a section or a setting."""
    text = atiende("install-service", "--print", "--data", place / "data").stdout
    (place / "atiende.service").write_text(text)
    if shutil.which("systemd-analyze"):
        done = subprocess.run(
            ["systemd-analyze", "verify", str(place / "atiende.service")],
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Unknown" not in done.stderr
        assert "Failed to parse" not in done.stderr
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert all(line.startswith("[") or "=" in line for line in lines)
