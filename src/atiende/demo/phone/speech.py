"""What the virtual people say, in Spanish, with synthetic voices (`tools/prompts/people.py`).

The files are raw A-law: each person's turns with room between them for the other one's.
"""

from __future__ import annotations

from array import array
from functools import cache
from pathlib import Path

from atiende.demo.phone.audio import decode

TEXTS = Path(__file__).with_name("speech.json")
FOLDER = Path(__file__).with_name("speech")
#: Who calls, and who attends, by the name of the file.
CALLERS = ("pedido", "garantia", "cuota")
AGENT = "agente"


@cache
def speech(name: str) -> array[int]:
    """What that person says, as samples."""
    return decode((FOLDER / f"{name}.alaw").read_bytes())
