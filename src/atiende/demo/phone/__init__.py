"""The virtual phone: a small SIP telephone with sound, for the demo's callers and for tests.

``sip``, ``sdp``, ``audio`` and ``dialog`` are pure; ``line`` carries messages, ``rtp`` carries
sound, ``answering`` and ``phone`` are the telephone that a person would hold, ``scripts`` are the
persons.
"""

from atiende.demo.phone.answering import Ending, LateError, Options
from atiende.demo.phone.phone import Phone

__all__ = ["Ending", "LateError", "Options", "Phone"]
