"""What the floor remembers of each agent and each piece of work.  Mutable, inside core only.

capacity.py reads the agent's load, lines.py files both, the on_*.py files change them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from atiende.core.skills import Demand, bits
from atiende.core.specs import MEDIA, AgentSpec, Id, Presence, WorkSpec

if TYPE_CHECKING:
    from atiende.core.lines import Group, Line, Order, Ticket

VOICE, MESSAGES, MAIL = range(3)  # positions in specs.MEDIA: the hot path counts by number
NUMBER = {name: number for number, name in enumerate(MEDIA)}

NOWHERE = (False, False, False)

WorkState = Literal["scheduled", "queued", "offered", "assigned", "gone"]


def rank_of(name: Id) -> Id:
    """What stands for an id where many are ordered: a UUID compares its number, but in Python;
    the number itself compares in C, and gives the same order."""
    number: Id = getattr(name, "int", name)
    return number


class Case:
    """A case as far as the floor needs it: who holds work of it, what of it stands in a line.
    Work and agents refer to the record, so that the hot path hashes no UUIDs."""

    __slots__ = ("holders", "id", "pieces", "waiting")

    def __init__(self, case: Id) -> None:
        self.id = case
        self.pieces = 0  # work on the floor that refers to it; at 0 it is forgotten
        # Tuples: most cases have one piece of work, and there are as many cases as work.
        self.holders: tuple[Agent, ...] = ()
        self.waiting: tuple[Work, ...] = ()


class Agent:
    """One agent: profile, presence, what is in hand, and where he is filed as free."""

    __slots__ = (
        "calls",
        "cases",
        "code",
        "filed",
        "held",
        "id",
        "idle_since",
        "levels",
        "lines",
        "load",
        "mask",
        "offer",
        "pending",
        "places",
        "presence",
        "rank",
        "reserved",
        "rooms",
        "silent_since",
        "slots",
        "spec",
        "tickets",
        "timer_at",
    )

    def __init__(self, spec: AgentSpec, levels: dict[int, int]) -> None:
        self.id: Id = spec.id
        self.rank = rank_of(spec.id)
        self.presence: Presence = "offline"
        self.code: str | None = None
        self.pending: tuple[Presence, str | None] | None = None
        self.silent_since: float | None = None
        self.idle_since: float = 0.0
        self.timer_at: float | None = None  # when his silence becomes a loss
        self.offer: Work | None = None
        self.held: dict[Work, None] = {}  # assigned to him, wrap-up included
        self.cases: dict[Case, int] = {}  # case -> pieces of it in hand
        self.load: tuple[dict[Case, int], ...] = ({}, {}, {})  # by media: case -> slots' holders
        self.calls = 0  # live voice assignments
        self.reserved: dict[Work, None] = {}  # waits for him alone
        self.lines: tuple[list[Line], ...] = ([], [], [])  # by media: the lines he serves
        # By media: the orders he stands in when he is free (lines.py).
        self.places: tuple[list[Order], ...] = ([], [], [])
        self.tickets: dict[int, Ticket] = {}  # by media: his place in them, void or not
        self.rooms: tuple[bool, bool, bool] = NOWHERE
        self.filed: tuple[bool, bool, bool] = NOWHERE  # by media: does he stand as free?
        self.configure(spec, levels)

    def configure(self, spec: AgentSpec, levels: dict[int, int]) -> None:
        self.spec = spec
        self.levels = levels
        self.mask = bits(levels)
        self.slots = tuple(spec.slots.get(media, 0) for media in MEDIA)


class Work:
    """One piece of work on the floor."""

    __slots__ = (
        "agent",
        "asked",
        "barred",
        "case",
        "demand",
        "direct",
        "due_at",
        "entered_at",
        "expires_at",
        "group",
        "id",
        "key",
        "media",
        "offer_ends",
        "preferred",
        "preferred_until",
        "queue",
        "rank",
        "requirements",
        "slot",
        "state",
        "step",
        "tier",
        "timer_at",
        "virtual_start",
        "waiting_since",
        "wrap_until",
        "wrapping",
    )

    def __init__(self, spec: WorkSpec, case: Case) -> None:
        self.id: Id = spec.id
        self.rank = rank_of(spec.id)
        self.case = case
        case.pieces += 1
        self.media = NUMBER[spec.media]
        self.tier = spec.priority
        self.virtual_start = spec.virtual_start
        self.requirements = spec.requirements
        self.queue: Id = spec.queue
        self.entered_at = spec.virtual_start if spec.entered_at is None else spec.entered_at
        self.expires_at = spec.expires_at
        self.due_at = spec.due_at
        self.preferred: Id | None = spec.preferred_agent
        self.preferred_until = spec.preferred_until
        self.direct = spec.direct
        self.state: WorkState = "queued"
        self.step = 0
        self.key = 0.0
        self.demand: Demand | None = None
        self.asked: Agent | None = None  # whose `reserved` it stands in
        self.group: Group | None = None  # the group of a line it stands in
        self.barred: dict[Agent, float] | None = None  # who said no, until when
        self.agent: Agent | None = None  # who has the offer or the assignment
        self.offer_ends = 0.0
        self.wrapping = False
        self.wrap_until: float | None = None
        self.waiting_since: float | None = None
        self.slot = False  # counts in its agent's load
        self.timer_at: float | None = None

    def __lt__(self, other: Work) -> bool:
        """Only so that (key, rank, work) can be sorted when a dead item has the same both."""
        return False
