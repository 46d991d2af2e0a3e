"""Catalogues of what the command line and the launcher say; data only, no code."""
