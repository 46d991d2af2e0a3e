"""What an administrator decides of routing: queues, routing profiles, who attends what; and the
first steps of a new company.

The live side (commands, floor, presence) is the rest of ``routing``; it hears of a change by a
``configure`` command written in the same transaction.  web/routes.py takes the handlers from the
modules named here.
"""

from atiende.routing.admin import people, queues, setup

__all__ = ["people", "queues", "setup"]
