"""Debian packages in miniature, an apt-get that serves them, and a machine that has no other.

The loader in them is a shell script: it lists the libraries of a file, and runs the program,
which only says its version. So the whole way from packages to a runtime is walked in moments.
"""

import os
import shutil
import subprocess
from pathlib import Path

from atiende.engines.asterisk.mirrors import Source
from atiende.engines.asterisk.runtime import machine

VERSION = "22.10.1~dfsg-1"
LOADER = """\
#!/bin/sh
[ "$1" = --version ] && exit 0
shift 2
case $1 in
--list) echo "	libneeded.so.1 => /x/libneeded.so.1 (0x1)" ;;
*) exec /bin/sh "$@" ;;
esac
"""
APT_GET = """\
#!/bin/sh
root=$(dirname "$APT_CONFIG")
case "$*" in
*install*)
    for file in REPOSITORY/*.deb; do
        here=$root/cache/archives/$(basename "$file")
        [ -e "$here" ] || { cp "$file" "$here"; basename "$file" >>REPOSITORY/fetched; }
    done
    echo "dlstatus:1:100.0:done" ;;
esac
"""


def build(
    folder: Path,
    name: str,
    files: dict[str, str],
    version: str = VERSION,
    links: dict[str, str] | None = None,
) -> Path:
    """One package with these files (all of them executable), and links beside the last of them."""
    root = folder / f"{name}.root"
    (root / "DEBIAN").mkdir(parents=True)
    fields = {"Package": name, "Version": version, "Architecture": machine().debian}
    fields |= {"Maintainer": "T <t@example.org>", "Description": "test"}
    text = "".join(f"{key}: {value}\n" for key, value in fields.items())
    (root / "DEBIAN" / "control").write_text(text)
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content)
        (root / path).chmod(0o755)
    for link, target in (links or {}).items():
        (root / path).with_name(link).symlink_to(target)
    made = folder / f"{name}_{version}_{machine().debian}.deb"
    command = ["dpkg-deb", "--build", "--root-owner-group", str(root), str(made)]
    subprocess.run(command, check=True, capture_output=True)
    shutil.rmtree(root)
    return made


def build_all(folder: Path, version: str = VERSION) -> Path:
    """Packages that make a runtime, with things in them that a runtime does not need."""
    kind = machine()
    libraries = f"usr/lib/{kind.triplet}"
    folder.mkdir(parents=True)
    program = {
        "usr/sbin/asterisk": f"echo Asterisk {version}\n",
        f"{libraries}/asterisk/modules/res_ari.so": "module",
        f"{libraries}/asterisk/modules/app_system.so": "a module that we do not load",
        f"{libraries}/{kind.loader}": LOADER,
        f"{libraries}/libneeded.so.1": "a library",
        f"{libraries}/libother.so.1": "a library that nobody loads",
        "usr/bin/unneeded": "a program",
        "etc/shadow": "never",
    }
    build(folder, "asterisk", program, version)
    sounds = {
        "usr/share/asterisk/sounds/es_MX_f_Allison/hello.wav": "hola",
        "usr/share/asterisk/sounds/fr_CA_f_June/hello.wav": "bonjour",
    }
    build(folder, "asterisk-core-sounds-es-wav", sounds)
    build(folder, "asterisk-moh-opsound-wav", {"usr/share/asterisk/moh/a.wav": "music"})
    return folder


def programs(folder: Path, repository: Path | None, *, apt: str = APT_GET) -> str:
    """A PATH with what any machine has; with apt-get and dpkg-deb if there is a repository."""
    folder.mkdir(exist_ok=True)
    for name in ("sh", "dirname", "basename", "cp", "echo", "sleep"):
        if not (folder / name).exists():
            (folder / name).symlink_to(shutil.which(name) or f"/bin/{name}")
    if repository is not None:
        (folder / "apt-get").write_text(apt.replace("REPOSITORY", str(repository)))
        (folder / "apt-get").chmod(0o755)
        for name in ("dpkg-deb", "apt-config", "tar", "xz", "rm", "mkdir"):
            if (found := shutil.which(name)) and not (folder / name).exists():
                (folder / name).symlink_to(found)
    return str(folder)


def mirror_settings(folder: Path) -> list[Source]:
    """What the host's sources would say."""
    return [Source(f"file:{folder}/debian", ("sid",), ("main",))]


def fetched(repository: Path) -> list[str]:
    """Names of the packages that the apt-get of this test has served so far."""
    path = repository / "fetched"
    return sorted(os.fspath(name).partition("_")[0] for name in path.read_text().split())
