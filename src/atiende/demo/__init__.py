"""The demo: a believable company with its history, and virtual people who keep its floor alive.

This is the door; boot calls it when `up` is told `--demo`.
"""

from atiende.demo.headset import Phones
from atiende.demo.people import Pace, run_people
from atiende.demo.seed import seed_demo
from atiende.demo.site import site_routes
from atiende.demo.trial import Trials

__all__ = ["Pace", "Phones", "Trials", "run_people", "seed_demo", "site_routes"]
