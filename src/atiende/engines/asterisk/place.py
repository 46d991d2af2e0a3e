"""Where an exchange lives: its folders, its password, its free ports, its written files.

Called by `exchange` before Asterisk is started or adopted. All of it lies in `<data>/asterisk`,
but for the control socket when that path is too long for one.
"""

import contextlib
import json
import os
import secrets
import socket
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from atiende.core.problem import Problem
from atiende.engines import postmaster
from atiende.engines.asterisk.configure import Plan, files, fingerprint
from atiende.engines.asterisk.modules import MODULES
from atiende.engines.asterisk.runtime import Runtime
from atiende.engines.cluster import socket_folder, write_secret
from atiende.engines.identity import Identity, choose
from atiende.engines.postmaster import Postmaster
from atiende.settings import SIP_PORT, Settings

FOLDERS = (
    "etc lib lib/keys lib/agi-bin data data/sounds data/sounds/custom spool spool/recording "
    "run log cache"
).split()
#: Language -> how Debian calls the folder of its voice.
VOICES = {"es": "es_*", "en": "en_*"}
CLOSING_S = 2.0
#: Asterisk puts `/asterisk.ctl` after the folder; a unix socket's path may have 107 bytes.
SOCKET_ROOM = 107 - len("/asterisk.ctl")


@dataclass(frozen=True)
class Note:
    """A running exchange, as noted for the next start (the process may be gone by then)."""

    pid: int
    ticks: int
    way: str
    http_port: int
    sip_port: int
    fingerprint: str
    version: str


@dataclass(frozen=True)
class Place:
    """A prepared exchange: what to start, with which files, as whom."""

    runtime: Runtime
    identity: Identity
    plan: Plan
    texts: dict[str, str]

    @property
    def folder(self) -> Path:
        return self.plan.folder

    @property
    def command(self) -> list[str]:
        etc = self.folder / "etc" / "asterisk.conf"
        return [*self.identity.prefix, *self.runtime.command, "-C", str(etc), "-f", "-n"]

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.texts)


def prepare(
    settings: Settings, runtime: Runtime, ports: tuple[int, int], *, way: str | None = None
) -> Place:
    """Folders, links and the texts of the files; nothing is written of the configuration yet.

    `ports` are (http, sip). `way` is as whom a living one runs, when there is one.
    """
    folder = settings.data_dir / "asterisk"
    for name in FOLDERS:
        (folder / name).mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    _link(folder / "data", runtime)
    identity = choose(
        runtime.program,
        folder,
        only=way,
        least=True,
        version="--version" if len(runtime.command) > 1 else "-V",
        refusal="voice_root",
    )
    run = socket_folder(settings.data_dir, identity, folder / "run", SOCKET_ROOM)
    there = frozenset(name for name in MODULES if (runtime.modules / f"{name}.so").exists())
    plan = Plan(
        folder=folder,
        run=run,
        modules_folder=runtime.modules,
        share=runtime.share,
        modules=there,
        http_port=ports[0],
        password=_password(settings.data_dir),
        sip_host=settings.sip_host,
        sip_port=ports[1],
        rtp_ports=settings.rtp_ports,
        media_address=settings.media_address,
        stun=settings.stun,
        turn=settings.turn,
        turn_user=settings.turn_user,
        turn_password=settings.turn_password,
    )
    return Place(runtime, identity, plan, files(plan))


def write(place: Place) -> None:
    """The configuration's files, each whole or not at all; readable by its server alone."""
    etc = place.folder / "etc"
    for name, text in place.texts.items():
        whole = text.rstrip("\n")
        with contextlib.suppress(OSError):
            if (etc / name).read_text() == whole + "\n":
                continue
        write_secret(etc / name, whole)
    if os.geteuid() == 0:
        made = [*(place.folder / name for name in FOLDERS), *(etc / name for name in place.texts)]
        for path in made:
            os.chown(path, *place.identity.owner, follow_symlinks=False)


