"""What the floor is told about queues, agents and work: plain values, no behaviour.

routing/ builds them from rows; ``facts`` carry them in.  Times are POSIX seconds, levels 1 to 5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Media = Literal["voice", "messages", "mail"]
MEDIA: tuple[Media, ...] = ("voice", "messages", "mail")

Presence = Literal["offline", "available", "paused"]
WrapupMode = Literal["none", "optional", "mandatory", "timed"]


class Id(Protocol):
    """An opaque name: hashable, and ordered among its own kind (ties are settled by id).
    UUIDs in the product, numbers and strings in tests."""

    def __hash__(self) -> int: ...
    def __lt__(self, other: Any, /) -> bool: ...


DEFAULT_SLOTS: Mapping[Media, int] = {"voice": 1, "messages": 4, "mail": 5}


@dataclass(frozen=True, slots=True)
class Step:
    """What is asked of an agent from ``after_s`` seconds in the queue on.  A later step replaces
    the earlier one whole; the first is in force from the beginning whatever it says."""

    after_s: float = 0
    skills: tuple[tuple[Id, int], ...] = ()  # (skill, least level)


@dataclass(frozen=True, slots=True)
class QueueSpec:
    """A queue as routing needs it.  ``max_wait_s`` counts from the entry into this queue; then
    the work moves to ``overflow_queue``, or is closed as ``overflow`` when there is none."""

    id: Id
    priority: int = 0
    boost_s: float = 60
    offer_timeout_s: float = 20
    max_wait_s: float | None = None
    overflow_queue: Id | None = None
    wrapup_mode: WrapupMode = "none"
    wrapup_s: float = 0  # the deadline of 'timed' and 'optional'; 0 = none
    requirements: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class AgentSpec:
    """An agent's routing profile.  ``max_case_load`` bounds the distinct cases in hand."""

    id: Id
    queues: tuple[Id, ...] = ()
    skills: Mapping[Id, int] = field(default_factory=dict)
    slots: Mapping[Media, int] = field(default_factory=lambda: DEFAULT_SLOTS)
    messages_during_call: int = 2
    max_case_load: int | None = None


@dataclass(frozen=True, slots=True)
class WorkSpec:
    """One piece of work.

    ``priority`` is what the customer's tier adds to the queue's own.  ``requirements`` replace
    the queue's when there are any.  ``preferred_agent`` is asked first, and alone until
    ``preferred_until`` while that agent is connected; ``direct`` (a person chose the agent)
    waives queue and skills for that agent, never presence nor capacity.  ``entered_at`` is the
    entry into the present queue (relaxation and max_wait count from it; default virtual_start).
    ``due_at`` in the future leaves the work scheduled until then.
    """

    id: Id
    queue: Id
    case: Id
    virtual_start: float
    media: Media = "messages"
    priority: int = 0
    requirements: tuple[Step, ...] = ()
    preferred_agent: Id | None = None
    preferred_until: float | None = None
    direct: bool = False
    entered_at: float | None = None
    due_at: float | None = None
    expires_at: float | None = None


@dataclass(frozen=True, slots=True)
class AgentRow:
    """An agent as the rows tell it when a router rebuilds its floor (``Floor.load``).
    ``pending`` is the presence to come when the work empties; ``silent_since`` None = alive."""

    spec: AgentSpec
    presence: Presence = "offline"
    code: str | None = None
    pending: tuple[Presence, str | None] | None = None
    idle_since: float = 0
    silent_since: float | None = None


@dataclass(frozen=True, slots=True)
class WorkRow:
    """Work as the rows tell it when a router rebuilds its floor.  ``agent`` holds the offer or
    the assignment; ``expires_at`` is the offer's end; ``wrapping`` an assignment in wrap-up
    until ``wrap_until``; ``waiting_since`` when the customer was last answered."""

    spec: WorkSpec
    state: Literal["scheduled", "queued", "offered", "assigned"] = "queued"
    step: int = 0
    agent: Id | None = None
    expires_at: float | None = None
    wrapping: bool = False
    wrap_until: float | None = None
    waiting_since: float | None = None
