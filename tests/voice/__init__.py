"""Tests of calls: the engine, its client, the virtual phone."""
