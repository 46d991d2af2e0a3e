"""Benchmarks: one command per target, each prints one JSON line (./atiende bench NAME)."""
