"""The floor by examples: choice, capacity, presence, offers, wrap-up; without a clock."""

from __future__ import annotations

from atiende.core import effects as e
from atiende.core import facts as f
from atiende.core.capacity import WAITING_S
from atiende.core.floor import RULES
from atiende.core.returns import LOST_S, REFUSAL_S
from atiende.core.specs import QueueSpec, Step
from tests.core.floors import SALES, accept, agent, floor_with, offers, only, work


def test_every_fact_has_its_rule() -> None:
    assert set(RULES) == set(f.Fact.__args__)


def test_work_goes_to_the_agent_idle_for_longest_and_says_why() -> None:
    floor = floor_with(agents=(agent("ana"), agent("beto")))
    offer = only(floor.step(work(1, 8), 10), e.Offer)
    assert (offer.agent, offer.expires_at) == ("ana", 30)
    assert offer.why == {
        "queue": "q",
        "key": 8,
        "priority": 0,
        "tier": 0,
        "step": 0,
        "level": 0,
        "idle_s": 10,
        "waited_s": 2,
        "preferred": False,
        "case_held": False,
        "trigger": "work",
        "candidates": 2,
    }
    assert offers(floor.step(work(2), 11)) == [(2, "beto")], "ana has an offer pending"


def test_the_best_level_comes_before_the_longest_idle() -> None:
    floor = floor_with(
        QueueSpec("q", requirements=SALES),
        agents=(
            agent("ana", skills={"sales": 3}),
            agent("beto", skills={"sales": 5}),
            agent("caro", skills={"sales": 5}),
        ),
    )
    offer = only(floor.step(work(1, 10), 10), e.Offer)
    assert (offer.agent, offer.why["level"]) == ("beto", 5)


def test_the_level_of_several_skills_is_the_weakest() -> None:
    both = (Step(0, (("sales", 1), ("english", 1))),)
    floor = floor_with(
        QueueSpec("q", requirements=both),
        agents=(
            agent("ana", skills={"sales": 5, "english": 1}),
            agent("beto", skills={"sales": 3, "english": 2}),
        ),
    )
    assert only(floor.step(work(1), 10), e.Offer).agent == "beto"


def test_equal_agents_and_equal_work_are_settled_by_id() -> None:
    floor = floor_with(QueueSpec("q"))
    for name in ("beto", "ana"):
        floor.step(f.AgentConfigured(agent(name)), 0)
        floor.step(f.AgentSeen(name), 0)
        floor.step(f.PresenceAsked(name, "available"), 0)
    assert only(floor.step(work(1, 5), 10), e.Offer).agent == "ana"
    floor = floor_with(QueueSpec("q"), agents=(agent("ana", slots={"messages": 1}),))
    floor.step(work(1), 1)
    floor.step(work(3, 5), 6)
    floor.step(work(2, 5), 7)
    accept(floor, 1, "ana", 8)
    assert offers(floor.step(f.AssignmentDone(1, "ana"), 9)) == [(2, "ana")]


def test_skills_relax_with_the_waiting() -> None:
    floor = floor_with(
        QueueSpec("q", requirements=SALES), agents=(agent("ana", skills={"sales": 1}),)
    )
    assert offers(floor.step(work(1, 10), 10)) == []
    assert floor.next_timer() == 40
    assert floor.step(f.TimePassed(), 39) == []
    effects = floor.step(f.TimePassed(), 40)
    assert effects[0] == e.RaiseStep(1, 1)
    assert only(effects, e.Offer).why["step"] == 1


def test_priority_of_queue_and_tier_is_a_head_start_not_a_wall() -> None:
    floor = floor_with(
        QueueSpec("q", boost_s=60),
        QueueSpec("vip", priority=1, boost_s=60),
        agents=(agent("ana", "q", "vip", slots={"messages": 1}),),
    )
    floor.step(work(1), 1)
    accept(floor, 1, "ana", 2)
    floor.step(work(2, 100), 100)
    floor.step(work(3, 150, "vip"), 150)  # key 90
    floor.step(work(4, 170, priority=2), 170)  # key 50
    floor.step(work(5, 161, "vip"), 171)  # key 101: later than work 2 although vip
    done, order = 1, []
    for now in range(180, 184):
        offer = only(floor.step(f.AssignmentDone(done, "ana"), now), e.Offer)
        accept(floor, offer.work, "ana", now)  # type: ignore[arg-type]
        order.append(offer.work)
        done = offer.work  # type: ignore[assignment]
    assert order == [4, 3, 2, 5]


def test_an_unanswered_offer_pauses_the_agent_and_returns_to_its_place() -> None:
    floor = floor_with(agents=(agent("ana"),))
    floor.step(work(1, 10), 10)
    floor.step(work(2, 5), 11)
    effects = floor.step(f.TimePassed(), 30)
    assert effects == [
        e.CloseOffer(1, "ana", "timeout", "rona"),
        e.SetPresence("ana", "paused", "rona"),
        e.Requeue(1, "q", "rona", 10),
    ]
    assert offers(floor.step(f.PresenceAsked("ana", "available"), 40)) == [(2, "ana")]
    assert floor.position(1) == 1


