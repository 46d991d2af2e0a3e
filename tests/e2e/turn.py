"""A TURN server of the test's own (coturn), and a wire that drops UDP. As root."""

import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.secure import Machine, run
from tests.house.running import until

REALM, USER, PASSWORD = "atiende", "escritorio", "una-clave-de-prueba"


@dataclass(frozen=True)
class Turn:
    """Where it listens, over TCP alone."""

    address: str

    @property
    def settings(self) -> dict[str, str]:
        """As an administrator sets them."""
        return {
            "ATIENDE_TURN": self.address,
            "ATIENDE_TURN_USER": USER,
            "ATIENDE_TURN_PASSWORD": PASSWORD,
        }


@contextmanager
def without_udp(machine: Machine) -> Iterator[None]:
    """Nothing that is UDP leaves that machine, as behind many an office's firewall."""
    rule = ("ip", "-n", machine.name, "rule", "add", "pref", "1", "ipproto", "udp", "blackhole")
    run(*rule)
    try:
        yield
    finally:
        run(*("del" if word == "add" else word for word in rule))


def _free(host: str) -> int:
    with socket.create_server((host, 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def turn(host: str, folder: Path) -> Iterator[Turn]:
    """Relays from `host` to whoever is asked for, but for this machine's loopback."""
    program = shutil.which("turnserver", path="/usr/bin:/usr/local/bin")
    assert program is not None, "coturn is not installed (.ci/packages)"
    port = _free(host)
    words = [
        program, "-n", "--no-udp", "--no-dtls", "--no-tls", "--no-cli", "--log-file=stdout",
        f"--listening-ip={host}", f"--listening-port={port}", f"--relay-ip={host}",
        "--min-port=18000", "--max-port=18999", "--lt-cred-mech", "--fingerprint",
        f"--realm={REALM}", f"--user={USER}:{PASSWORD}", f"--userdb={folder / 'turn.db'}",
        f"--pidfile={folder / 'turn.pid'}",
    ]  # fmt: skip
    process = subprocess.Popen(
        words, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    said: list[str] = []

    def listen() -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            said.extend(lines)

    threading.Thread(target=listen, daemon=True).start()
    try:
        until(lambda: _answers(host, port), "the TURN server listens", 20)
        yield Turn(f"{host}:{port}")
    finally:
        process.terminate()
        process.wait(20)


def _answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), 1).close()
    except OSError:
        return False
    return True
