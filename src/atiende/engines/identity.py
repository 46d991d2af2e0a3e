"""As whom PostgreSQL and Asterisk run. Called before either is started.

PostgreSQL refuses to run as root, and a user that root drops to can read neither `/root` nor a
0700 temporary folder. We create no user and open nobody's folders; the ways, best first:

1. not root: as ourselves;
2. root: a user namespace in which root is mapped to an ordinary id. Outside it the files still
   belong to root, so every path that root owns can be read;
3. root where namespaces are refused (a chroot, some containers): an ordinary id that keeps one
   power, CAP_DAC_OVERRIDE, so that it may pass 0700 folders. `no_setuid_fixup` matters: without
   it `access()`, which PostgreSQL asks about its own program, forgets that power;
4. otherwise one sentence.

Asterisk listens to strangers, so for it a way without any power comes before the second: an
ordinary id that keeps nothing, where the folders let it pass.

A way counts only if it has just run the very program and written in the folder.
"""

import os
import pwd
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from atiende.core.problem import Problem

#: `initdb` insists on a name for its id, so the id must be one the system knows.
ORDINARY = ("postgres", "nobody", "daemon")
#: For a program that wants none in particular: ids under which hardly anything else runs.
QUIET = ("asterisk", "daemon", "nobody")
#: Write, remove, and run the program: `test -w` would ask `access()`, this really does it.
PROBE = 'cd "$1" && : > .probe && rm .probe && exec "$2" "$3"'


@dataclass(frozen=True)
class Identity:
    """What stands before each PostgreSQL command, and who must own the cluster's folder."""

    way: str
    prefix: tuple[str, ...]
    owner: tuple[int, int]


def choose(
    program: Path,
    folder: Path,
    *,
    only: str | None = None,
    least: bool = False,
    version: str = "--version",
    refusal: str = "database_root",
) -> Identity:
    """The first way that works for this program and this (existing) folder.

    `only`: the way of one that already runs; `least`: try the way without power first;
    `version`: the option that makes the program say its version and end.
    """
    ways: list[Identity] = [*(_powerless() if least else ()), *_ways()]
    for identity in ways:
        if only is not None and identity.way != only:
            continue
        own(folder, identity)
        if _works(identity, program, folder, version):
            return identity
    raise Problem(500, refusal)


def own(folder: Path, identity: Identity, *, again: bool = False) -> None:
    """Give our own folder, and all in it, to the id that will serve it."""
    if os.geteuid() != 0:
        return
    uid, gid = identity.owner
    if folder.stat().st_uid == uid and not again:
        return
    for base, names, files in os.walk(folder):
        for name in (*names, *files):
            os.chown(Path(base, name), uid, gid, follow_symlinks=False)
    os.chown(folder, uid, gid)


def _ways() -> Iterator[Identity]:
    if os.geteuid() != 0:
        yield Identity("self", (), (os.geteuid(), os.getegid()))
        return
    for entry in _ordinary():
        ids = (f"--map-user={entry.pw_uid}", f"--map-group={entry.pw_gid}")
        yield Identity("namespace", ("unshare", "--user", *ids, "--"), (0, 0))
    for entry in _ordinary():
        power = (
            "setpriv",
            "--securebits=+no_setuid_fixup",
            f"--reuid={entry.pw_uid}",
            f"--regid={entry.pw_gid}",
            "--clear-groups",
            "--inh-caps=-all,+dac_override",
            "--ambient-caps=+dac_override",
            "--",
        )
        yield Identity("dropped", power, (entry.pw_uid, entry.pw_gid))


def _powerless() -> Iterator[Identity]:
    if os.geteuid() != 0:
        return
    for entry in _ordinary(QUIET):
        ids = (f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", "--clear-groups")
        nothing = ("--inh-caps=-all", "--bounding-set=-all", "--no-new-privs", "--")
        yield Identity("powerless", ("setpriv", *ids, *nothing), (entry.pw_uid, entry.pw_gid))


def _ordinary(names: tuple[str, ...] = ORDINARY) -> Iterator[pwd.struct_passwd]:
    known = {entry.pw_name: entry for entry in pwd.getpwall() if entry.pw_uid != 0}
    for name in names:
        if name in known:
            yield known[name]
            return
    if known:
        yield next(iter(known.values()))


def _works(identity: Identity, program: Path, folder: Path, version: str) -> bool:
    words = (str(folder), str(program), version)
    command = [*identity.prefix, "/bin/sh", "-c", PROBE, "sh", *words]
    try:
        done = subprocess.run(command, capture_output=True, timeout=20, check=False, cwd="/")
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
