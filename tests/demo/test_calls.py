"""The demo's telephone against the real product and a real Asterisk: they call, are answered, talk,
and the outcome is recorded."""

from __future__ import annotations

import asyncio
import contextlib
import random
import shutil
import tempfile
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from atiende.calls import run_voice
from atiende.demo import Phones, headset, run_people, seed_demo
from atiende.engines.asterisk import Exchange, Runtime, start_exchange
from atiende.house.check_data import check
from atiende.jobs import run_forever
from atiende.settings import Settings
from tests.demo.test_people import QUICK
from tests.product import running
from tests.voice.conftest import asterisk_runtime, shared_settings

__all__ = ["asterisk_runtime"]
BOUND_S = 120.0
#: Only the telephone: a visitor of the chat would come in between.
CALLS = replace(QUICK, first=(900.0, 900.0), call=(0.5, 1.0))
TALKED = """
select count(*) from calls k join interactions i on i.id = k.interaction_id
where k.connected_at is not null and k.ended_at is not null and i.outcome = 'served'"""
DISPOSED = """
select count(*) from cases c join interactions i on i.case_id = c.id
join calls k on k.interaction_id = i.id
where c.disposition_id is not null and c.state = 'resolved' and c.opened_at > $1"""


@pytest_asyncio.fixture
async def exchange(asterisk_runtime: Runtime) -> AsyncIterator[Exchange]:
    folder = Path(tempfile.mkdtemp(prefix="av-"))
    made = await start_exchange(shared_settings(folder / "data"), runtime=asterisk_runtime)
    yield made
    await made.stop()
    shutil.rmtree(folder, ignore_errors=True)


async def test_virtual_customers_call_and_virtual_agents_attend_them(
    database: str,
    tmp_path: Path,
    connection: asyncpg.Connection[asyncpg.Record],
    exchange: Exchange,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(headset, "TALK_S", (6.0, 8.0))
    began = datetime.now(UTC)
    await seed_demo(
        Settings(data_dir=tmp_path, testing=True, test_fast_passwords=True), database, began
    )
    async with running(database, tmp_path) as product:
        settings = product.settings

        async def ready() -> Exchange:
            return exchange

        web = product.web
        phones = Phones(web.db, settings.key_file, ready, partial(web.bus.wake, "calls"))
        voice = partial(run_voice, settings, web.db, web.bus, exchange)
        calls = asyncio.create_task(run_forever("calls", voice))
        people = asyncio.create_task(run_people(settings, CALLS, random.Random(7), phones))
        try:
            async with asyncio.timeout(BOUND_S):
                while (
                    await connection.fetchval(TALKED) < 2
                    or await connection.fetchval(DISPOSED, began) < 1
                ):
                    assert not people.done()
                    await asyncio.sleep(0.2)
        finally:
            people.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await people
            calls.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await calls
        async with web.db.connection() as conn:
            assert await check(conn, web.now()) == []
