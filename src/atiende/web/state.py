"""What every request of this process can reach: made once by boot, kept in the app's state."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from atiende.settings import Settings
from atiende.store import Blobs, Bus, Database


@dataclass
class Web:
    """The process's database, bus, blobs and clock. `port` is the one really bound."""

    settings: Settings
    db: Database
    bus: Bus
    blobs: Blobs
    clock: Callable[[], float] = time.time
    process: UUID = field(default_factory=uuid4)
    #: "off", "starting", "ok" or "away": of the exchange of calls.
    voice_state: Callable[[], str] = lambda: "off"
    #: Where Asterisk takes the SIP of browsers; None while there is none.
    sip_url: Callable[[], str | None] = lambda: None

    #: Where carriers reach us, host and port; None while there is no exchange.
    sip_address: Callable[[], tuple[str, int] | None] = lambda: None

    #: Virtual people that an administrator may ask to come (web/trial.py).
    trials: Any = None

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock(), UTC)

    @property
    def base_url(self) -> str:
        return self.settings.base_url()
