"""Small floors for the tests of the core, and ways to read what a step answered."""

from __future__ import annotations

from typing import Any, TypeVar

from atiende.core import effects as e
from atiende.core import facts as f
from atiende.core.floor import Floor
from atiende.core.specs import AgentSpec, QueueSpec, Step, WorkSpec

T = TypeVar("T")
SALES = (Step(0, (("sales", 3),)), Step(30, (("sales", 1),)))


def floor_with(*queues: QueueSpec, agents: tuple[AgentSpec, ...] = (), now: float = 0) -> Floor:
    """A floor whose agents came one second apart, all available."""
    floor = Floor()
    for queue in queues or (QueueSpec("q"),):
        floor.step(f.QueueConfigured(queue), now)
    for late, agent in enumerate(agents):
        floor.step(f.AgentConfigured(agent), now + late)
        floor.step(f.AgentSeen(agent.id), now + late)
        floor.step(f.PresenceAsked(agent.id, "available"), now + late)
    return floor


def agent(name: str, *queues: str, **more: Any) -> AgentSpec:
    return AgentSpec(name, queues or ("q",), **more)


def work(number: int, at: float = 0, queue: str = "q", case: str | None = None, **more: Any) -> Any:
    return f.WorkQueued(WorkSpec(number, queue, case or f"case {number}", at, **more))


def only(effects: list[e.Effect], kind: type[T]) -> T:
    """The one effect of a kind."""
    found = [effect for effect in effects if isinstance(effect, kind)]
    assert len(found) == 1, effects
    return found[0]


def offers(effects: list[e.Effect]) -> list[tuple[object, object]]:
    return [(x.work, x.agent) for x in effects if isinstance(x, e.Offer)]


def accept(floor: Floor, number: int, name: str, at: float) -> list[e.Effect]:
    return floor.step(f.OfferAccepted(number, name), at)
