"""The board: everything the floor knows at one moment.

floor.py owns one; the on_*.py files change it, matching.py chooses from it.  Dicts, never sets,
wherever the order of a walk could be seen from outside: the floor must be deterministic.
"""

from __future__ import annotations

from atiende.core.clock import Clock, mark, next_strike
from atiende.core.effects import Effect, Refuse
from atiende.core.lines import Line, join
from atiende.core.records import Agent, Case, Work
from atiende.core.skills import Demand, SkillBook
from atiende.core.specs import Id, QueueSpec, Step, WorkSpec

DEFAULT_QUEUE = QueueSpec(id=0)  # the rules for attended work whose queue was removed


class Board:
    """Agents, queues, work, lines, timers; and the effects of the step being taken."""

    __slots__ = (
        "agents",
        "book",
        "cases",
        "clock",
        "lines",
        "loading",
        "members",
        "now",
        "out",
        "queues",
        "work",
    )

    def __init__(self) -> None:
        self.now = 0.0
        self.loading = False  # rebuilding: nothing is matched until everything stands
        self.out: list[Effect] = []
        self.queues: dict[Id, QueueSpec] = {}
        self.agents: dict[Id, Agent] = {}
        self.work: dict[Id, Work] = {}
        self.book = SkillBook()
        self.lines: dict[tuple[Id, int], Line] = {}
        self.members: dict[Id, dict[Agent, None]] = {}  # queue -> who serves it
        self.cases: dict[Id, Case] = {}
        self.clock = Clock()

    def refuse(self, key: str, **values: str | int) -> None:
        self.out.append(Refuse(key, values))


def new_work(board: Board, spec: WorkSpec) -> Work:
    """Work that the floor does not know yet."""
    case = board.cases.get(spec.case)
    if case is None:
        case = board.cases[spec.case] = Case(spec.case)
    work = board.work[spec.id] = Work(spec, case)
    return work


def forget_work(board: Board, work: Work) -> None:
    """The work leaves the floor, and its case when nothing else is left of it."""
    if work.timer_at is not None:
        mark(board.clock, work, None)
    work.state = "gone"
    del board.work[work.id]
    case = work.case
    case.pieces -= 1
    if not case.pieces:
        del board.cases[case.id]


def line_of(board: Board, queue: Id, media: int) -> Line:
    """The line, made when its first work comes: agents are filed only where work ever is."""
    line = board.lines.get((queue, media))
    if line is None:
        line = board.lines[(queue, media)] = Line(media)
        members = board.members.get(queue, {})
        for agent in members:
            join(line, media, agent)
        free = [agent.tickets[media] for agent in members if agent.filed[media]]
        line.order.tickets.extend(sorted(free, key=lambda t: (t.since, t.rank)))
        line.free = len(free)
    return line


def demand_of(board: Board, work: Work) -> Demand:
    """What the work asks at its present step."""
    steps = steps_of(board, work)
    return board.book.demand(steps[work.step].skills if steps else ())


def steps_of(board: Board, work: Work) -> tuple[Step, ...]:
    """The relaxation steps that hold for the work: its own, else its queue's."""
    return work.requirements or board.queues.get(work.queue, DEFAULT_QUEUE).requirements


def key_of(board: Board, work: Work) -> float:
    """The static key: ageing is the waiting itself, so it never has to be computed again."""
    return key_in(board.queues.get(work.queue, DEFAULT_QUEUE), work)


def key_in(queue: QueueSpec, work: Work) -> float:
    """The same where the queue is known."""
    return work.virtual_start - (queue.priority + work.tier) * queue.boost_s


def next_mark(board: Board) -> float | None:
    """When the clock strikes next."""
    return next_strike(board.clock)
