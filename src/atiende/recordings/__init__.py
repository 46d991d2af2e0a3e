"""Recordings: what was said in a call, kept enciphered, listened to by whoever may.

``policy`` (which calls), ``rows`` (a recording and its tracks), ``wave`` and ``mix`` (tracks ->
stereo Opus), ``cipher`` (AES-256-GCM in chunks), ``keep`` (the loop: seals what ended, mixes,
removes what expired), ``api`` (listening), ``api_policies`` (the administrator's list).
"""

from atiende.recordings.keep import WAKE, Keeper, run_recordings
from atiende.recordings.rows import (
    Begun,
    Written,
    begin,
    decide,
    live_tape,
    note_finished,
    write,
)

__all__ = [
    "WAKE",
    "Begun",
    "Keeper",
    "Written",
    "begin",
    "decide",
    "live_tape",
    "note_finished",
    "run_recordings",
    "write",
]
