"""The real Asterisk as our child: how fast, as whom, reachable by whom; killed, adopted, ended."""

import asyncio
import contextlib
import os
import signal
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import psutil
import pytest

from atiende.core.problem import Problem
from atiende.engines.asterisk import Exchange, Runtime, end_orphan, living_pid, start_exchange
from atiende.engines.asterisk import exchange as exchange_module
from atiende.engines.asterisk import place as place_module
from atiende.engines.asterisk.place import choose_ports, note_file
from atiende.engines.asterisk.runtime import OLDEST, parse_version
from atiende.settings import Settings
from tests.voice.conftest import shared_settings


@contextlib.asynccontextmanager
async def running(place: Path, runtime: Runtime, **more: str) -> AsyncIterator[Exchange]:
    settings = shared_settings(place / "data", **more)
    made = await start_exchange(settings, runtime=runtime)
    try:
        yield made
    finally:
        await made.stop()
        assert of_folder(place) == []


def of_folder(place: Path) -> list[int]:
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if any(str(place) in word for word in process.cmdline()):
                found.append(process.pid)
    return found


def waiting_s(pid: int) -> float:
    """How long the main thread of a process was ready to run and had no processor."""
    return int(Path(f"/proc/{pid}/task/{pid}/schedstat").read_text().split()[1]) / 1e9


async def until(condition: "object", what: str, bound_s: float = 20.0) -> None:
    began = time.monotonic()
    while not condition():  # type: ignore[operator]
        assert time.monotonic() - began < bound_s, f"waited in vain until {what}"
        await asyncio.sleep(0.02)


async def test_it_is_ready_within_three_seconds_and_says_its_version(
    place: Path, asterisk_runtime: Runtime
) -> None:
    began, waited = time.monotonic(), waiting_s(os.getpid())
    async with running(place, asterisk_runtime) as exchange:
        took = time.monotonic() - began
        # Time that a shared machine gave to others is not ours: the kernel counts it.
        others = waiting_s(exchange.pid) + waiting_s(os.getpid()) - waited
        assert took - others < 3
        assert parse_version(exchange.version) >= OLDEST
        assert not exchange.adopted


async def test_it_runs_as_an_ordinary_user(exchange: Exchange) -> None:
    status = Path(f"/proc/{exchange.pid}/status").read_text()
    fields = {name: value.split() for name, _, value in map(parts, status.splitlines())}
    assert int(fields["CapEff"][0], 16) == 0
    inside = (
        Path(f"/proc/{exchange.pid}/ns/user").readlink() != Path("/proc/self/ns/user").readlink()
    )
    assert "0" not in fields["Uid"] or inside
    assert os.getsid(exchange.pid) == exchange.pid


def parts(line: str) -> tuple[str, str, str]:
    return line.partition(":")


async def test_ari_wants_its_password(exchange: Exchange) -> None:
    url = f"{exchange.ari_url}/asterisk/info"
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(url)).status_code == 401
        wrong = (exchange.ari_user, "another")
        assert (await client.get(url, auth=wrong)).status_code == 401
        right = (exchange.ari_user, exchange.ari_password)
        assert (await client.get(url, auth=right)).status_code == 200


async def test_its_password_is_in_no_command_and_no_log(exchange: Exchange) -> None:
    data = exchange.folder.parent
    secret = exchange.ari_password
    assert secret not in " ".join(psutil.Process(exchange.pid).cmdline())
    assert secret not in Path(f"/proc/{exchange.pid}/environ").read_text()
    assert (data / "asterisk.password").stat().st_mode & 0o777 == 0o600
    assert (exchange.folder / "etc" / "ari.conf").stat().st_mode & 0o777 == 0o600
    for log in [*(data / "logs").glob("*"), *(exchange.folder / "log").glob("*")]:
        assert secret not in log.read_text(errors="replace")


