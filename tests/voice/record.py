"""Keeps the stories that a real Asterisk is put through as fixtures of the channel.

`python -m tests.voice.record FOLDER` with FOLDER the channel's `fixtures`; look at what changed
before it is committed: the pure tests believe these files.
"""

import asyncio
import json
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from atiende.engines.asterisk import acquire, start_exchange
from tests.voice import scenarios
from tests.voice.conftest import shared_settings
from tests.voice.session import Session, session

STORIES: Mapping[str, Callable[[Session], Awaitable[None]]] = {
    "inbound": scenarios.inbound,
    "held": scenarios.held_by_us,
    "outbound": scenarios.outbound,
    "refused": scenarios.refused_before_answer,
    "hostile": scenarios.hostile,
    "dialled": scenarios.dialled_by_an_agent,
    "presence": scenarios.presence,
}

#: The list of cases is empty: these are no payloads of a web hook.
HEAD = '{"kind": "session", "cases": [], "steps": [\n'


async def record(folder: Path) -> None:
    """One file a story, one line a step."""
    with tempfile.TemporaryDirectory(prefix="av-") as data:
        settings = shared_settings(Path(data) / "data")
        exchange = await start_exchange(settings, runtime=await acquire(settings, _say))
        try:
            for name, story in STORIES.items():
                async with session(exchange) as now:
                    await story(now)
                    steps = [
                        json.dumps(step, ensure_ascii=False, default=str) for step in now.steps
                    ]
                    text = HEAD + ",\n".join(steps) + "\n]}\n"
                (folder / f"{name}.json").write_text(text, encoding="utf-8")
        finally:
            await exchange.stop()


def _say(key: str, **values: object) -> None:
    """Nobody is told how the runtime is had."""


if __name__ == "__main__":
    asyncio.run(record(Path(sys.argv[1])))
