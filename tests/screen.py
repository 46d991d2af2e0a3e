"""Where a product answers, and what a desk's screen holds: the reducer of the contract.

Used by tests/product.py, whose people and guests talk to any place.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

Frame = dict[str, Any]


class Place(Protocol):
    """Where a product answers, in this process or in another."""

    @property
    def base(self) -> str: ...
    @property
    def ws(self) -> str: ...


@dataclass(frozen=True)
class Edge:
    """The address of a product that runs elsewhere."""

    base: str

    @property
    def ws(self) -> str:
        return self.base.replace("http", "ws", 1)


@dataclass
class Screen:
    """What a desk holds: {(topic, id): (version, state)}, and the messages of opened cases."""

    entities: dict[tuple[str, str], tuple[int, Frame]] = field(default_factory=dict)
    messages: dict[str, dict[str, Frame]] = field(default_factory=dict)
    gaps: int = 0

    def apply(self, frame: Frame) -> None:
        for e in frame.get("e", ()):
            key = (e["topic"], e["id"])
            if e.get("gone"):
                self.entities.pop(key, None)
                self.messages.pop(e["id"], None)
                continue
            held = self.entities.get(key, (0, {}))[0]
            if e["v"] <= held:
                continue
            self._messages(e, held)
            self.entities[key] = (e["v"], e["state"])

    def _messages(self, e: Frame, held: int) -> None:
        known = self.messages.get(e["id"])
        if known is None or "messages" not in e:
            return
        if e["base"] > held:
            self.gaps += 1
        for m in e["messages"]:
            known[m["id"]] = m

    def of(self, topic: str) -> dict[str, Frame]:
        return {i: state for (t, i), (_, state) in self.entities.items() if t == topic}

    def held(self) -> list[list[Any]]:
        return [[t, i, v] for (t, i), (v, _) in self.entities.items()]
