"""The floor by examples: preferences, overflow, moves by hand, changed settings, rebuilding."""

from __future__ import annotations

from atiende.core import effects as e
from atiende.core import facts as f
from atiende.core.floor import Floor
from atiende.core.returns import PREFER_S, REFUSAL_S
from atiende.core.specs import AgentRow, QueueSpec, WorkRow, WorkSpec
from tests.core.floors import SALES, accept, agent, floor_with, offers, only, work


def test_the_preferred_agent_is_waited_for_and_then_forgotten() -> None:
    floor = floor_with(agents=(agent("ana"), agent("beto", slots={"messages": 1})))
    floor.step(work(1, preferred_agent="beto"), 5)
    accept(floor, 1, "beto", 6)
    effects = floor.step(work(2, 10, preferred_agent="beto", preferred_until=40), 10)
    assert offers(effects) == [], "ana is free, but the work waits for beto"
    effects = floor.step(f.TimePassed(), 40)
    assert effects[0] == e.Prefer(2, None, None)
    assert offers(effects) == [(2, "ana")]


def test_the_preferred_agent_who_leaves_is_not_waited_for() -> None:
    floor = floor_with(agents=(agent("ana"), agent("beto", slots={"messages": 1})))
    floor.step(work(1, preferred_agent="beto"), 5)
    accept(floor, 1, "beto", 6)
    floor.step(work(2, 10, preferred_agent="beto", preferred_until=40), 10)
    effects = floor.step(f.PresenceAsked("beto", "offline"), 11)
    assert e.Prefer(2, None, None) in effects
    assert offers(effects) == [(1, "ana")], "the earlier of the two that he leaves"
    assert floor.position(2) == 1


def test_too_long_a_wait_overflows_and_keeps_its_place() -> None:
    floor = floor_with(
        QueueSpec("q", max_wait_s=30, overflow_queue="r"),
        QueueSpec("r", max_wait_s=30),
        agents=(agent("ana", "r", slots={"messages": 1}),),
    )
    floor.step(work(1, 1, "r"), 1)
    accept(floor, 1, "ana", 1)
    floor.step(work(2, 20, "r"), 20)
    floor.step(work(3, 10), 10)
    effects = floor.step(f.TimePassed(), 40)
    assert effects == [e.MoveQueue(3, "r", 40, "overflow")]
    assert offers(floor.step(f.AssignmentDone(1, "ana"), 41)) == [(3, "ana")]
    effects = floor.step(f.TimePassed(), 51)
    assert effects == [e.CloseWork(2, "overflow")]


def test_work_expires_and_no_queue_is_infinite() -> None:
    floor = floor_with()
    floor.step(work(1, expires_at=50), 10)
    floor.step(work(2), 10)
    assert floor.step(f.TimePassed(), 50) == [e.CloseWork(1, "expired")]
    assert floor.next_timer() is not None


def test_a_transfer_keeps_the_place_and_does_not_come_straight_back() -> None:
    floor = floor_with(QueueSpec("q"), QueueSpec("r"), agents=(agent("ana", "q", "r"),))
    floor.step(work(1, 5), 5)
    accept(floor, 1, "ana", 6)
    effects = floor.step(f.TransferAsked(1, "ana", to_queue="r"), 10)
    assert effects == [
        e.FinishAssignment(1, "ana", "transfer"),
        e.MoveQueue(1, "r", 10, "transfer"),
        e.Requeue(1, "r", "transfer", 10),
    ]
    offer = only(floor.step(f.TimePassed(), 10 + REFUSAL_S), e.Offer)
    assert offer.why["key"] == 5


def test_a_transfer_to_an_agent_waives_queue_and_skills_for_a_while() -> None:
    floor = floor_with(
        QueueSpec("q", requirements=SALES),
        QueueSpec("r"),
        agents=(agent("ana", "q", skills={"sales": 3}), agent("beto", "r")),
    )
    floor.step(work(1), 5)
    accept(floor, 1, "ana", 6)
    effects = floor.step(f.TransferAsked(1, "ana", to_agent="beto"), 10)
    assert e.Prefer(1, "beto", 10 + PREFER_S, True) in effects
    assert only(effects, e.Offer).agent == "beto"
    effects = floor.step(f.OfferRejected(1, "beto"), 11)
    assert e.Prefer(1, None, None) in effects
    assert offers(floor.step(f.TimePassed(), 10 + REFUSAL_S)) == [(1, "ana")]


def test_an_impossible_transfer_is_refused() -> None:
    floor = floor_with(agents=(agent("ana"),))
    floor.step(work(1), 5)
    accept(floor, 1, "ana", 6)
    for fact, key in (
        (f.TransferAsked(1, "ana", to_agent="nobody"), "agent_offline"),
        (f.TransferAsked(1, "ana", to_agent="ana"), "transfer_self"),
        (f.TransferAsked(1, "ana", to_queue="nowhere"), "queue_unknown"),
        (f.TransferAsked(1, "ana"), "target_needed"),
    ):
        assert only(floor.step(fact, 7), e.Refuse).key == key