def choose_ports(settings: Settings, noted: Note | None) -> tuple[int, int]:
    """(http, sip): those of the last time while they are free, so that nobody is surprised.

    A SIP port that was asked for must be had; the usual one is only preferred.
    """
    wanted, host = settings.sip_port, settings.sip_host
    before = (noted.http_port, noted.sip_port) if noted else (0, 0)
    http = before[0] if _soon_free("127.0.0.1", before[0], udp=False) else 0
    http = http or _any_port("127.0.0.1", udp=False)
    if wanted:
        if not _soon_free(host, wanted, udp=True):
            raise Problem(409, "voice_sip_port", host=host, port=wanted)
        return http, wanted
    usual = [SIP_PORT] if wanted is None else []
    for port in dict.fromkeys([*usual, before[1]]):
        soon = _soon_free if port == before[1] else _free
        if soon(host, port, udp=True):
            return http, port
    return http, _any_port(host, udp=True)


def living(settings: Settings) -> Postmaster | None:
    """The noted process if it lives, else one that serves this folder without a note."""
    if (noted := recall(settings)) is not None:
        found = Postmaster(noted.pid, noted.ticks)
        if postmaster.same(found):
            return found
    pid = _stray(settings)
    return Postmaster(pid, postmaster.ticks_of(pid)) if pid else None


def living_pid(settings: Settings) -> int:
    """The process of this folder's exchange; 0 when none lives."""
    found = living(settings)
    return found.pid if found is not None else 0


def _stray(settings: Settings) -> int:
    """The process that serves this folder by what Asterisk itself wrote; 0 when there is none."""
    with contextlib.suppress(OSError, ValueError):
        folder = settings.data_dir / "asterisk"
        text = (folder / "etc" / "asterisk.conf").read_text()
        run = next(line for line in text.splitlines() if line.startswith("astrundir"))
        pid = int((Path(run.partition(" => ")[2]) / "asterisk.pid").read_text())
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        if os.fsencode(folder / "etc" / "asterisk.conf") in words:
            return pid
    return 0


def note_file(settings: Settings) -> Path:
    return settings.run_dir / "asterisk.json"


def remember(settings: Settings, note: Note) -> None:
    path = note_file(settings)
    half = path.with_suffix(".half")
    half.write_text(json.dumps(asdict(note)))
    half.rename(path)


def recall(settings: Settings) -> Note | None:
    with contextlib.suppress(OSError, ValueError, TypeError):
        return Note(**json.loads(note_file(settings).read_text()))
    return None


def _link(data: Path, runtime: Runtime) -> None:
    """Debian's folders of sounds are reached by alternatives that an unpacked package has not."""
    links = {data / name: runtime.share / name for name in ("documentation", "rest-api")}
    for language, pattern in VOICES.items():
        sounds = runtime.share / "sounds"
        found = [sounds / language, *sorted(sounds.glob(pattern))]
        target = next((folder for folder in found if folder.is_dir()), None)
        if target is not None:
            links[data / "sounds" / language] = target
    for link, target in links.items():
        if link.is_symlink() and link.readlink() == target:
            continue
        if link.is_symlink() or link.exists():
            link.unlink()
        if target.is_dir():
            link.symlink_to(target)


def _password(data_dir: Path) -> str:
    path = data_dir / "asterisk.password"
    with contextlib.suppress(OSError):
        if found := path.read_text().strip():
            return found
    write_secret(path, made := secrets.token_urlsafe(32))
    return made


def _soon_free(host: str, port: int, *, udp: bool) -> bool:
    """The kernel closes the sockets of a killed process a moment after the process is gone."""
    until = time.monotonic() + CLOSING_S
    while not (free := _free(host, port, udp=udp)) and port and time.monotonic() < until:
        time.sleep(0.02)
    return free


def _free(host: str, port: int, *, udp: bool) -> bool:
    if port == 0:
        return False
    kinds = [socket.SOCK_STREAM, *([socket.SOCK_DGRAM] if udp else [])]
    return all(_bind(host, port, kind) is not None for kind in kinds)


def _any_port(host: str, *, udp: bool) -> int:
    for _ in range(20):
        port = _bind(host, 0, socket.SOCK_STREAM)
        if port and (not udp or _bind(host, port, socket.SOCK_DGRAM)):
            return port
    raise Problem(400, "voice_sip_port", host=host, port=0)


def _bind(host: str, port: int, kind: socket.SocketKind) -> int | None:
    """The port that could be bound; None when it is taken or not ours to have."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, kind) as probe:
        if kind == socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return None
        return int(probe.getsockname()[1])
