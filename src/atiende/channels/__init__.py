"""Channels: one folder each, found by being there.

A folder with a ``CHANNEL`` in its ``__init__`` is a channel: nothing else in the project lists
them.  ``channels()`` is for whoever needs them all (accounts, boot, jobs); a server that speaks
one channel's own protocol (web/chat_live.py) imports that channel's ``parse`` and ``render``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from atiende.channels.base import Channel


@cache
def channels() -> Mapping[str, Channel]:
    """Every channel by its code, in order of code."""
    found: dict[str, Channel] = {}
    for module in sorted(iter_modules(__path__), key=lambda each: each.name):
        if module.ispkg:
            channel = import_module(f"{__name__}.{module.name}").CHANNEL
            found[channel.code] = channel
    return found


__all__ = ["Channel", "channels"]
