"""Whether a number may be called, and every reason why not."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from atiende.core.contactability import (
    EMERGENCIES,
    RISKY,
    Count,
    Decision,
    Wish,
    decide,
    is_emergency,
)

LIMA = Wish("+51987654321", "manual", "PE", "+51")
FULL = (Count("agent", "now", 1, 1), Count("trunk", "day", 9, 9))


def reasons(**more: object) -> tuple[str, ...]:
    return decide(replace(LIMA, **more)).reasons  # type: ignore[arg-type]


def test_its_own_country_may_be_called_and_no_other_unless_somebody_allowed_it() -> None:
    assert decide(LIMA) == Decision(True)
    assert reasons(number="+4930123456") == ("call_prefix_not_allowed",)
    assert reasons(number="+4930123456", allowed=("+51", "+49")) == ()
    assert reasons(allowed=("+511",)) == ("call_prefix_not_allowed",)


def test_what_charges_or_is_known_for_fraud_needs_a_prefix_as_long() -> None:
    assert "call_prefix_risky" in reasons(number="+88212345678")
    assert reasons(number="+51808123456") == ("call_prefix_risky",)
    assert reasons(number="+37126123456", allowed=("+3",)) == ("call_prefix_risky",)
    assert reasons(number="+37126123456", allowed=("+371",)) == ()


def test_islands_that_share_a_prefix_are_at_home_at_home_alone() -> None:
    santo_domingo = Wish("+18095551234", "manual", "DO", "+1")
    assert decide(santo_domingo) == Decision(True)
    assert "call_prefix_risky" in decide(replace(santo_domingo, country="US")).reasons
    assert decide(replace(santo_domingo, number="+12125551234")).reasons == (
        "call_prefix_not_allowed",
    )


def test_what_the_company_blocks_is_blocked_though_it_is_allowed() -> None:
    assert reasons(blocked=("+519",)) == ("call_prefix_blocked",)
    assert reasons(blocked=("+519",), allowed=("+51987",)) == ("call_prefix_blocked",)


def test_every_reason_is_told() -> None:
    told = reasons(number="+88212345678", blocked=("+882",), counts=FULL)
    assert told == (
        "call_prefix_blocked", "call_prefix_risky", "call_prefix_not_allowed",
        "call_cap_agent_now", "call_cap_trunk_day",
    )  # fmt: skip


def test_a_cap_warns_before_it_cuts() -> None:
    minute = Count("agent", "minute", 0, 10)
    told = [decide(replace(LIMA, counts=(replace(minute, calls=n),))) for n in (6, 7, 9, 10)]
    assert [bool(each.alarms) for each in told] == [False, True, True, True]
    assert [each.allowed for each in told] == [True, True, True, False]
    assert told[1].alarms == ("agent_minute",)
    assert decide(replace(LIMA, counts=(replace(minute, calls=99, cap=None),))) == Decision(True)


@pytest.mark.parametrize("country", sorted(EMERGENCIES))
def test_an_emergency_is_never_refused(country: str) -> None:
    for number in EMERGENCIES[country] | {"112", "911"}:
        wish = Wish(number, "manual", country, "+51", ("+1",), (number[0], number), FULL)
        assert decide(wish).allowed
    assert not is_emergency("+51105", country)


def naive(wish: Wish) -> tuple[bool, list[str], list[str]]:
    """The same rules, as slowly as they can be said."""
    alarms = []
    why = []
    for count in wish.counts:
        if count.cap is not None and count.cap > 1 and (count.calls + 1) * 10 >= count.cap * 8:
            alarms.append(f"{count.whose}_{count.window}")
    if wish.number in {"112", "911"} or wish.number in EMERGENCIES.get(wish.country, ()):
        return True, [], alarms
    beginnings = [wish.number[:n] for n in range(len(wish.number), 0, -1)]
    if any(each in wish.blocked for each in beginnings):
        why.append("call_prefix_blocked")
    for each in beginnings:
        if each in wish.allowed or each == wish.home:
            break
        if each in RISKY:
            why.append("call_prefix_risky")
            break
    allowed = wish.allowed or (wish.home,)
    if not any(each in allowed for each in beginnings):
        why.append("call_prefix_not_allowed")
    for count in wish.counts:
        if count.cap is not None and count.calls >= count.cap:
            why.append(f"call_cap_{count.whose}_{count.window}")
    return not why, why, alarms


def test_it_agrees_with_rules_said_naively() -> None:
    pick = random.Random(4)
    heads = [
        "+51",
        "+519",
        "+34",
        "+88",
        "+882",
        "+371",
        "+1",
        "+1876",
        "+51808",
        "105",
        "112",
        "9",
    ]
    seen = set()
    for _ in range(4000):
        count = [
            Count(whose, window, pick.randrange(6), pick.choice([None, 1, 2, 3, 5]))
            for whose in ("agent", "trunk")
            for window in ("now", "minute", "day")
        ]
        number = pick.choice(heads) + "".join(pick.choices("0123456789", k=pick.choice([0, 6, 8])))
        wish = Wish(
            number, "manual", pick.choice(["PE", "ES", "ZZ"]), pick.choice(["+51", "+34"]),
            tuple(pick.sample(heads, pick.randrange(3))),
            tuple(pick.sample(heads, pick.randrange(2))),
            tuple(pick.sample(count, 2)),
        )  # fmt: skip
        got = decide(wish)
        assert (got.allowed, [*got.reasons], [*got.alarms]) == naive(wish), wish
        seen |= {got.allowed, *got.reasons}
    assert len(seen) == 2 + 3 + 6
