"""Where the database can live, and as whom: deep folders, private folders, root, a chroot.

What needs root is shown as root; without root the same start is shown to need none of it. Both
say something, neither is skipped.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from atiende.engines import start
from atiende.engines.cluster import SOCKET_ROOM, find_binaries
from atiende.engines.identity import choose
from atiende.engines.postmaster import sockets_of
from atiende.settings import Settings
from tests.house.running import Product, environment
from tests.sources import ROOT

Make = Callable[..., Product]

pytestmark = pytest.mark.house

#: As a program in another root sees it: our sources, our libraries, a start and a stop.
IN_ANOTHER_ROOT = """
import asyncio, sys
from pathlib import Path
from atiende.engines import start
from atiende.settings import Settings
async def main():
    settings = Settings(data_dir=Path(sys.argv[1]), testing=True, test_fsync_off=True)
    engine = await start(settings)
    print(engine.cluster.identity.way)
    await engine.stop()
asyncio.run(main())
"""


def settings_in(folder: Path) -> Settings:
    folder.mkdir(parents=True, exist_ok=True)
    return Settings(data_dir=folder, testing=True, test_fsync_off=True)


def test_a_deep_folder_gets_a_short_socket(product: Make, place: Path) -> None:
    deep = "/".join(["a-folder-with-a-rather-long-name"] * 5) + "/ñandú con espacios"
    running = product(deep, fresh=True).start().ready()
    sockets = sockets_of(running.data / "postgres")
    assert sockets is not None
    assert len(str(sockets)) <= SOCKET_ROOM < len(str(running.data))
    assert sockets.stat().st_mode & 0o777 == 0o700
    assert running.stop() == 0
    shutil.rmtree(sockets)


def test_under_a_private_folder_it_starts_as_whoever_we_are(product: Make, place: Path) -> None:
    assert place.stat().st_mode & 0o777 == 0o700
    running = product().start().ready()
    server = psutil.Process(running.database_pid())
    assert server.username() == psutil.Process().username()
    assert place.stat().st_mode & 0o777 == 0o700
    assert running.stop() == 0


def ways() -> list[str]:
    """As root, both ways around PostgreSQL's refusal; else as ourselves."""
    return ["namespace", "dropped"] if os.geteuid() == 0 else ["self"]


async def test_each_way_of_running_serves_the_same_data(place: Path) -> None:
    settings = settings_in(place / "data")
    seen = []
    for way in [*ways(), *reversed(ways())]:
        engine = await start(settings, way=way)
        seen.append(engine.cluster.identity.way)
        folder = settings.data_dir / "postgres"
        owner = psutil.Process(engine.pid).uids().real
        assert folder.stat().st_uid == (owner if way == "dropped" else os.geteuid())
        await engine.stop()
    assert seen == [*ways(), *reversed(ways())]


def test_without_a_namespace_root_drops_to_an_ordinary_id(place: Path) -> None:
    """The first way that works is taken; a program that cannot run makes none work."""
    program = find_binaries(Settings()) / "postgres"
    folder = place / "cluster"
    folder.mkdir()
    assert choose(program, folder).way == ways()[0]


def test_in_a_chroot_under_a_private_folder_it_starts(place: Path) -> None:
    """Namespaces are refused in a chroot; without root there is no chroot to be in."""
    if os.geteuid() != 0:
        assert subprocess.run(["chroot", "/", "true"], check=False).returncode != 0
        return
    root = place / "root"
    root.mkdir()
    script = (
        f"mount --rbind / {root} && exec chroot {root} "
        f"{sys.executable} -c '{IN_ANOTHER_ROOT}' {place}/data"
    )
    (place / "data").mkdir()
    done = subprocess.run(
        ["unshare", "--mount", "--propagation=private", "sh", "-c", script],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=environment(),
        cwd=ROOT,
    )
    assert done.stdout.strip() == "dropped", done.stderr
