"""Tests of the demo: its data, its seed, its people."""
