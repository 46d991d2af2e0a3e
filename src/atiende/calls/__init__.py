"""Calls: the telephone's side of a case. Joins Asterisk, the router and the agents' phones.

``run`` is the loop; ``arrive`` writes a call that comes in; ``rows`` what becomes of it; ``pushed``
tells Asterisk of phones and carriers; ``compare`` finds what was missed. The rules of one call are
in channels/voice/calls.py.
"""

from atiende.calls.pushed import (
    TRIAL_HEADER,
    may_phone,
    phone_secret,
    trial_token,
    trunk_secret,
)
from atiende.calls.rows import Q
from atiende.calls.run import run_voice

__all__ = [
    "TRIAL_HEADER",
    "Q",
    "may_phone",
    "phone_secret",
    "run_voice",
    "trial_token",
    "trunk_secret",
]