async def test_it_listens_on_loopback_only(exchange: Exchange) -> None:
    heard = [
        connection.laddr
        for connection in psutil.Process(exchange.pid).net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert {address.ip for address in heard} == {"127.0.0.1"}
    udp = psutil.Process(exchange.pid).net_connections("udp")
    assert [c.laddr.ip for c in udp if c.laddr.port == exchange.sip_port] == ["127.0.0.1"]


async def test_its_log_holds_no_complaint(exchange: Exchange) -> None:
    text = (exchange.folder.parent / "logs" / "asterisk.log").read_text()
    bad = [line for line in text.splitlines() if "WARNING" in line or "ERROR" in line]
    assert bad == []


async def test_killed_it_comes_back_on_its_ports_and_listeners_are_told(
    place: Path, asterisk_runtime: Runtime
) -> None:
    async with running(place, asterisk_runtime) as exchange:
        told: list[int] = []
        exchange.watch(lambda: told.append(exchange.pid))
        watching = asyncio.create_task(exchange.supervise())
        before, url, port = exchange.pid, exchange.ari_url, exchange.sip_port
        os.kill(before, signal.SIGKILL)
        await until(lambda: told, "it came back")
        assert told == [exchange.pid] != [before]
        assert (exchange.ari_url, exchange.sip_port) == (url, port)
        assert await exchange.ping()
        exchange.release()
        watching.cancel()


async def test_one_that_we_left_is_adopted_with_its_calls(
    place: Path, asterisk_runtime: Runtime
) -> None:
    settings = shared_settings(place / "data")
    first = await start_exchange(settings, runtime=asterisk_runtime)
    first.release()
    async with running(place, asterisk_runtime) as second:
        assert second.adopted
        assert second.pid == first.pid == living_pid(settings)
        assert second.ari_url == first.ari_url


async def test_with_other_settings_it_is_replaced(place: Path, asterisk_runtime: Runtime) -> None:
    first = await start_exchange(shared_settings(place / "data"), runtime=asterisk_runtime)
    first.release()
    other = {"ATIENDE_RTP_PORTS": "30000-30100"}
    async with running(place, asterisk_runtime, **other) as second:
        assert second.replaced
        assert second.pid != first.pid
        assert second.rtp_ports == (30000, 30100)


async def test_one_that_is_silent_is_replaced(
    place: Path, asterisk_runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("PING_EVERY_S", 0.1), ("PING_S", 1.0), ("SILENCES", 2)):
        monkeypatch.setattr(exchange_module, name, value)
    async with running(place, asterisk_runtime) as exchange:
        told: list[int] = []
        exchange.watch(lambda: told.append(exchange.pid))
        watching = asyncio.create_task(exchange.supervise())
        before = exchange.pid
        os.kill(before, signal.SIGSTOP)
        await until(lambda: not exchange.answers, "its silence is noticed")
        await until(lambda: told, "another one serves", 40)
        assert before != exchange.pid
        assert not psutil.pid_exists(before)
        exchange.release()
        watching.cancel()


async def test_without_its_note_a_living_one_is_found_and_replaced(
    place: Path, asterisk_runtime: Runtime
) -> None:
    settings = shared_settings(place / "data")
    first = await start_exchange(settings, runtime=asterisk_runtime)
    first.release()
    note_file(settings).unlink()
    assert living_pid(settings) == first.pid
    async with running(place, asterisk_runtime) as second:
        assert second.pid != first.pid
        assert of_folder(place) == [second.pid]


def test_the_usual_port_may_be_taken_but_not_one_that_was_asked_for(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        monkeypatch.setattr(place_module, "SIP_PORT", port)
        http, sip = choose_ports(Settings(), None)
        assert len({port, http, sip}) == 3
        with pytest.raises(Problem) as caught:
            choose_ports(Settings(sip_port=port), None)
        assert caught.value.key == "voice_sip_port"
    assert choose_ports(Settings(), None)[1] == port
    with pytest.raises(Problem):
        choose_ports(Settings(sip_host="192.0.2.1"), None)


async def test_an_orphan_can_be_ended(place: Path, asterisk_runtime: Runtime) -> None:
    settings = shared_settings(place / "data")
    (await start_exchange(settings, runtime=asterisk_runtime)).release()
    assert await end_orphan(settings)
    assert of_folder(place) == []
    assert not await end_orphan(settings)


@pytest.mark.parametrize("deep", [False, True])
async def test_any_folder_will_do(place: Path, asterisk_runtime: Runtime, deep: bool) -> None:
    name = "/".join(["a-folder-with-a-rather-long-name"] * 5) if deep else "ñandú con espacios"
    (place / name).mkdir(parents=True)
    async with running(place / name, asterisk_runtime) as exchange:
        assert await exchange.ping()
        assert (exchange.place.plan.run / "asterisk.ctl").exists()
        run = exchange.place.plan.run
    if not run.is_relative_to(place):
        run.rmdir()