def test_parked_work_returns_at_its_place_and_asks_for_its_agent() -> None:
    floor = floor_with(agents=(agent("ana"), agent("beto")))
    floor.step(work(1, 5), 5)
    accept(floor, 1, "ana", 6)
    effects = floor.step(f.WorkParked(1, "ana", 100), 10)
    assert effects[-1] == e.Schedule(1, 100, "parked")
    effects = floor.step(f.TimePassed(), 100)
    assert effects[:2] == [
        e.Prefer(1, "ana", 100 + PREFER_S),
        e.Requeue(1, "q", "due", 100),
    ]
    offer = only(effects, e.Offer)
    assert (offer.agent, offer.why["key"]) == ("ana", 5)


def test_an_agent_pulls_waiting_work_and_begins_work_of_his_own_case() -> None:
    floor = floor_with(QueueSpec("q"), agents=(agent("ana", "q", slots={"messages": 1}),))
    floor.step(f.PresenceAsked("ana", "paused", "admin"), 1)
    floor.step(work(1, case="G"), 2)
    assert only(floor.step(f.PullAsked(1, "ana"), 3), e.Assign).kind == "pull"
    floor.step(work(2), 4)
    assert only(floor.step(f.PullAsked(2, "ana"), 5), e.Refuse).key == "agent_full"
    mine = WorkSpec(3, "q", "G", 6)
    assert only(floor.step(f.PullAsked(3, "ana", mine), 6), e.Assign).work == 3


def test_a_supervisor_moves_work_to_a_queue_or_into_hands() -> None:
    floor = floor_with(QueueSpec("q"), QueueSpec("r"), agents=(agent("ana"), agent("beto", "r")))
    floor.step(work(1, 5), 5)
    effects = floor.step(f.MoveAsked(1, to_queue="r"), 6)
    assert effects[0] == e.CloseOffer(1, "ana", "canceled", "moved")
    assert offers(effects) == [(1, "beto")]
    effects = floor.step(f.MoveAsked(1, to_agent="ana"), 7)
    assert only(effects, e.Assign).kind == "force"
    effects = floor.step(f.MoveAsked(1, to_agent="beto"), 8)
    assert effects[:2] == [e.FinishAssignment(1, "ana", "moved"), e.Assign(1, "beto", "force")]


def test_a_changed_queue_and_a_changed_agent_match_at_once() -> None:
    floor = floor_with(QueueSpec("q", requirements=SALES), agents=(agent("ana"),))
    floor.step(work(1, 10), 10)
    assert offers(floor.step(f.QueueConfigured(QueueSpec("q")), 11)) == [(1, "ana")]
    floor = floor_with(QueueSpec("q", requirements=SALES), agents=(agent("ana"),))
    floor.step(work(1, 10), 10)
    better = f.AgentConfigured(agent("ana", skills={"sales": 4}))
    assert offers(floor.step(better, 12)) == [(1, "ana")]


def test_a_removed_queue_or_agent_strands_nobody() -> None:
    floor = floor_with(
        QueueSpec("q", overflow_queue="r"), QueueSpec("r"), agents=(agent("ana", "q", "r"),)
    )
    floor.step(work(1, 10), 10)
    floor.step(work(2, 11, "r"), 11)
    effects = floor.step(f.QueueRemoved("q"), 12)
    assert offers(effects) == [(1, "ana")]
    effects = floor.step(f.AgentRemoved("ana"), 13)
    assert e.Requeue(1, "r", "removed", 12) in effects
    assert floor.step(f.QueueRemoved("r"), 14) == [
        e.CloseWork(1, "queue_removed"),
        e.CloseWork(2, "queue_removed"),
    ]


def test_a_rebuilt_floor_keeps_offers_and_assignments_and_matches_the_rest() -> None:
    spec = agent("ana", slots={"messages": 2})
    rows = [
        WorkRow(WorkSpec(1, "q", "A", 1), "assigned", agent="ana"),
        WorkRow(WorkSpec(2, "q", "B", 2), "offered", agent="ana", expires_at=50),
        WorkRow(WorkSpec(3, "q", "C", 3), "offered", agent="gone", expires_at=50),
        WorkRow(WorkSpec(4, "q", "D", 4), "scheduled"),
    ]
    agents = [AgentRow(spec, "available"), AgentRow(agent("beto"), "available", idle_since=5)]
    floor, effects = Floor.load(40, [QueueSpec("q")], agents, rows)
    assert effects[0] == e.Requeue(3, "q", "removed", 3)
    assert offers(effects) == [(3, "beto")]
    assert only(accept(floor, 2, "ana", 60), e.Assign).agent == "ana"
    assert offers(floor.step(work(4, 4), 61)) == [], "the same id again: scheduled work is brought"
    assert floor.position(4) == 1


def test_work_is_known_once_and_only_to_queues_that_exist() -> None:
    floor = floor_with()
    floor.step(work(1), 1)
    assert floor.step(work(1), 2) == [], "a command may come twice"
    assert only(floor.step(work(2, queue="x"), 2), e.Refuse).key == "queue_unknown"