def test_an_answer_in_time_counts_although_the_router_was_late() -> None:
    floor = floor_with(agents=(agent("ana"),))
    floor.step(work(1, 10), 10)
    assert only(accept(floor, 1, "ana", 99), e.Assign).kind == "offer"
    assert floor.step(f.TimePassed(), 99) == []


def test_refused_work_goes_to_another_and_comes_back_only_later() -> None:
    floor = floor_with(agents=(agent("ana"),))
    floor.step(work(1, 10), 10)
    effects = floor.step(f.OfferRejected(1, "ana", "busy"), 12)
    assert effects == [
        e.CloseOffer(1, "ana", "rejected", "busy"),
        e.Requeue(1, "q", "rejected", 10),
    ]
    assert floor.next_timer() == 12 + REFUSAL_S
    assert offers(floor.step(f.TimePassed(), 12 + REFUSAL_S)) == [(1, "ana")]


def test_a_customer_who_leaves_takes_the_offer_back() -> None:
    floor = floor_with(agents=(agent("ana"),))
    floor.step(work(1), 10)
    floor.step(work(2), 11)
    assert floor.step(f.WorkCanceled(1), 12)[:2] == [
        e.CloseOffer(1, "ana", "rescinded", "customer_left"),
        e.CloseWork(1, "customer_left"),
    ]
    assert only(accept(floor, 1, "ana", 13), e.Refuse).key == "offer_gone"
    assert only(accept(floor, 2, "ana", 13), e.Assign).work == 2


def test_slots_bound_the_offers_and_a_case_in_hand_is_free() -> None:
    floor = floor_with(agents=(agent("ana", slots={"messages": 1, "voice": 1}),))
    floor.step(work(1, case="G"), 1)
    accept(floor, 1, "ana", 2)
    assert offers(floor.step(work(2), 3)) == []
    offer = only(floor.step(work(3, case="G"), 4), e.Offer)
    assert offer.why["case_held"]
    accept(floor, 3, "ana", 5)
    assert offers(floor.step(f.AssignmentDone(1, "ana"), 6)) == [], "the case still holds the slot"
    assert offers(floor.step(f.AssignmentDone(3, "ana"), 7)) == [(2, "ana")]


def test_a_live_call_is_exclusive_and_lowers_the_message_slots() -> None:
    floor = floor_with(agents=(agent("ana", messages_during_call=1),))
    floor.step(work(1, media="voice", case="G"), 1)
    accept(floor, 1, "ana", 2)
    assert offers(floor.step(work(2, media="voice", case="G"), 3)) == [], "even of the same case"
    assert offers(floor.step(work(3, media="mail"), 3)) == []
    assert offers(floor.step(work(4), 4)) == [(4, "ana")]
    accept(floor, 4, "ana", 5)
    assert offers(floor.step(work(5), 6)) == []
    assert offers(floor.step(f.AssignmentDone(1, "ana"), 7)) == [(2, "ana")]


def test_a_case_load_bounds_the_cases_of_all_media() -> None:
    floor = floor_with(agents=(agent("ana", max_case_load=1),))
    floor.step(work(1, case="G"), 1)
    accept(floor, 1, "ana", 2)
    assert offers(floor.step(work(2, media="mail"), 3)) == []
    assert offers(floor.step(work(3, media="mail", case="G"), 4)) == [(3, "ana")]


def test_work_that_waits_for_the_customer_gives_its_slot_and_takes_it_back() -> None:
    floor = floor_with(agents=(agent("ana", slots={"messages": 1}),))
    floor.step(work(1), 1)
    accept(floor, 1, "ana", 2)
    floor.step(work(2), 3)
    floor.step(f.WorkWaiting(1, 10), 10)
    assert offers(floor.step(f.TimePassed(), 9 + WAITING_S)) == []
    assert offers(floor.step(f.TimePassed(), 10 + WAITING_S)) == [(2, "ana")]
    accept(floor, 2, "ana", 1000)
    floor.step(f.WorkResumed(1), 1001)
    floor.step(work(3), 1002)
    assert offers(floor.step(f.AssignmentDone(2, "ana"), 1003)) == []
    assert offers(floor.step(f.AssignmentDone(1, "ana"), 1004)) == [(3, "ana")]


def test_a_pause_after_this_one_begins_when_the_work_empties() -> None:
    floor = floor_with(agents=(agent("ana"),))
    floor.step(work(1), 1)
    accept(floor, 1, "ana", 2)
    asked = floor.step(f.PresenceAsked("ana", "paused", "lunch", after_work=True), 3)
    assert asked == [e.SetPresence("ana", "available", None, ("paused", "lunch"))]
    assert offers(floor.step(work(2), 4)) == [], "nothing more is offered"
    assert floor.step(f.AssignmentDone(1, "ana"), 5) == [
        e.FinishAssignment(1, "ana", "done"),
        e.SetPresence("ana", "paused", "lunch"),
    ]


