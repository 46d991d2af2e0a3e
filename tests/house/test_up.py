"""Starting and ending: what `up` says, refuses, leaves and takes up again, as real processes."""

import os
import re
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.house.running import Product, atiende, in_folder, until
from tests.sources import ROOT

Make = Callable[..., Product]

pytestmark = pytest.mark.house


def one_sentence(text: str) -> bool:
    return len(text.strip().splitlines()) == 1 and text.startswith("atiende: ")


def test_it_answers_says_where_and_stops_leaving_nothing(product: Make) -> None:
    running = product(fresh=True).start().ready()
    until(lambda: "Atiende está listo: http://127.0.0.1:" in running.text, "it says its address")
    answer = running.get().json()
    assert answer["status"] == "ok"
    assert set(answer) >= {"status", "version", "components"}
    assert running.stop() == 0
    assert in_folder(running.data) == []
    assert not (running.data / "run" / "atiende.json").exists()
    assert running.said[-1] == "Atiende se detuvo."


def test_ctrl_c_in_the_terminal_stops_everything(product: Make) -> None:
    running = product().start().ready()
    os.killpg(running.pid, signal.SIGINT)
    assert running.wait() == 0
    assert in_folder(running.data) == []


def test_a_second_start_by_the_launcher_is_quick(product: Make) -> None:
    again = product()
    again.command = (str(ROOT / "atiende"),)
    began = time.monotonic()
    again.start().ready()
    assert time.monotonic() - began < 5
    assert again.get().status_code == 200
    assert again.stop() == 0


