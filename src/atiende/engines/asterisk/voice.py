"""The exchange of one run of the program: comes up beside the rest, says why not when it does not.

Called by the house (`run`, `close`) and by boot (`state` for `/healthz`, `ready()` for whoever
speaks with Asterisk). The first start may have to download: nobody waits for that, unless calls
were asked for with "on"; then a failure ends the start, as with the database.
"""

import asyncio
import os
from collections.abc import Callable

import structlog

from atiende.core.problem import Problem
from atiende.engines.asterisk.exchange import Exchange, end_orphan, start_exchange
from atiende.settings import SIP_PORT, Settings
from atiende.words import phrase

log = structlog.get_logger(__name__)


class Voice:
    """What this run knows of its exchange."""

    def __init__(self, settings: Settings, say: Callable[..., None]) -> None:
        self._settings = settings
        self._say = say
        self._known = asyncio.Event()
        self.exchange: Exchange | None = None
        #: Why there is none, once that is known and calls were wanted.
        self.problem: Problem | None = None

    @property
    def state(self) -> str:
        """ "off", "starting" (the first time, a download), "ok", or "away" (down just now)."""
        if self.exchange is not None:
            return "ok" if self.exchange.answers else "away"
        return "starting" if self._settings.runs_voice and self.problem is None else "off"

    @property
    def address(self) -> tuple[str, int] | None:
        """Where carriers reach us; behind a router, the address that it shows."""
        if self.exchange is None:
            return None
        return self._settings.media_address or self.exchange.sip_host, self.exchange.sip_port

    async def ready(self) -> Exchange | None:
        """The exchange once it answers; None once it is known that there will be none."""
        await self._known.wait()
        return self.exchange

    async def start(self) -> None:
        """Have the exchange up, or raise the Problem that prevents it."""
        try:
            if not self._settings.runs_voice:
                await end_orphan(self._settings)
                return
            self.exchange = await start_exchange(self._settings, self._say)
            self._tell(self.exchange)
        except Problem as problem:
            self.problem = problem
            raise
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            path = str(self._settings.data_dir / "asterisk")
            self.problem = Problem(500, "voice_folder", path=path, reason=reason)
            raise self.problem from error
        finally:
            self._known.set()

    async def run(self) -> None:
        """Start (unless `start` has), tell why not, and watch until cancelled."""
        if self.exchange is None:
            try:
                await self.start()
            except Problem as problem:
                language = self._settings.language
                reason = phrase(language, f"problem.{problem.key}", **problem.values)
                log.warning("voice.off", key=problem.key, **problem.values)
                self._say("voice.off", reason=reason)
        if self.exchange is not None:
            await self.exchange.supervise()

    async def close(self, *, keep: bool) -> None:
        """End the exchange; with `keep`, leave it and its calls for the next start."""
        if keep:
            if self.exchange is not None:
                self.exchange.release()
        elif self.exchange is not None:
            await self.exchange.stop()
        else:
            await end_orphan(self._settings)

    def _tell(self, exchange: Exchange) -> None:
        port, wanted = exchange.sip_port, self._settings.sip_port
        log.info("voice.ready", pid=exchange.pid, sip_port=port, version=exchange.version)
        if exchange.replaced:
            self._say("voice.replaced")
        if wanted is None and port != SIP_PORT:
            self._say("voice.port", usual=SIP_PORT, port=port)
        key = "voice.adopted" if exchange.adopted else "voice.ready"
        self._say(key, host=exchange.sip_host, port=port)
