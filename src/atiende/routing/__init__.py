"""Routing: who gets the next contact. Runs core.floor in one leader per domain.

Alone writes work items (after their birth), offers, assignments and presence; everybody else asks
by command rows (`ask`). `set_sound` is the exception: only calls know whether there is sound.
"""

from atiende.routing.ask import Command, ask, put_command
from atiende.routing.floor_state import counters
from atiende.routing.rows import Q
from atiende.routing.run import is_led, run_router
from atiende.routing.write import set_sound

__all__ = ["Command", "Q", "ask", "counters", "is_led", "put_command", "run_router", "set_sound"]
