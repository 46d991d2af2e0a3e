"""Tests of people, roles, sessions, links, secrets and the record."""
