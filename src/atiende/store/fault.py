"""Named points at which a test has the program die, and switches that break a promise on purpose.

`FAULT=point`, `point:probability` or `point:probability:seed`, several joined by commas; only
where the settings say that this is a test (`boot` arms them). A point ends the process as a
power cut would (SIGKILL). A switch is asked by the one place that keeps its promise, so that the
test which proves the promise can be seen to fail.
"""

import os
import random
import secrets
import signal
from dataclasses import dataclass

import structlog

log = structlog.get_logger("fault")

#: Where the program may be made to die.
POINTS = frozenset({"before_commit", "after_commit", "before_ack", "track_sealed"})
#: Promises that may be broken: acknowledge before the commit; write without asking the epoch.
SWITCHES = frozenset({"ack_before_commit", "skip_fence"})


@dataclass(frozen=True, slots=True)
class _Fault:
    probability: float
    dice: random.Random


_armed: dict[str, _Fault] = {}


def arm(text: str | None) -> None:
    """Puts these faults in force, and no others. The seed is logged, so that a run can be
    repeated."""
    _armed.clear()
    for part in (text or "").split(","):
        name, _, rest = part.strip().partition(":")
        if not name:
            continue
        if name not in POINTS | SWITCHES:
            raise ValueError(f"no such fault: {name}")
        chance, _, seed = rest.partition(":")
        number = int(seed) if seed else secrets.randbits(32)
        _armed[name] = _Fault(float(chance) if chance else 1.0, random.Random(number))
        log.warning("fault armed", point=name, probability=chance or "1", seed=number)


def reach(point: str) -> None:
    """The program is at this point: where armed, it dies here."""
    if _armed and on(point):
        log.warning("fault strikes", point=point)
        os.kill(os.getpid(), signal.SIGKILL)


def on(name: str) -> bool:
    """Whether a fault strikes now."""
    found = _armed.get(name)
    return found is not None and found.dice.random() < found.probability
