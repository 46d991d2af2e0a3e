"""What became of a call out, from what the other side's network said.  PURE.

The SIP status is the other side's own word and wins; the Q.850 cause is what Asterisk makes of it,
and of the lack of one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Result = Literal[
    "answered",
    "busy",
    "no_answer",
    "wrong_number",
    "rejected",
    "congestion",
    "canceled",  # by us, before anybody answered
    "no_phone",  # the agent's own phone did not come
    "failed",
]

#: RFC 3261, 21.4 to 21.6. What is not here is told by the cause.
BY_STATUS: Mapping[int, Result] = {
    404: "wrong_number",
    410: "wrong_number",
    484: "wrong_number",
    604: "wrong_number",
    486: "busy",
    600: "busy",
    408: "no_answer",
    480: "no_answer",
    487: "no_answer",
    403: "rejected",
    603: "rejected",
    607: "rejected",
    500: "congestion",
    502: "congestion",
    503: "congestion",
    504: "congestion",
}
#: ITU-T Q.850, 2.2.
BY_CAUSE: Mapping[int, Result] = {
    1: "wrong_number",
    22: "wrong_number",
    28: "wrong_number",
    17: "busy",
    18: "no_answer",
    19: "no_answer",
    20: "no_answer",
    21: "rejected",
    27: "congestion",
    34: "congestion",
    38: "congestion",
    41: "congestion",
    42: "congestion",
    44: "congestion",
}


def outcome(cause: int, sip_code: int | None) -> Result:
    """Of a leg that ended before it was answered."""
    return BY_STATUS.get(sip_code or 0) or BY_CAUSE.get(cause, "failed")
