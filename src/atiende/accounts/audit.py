"""The append-only record of who changed what: each row's hash covers the row before it.

``record`` goes last in the transaction that did the act, because it waits for whoever is writing
the record at the same moment.  ``verify_audit`` finds the first row that was touched afterwards.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from atiende.accounts.context import Anonymous, Context
from atiende.store import Connection, Row, load_queries

Q = load_queries("atiende.accounts")

GENESIS = bytes(32)
MASK = "•••"
#: Keys whose value never enters the record, at any depth.
SECRET_KEYS = frozenset({"password", "password_hash", "token", "token_hash", "secret", "sealed"})

Values = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Who:
    """The author of an act: a person, or the program itself."""

    id: UUID | None
    name: str
    address: str | None = None


PROGRAM = Who(None, "atiende")


@dataclass(frozen=True, slots=True)
class Act:
    """What was done to which object, with what it was before and after."""

    action: str
    kind: str
    object_id: UUID | str
    before: Values | None = None
    after: Values | None = None


def who(source: Context | Anonymous, name: str = "") -> Who:
    """The author of an act done through a request; ``name`` for one that has not logged in."""
    if isinstance(source, Context):
        return Who(source.actor.user_id, source.actor.name, source.address)
    return Who(None, name, source.address)


async def record(conn: Connection, author: Who, act: Act, now: datetime) -> None:
    """Appends one row; other writers wait until this transaction ends."""
    await conn.execute(Q["audit_lock"])
    previous = await conn.fetchval(Q["audit_head"]) or GENESIS
    fields: dict[str, object] = {
        "at": _time(now),
        "actor_id": None if author.id is None else str(author.id),
        "actor": author.name,
        "action": act.action,
        "object_kind": act.kind,
        "object_id": str(act.object_id),
        "before": masked(act.before),
        "after": masked(act.after),
        "address": author.address,
    }
    await conn.execute(
        Q["audit_insert"],
        now,
        author.id,
        author.name,
        act.action,
        act.kind,
        str(act.object_id),
        fields["before"],
        fields["after"],
        author.address,
        previous,
        chained(previous, fields),
    )


async def verify_audit(conn: Connection) -> int | None:
    """The number of the first row that does not follow from the one before it; None = whole."""
    previous = GENESIS
    async with conn.transaction():
        async for row in conn.cursor(Q["audit_all"]):
            if row["prev_hash"] != previous or row["hash"] != chained(previous, _fields(row)):
                return int(row["seq"])
            previous = row["hash"]
    return None


def chained(previous: bytes, fields: Mapping[str, object]) -> bytes:
    """sha256(previous hash ‖ canonical JSON of the row)."""
    text = json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(previous + text.encode()).digest()


def masked(value: Values | None) -> dict[str, object] | None:
    """A copy fit for the record: plain JSON, secrets hidden."""
    if value is None:
        return None
    return {str(k): MASK if k in SECRET_KEYS else _plain(v) for k, v in value.items()}


def _plain(value: object) -> object:
    match value:
        case Mapping():
            return masked(value)
        case list() | tuple() | set() | frozenset():
            return [_plain(v) for v in value]
        case datetime():
            return _time(value)
        case bool() | int() | None | str():
            return value
    return str(value)


def _fields(row: Row) -> dict[str, object]:
    names = ("actor", "action", "object_kind", "object_id", "before", "after", "address")
    return {
        "at": _time(row["at"]),
        "actor_id": None if row["actor_id"] is None else str(row["actor_id"]),
        **{name: row[name] for name in names},
    }


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
