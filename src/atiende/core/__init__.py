"""The pure core: every rule of the floor, with no I/O, no clock and no randomness.

Whoever calls it passes the time in and carries the effects out.  Standard library only
(tests/test_layers.py enforces both).  Import from the modules directly; this package
re-exports nothing, so that an import line says where a rule lives.
"""
