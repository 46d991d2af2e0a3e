"""Which of the host's package sources are Debian's main archive."""

from pathlib import Path

import pytest

from atiende.engines.asterisk.mirrors import Source, debian_mirrors, read_lines, read_stanzas
from atiende.engines.asterisk.private_apt import host_sources

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"

ONE_LINE = f"""\
# deb http://commented.example/debian bookworm main
deb http://mirror.example/debian/ bookworm main contrib
deb [arch=amd64 signed-by={KEYRING}] https://signed.example/debian trixie main # a word
deb-src http://mirror.example/debian bookworm main
deb http://mirror.example/debian-security bookworm-security main
deb [signed-by=/usr/share/keyrings/shop.gpg] https://shop.example/linux/debian bookworm main
deb https://tools.example/linux/debian bookworm stable
deb http://ubuntu.example/ubuntu noble main universe
deb cdrom:[Debian]/ bookworm main
deb http://company.example/repos/os-bookworm bookworm-updates main
nonsense
deb
"""

STANZAS = f"""\
Types: deb deb-src
# a comment inside
URIs: http://one.example/debian http://two.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: {KEYRING}

Types: deb
URIs: http://one.example/debian-security
Suites: bookworm-security
Components: main

Enabled: no
Types: deb
URIs: http://disabled.example/debian
Suites: sid
Components: main

Types: deb-src
URIs: http://source.example/debian
Suites: sid
Components: main

Types: deb
URIs: http://inline.example/debian
Suites: trixie
Components:
 main
 contrib
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mDMEY...
 -----END PGP PUBLIC KEY BLOCK-----
"""


def test_one_line_sources_are_read() -> None:
    assert debian_mirrors(read_lines(ONE_LINE)) == [
        "https://signed.example/debian",
        "http://mirror.example/debian",
        "http://company.example/repos/os-bookworm",
    ]


def test_stanzas_are_read() -> None:
    assert debian_mirrors(read_stanzas(STANZAS)) == [
        "http://one.example/debian",
        "http://two.example/debian",
    ]


@pytest.mark.parametrize(
    "uri",
    [
        "http://a.example/debian\tx",
        "http://a.example/débian",
        "ftp://a.example/debian",
        "javascript:alert(1)",
        "",
    ],
)
def test_an_address_that_is_not_one_plain_word_is_passed_over(uri: str) -> None:
    assert debian_mirrors([Source(uri, ("sid",), ("main",))]) == []


def test_all_the_hosts_files_count_and_the_unreadable_do_not(tmp_path: Path) -> None:
    folder = tmp_path / "sources.list.d"
    folder.mkdir()
    (tmp_path / "sources.list").write_text("deb http://a.example/debian sid main\n")
    (folder / "b.list").write_text("deb http://b.example/debian sid main\n")
    (folder / "c.sources").write_text(STANZAS)
    (folder / "d.list.save").write_text("deb http://d.example/debian sid main\n")
    (folder / "e.sources").mkdir()
    found = debian_mirrors(host_sources(tmp_path))
    assert found == [
        "http://one.example/debian",
        "http://two.example/debian",
        "http://a.example/debian",
        "http://b.example/debian",
    ]
    assert host_sources(tmp_path / "none") == []
