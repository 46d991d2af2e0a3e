"""Tests of the pure core: no socket, no database, milliseconds."""
