"""Our own Asterisk: found or unpacked (`acquire`), configured, started, watched.

`acquire` uses `mirrors`, `private_apt` and `unpack`; `exchange` uses `configure` (pure) and
`place`; `voice` is one run's handle on it all. This door gives what boot, the house and the voice
channel need of it.
"""

from atiende.engines.asterisk.acquire import acquire
from atiende.engines.asterisk.configure import APPLICATION, CHANNEL_VARIABLES, REGISTERED_USER
from atiende.engines.asterisk.exchange import Exchange, end_orphan, start_exchange
from atiende.engines.asterisk.place import living_pid
from atiende.engines.asterisk.runtime import Runtime
from atiende.engines.asterisk.voice import Voice

__all__ = [
    "APPLICATION",
    "CHANNEL_VARIABLES",
    "REGISTERED_USER",
    "Exchange",
    "Runtime",
    "Voice",
    "acquire",
    "end_orphan",
    "living_pid",
    "start_exchange",
]
