"""The one typed error meant for a person.  Every slice raises it; web/ and cli turn it into words.

The key is translated from the catalogues under ``problem.<key>``, and the values fill its
placeholders.  Nothing here is ever shown as it stands.
"""

from __future__ import annotations

from collections.abc import Mapping


class Problem(Exception):  # noqa: N818 -- the word everybody uses for it
    """``Problem(409, "work_taken", agent="Ana")``: an HTTP status, a catalogue key, its values.
    ``fields`` says which fields of a form are at fault: name -> key under ``field.<key>``."""

    def __init__(
        self,
        status: int,
        key: str,
        /,
        *,
        fields: Mapping[str, str] | None = None,
        **values: str | int,
    ) -> None:
        super().__init__(key)
        self.status = status
        self.key = key
        self.fields = dict(fields or {})
        self.values = values

    def __repr__(self) -> str:
        return f"Problem({self.status}, {self.key!r}, {self.values!r})"

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (self.status, self.key, self.fields, self.values))


def _rebuild(
    status: int, key: str, fields: dict[str, str], values: dict[str, str | int]
) -> Problem:
    return Problem(status, key, fields=fields, **values)
