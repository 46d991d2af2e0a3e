"""Routing: who gets the next contact. Runs core.floor in one leader per domain.

Alone writes work items (after their birth), offers, assignments and presence; everybody else asks
by command rows (`ask`).
"""

from atiende.routing.ask import Command, ask, put_command
from atiende.routing.floor_state import counters
from atiende.routing.rows import Q
from atiende.routing.run import is_led, run_router

__all__ = ["Command", "Q", "ask", "counters", "is_led", "put_command", "run_router"]
