"""What callers hear, kept in Asterisk's folders as the rows have it: at a connection, and each
second after it, for an administrator wants to hear at once what he has changed."""

from __future__ import annotations

import asyncio

from atiende.calls.apart import apart
from atiende.channels.voice.ari import Ari
from atiende.channels.voice.rest import Rest
from atiende.engines import Exchange
from atiende.prompts import MUSIC_MODULE, Sounds
from atiende.settings import Settings
from atiende.store import Blobs, Database

LOOK_S = 1.0


class Laid:
    """One connection's view of it."""

    def __init__(self, settings: Settings, db: Database, exchange: Exchange, ari: Ari) -> None:
        self._sounds = Sounds(exchange.place.folder, Blobs(settings.blobs_dir))
        self._db = db
        self._ari = ari

    async def look(self) -> None:
        """Lays what changed; a fault is logged, for a call without music is a call still."""
        await apart("sounds_not_laid", self._sounds.look(self._db, self._reload))

    async def run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            if self._ari.is_ready:
                await self.look()

    async def _reload(self) -> None:
        await self._ari.request(Rest("PUT", f"asterisk/modules/{MUSIC_MODULE}"))
