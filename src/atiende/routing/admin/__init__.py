"""What an administrator decides of routing: queues, routing profiles, who attends what; the first
steps of a new company; and the lists a screen needs beside its live entities.

The live side (commands, floor, presence) is the rest of ``routing``; it hears of a change by a
``configure`` command written in the same transaction.
"""
