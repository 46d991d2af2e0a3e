"""Who may log in to the demo: readable passwords, the same at every start, in files of mode 0600.

`demo-logins.json` is what the login page shows (accounts/api.py reads it), `demo-logins.txt` the
same for a person; `demo-people.json` is what the virtual people need for themselves.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from atiende.demo.data import company

LOGINS, READABLE, PEOPLE = "demo-logins.json", "demo-logins.txt", "demo-people.json"


@dataclass(frozen=True, slots=True)
class Login:
    """One person of the demo. `role` is the role's code."""

    name: str
    email: str
    password: str
    role: str
    virtual: bool = False


def new_logins() -> list[Login]:
    """Everybody, each with a new password."""
    found = company()
    words = found["words"].split()
    return [
        Login(
            person["name"],
            f"{person['email']}@{found['domain']}",
            new_password(words),
            person["role"],
            bool(person.get("virtual")),
        )
        for person in found["people"]
    ]


def new_password(words: Sequence[str]) -> str:
    """Three words and two digits: easy to read aloud, and random."""
    easy = [word for word in words if word.isascii()]
    chosen = "-".join(secrets.SystemRandom().sample(easy, 3))
    return f"{chosen}-{secrets.randbelow(90) + 10}"


@dataclass(frozen=True, slots=True)
class Known:
    """What the virtual people know: the agents' logins, the shop's secret, the chats' keys."""

    people: list[Login]
    secret: str
    keys: dict[str, str]


def write_logins(
    folder: Path, logins: Sequence[Login], secret: str, keys: Mapping[str, str]
) -> None:
    """The three files. `secret` signs who a returning customer of the shop is; `keys` are the
    public keys of the chats by team."""
    shown = [
        {"name": x.name, "email": x.email, "password": x.password, "role": x.role}
        for x in logins
        if not x.virtual
    ]
    _write(folder / LOGINS, json.dumps(shown, ensure_ascii=False, indent=1))
    lines = [f"{x.role:14} {x.name:28} {x.email:36} {x.password}" for x in logins]
    _write(folder / READABLE, "\n".join(lines) + "\n")
    people = [asdict(x) for x in logins if x.virtual]
    known = {"secret": secret, "keys": dict(keys), "people": people}
    _write(folder / PEOPLE, json.dumps(known, ensure_ascii=False, indent=1))


def read_people(folder: Path) -> Known | None:
    """What `write_logins` left for the virtual people; None when it is not there."""
    try:
        found: dict[str, Any] = json.loads((folder / PEOPLE).read_text(encoding="utf-8"))
        people = [Login(**each) for each in found["people"]]
        return Known(people, str(found["secret"]), dict(found["keys"]))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def are_written(folder: Path) -> bool:
    return (folder / LOGINS).is_file() and read_people(folder) is not None


def _write(path: Path, text: str) -> None:
    """Whole or not at all, and never readable by others, not even for a moment."""
    partial = path.with_name(path.name + ".part")
    partial.unlink(missing_ok=True)
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
