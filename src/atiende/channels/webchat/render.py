"""What is sent to the visitor's page: messages and state as the socket's frames.  PURE.

web/chat_live.py calls these; each frame function returns the JSON text of one frame.  Only what a
visitor may see gets through: notes, errors, ids of people and the inside of system messages do not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import msgspec

from atiende.channels.webchat.config import Config

Phase = Literal["closed", "waiting", "active", "ended", "none"]

# What a system message may tell the visitor; one without such an event is not shown.
VISITOR_EVENTS = frozenset({"joined", "transferred", "ended"})
_EVENT_VALUES = ("name", "position")

# States of delivery as the visitor's page knows them.
_STATES = {"received": "sent", "queued": "sent", "sending": "sent", "unknown": "sent"}


def message(row: Mapping[str, Any]) -> dict[str, Any] | None:
    """A row of ``live_messages.state`` as the visitor sees it; None when it is not for him."""
    if row["direction"] == "note" or row["state"] in ("draft", "canceled"):
        return None
    system = row["direction"] == "system"
    data = row.get("data") or {}
    if system and data.get("event") not in VISITOR_EVENTS:
        return None
    gone = bool(row.get("deleted"))
    return {
        "id": str(row["id"]),
        "rev": row["rev"],
        "direction": row["direction"],
        "author_kind": row["author_kind"],
        "author_name": row.get("author_name") if row["author_kind"] == "agent" else None,
        "kind": row["kind"],
        "body": "" if gone or system else row["body"],
        "state": _STATES.get(row["state"], row["state"]),
        "client_id": row.get("client_id") if row["author_kind"] == "customer" else None,
        "at": row["at"],
        "deleted": gone,
        "attachments": [] if gone else [_attachment(each) for each in row["attachments"]],
        "data": _event(data) if system else {},
    }


def _event(data: Mapping[str, Any]) -> dict[str, Any]:
    values = {key: data[key] for key in _EVENT_VALUES if isinstance(data.get(key), str | int)}
    return {"event": data["event"], **values}


def _attachment(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": str(row["id"]),
        "name": row["name"],
        "media_type": row["media_type"],
        "size": row["size"],
    }


def messages(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [seen for row in rows if (seen := message(row)) is not None]


def state(
    phase: Phase,
    *,
    position: int | None = None,
    agent: str | None = None,
    open: bool = True,
    opens_at: str | None = None,
) -> dict[str, Any]:
    """Where the chat stands.  ``position`` counts from 1, and only means something in a queue."""
    return {
        "phase": phase,
        "position": position if phase == "waiting" else None,
        "agent": agent if phase in ("active", "ended") else None,
        "open": open,
        "opens_at": None if open else opens_at,
    }


def _frame(kind: str, **values: Any) -> str:
    return msgspec.json.encode({"t": kind, **values}).decode()


def ready(
    rev: int, rows: Iterable[Mapping[str, Any]], now: Mapping[str, Any], *, read: int = 0
) -> str:
    """The answer to hello.  ``read``: the rev up to which the agent has read."""
    return _frame("ready", rev=rev, messages=messages(rows), state=now, read=read)


def changed(rev: int, rows: Iterable[Mapping[str, Any]]) -> str:
    """Messages new or changed up to ``rev``.  Sent even when none is for the visitor, so that the
    rev his page holds keeps up with the conversation."""
    return _frame("message", rev=rev, messages=messages(rows))


def ack(client_id: str, message_id: str, rev: int, at: str) -> str:
    return _frame("ack", client_id=client_id, id=message_id, rev=rev, at=at)


def typing(on: bool, name: str | None) -> str:
    return _frame("typing", on=on, name=name)


def read(rev: int, at: str | None = None) -> str:
    return _frame("read", rev=rev, at=at)


def state_frame(now: Mapping[str, Any]) -> str:
    return _frame("state", state=now)


def ping() -> str:
    return _frame("ping")


def error(key: str, client_id: str | None = None, **values: str | int) -> str:
    told = {"client_id": client_id} if client_id else {}
    return _frame("error", key=key, values=values, **told)


def bye(key: str) -> str:
    return _frame("bye", key=key)


def public_config(
    config: Config, key: str, name: str, *, open: bool, opens_at: str | None = None
) -> dict[str, Any]:
    """The answer of GET /chat/config: never the allowed origins, never a secret."""
    told: dict[str, Any] = msgspec.to_builtins(config)
    del told["allowed_origins"]
    return {
        **told,
        "key": key,
        "name": name,
        "open": open,
        "opens_at": None if open else opens_at,
        "consent": told["consent"] if config.asks_consent else None,
    }
