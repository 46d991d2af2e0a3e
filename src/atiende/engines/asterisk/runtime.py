"""An Asterisk that can be run: its command, its modules, its sounds, its version.

Called by `acquire` (which finds or makes one), `configure` (which names its folders) and
`exchange` (which starts it). A runtime is either the system's program, or Debian's package
unpacked in a folder of ours and run by the loader that came with it, so that the host's own
libraries play no part.
"""

import asyncio
import os
import platform
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, PIPE

from atiende.core.problem import Problem
from atiende.settings import Settings

#: What we need: SIP causes in events, bridge variables, REST over the events socket.
OLDEST = (22, 10, 1)
LOOK_S = 20.0
_VERSION = re.compile(r"\b(\d+)\.(\d+)(?:\.(\d+))?")


@dataclass(frozen=True)
class Machine:
    """A kind of processor, in the names of Debian and of its loader."""

    debian: str
    triplet: str
    loader: str


#: What `uname -m` says -> what Debian calls it.
MACHINES = {
    "x86_64": Machine("amd64", "x86_64-linux-gnu", "ld-linux-x86-64.so.2"),
    "aarch64": Machine("arm64", "aarch64-linux-gnu", "ld-linux-aarch64.so.1"),
}


@dataclass(frozen=True)
class Runtime:
    """One Asterisk. `command` starts it (options are appended); `share` holds sounds and moh."""

    command: tuple[str, ...]
    modules: Path
    share: Path
    version: str

    @property
    def program(self) -> Path:
        """The file that is executed: the loader, or the program itself."""
        return Path(self.command[0])


def machine() -> Machine:
    """This machine's kind, or the sentence that Debian builds nothing we can use for it."""
    found = MACHINES.get(platform.machine())
    if found is None:
        raise Problem(500, "voice_machine", machine=platform.machine())
    return found


def parse_version(text: str) -> tuple[int, int, int]:
    """`Asterisk 22.10.1~dfsg…` -> (22, 10, 1); (0, 0, 0) when there is no version in it."""
    found = _VERSION.search(text)
    if found is None:
        return (0, 0, 0)
    return (int(found[1]), int(found[2]), int(found[3] or 0))


async def system_runtime(settings: Settings) -> Runtime | None:
    """The program that the settings name (or one sentence), else a good one in PATH."""
    if settings.asterisk is not None:
        runtime = await _at(settings.asterisk)
        if runtime is None:
            raise Problem(500, "voice_no_program", path=str(settings.asterisk))
        if parse_version(runtime.version) < OLDEST:
            raise Problem(500, "voice_too_old", version=runtime.version, oldest=oldest())
        return runtime
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
    if (found := shutil.which("asterisk", path=path)) is None:
        return None
    runtime = await _at(Path(found))
    return runtime if runtime and parse_version(runtime.version) >= OLDEST else None


def unpacked_runtime(root: Path, version: str) -> Runtime:
    """The runtime of a folder that `unpack` made."""
    kind = machine()
    libraries = root / "usr" / "lib" / kind.triplet
    loader, program = str(libraries / kind.loader), str(root / "usr" / "sbin" / "asterisk")
    command = (loader, "--library-path", str(libraries), program)
    share = root / "usr" / "share" / "asterisk"
    return Runtime(command, libraries / "asterisk" / "modules", share, version)


def oldest() -> str:
    return ".".join(map(str, OLDEST))


async def ask_version(command: tuple[str, ...]) -> str:
    """What the program says to `-V`; empty when it cannot be run."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command, "-V", stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL, cwd="/"
        )
        said, _ = await asyncio.wait_for(process.communicate(), LOOK_S)
    except (OSError, TimeoutError):
        return ""
    text = said.decode(errors="replace").strip()
    return text.removeprefix("Asterisk ").splitlines()[0] if text else ""


async def _at(program: Path) -> Runtime | None:
    version = await ask_version((str(program),))
    prefix = program.resolve().parent.parent
    triplet = MACHINES[platform.machine()].triplet if platform.machine() in MACHINES else "-"
    modules = _first(
        prefix / "lib" / triplet / "asterisk" / "modules",
        prefix / "lib64" / "asterisk" / "modules",
        prefix / "lib" / "asterisk" / "modules",
    )
    share = _first(prefix / "share" / "asterisk", Path("/var/lib/asterisk"))
    if not version or modules is None:
        return None
    return Runtime((str(program),), modules, share or Path("/var/lib/asterisk"), version)


def _first(*folders: Path) -> Path | None:
    return next((folder for folder in folders if folder.is_dir()), None)