def test_a_pause_now_gives_the_pending_offer_back() -> None:
    floor = floor_with(agents=(agent("ana"), agent("beto")))
    floor.step(work(1, 10), 10)
    effects = floor.step(f.PresenceAsked("ana", "paused", "lunch"), 11)
    assert e.CloseOffer(1, "ana", "canceled", "paused") in effects
    assert offers(effects) == [(1, "beto")]


def test_a_silent_agent_keeps_his_work_until_he_is_lost() -> None:
    floor = floor_with(agents=(agent("ana"),))
    floor.step(work(1, 5), 5)
    accept(floor, 1, "ana", 6)
    floor.step(f.AgentSilent("ana", 10), 11)
    assert offers(floor.step(work(2), 12)) == []
    assert floor.step(f.TimePassed(), 9 + LOST_S) == []
    assert offers(floor.step(f.AgentSeen("ana"), 9.5 + LOST_S)) == [(2, "ana")]
    floor.step(f.AgentSilent("ana", 20), 50)
    effects = floor.step(f.TimePassed(), 20 + LOST_S)
    assert effects[:3] == [
        e.SetPresence("ana", "offline", "lost"),
        e.CloseOffer(2, "ana", "canceled", "lost"),
        e.FinishAssignment(1, "ana", "lost"),
    ]
    assert [x.work for x in effects if isinstance(x, e.Requeue)] == [2, 1], "the order of the keys"


def test_the_offer_of_a_silent_agent_ends_without_blame() -> None:
    floor = floor_with(agents=(agent("ana"),))
    floor.step(work(1), 1)
    floor.step(f.AgentSilent("ana", 15), 16)
    effects = floor.step(f.TimePassed(), 21)
    assert effects[0] == e.CloseOffer(1, "ana", "timeout", "silent")
    assert not any(isinstance(x, e.SetPresence) for x in effects)


def test_a_clean_logout_returns_the_work_at_once_but_not_in_a_call() -> None:
    floor = floor_with(agents=(agent("ana"), agent("beto")))
    floor.step(work(1), 1)
    accept(floor, 1, "ana", 2)
    effects = floor.step(f.PresenceAsked("ana", "offline"), 3)
    assert e.FinishAssignment(1, "ana", "logout") in effects
    assert offers(effects) == [(1, "beto")]
    floor.step(work(2, media="voice"), 4)
    accept(floor, 1, "beto", 5)
    accept(floor, 2, "beto", 6)
    refused = only(floor.step(f.PresenceAsked("beto", "offline"), 7), e.Refuse)
    assert refused.key == "presence_live_call"


def test_media_that_fails_returns_the_work_and_pauses_the_agent() -> None:
    floor = floor_with(agents=(agent("ana"), agent("beto")))
    floor.step(work(1, media="voice"), 1)
    accept(floor, 1, "ana", 2)
    effects = floor.step(f.MediaFailed(1, "ana"), 3)
    assert e.SetPresence("ana", "paused", "technical_failure") in effects
    assert offers(effects) == [(1, "beto")]


def test_wrap_up_begins_with_the_last_live_work_of_the_case() -> None:
    floor = floor_with(QueueSpec("q", wrapup_mode="timed", wrapup_s=20), agents=(agent("ana"),))
    for number, media in ((1, "voice"), (2, "messages")):
        floor.step(work(number, number, case="G", media=media), number)
        accept(floor, number, "ana", number)
    assert floor.step(f.AssignmentEnded(1, "ana"), 10) == [
        e.FinishAssignment(1, "ana", "case_continues")
    ]
    assert floor.step(f.AssignmentEnded(2, "ana"), 11) == [e.StartWrap(2, "ana", 31)]
    assert floor.step(f.WrapExtended(2, "ana", 15), 12) == [e.StartWrap(2, "ana", 46)]
    assert floor.step(f.TimePassed(), 46) == [e.FinishAssignment(2, "ana", "wrap_timeout")]


def test_mandatory_wrap_up_has_no_deadline_and_none_has_no_wrap_up() -> None:
    floor = floor_with(
        QueueSpec("q", wrapup_mode="mandatory", wrapup_s=20),
        QueueSpec("r"),
        agents=(agent("ana", "q", "r"),),
    )
    floor.step(work(1), 1)
    accept(floor, 1, "ana", 1)
    assert floor.step(f.AssignmentEnded(1, "ana"), 2) == [e.StartWrap(1, "ana", None)]
    assert only(floor.step(f.WrapExtended(1, "ana", 5), 3), e.Refuse).key == "wrap_no_deadline"
    floor.step(work(2, queue="r"), 4)
    accept(floor, 2, "ana", 4)
    assert floor.step(f.AssignmentEnded(2, "ana"), 5) == [e.FinishAssignment(2, "ana", "no_wrap")]
