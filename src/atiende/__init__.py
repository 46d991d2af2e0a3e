"""Atiende: an omnichannel contact center that a company runs by itself.

Everything is imported from its slice; this file only knows the version, which `/healthz`,
the backups' manifest and the command line show.
"""

__version__ = "0.1.0"
