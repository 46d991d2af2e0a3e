"""A database of somebody else's, the program's parts on their own, and how settings are read."""

from collections.abc import Callable
from pathlib import Path

import pytest

from atiende.core.problem import Problem
from atiende.settings import Settings, language_of, read_settings
from tests.house.running import Product, atiende, in_folder

Make = Callable[..., Product]

pytestmark = pytest.mark.house


def test_a_given_database_is_used_and_none_is_made(product: Make, database: str) -> None:
    running = product(fresh=True, DATABASE_URL=database).start().ready()
    assert running.get().status_code == 200
    assert not (running.data / "postgres").exists()
    assert running.stop() == 0


def test_a_database_that_cannot_be_reached_is_said_in_one_sentence(place: Path) -> None:
    nowhere = f"postgresql://somebody:secret@/x?host={place}"
    done = atiende("up", "--data", place / "data", "--port", "0", DATABASE_URL=nowhere)
    assert done.returncode == 1
    assert done.stderr.startswith("atiende: No se pudo conectar con la base de datos")
    assert "secret" not in done.stderr
    assert in_folder(place) == []


@pytest.mark.parametrize("part", ["web", "router", "worker"])
def test_a_part_on_its_own_needs_a_shared_database(place: Path, part: str) -> None:
    done = atiende(part, "--data", place / "data")
    assert done.returncode == 2
    assert "DATABASE_URL" in done.stderr
    assert list(place.iterdir()) == []


def test_a_shared_database_is_migrated_by_one_explicit_step(place: Path, database: str) -> None:
    done = atiende("migrate", "--data", place / "data", DATABASE_URL=database)
    assert done.returncode == 0, done.stderr
    assert "ya estaba al día" in done.stdout


def test_options_win_over_the_environment_which_wins_over_defaults() -> None:
    environ = {"ATIENDE_PORT": "81", "ATIENDE_HOST": "127.0.0.2", "ATIENDE_DEMO": "sí"}
    found = read_settings({"port": 82, "host": None}, environ)
    assert (found.port, found.host, found.demo, found.log_level) == (82, "127.0.0.2", True, "info")
    assert found.data_dir.is_absolute()


@pytest.mark.parametrize(
    ("environ", "key"),
    [
        ({"ATIENDE_PORT": "many"}, "settings_port"),
        ({"ATIENDE_PORT": "70000"}, "settings_port"),
        ({"ATIENDE_ROLES": "web,juggler"}, "settings_role"),
        ({"ATIENDE_PUBLIC_URL": "contacto.example"}, "settings_public_url"),
        ({"ATIENDE_BEHIND_PROXY": "10.0.0.0/8,all"}, "settings_proxy"),
        ({"ATIENDE_TLS_CERT": "/x"}, "settings_tls_pair"),
    ],
)
def test_a_wrong_setting_is_refused(environ: dict[str, str], key: str) -> None:
    with pytest.raises(Problem) as caught:
        read_settings({}, environ)
    assert caught.value.key == key


def test_it_speaks_spanish_unless_the_locale_is_english() -> None:
    assert language_of({}) == "es"
    assert language_of({"LANG": "C.UTF-8"}) == "es"
    assert language_of({"LANG": "en_US.UTF-8"}) == "en"
    assert language_of({"LANG": "en_US.UTF-8", "ATIENDE_LANG": "es"}) == "es"


def test_the_address_people_use_is_the_public_one_when_there_is_one() -> None:
    assert Settings().base_url() == "http://127.0.0.1:8480"
    assert Settings(host="::1").base_url(81) == "http://[::1]:81"
    assert Settings(host="192.0.2.7").base_url() == "https://192.0.2.7:8480"
    assert Settings(public_url="https://c.example/").base_url() == "https://c.example"
