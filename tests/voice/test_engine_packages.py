"""From packages to a runtime: offline folder, cache, damage, and machines that cannot."""

import asyncio
import platform
import shutil
from importlib import import_module
from pathlib import Path

import pytest

from atiende.core.problem import Problem
from atiende.engines.asterisk import Runtime, private_apt, unpack
from atiende.engines.asterisk import acquire as acquire_now
from atiende.engines.asterisk.runtime import OLDEST, machine, parse_version
from atiende.settings import Settings
from tests.voice.packages import (
    build,
    build_all,
    fetched,
    mirror_settings,
    programs,
)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return build_all(tmp_path / "repository")


@pytest.fixture(autouse=True)
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, repository: Path) -> None:
    """A machine without Asterisk, whose mirror and apt-get are ours."""

    async def none(_: Settings) -> Runtime | None:
        return None

    # The package's door gives the function of this name; here its module is meant.
    module = import_module("atiende.engines.asterisk.acquire")
    monkeypatch.setattr(module, "system_runtime", none)
    monkeypatch.setattr(private_apt, "host_sources", lambda _: mirror_settings(tmp_path))
    keyring = tmp_path / "keyring.gpg"
    keyring.touch()
    monkeypatch.setattr(private_apt, "KEYRINGS", (keyring,))
    monkeypatch.setenv("PATH", programs(tmp_path / "bin", repository))


class Said(list[str]):
    """What was said, by key."""

    def __call__(self, key: str, **_: object) -> None:
        self.append(key)


def settings(tmp_path: Path, offline: Path | None = None) -> Settings:
    return Settings(asterisk_dir=tmp_path / "home", asterisk_packages=offline)


def without_apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", programs(tmp_path / "bare", None))


async def refused(wanted: Settings) -> Problem:
    with pytest.raises(Problem) as caught:
        await acquire_now(wanted, Said())
    assert not list(wanted.asterisk_home.glob("*.half"))
    return caught.value


async def test_packages_are_fetched_unpacked_and_only_what_is_needed_is_kept(
    tmp_path: Path,
) -> None:
    said = Said()
    runtime = await acquire_now(settings(tmp_path), said)
    assert parse_version(runtime.version) >= OLDEST
    assert said == ["voice.download", "voice.downloading", "voice.unpacking"]
    root = runtime.share.parents[2]
    kept = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
    libraries = f"usr/lib/{machine().triplet}"
    assert kept == {
        "usr/sbin/asterisk",
        f"{libraries}/{machine().loader}",
        f"{libraries}/libneeded.so.1",
        f"{libraries}/asterisk/modules/res_ari.so",
        "usr/share/asterisk/sounds/es_MX_f_Allison/hello.wav",
        "usr/share/asterisk/moh/a.wav",
    }


async def test_the_second_time_nothing_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await acquire_now(settings(tmp_path), Said())
    without_apt(tmp_path, monkeypatch)
    said = Said()
    assert await acquire_now(settings(tmp_path), said) == first
    assert said == []


async def test_from_the_kept_packages_it_is_made_again_without_a_network(
    tmp_path: Path, repository: Path
) -> None:
    first = await acquire_now(settings(tmp_path), Said())
    shutil.rmtree(first.share.parents[2])
    (tmp_path / "bin" / "apt-get").unlink()
    said = Said()
    assert await acquire_now(settings(tmp_path), said) == first
    assert said == ["voice.unpacking"]


async def test_a_damaged_package_is_fetched_again_and_only_that_one(
    tmp_path: Path, repository: Path
) -> None:
    first = await acquire_now(settings(tmp_path), Said())
    shutil.rmtree(first.share.parents[2])
    package = next((tmp_path / "home" / "packages").glob("asterisk-moh*.deb"))
    package.write_bytes(package.read_bytes()[:-1] + b"?")
    (repository / "fetched").unlink()
    assert await acquire_now(settings(tmp_path), Said()) == first
    assert fetched(repository) == ["asterisk-moh-opsound-wav"]


