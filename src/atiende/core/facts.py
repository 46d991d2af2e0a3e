"""Everything that can have happened on the floor, in the past tense.

routing/ turns commands and rows into these and feeds them to ``Floor.step`` one by one.  What a
person asked for is a fact too ("asked"); the floor answers an impossible one with ``Refuse``.
"""

from __future__ import annotations

from dataclasses import dataclass

from atiende.core.specs import AgentSpec, Id, Presence, QueueSpec, WorkSpec


@dataclass(frozen=True, slots=True)
class QueueConfigured:
    """A queue is new or changed; waiting work follows the new rules."""

    spec: QueueSpec


@dataclass(frozen=True, slots=True)
class QueueRemoved:
    """A queue is gone: its waiting work overflows as its rules said, else is closed."""

    queue: Id


@dataclass(frozen=True, slots=True)
class AgentConfigured:
    """An agent is new or changed (queues, skills, slots)."""

    spec: AgentSpec


@dataclass(frozen=True, slots=True)
class AgentRemoved:
    """An agent was disabled or deleted: everything in hand goes back, voice included."""

    agent: Id


@dataclass(frozen=True, slots=True)
class PresenceAsked:
    """An agent (or a supervisor) asked for a presence; ``after_work`` = when the work empties.
    ``offline`` is a clean logout: what he holds goes back at once."""

    agent: Id
    presence: Presence
    code: str | None = None
    after_work: bool = False


@dataclass(frozen=True, slots=True)
class AgentSeen:
    """A session of the agent answers again (or for the first time)."""

    agent: Id


@dataclass(frozen=True, slots=True)
class AgentSilent:
    """No session of the agent answers; ``since`` = the last pong.  30 s after it he is lost."""

    agent: Id
    since: float


@dataclass(frozen=True, slots=True)
class WorkQueued:
    """New work, or scheduled work whose time came early (the customer wrote): same id again.
    Of work that already waits or is attended it changes nothing."""

    spec: WorkSpec


@dataclass(frozen=True, slots=True)
class WorkCanceled:
    """The customer left, or the case was resolved, before or while somebody attended."""

    work: Id
    reason: str = "customer_left"


@dataclass(frozen=True, slots=True)
class OfferAccepted:
    """The agent said yes."""

    work: Id
    agent: Id


@dataclass(frozen=True, slots=True)
class OfferRejected:
    """The agent said no; the work does not come back to him for REFUSAL_S."""

    work: Id
    agent: Id
    reason: str = "rejected"


@dataclass(frozen=True, slots=True)
class MediaFailed:
    """Accepted, but no media flows: back to its place, the agent paused `technical_failure`."""

    work: Id
    agent: Id


@dataclass(frozen=True, slots=True)
class AssignmentEnded:
    """The interaction ended: wrap-up begins if this was the agent's last live work of the case,
    else the assignment is done."""

    work: Id
    agent: Id


@dataclass(frozen=True, slots=True)
class WrapExtended:
    """The agent asked for more time; counts from the present deadline."""

    work: Id
    agent: Id
    seconds: float


@dataclass(frozen=True, slots=True)
class AssignmentDone:
    """The agent is through with it, wrap-up included."""

    work: Id
    agent: Id
    reason: str = "done"


@dataclass(frozen=True, slots=True)
class WorkWaiting:
    """The customer was answered at ``since``: after WAITING_S of silence it holds no slot."""

    work: Id
    since: float


@dataclass(frozen=True, slots=True)
class WorkResumed:
    """The customer wrote again: the work holds its slot once more."""

    work: Id


@dataclass(frozen=True, slots=True)
class WorkParked:
    """The agent put it aside; at ``until`` it queues at its old place, asking for him first.
    None = until WorkQueued brings it back."""

    work: Id
    agent: Id
    until: float | None = None


@dataclass(frozen=True, slots=True)
class TransferAsked:
    """The agent who holds the work passes it to a queue or to an agent (one of both)."""

    work: Id
    agent: Id
    to_queue: Id | None = None
    to_agent: Id | None = None
    until: float | None = None  # how long it waits for to_agent before its queue takes it


@dataclass(frozen=True, slots=True)
class PullAsked:
    """An agent takes work by hand.  ``spec`` for work the floor does not know yet (he starts a
    chat inside a case he holds); else the work must be waiting."""

    work: Id
    agent: Id
    spec: WorkSpec | None = None


@dataclass(frozen=True, slots=True)
class MoveAsked:
    """A supervisor moves work, waiting, offered or attended, to a queue or into an agent's
    hands (one of both)."""

    work: Id
    to_queue: Id | None = None
    to_agent: Id | None = None


@dataclass(frozen=True, slots=True)
class TimePassed:
    """Nothing but the clock.  Only this fact runs the timers that are due: feed what people did
    first, so that an answer in time counts although the router was late."""


Fact = (
    QueueConfigured
    | QueueRemoved
    | AgentConfigured
    | AgentRemoved
    | PresenceAsked
    | AgentSeen
    | AgentSilent
    | WorkQueued
    | WorkCanceled
    | OfferAccepted
    | OfferRejected
    | MediaFailed
    | AssignmentEnded
    | WrapExtended
    | AssignmentDone
    | WorkWaiting
    | WorkResumed
    | WorkParked
    | TransferAsked
    | PullAsked
    | MoveAsked
    | TimePassed
)
