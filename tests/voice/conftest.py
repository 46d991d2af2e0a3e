"""Fixtures of the tests with a real Asterisk. It is never skipped: without one, they fail.

- `asterisk_runtime`: found or unpacked once, into a folder that all runs of one clone share;
- `exchange`: one running Asterisk a module, with ports of its own and nothing configured in it.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from atiende.core.problem import Problem
from atiende.engines.asterisk import Exchange, Runtime, acquire, start_exchange
from atiende.settings import Settings, read_settings
from atiende.words import phrase


def shared_settings(data: Path, **more: str) -> Settings:
    """Settings as a person's, with the runtime's folder of this clone and free ports."""
    kept = ("ATIENDE_HOME", "ATIENDE_ASTERISK", "ATIENDE_ASTERISK_DIR", "ATIENDE_ASTERISK_PACKAGES")
    environ = {name: os.environ[name] for name in kept if name in os.environ}
    return read_settings(
        {}, {**environ, "ATIENDE_DATA": str(data), "ATIENDE_SIP_PORT": "0", **more}
    )


@pytest.fixture(scope="session")
def asterisk_runtime() -> Runtime:
    """An Asterisk that can be run; where none can be had, the sentence that says why."""
    try:
        settings = shared_settings(Path("unused"))
        return asyncio.run(acquire(settings, lambda key, **values: None))
    except Problem as problem:
        sentence = phrase("en", f"problem.{problem.key}", **problem.values)
        pytest.fail(sentence, pytrace=False)


@pytest.fixture
def place() -> Iterator[Path]:
    """A 0700 folder with a short path (pytest's own are too long for sockets)."""
    folder = Path(tempfile.mkdtemp(prefix="av-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
async def exchange(asterisk_runtime: Runtime) -> AsyncIterator[Exchange]:
    """A running Asterisk of this module's own, on free ports of loopback."""
    folder = Path(tempfile.mkdtemp(prefix="av-"))
    made = await start_exchange(shared_settings(folder / "data"), runtime=asterisk_runtime)
    yield made
    await made.stop()
    shutil.rmtree(folder, ignore_errors=True)
