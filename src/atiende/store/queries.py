"""SQL as text a person can read: one `queries.sql` a slice, each statement under `-- name: word`.

Every slice loads its file once, at import. A test PREPAREs each statement on the migrated schema.
"""

import re
from collections.abc import Iterator
from importlib.resources import files

_NAME = re.compile(r"^-- name: ([a-z][a-z0-9_]*)\s*$", re.MULTILINE)


class Queries:
    """Statements by name: `queries["open_case"]`. An unknown name is a KeyError at import time."""

    def __init__(self, statements: dict[str, str]) -> None:
        self._statements = statements

    def __getitem__(self, name: str) -> str:
        return self._statements[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._statements)


def parse_queries(text: str) -> Queries:
    """Splits a file into its named statements; the text before the first name is a comment."""
    pieces = _NAME.split(text)
    names, bodies = pieces[1::2], pieces[2::2]
    if len(set(names)) != len(names):
        raise ValueError("a query name stands twice")
    return Queries({n: b.strip().rstrip(";") for n, b in zip(names, bodies, strict=True)})


def load_queries(package: str, file: str = "queries.sql") -> Queries:
    """The statements of `<package>/<file>`."""
    return parse_queries(files(package).joinpath(file).read_text(encoding="utf-8"))
