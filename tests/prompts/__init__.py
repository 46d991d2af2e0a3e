"""Tests of what callers hear."""
