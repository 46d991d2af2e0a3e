"""Faults: kills, stops, cuts and races, each with a control that fails."""