async def test_a_folder_of_packages_is_enough(
    tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin" / "apt-get").unlink()
    said = Said()
    runtime = await acquire_now(settings(tmp_path, repository), said)
    assert runtime.modules.is_dir()
    assert said == ["voice.unpacking"]
    assert len(list(repository.glob("*.deb"))) == 3


async def test_a_folder_that_lacks_something_is_refused(tmp_path: Path, repository: Path) -> None:
    next(repository.glob("asterisk-moh*.deb")).unlink()
    problem = await refused(settings(tmp_path, repository))
    assert (problem.key, problem.values["name"]) == ("voice_offline", "asterisk-moh-opsound-wav")
    assert (await refused(settings(tmp_path, tmp_path / "none"))).key == "voice_offline"


async def test_a_package_that_is_none_is_refused_and_nothing_is_left(
    tmp_path: Path, repository: Path
) -> None:
    (repository / "zz_1_all.deb").write_bytes(b"no package at all")
    problem = await refused(settings(tmp_path, repository))
    assert (problem.key, problem.values["name"]) == ("voice_package_broken", "zz_1_all.deb")
    assert not list((tmp_path / "home").glob("runtime-*"))


async def test_an_old_asterisk_is_refused(tmp_path: Path) -> None:
    old = build_all(tmp_path / "old", "20.6.0~dfsg-1")
    problem = await refused(settings(tmp_path, old))
    assert problem.key == "voice_too_old"
    assert problem.values["oldest"] == "22.10.1"
    # And it is not in the way of a better one.
    assert (await acquire_now(settings(tmp_path), Said())).version.startswith("22.10.1")


async def test_two_at_once_do_the_work_once(tmp_path: Path, repository: Path) -> None:
    said = Said()
    both = [acquire_now(settings(tmp_path), said) for _ in range(2)]
    first, second = await asyncio.gather(*both)
    assert first == second
    assert said.count("voice.unpacking") == 1
    assert len(fetched(repository)) == 3


async def test_cancelled_it_leaves_nothing_half_made(
    tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, going_on = asyncio.Event(), asyncio.get_running_loop()
    extract = unpack._extract

    def slow(package: Path, root: Path) -> None:
        going_on.call_soon_threadsafe(begun.set)
        extract(package, root)

    monkeypatch.setattr(unpack, "_extract", slow)
    task = asyncio.create_task(acquire_now(settings(tmp_path), Said()))
    await begun.wait()
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled()
    assert not list((tmp_path / "home").glob("runtime-*"))
    monkeypatch.undo()


async def test_without_apt_one_sentence_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_apt(tmp_path, monkeypatch)
    problem = await refused(settings(tmp_path))
    assert (problem.key, problem.values["name"]) == ("voice_no_apt", "apt-get")


async def test_without_a_debian_mirror_one_sentence_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(private_apt, "host_sources", lambda _: [])
    assert (await refused(settings(tmp_path))).key == "voice_no_mirror"


async def test_on_another_kind_of_machine_one_sentence_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    assert (await refused(settings(tmp_path))).key == "voice_machine"


async def test_without_a_network_apts_reason_is_said_without_a_password(
    tmp_path: Path, repository: Path
) -> None:
    failing = "#!/bin/sh\necho 'E: Failed to fetch http://ana:secreto@m.example/debian'\nexit 100\n"
    programs(tmp_path / "bin", repository, apt=failing)
    problem = await refused(settings(tmp_path))
    assert problem.key == "voice_download"
    assert problem.values["reason"] == "Failed to fetch http://m.example/debian"


async def test_of_the_hosts_configuration_only_its_way_out_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = (
        'Acquire::http::Proxy "http://proxy.example:3128";',
        'Acquire::AllowInsecureRepositories "1";',
        'APT::Update::Post-Invoke:: "rm -rf /";',
        'APT::Get::AllowUnauthenticated "1";',
        'Acquire::Check-Valid-Until "false";',
        'Acquire::http::Proxy-Auto-Detect "/usr/bin/detect";',
    )
    (tmp_path / "bin" / "apt-config").unlink(missing_ok=True)
    script = "#!/bin/sh\n" + "".join(f"echo '{line}'\n" for line in lines)
    (tmp_path / "bin" / "apt-config").write_text(script)
    (tmp_path / "bin" / "apt-config").chmod(0o755)
    private_apt.prepare(tmp_path / "apt")
    text = (tmp_path / "apt" / "apt.conf").read_text()
    assert lines[0] in text
    assert lines[4] in text
    assert not any(lines[number] in text for number in (1, 2, 3))
    assert 'Dir::Etc::parts "/dev/null";' in text


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "/usr/sbin/asterisk",
        "./usr/share/asterisk/moh/../../../../etc/x",
        "usr/lib/x/asterisk/modules/app_system.so",
        "etc/asterisk/pjsip.conf",
        "usr/bin/perl",
    ],
)
def test_what_is_not_wanted_is_written_nowhere(name: str) -> None:
    assert unpack._inside(name) is None


def test_a_library_of_an_older_layout_goes_to_the_one_place() -> None:
    triplet = machine().triplet
    assert unpack._inside(f"./lib/{triplet}/libc.so.6") == f"usr/lib/{triplet}/libc.so.6"


def test_links_lead_nowhere_outside(tmp_path: Path) -> None:
    links = {"evil.wav": "/etc/passwd", "up.wav": "../../../../../etc/x", "good.wav": "a.wav"}
    package = build(tmp_path, "linked", {"usr/share/asterisk/moh/a.wav": "a"}, links=links)
    unpack._extract(package, tmp_path / "out")
    folder = tmp_path / "out" / "usr/share/asterisk/moh"
    assert sorted(path.name for path in folder.iterdir()) == ["a.wav", "good.wav"]
    assert (folder / "good.wav").read_text() == "a"


def test_versions_are_told_apart() -> None:
    assert parse_version("Asterisk 22.10.1~dfsg+~cs6.17") == (22, 10, 1)
    assert parse_version("Asterisk 22.9.0") < OLDEST < parse_version("Asterisk 23.0")
    assert parse_version("not a version") == (0, 0, 0)
