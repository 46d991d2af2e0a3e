"""Web chat: our own widget on the company's pages, over our own socket.

The other end is our own program (ui/widget), so there is no provider's wire: web/chat_live.py
speaks the protocol with ``parse`` and ``render``, and writes what arrives like any other channel.
"""

from __future__ import annotations

from atiende.channels.base import Channel, Field, load_words
from atiende.channels.webchat.config import check_config

CHANNEL = Channel(
    code="webchat",
    media="messages",
    level="silver",
    inbound="socket",
    words=load_words(__name__),
    fields=(
        Field("allowed_origins", "origins", required=True),
        Field("color", "color"),
        Field("title", "words"),
        Field("welcome", "words"),
        Field("consent", "words"),
        Field("prechat", "form"),
        Field("files", "bool"),
        Field("max_file_mb", "int"),
        Field("languages", "choice"),
        Field("position", "bool"),
        Field("away", "words"),
        Field("launcher", "choice"),
        Field("identity_secret", "secret"),
    ),
    capabilities=frozenset(
        {"text", "files", "typing", "read", "position", "signed_identity", "visitor_ends"}
    ),
    check_config=check_config,
)

__all__ = ["CHANNEL"]
