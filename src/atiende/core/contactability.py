"""May this number be called, and why not?  Asked before anything is dialled; the only yes there is.

Theory of operation.  All that is known comes in as values, and every reason is told, not the first
one alone: the decision is kept in a row, and whoever reads it later sees the whole.

- An emergency number of the country is never refused, whatever else is true.
- A number that charges who calls it, or that fraud is known to call (satellites, premium services,
  islands that share the toll), needs a prefix of the company's own that is at least as long.
- What the company blocks is blocked; else it must begin with an allowed prefix.
- Caps of calls (at once, in the last minute, today) stop a stolen password: at ``ALARM`` of a cap
  somebody is told, at the cap it is cut.

Prefixes and numbers are E.164 with their ``+``; an emergency number is as it is dialled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Purpose = Literal["manual", "callback"]
Window = Literal["now", "minute", "day"]
Whose = Literal["agent", "trunk"]

#: At this part of a cap the supervisors are told, once a stretch of calls.
ALARM = 0.8

#: Dialled in the whole world by mobile phones, and by country (ITU-T E.161.1; national plans).
EVERYWHERE = frozenset({"112", "911"})
EMERGENCIES: Mapping[str, frozenset[str]] = {
    "AR": frozenset({"100", "101", "103", "107", "144"}),
    "BO": frozenset({"110", "118", "119"}),
    "BR": frozenset({"190", "191", "192", "193", "199"}),
    "CL": frozenset({"131", "132", "133", "134", "137"}),
    "CO": frozenset({"119", "123", "125", "132"}),
    "EC": frozenset({"101", "102", "131"}),
    "ES": frozenset({"016", "061", "062", "080", "085", "091", "092"}),
    "GT": frozenset({"110", "120", "122", "123", "125", "128"}),
    "HN": frozenset({"195", "198", "199"}),
    "MX": frozenset({"060", "065", "066", "068"}),
    "NI": frozenset({"115", "118", "128"}),
    "PA": frozenset({"103", "104"}),
    "PE": frozenset({"100", "105", "106", "115", "116", "117"}),
    "PY": frozenset({"132", "141", "147"}),
    "SV": frozenset({"132", "913"}),
    "US": frozenset({"988"}),
    "UY": frozenset({"104", "105", "109"}),
    "VE": frozenset({"171"}),
}

#: What is home in a country that shares its prefix with others.
SHARED: Mapping[str, tuple[str, ...]] = {
    "DO": ("+1809", "+1829", "+1849"),
    "PR": ("+1787", "+1939"),
}

#: What fraud calls: satellite and global services, national premium services, and destinations that
#: lists of international revenue share fraud name most.
RISKY: tuple[str, ...] = tuple(
    f"+{each}"
    for each in (
        "808 870 875 876 877 878 881 882 883 888 979 "  # global services and satellites
        "1900 1976 44870 44871 44872 44873 449 49900 33899 39899 34803 34806 34807 34905 34907 "
        "51805 51808 52900 54600 54609 56600 56700 57901 "
        "216 220 222 224 225 226 228 231 232 235 236 237 239 240 241 242 243 245 246 247 248 "
        "252 253 257 261 263 265 269 290 291 370 371 372 375 381 382 387 389 423 53 "
        "670 672 674 675 676 677 678 679 682 683 685 686 687 688 689 690 691 692 850 960 992 993 "
        "994 996 1268 1284 1473 1649 1664 1758 1767 1784 1809 1829 1849 1868 1869 1876"
    ).split()
)


@dataclass(frozen=True, slots=True)
class Count:
    """Calls of an agent or over a carrier's line: how many, and how many there may be."""

    whose: Whose
    window: Window
    calls: int
    cap: int | None


@dataclass(frozen=True, slots=True)
class Wish:
    """``number`` is to be called. ``allowed`` and ``blocked`` are prefixes of the site's or the
    company's own; ``home`` that of its country, allowed when there is no other."""

    number: str
    purpose: Purpose
    country: str
    home: str
    allowed: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    counts: tuple[Count, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """``reasons``: every key of why not; ``alarms``: caps that are near or reached."""

    allowed: bool
    reasons: tuple[str, ...] = ()
    alarms: tuple[str, ...] = ()


def is_emergency(number: str, country: str) -> bool:
    """By what is dialled in the country."""
    return number in EVERYWHERE or number in EMERGENCIES.get(country, frozenset())


def decide(wish: Wish) -> Decision:
    """The decision, with all its reasons."""
    alarms = tuple(f"{each.whose}_{each.window}" for each in wish.counts if _is_near(each))
    if is_emergency(wish.number, wish.country):
        return Decision(True, (), alarms)
    reasons = [*_place_reasons(wish)]
    reasons += [f"call_cap_{each.whose}_{each.window}" for each in wish.counts if _is_full(each)]
    return Decision(not reasons, tuple(reasons), alarms)


def _place_reasons(wish: Wish) -> Iterable[str]:
    if longest(wish.number, wish.blocked):
        yield "call_prefix_blocked"
    own = longest(wish.number, wish.allowed)
    at_home = longest(wish.number, SHARED.get(wish.country, (wish.home,)))
    if longest(wish.number, RISKY) > max(own, at_home):
        yield "call_prefix_risky"
    if not own and (wish.allowed or not at_home):
        yield "call_prefix_not_allowed"


def longest(number: str, prefixes: Iterable[str]) -> int:
    """The length of the longest prefix that the number begins with; 0 when it has none of them."""
    return max((len(each) for each in prefixes if each and number.startswith(each)), default=0)


def _is_full(count: Count) -> bool:
    return count.cap is not None and count.calls >= count.cap


def _is_near(count: Count) -> bool:
    """With the call that is asked for. One at a time is no sign of anything."""
    if count.cap is None or count.cap < 2:
        return False
    return count.calls + 1 >= count.cap * ALARM