def test_a_busy_port_is_said_in_one_sentence_and_nothing_is_made(place: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = atiende("up", "--data", place / "data", "--port", str(port))
    assert done.returncode == 2
    assert one_sentence(done.stderr)
    assert f"El puerto {port}" in done.stderr
    assert list(place.iterdir()) == []


def test_a_second_program_in_the_folder_says_where_the_first_runs(product: Make) -> None:
    running = product().start().ready()
    done = atiende("up", "--data", running.data, "--port", "0")
    assert done.returncode == 2
    assert one_sentence(done.stderr)
    assert running.note.url in done.stderr


def test_a_folder_that_cannot_be_written_is_said_in_one_sentence(place: Path) -> None:
    (place / "file").touch()
    done = atiende("up", "--data", place / "file" / "data", "--port", "0", ATIENDE_LANG="en")
    assert done.returncode == 2
    assert one_sentence(done.stderr)
    assert "Cannot write in the data folder" in done.stderr


def test_an_address_that_is_not_this_machines_is_said_in_one_sentence(place: Path) -> None:
    done = atiende("up", "--data", place / "data", "--host", "192.0.2.1", "--port", "0")
    assert done.returncode == 2
    assert one_sentence(done.stderr)
    assert list(place.iterdir()) == []


@pytest.mark.parametrize("lost", ["PG_VERSION", "global/pg_control"])
def test_a_damaged_folder_is_refused_in_one_sentence(product: Make, lost: str) -> None:
    running = product()
    (running.data / "postgres" / lost).rename(running.data / "lost")
    done = atiende("up", "--data", running.data, "--port", "0")
    assert done.returncode == 1
    assert one_sentence(done.stderr.splitlines()[-1])
    assert "dañada" in done.stderr
    assert in_folder(running.data) == []


def test_a_folder_of_a_newer_postgresql_is_refused_in_one_sentence(product: Make) -> None:
    running = product()
    (running.data / "postgres" / "PG_VERSION").write_text("19\n")
    done = atiende("up", "--data", running.data, "--port", "0")
    assert done.returncode == 1
    assert "PostgreSQL 19" in done.stderr


def test_data_of_a_newer_program_are_refused_in_one_sentence(product: Make) -> None:
    running = product()
    newer = "insert into migrations (name, sha256) values ('9999_future.sql', '')"
    with_database(running, newer)
    done = atiende("up", "--data", running.data, "--port", "0")
    assert done.returncode == 1
    assert "9999_future.sql" in done.stderr
    assert in_folder(running.data) == []


def test_settings_for_tests_are_refused_outside_of_tests(place: Path) -> None:
    done = atiende("up", "--data", place / "data", ATIENDE_TEST="", FAULT="after_send")
    assert done.returncode == 2
    assert "ATIENDE_TEST_FSYNC_OFF" in done.stderr
    assert "FAULT" in done.stderr
    assert list(place.iterdir()) == []


def test_a_database_that_would_lose_commits_is_refused(product: Make) -> None:
    running = product()
    (running.data / "postgres" / "local.conf").write_text("fsync = off\n")
    done = atiende("up", "--data", running.data, "--port", "0", ATIENDE_TEST_FSYNC_OFF="")
    assert done.returncode == 1
    assert "fsync = off" in done.stderr
    assert in_folder(running.data) == []


def test_after_kill_9_the_next_start_goes_on_with_the_database(product: Make) -> None:
    first = product().start().ready()
    database = first.database_pid()
    first.kill()
    assert [p.pid for p in in_folder(first.data) if p.pid == database] == [database]
    status = atiende("status", "--data", first.data)
    assert status.returncode == 3
    assert str(database) in status.stdout
    second = product().start().ready()
    assert second.database_pid() == database
    assert second.get().status_code == 200
    assert second.stop() == 0
    assert in_folder(second.data) == []


def test_after_kill_9_of_everything_the_next_start_recovers(product: Make) -> None:
    first = product().start().ready()
    for process in in_folder(first.data):
        process.kill()
    first.kill()
    second = product().start().ready()
    assert second.get().status_code == 200
    assert second.stop() == 0


def test_a_pid_file_with_a_strangers_number_does_not_stop_the_start(product: Make) -> None:
    first = product()
    lines = [
        str(os.getpid()),
        str(first.data / "postgres"),
        "1",
        "5432",
        "/tmp",
        "",
        "1 1",
        "ready",
    ]
    (first.data / "postgres" / "postmaster.pid").write_text("\n".join(lines) + "\n")
    second = product().start().ready()
    assert second.stop() == 0


def test_the_database_comes_back_when_it_is_killed(product: Make) -> None:
    running = product().start().ready()
    before = running.database_pid()
    os.kill(before, signal.SIGKILL)
    until(lambda: back(running, before), "another database is ready", 10)
    until(lambda: running.get().status_code == 200, "it answers again", 10)
    assert running.stop() == 0


def back(running: Product, before: int) -> bool:
    path = running.data / "postgres" / "postmaster.pid"
    text = path.read_text() if path.exists() else ""
    return "ready" in text and int(text.split()[0]) != before


def test_restart_keeps_the_database_the_port_and_the_process(product: Make) -> None:
    running = product().start().ready()
    before, database = running.note, running.database_pid()
    done = atiende("restart", "--data", running.data)
    assert done.returncode == 0, done.stderr
    assert running.note.port == before.port
    assert running.note.pid == before.pid
    assert running.note.started != before.started
    assert running.database_pid() == database
    assert running.get().status_code == 200
    assert running.stop() == 0
    assert in_folder(running.data) == []


def test_down_stops_it_from_another_terminal(product: Make) -> None:
    running = product().start().ready()
    assert atiende("status", "--data", running.data).returncode == 0
    done = atiende("down", "--data", running.data)
    assert done.returncode == 0
    assert running.wait() == 0
    assert in_folder(running.data) == []
    assert atiende("status", "--data", running.data).returncode == 3


def test_down_also_stops_a_database_that_outlived_its_program(product: Make) -> None:
    running = product().start().ready()
    running.kill()
    assert atiende("down", "--data", running.data).returncode == 0
    assert in_folder(running.data) == []


def test_logs_are_shown_as_lines_and_kept_as_json(product: Make) -> None:
    running = product().start().ready()
    shown = atiende("logs", "--data", running.data)
    assert re.search(r"^\d\d:\d\d:\d\d info +up\.ready url=http", shown.stdout, re.MULTILINE)
    raw = atiende("logs", "--raw", "--data", running.data)
    assert '"event": "up.ready"' in raw.stdout


def with_database(product: Product, sql: str) -> None:
    """Run one statement on a stopped product's database."""
    import asyncio

    import asyncpg

    from atiende.engines import start
    from atiende.settings import Settings

    async def run() -> None:
        engine = await start(Settings(data_dir=product.data, testing=True, test_fsync_off=True))
        try:
            connection = await asyncpg.connect(engine.dsn)
            await connection.execute(sql)
            await connection.close()
        finally:
            await engine.stop()

    asyncio.run(run())
