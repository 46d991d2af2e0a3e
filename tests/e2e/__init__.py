"""End to end: real processes, real browsers, and nobody acts but through a screen (see lint)."""
