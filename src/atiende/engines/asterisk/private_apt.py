"""A package manager's state of our own: the host's apt, with nothing of the host's changed.

Called by `acquire`. apt is given another root for lists, packages and "what is installed"
(nothing), so that it downloads Asterisk with all it depends on, checks Debian's signature with
the keyring that the host has, and installs nothing. Of the host's configuration only the ways
out of the network (proxies) are taken: its hooks would run on the host.
"""

import asyncio
import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from atiende.core.problem import Problem
from atiende.engines.asterisk.mirrors import Source, debian_mirrors, read_lines, read_stanzas
from atiende.engines.asterisk.runtime import machine

#: The Debian release whose Asterisk we take: the oldest that has a recent enough one.
SUITE = "forky"
PACKAGES = ("asterisk", "asterisk-core-sounds-es-wav", "asterisk-moh-opsound-wav")
KEYRINGS = (
    Path("/usr/share/keyrings/debian-archive-keyring.pgp"),
    Path("/usr/share/keyrings/debian-archive-keyring.gpg"),
)
HOST = Path("/etc/apt")
#: What is kept of the host's configuration.
_NETWORK = re.compile(
    r"^Acquire::(https?|socks|ForceIPv[46]|Retries|Proxy|Check-Valid-Until|Check-Date)\b"
    r'[^{}]* "[^"]*";$'
)
_PROGRESS = re.compile(r"^dlstatus:[^:]*:([0-9.]+):")
_ERROR = re.compile(r"^[EW]: *(.+)")
_SECRET = re.compile(r"//[^/@\s]+@")

CONFIGURATION = """\
Dir::Etc "{root}/etc";
Dir::Etc::main "/dev/null";
Dir::Etc::parts "/dev/null";
Dir::Etc::sourcelist "{root}/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::State "{root}";
Dir::State::lists "{root}/lists";
Dir::State::status "{root}/status";
Dir::Cache "{root}/cache";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Dir::Log "{root}";
Debug::NoLocking "1";
APT::Architecture "{architecture}";
APT::Architectures "{architecture}";
APT::Install-Recommends "false";
APT::Sandbox::User "";
Acquire::Languages "none";
Acquire::Retries "2";
Acquire::http::Timeout "30";
Acquire::https::Timeout "30";
"""


@dataclass(frozen=True)
class PrivateApt:
    """One root and the mirrors to try."""

    root: Path
    mirrors: tuple[str, ...]
    keyring: Path

    @property
    def archives(self) -> Path:
        return self.root / "cache" / "archives"


def prepare(root: Path) -> PrivateApt:
    """The private root, made; or one sentence saying what this machine lacks."""
    for program in ("apt-get", "dpkg-deb"):
        if shutil.which(program) is None:
            raise Problem(500, "voice_no_apt", name=program)
    kind = machine()
    keyring = next((path for path in KEYRINGS if path.exists()), None)
    mirrors = debian_mirrors(host_sources(HOST))
    if keyring is None or not mirrors:
        raise Problem(500, "voice_no_mirror")
    for folder in ("etc", "lists/partial", "cache/archives/partial"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (root / "status").write_text("")
    text = CONFIGURATION.format(root=root, architecture=kind.debian)
    (root / "apt.conf").write_text(text + "".join(f"{line}\n" for line in _network()))
    return PrivateApt(root, tuple(mirrors), keyring)


def host_sources(host: Path = HOST) -> list[Source]:
    """What the host's own package sources say; files we may not read are passed over."""
    found: list[Source] = []
    one_line = [host / "sources.list", *sorted(host.glob("sources.list.d/*.list"))]
    for path in (*one_line, *sorted(host.glob("sources.list.d/*.sources"))):
        with contextlib.suppress(OSError):
            text = path.read_text(errors="replace")
            found += (read_stanzas if path.suffix == ".sources" else read_lines)(text)
    return found


async def download(apt: PrivateApt, tell: Callable[[int], None]) -> None:
    """Fill `archives`; `tell(percent)` as it goes. Tries each mirror; the last refusal counts."""
    reason = ""
    for mirror in apt.mirrors:
        source = f"deb [signed-by={apt.keyring}] {mirror} {SUITE} main\n"
        (apt.root / "sources.list").write_text(source)
        reason = await _run(apt, ["update", "--error-on=any"], None)
        if not reason:
            # Packages of an earlier time that the mirror no longer has.
            await _run(apt, ["autoclean"], None)
            words = ["--yes", "--download-only", "-o", "APT::Status-Fd=1", "install", *PACKAGES]
            reason = await _run(apt, words, tell)
        if not reason:
            return
    raise Problem(503, "voice_download", reason=reason)


async def _run(apt: PrivateApt, words: Sequence[str], tell: Callable[[int], None] | None) -> str:
    """Why it failed, in apt's own words; empty when it did not."""
    path = os.environ.get("PATH", os.defpath)
    environ = {"PATH": path, "LC_ALL": "C", "APT_CONFIG": str(apt.root / "apt.conf")}
    # Ended with us, however we end: two of them must not work in one root.
    with_us = ("setpriv", "--pdeathsig", "TERM", "--") if shutil.which("setpriv") else ()
    process = await asyncio.create_subprocess_exec(
        *with_us, "apt-get", "--quiet", *words,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env=environ, cwd="/", start_new_session=True,
    )  # fmt: skip
    said = ""
    try:
        async for raw in process.stdout or asyncio.StreamReader():
            line = raw.decode(errors="replace").strip()
            if tell is not None and (step := _PROGRESS.match(line)):
                tell(int(float(step[1])))
            elif error := _ERROR.match(line):
                said = said or _SECRET.sub("//", error[1])
        await process.wait()
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
    return "" if process.returncode == 0 else (said or f"apt-get {process.returncode}")


def _network() -> list[str]:
    done = subprocess.run(
        ["apt-config", "dump"],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return [line for line in done.stdout.splitlines() if _NETWORK.match(line)]
