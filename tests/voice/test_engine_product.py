"""The exchange as part of the product: started beside it, adopted, kept by restart, ended."""

import os
import shutil
import signal
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from atiende.engines.asterisk import Runtime, living_pid
from tests.house.running import Product, atiende, in_folder, until
from tests.voice.conftest import shared_settings

pytestmark = pytest.mark.house

Make = Callable[..., Product]


@pytest.fixture(scope="module")
def prepared() -> Iterator[Path]:
    """A data folder that has been started once, without calls: the tests begin from a copy."""
    folder = Path(tempfile.mkdtemp(prefix="av-"))
    first = Product(folder / "data")
    try:
        first.start().ready()
        assert first.stop() == 0, first.text
        yield folder / "data"
    finally:
        first.end()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def make(place: Path, prepared: Path, asterisk_runtime: Runtime) -> Iterator[Make]:
    """Makes products with calls in `place`; ends them."""
    home = str(shared_settings(place).asterisk_home)
    made: list[Product] = []

    def build(**more: str) -> Product:
        if not (place / "data").exists():
            shutil.copytree(prepared, place / "data")
        ours = {"ATIENDE_ASTERISK_DIR": home, "ATIENDE_VOICE": "on", "ATIENDE_SIP_PORT": "0"}
        kept = {k: v for k, v in os.environ.items() if k == "ATIENDE_ASTERISK"}
        made.append(Product(place / "data", more={**kept, **ours, **more}))
        return made[-1]

    yield build
    for each in made:
        each.end()


def voice_of(product: Product) -> str:
    return str(product.get().json()["components"]["voice"]["status"])


def test_it_starts_with_the_product_is_seen_and_ends_with_it(make: Make) -> None:
    running = make(ATIENDE_VOICE="auto").start().ready()
    until(lambda: voice_of(running) == "ok", "calls are ready")
    assert "Voz lista: SIP en 127.0.0.1:" in running.text
    assert running.get().status_code == 200
    exchange = living_pid(running.settings)
    assert exchange in [process.pid for process in in_folder(running.data)]
    assert running.stop() == 0
    assert living_pid(running.settings) == 0
    assert in_folder(running.data) == []


def test_restart_keeps_the_exchange_and_down_ends_it(make: Make) -> None:
    running = make().start().ready()
    before = living_pid(running.settings)
    assert before
    done = atiende("restart", "--data", running.data)
    assert done.returncode == 0, done.stderr
    until(lambda: voice_of(running) == "ok", "calls are ready again")
    assert living_pid(running.settings) == before
    assert "La central de llamadas seguía en marcha" in running.text
    assert atiende("down", "--data", running.data).returncode == 0
    assert running.wait() == 0
    assert in_folder(running.data) == []


def test_after_kill_9_the_exchange_is_told_by_status_and_adopted(make: Make) -> None:
    first = make().start().ready()
    before = living_pid(first.settings)
    first.kill()
    assert living_pid(first.settings) == before
    status = atiende("status", "--data", first.data)
    assert status.returncode == 3
    assert f"(proceso {before})" in status.stdout
    second = make().start().ready()
    assert living_pid(second.settings) == before
    assert voice_of(second) == "ok"
    second.kill()
    assert atiende("down", "--data", second.data).returncode == 0
    assert in_folder(second.data) == []


def test_killed_it_comes_back_while_the_product_serves(make: Make) -> None:
    running = make().start().ready()
    before = living_pid(running.settings)
    os.kill(before, signal.SIGKILL)
    until(lambda: living_pid(running.settings) not in {0, before}, "another exchange lives")
    until(lambda: voice_of(running) == "ok", "it answers")
    assert running.stop() == 0
    assert in_folder(running.data) == []


def test_without_calls_the_product_is_well_and_an_old_exchange_is_ended(make: Make) -> None:
    first = make().start().ready()
    assert living_pid(first.settings)
    first.kill()
    second = make(ATIENDE_VOICE="off").start().ready()
    until(lambda: living_pid(second.settings) == 0, "the exchange is ended")
    answer = second.get()
    assert (answer.status_code, voice_of(second)) == (200, "off")
    assert second.stop() == 0


@pytest.mark.parametrize("wanted", ["auto", "on"])
def test_where_no_asterisk_can_be_had_one_sentence_says_why(
    make: Make, place: Path, wanted: str
) -> None:
    nothing = {"ATIENDE_ASTERISK": "/bin/true", "ATIENDE_VOICE": wanted}
    running = make(**nothing).start()
    sentence = "ATIENDE_ASTERISK (/bin/true) no es un Asterisk que se pueda ejecutar."
    if wanted == "on":
        assert running.wait() == 1
        assert running.text.endswith(f"atiende: {sentence}")
        assert in_folder(running.data) == []
        return
    running.ready()
    until(lambda: sentence in running.text, "the sentence is said")
    assert f"Sin llamadas por ahora: {sentence} Todo lo demás funciona." in running.text
    assert (running.get().status_code, voice_of(running)) == (200, "off")
    assert running.stop() == 0


def test_the_start_does_not_wait_for_a_download(make: Make, place: Path) -> None:
    """An apt-get that never ends: the product answers; stopped, it takes it along."""
    programs = place / "bin"
    programs.mkdir()
    (programs / "apt-get").write_text("#!/bin/sh\nexec sleep 600\n")
    (programs / "apt-get").chmod(0o755)
    (programs / "dpkg-deb").symlink_to(shutil.which("dpkg-deb") or "/usr/bin/dpkg-deb")
    path = os.pathsep.join([str(programs), os.environ["PATH"]])
    mine = {"ATIENDE_ASTERISK_DIR": str(place / "home"), "PATH": path, "ATIENDE_VOICE": "auto"}
    running = make(**mine).start().ready()
    until(lambda: "descargando Asterisk" in running.text, "the download has begun")
    assert (running.get().status_code, voice_of(running)) == (200, "starting")
    assert running.stop() == 0
    assert not [word for word in commands() if str(programs) in word]


def test_a_sip_port_that_was_asked_for_and_is_taken_is_said(make: Make) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        running = make(ATIENDE_SIP_PORT=str(port), ATIENDE_VOICE="auto").start().ready()
        until(lambda: "Sin llamadas por ahora" in running.text, "it says so")
        assert f"127.0.0.1:{port}" in running.text
        assert running.stop() == 0


def commands() -> list[str]:
    found: list[str] = []
    for process in psutil.process_iter(["cmdline"]):
        found += process.info["cmdline"] or []
    return found


def test_ari_of_a_product_is_not_reachable_without_its_password(make: Make) -> None:
    running = make().start().ready()
    ports = (running.data / "asterisk" / "etc" / "http.conf").read_text()
    port = next(line for line in ports.splitlines() if line.startswith("bindport=")).split("=")[1]
    assert httpx.get(f"http://127.0.0.1:{port}/ari/channels", trust_env=False).status_code == 401
    assert running.stop() == 0
