"""Calls: a number of the company's, on a carrier's line, through our own Asterisk.

The other end is a telephone, so there is no provider's wire: ``ari`` holds the line to Asterisk,
``parse`` and ``render`` speak its language, ``calls`` is the state of one call. The loop that joins
them to cases and to the router is the slice ``calls``, which stands above both.
"""

from __future__ import annotations

from atiende.channels.base import Channel, Field, load_words
from atiende.channels.voice.announce import MINUTES, POSITIONS
from atiende.channels.voice.config import Config, check_config, config

CHANNEL = Channel(
    code="voice",
    media="voice",
    level="bronze",
    inbound="listen",
    words=load_words(__name__),
    fields=(
        Field("number", "text", required=True),
        Field("greeting", "text"),
        Field("recording", "text"),
        Field("closed", "text"),
        Field("music", "text"),
        Field("trunk_id", "text"),
    ),
    capabilities=frozenset({"calls", "music", "hold"}),
    check_config=check_config,
    key_field="number",
)

__all__ = ["CHANNEL", "MINUTES", "POSITIONS", "Config", "config"]
