"""PURE: which Debian mirrors this machine already uses, read from its own package sources.

Called by `acquire` with the texts of `sources.list` and `*.list` (one line a source) and of
`*.sources` (deb822). No host name stands in our code: what a company allowed its machines to
reach is what we ask. Formats: sources.list(5).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

#: Names under which Debian publishes its suites, in all releases that may still be installed.
CODENAMES = frozenset(
    "bullseye bookworm trixie forky duke sid oldstable stable testing unstable".split()
)
#: What may follow a codename in a suite's name.
POCKETS = ("-updates", "-backports", "-proposed-updates")
#: Ways of fetching that a private apt root can use as they stand.
SCHEMES = frozenset({"http", "https", "mirror+http", "mirror+https", "file", "mirror+file", "copy"})
KEYRING = "debian-archive"
_ONE_LINE = re.compile(r"^\s*deb\s+(?:\[(?P<options>[^\]]*)\]\s+)?(?P<uri>\S+)\s+(?P<rest>.+)$")
#: An address that can be written into a sources.list as one word.
_PLAIN = re.compile(r"[!-~]+")


@dataclass(frozen=True)
class Source:
    """One archive that the machine knows: its address, suites, components, keyring."""

    uri: str
    suites: tuple[str, ...]
    components: tuple[str, ...]
    signed_by: str = ""


def read_lines(text: str) -> Iterator[Source]:
    """The sources of a `.list` file; what we do not understand is passed over."""
    for raw in text.splitlines():
        found = _ONE_LINE.match(raw.partition("#")[0])
        if found is None:
            continue
        suite, *components = found["rest"].split()
        options = dict(
            word.partition("=")[::2] for word in (found["options"] or "").split() if "=" in word
        )
        yield Source(found["uri"], (suite,), tuple(components), options.get("signed-by", ""))


def read_stanzas(text: str) -> Iterator[Source]:
    """The sources of a `.sources` file (deb822): stanzas of `Key: value`, continued by indent."""
    for fields in _stanzas(text):
        if fields.get("enabled", "yes").lower() in {"no", "false", "0"}:
            continue
        if "deb" not in fields.get("types", "").split():
            continue
        suites = tuple(fields.get("suites", "").split())
        components = tuple(fields.get("components", "").split())
        for uri in fields.get("uris", "").split():
            yield Source(uri, suites, components, fields.get("signed-by", ""))


def debian_mirrors(sources: Iterable[Source]) -> list[str]:
    """Addresses that look like Debian's main archive, the surest first, each once.

    A guess costs nothing: apt judges each by Debian's signature, and another's archive has none.
    """
    ranked: dict[str, int] = {}
    for source in sources:
        rank = _rank(source)
        if rank is not None:
            uri = source.uri.rstrip("/")
            ranked[uri] = min(rank, ranked.get(uri, rank))
    return sorted(ranked, key=lambda uri: ranked[uri])


def _rank(source: Source) -> int | None:
    """0 the surest; None = not Debian's main archive."""
    if "main" not in source.components or not _PLAIN.fullmatch(source.uri):
        return None
    parts = urlsplit(source.uri)
    if parts.scheme not in SCHEMES:
        return None
    suites = [suite.partition("/")[0] for suite in source.suites]
    if not any(_is_debian_suite(suite) for suite in suites):
        return None
    ours = KEYRING in source.signed_by
    if source.signed_by and not ours:
        return None
    named = parts.path.rstrip("/").rpartition("/")[2].startswith("debian")
    return (0 if ours else 2) + (0 if named else 1)


def _is_debian_suite(suite: str) -> bool:
    name = suite
    for pocket in POCKETS:
        name = name.removesuffix(pocket)
    return name in CODENAMES


def _stanzas(text: str) -> Iterator[dict[str, str]]:
    fields: dict[str, str] = {}
    key = ""
    for line in [*text.splitlines(), ""]:
        if line.startswith("#"):
            continue
        if not line.strip():
            if fields:
                yield fields
            fields, key = {}, ""
        elif line[0] in " \t":
            if key:
                fields[key] += "\n" + line.strip()
        elif ":" in line:
            name, _, value = line.partition(":")
            key = name.strip().lower()
            fields[key] = value.strip()
