"""Everything the floor can ask for, in the imperative.

routing/ writes each as rows and events, in the order given, in one transaction.  The floor has
already taken them as done: an effect that cannot be written means the floor must be rebuilt.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypedDict, TypeVar, dataclass_transform

from atiende.core.specs import Id, Presence

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def value(kind: type[T]) -> type[T]:
    """A frozen dataclass, kept so by mypy alone: at run time a frozen one takes twice as long to
    make, and every decision makes two or three."""
    return dataclass(slots=True, unsafe_hash=True)(kind)


OfferEnd = Literal["accepted", "rejected", "timeout", "rescinded", "canceled"]


class Why(TypedDict):
    """Why this agent got this offer, kept with the offer.  Plain values, ready for jsonb."""

    queue: str
    key: float  # the static key: virtual_start - priority * boost_s
    priority: int  # queue's and tier's together
    tier: int  # the customer's part of it
    step: int  # relaxation step in force
    level: int  # his weakest level among the skills asked; 0 = none were asked
    idle_s: float  # how long he had been idle
    waited_s: float  # how long the work had waited
    preferred: bool  # he was the preferred (or directly chosen) agent
    case_held: bool  # he already holds the case, so it cost no slot
    trigger: str  # 'work' looked for an agent, or 'agent' looked for work
    candidates: int  # how many agents were free, or how much work waited, to choose from


@value
class Offer:
    """Propose the work to the agent until ``expires_at``."""

    work: Id
    agent: Id
    expires_at: float
    why: Why


@value
class CloseOffer:
    """The pending offer ended so; what becomes of the work is said by the effects after it."""

    work: Id
    agent: Id
    state: OfferEnd
    reason: str


@value
class Assign:
    """The work is the agent's now."""

    work: Id
    agent: Id
    kind: Literal["offer", "pull", "force"]


@value
class Requeue:
    """Back to waiting in ``queue`` at its old static key.  ``entered_at`` is what relaxation and
    max_wait count from; only a return from `scheduled` changes it.  Reasons: rona, silent,
    rejected, paused, lost, logout, removed, queue_removed, media_failed, transfer, moved, due,
    resumed."""

    work: Id
    queue: Id
    reason: str
    entered_at: float


@value
class Schedule:
    """Waits outside the queue, holding no slot, until ``due_at`` (None = until it is queued)."""

    work: Id
    due_at: float | None
    reason: str


@value
class MoveQueue:
    """Now belongs to another queue, which it entered at ``entered_at``; virtual_start stays,
    the relaxation begins anew at step 0."""

    work: Id
    queue: Id
    entered_at: float
    reason: str


@value
class Prefer:
    """The work asks for this agent until then; None = for nobody in particular any more."""

    work: Id
    agent: Id | None
    until: float | None
    direct: bool = False


@value
class RaiseStep:
    """A later relaxation step is in force."""

    work: Id
    step: int


@value
class CloseWork:
    """The work leaves the floor without (more) attention: canceled, expired, overflow."""

    work: Id
    reason: str


@value
class SetPresence:
    """The agent's presence, with what is pending until his work empties."""

    agent: Id
    presence: Presence
    code: str | None = None
    pending: tuple[Presence, str | None] | None = None


@value
class StartWrap:
    """Wrap-up begins or its deadline moves; ``until`` None = until the agent is done."""

    work: Id
    agent: Id
    until: float | None


@value
class FinishAssignment:
    """The assignment ended.  Reasons: done, wrap_timeout, no_wrap, case_continues, lost, logout,
    transfer, moved, parked, media_failed, canceled, removed.  When the work lives on, a Requeue,
    Schedule or Assign follows."""

    work: Id
    agent: Id
    reason: str


@value
class Refuse:
    """The fact asked for what cannot be: a key of the catalogue (problem.<key>) and its values.
    Nothing changed."""

    key: str
    values: dict[str, str | int] = field(default_factory=dict)


Effect = (
    Offer
    | CloseOffer
    | Assign
    | Requeue
    | Schedule
    | MoveQueue
    | Prefer
    | RaiseStep
    | CloseWork
    | SetPresence
    | StartWrap
    | FinishAssignment
    | Refuse
)
