"""The virtual people against the real product in this process: they come, are attended, leave."""

from __future__ import annotations

import asyncio
import contextlib
import random
from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from atiende.demo import Pace, run_people, seed_demo
from atiende.settings import Settings
from tests.product import running

BOUND_S = 60.0
QUICK = Pace(
    arrive=(0.3, 0.6),
    first=(0.0, 0.1),
    most=6,
    per_sign=0.001,
    typing_most=0.1,
    read=(0.05, 0.1),
    settle=0.5,
    accept=(0.05, 0.1),
    outcome=(0.05, 0.1),
)
DONE = """
select count(*) from cases c
where c.state = 'resolved' and c.disposition_id is not null and c.opened_at > $1
  and exists (select 1 from messages m where m.case_id = c.id and m.direction = 'out')
"""
LIVE = "select count(*) from interactions where state <> 'ended'"
LAGGARDS = "select count(*) from events where kind like 'agent.offer_timeout' and at > $1"


async def test_visitors_are_attended_to_the_outcome_within_a_minute(
    database: str, tmp_path: Path, connection: asyncpg.Connection[asyncpg.Record]
) -> None:
    settings = Settings(data_dir=tmp_path, testing=True, test_fast_passwords=True)
    began = datetime.now(UTC)
    await seed_demo(settings, database, began)
    async with running(database, tmp_path) as product:
        people = asyncio.create_task(run_people(product.settings, QUICK, random.Random(7)))
        most = 0
        try:
            async with asyncio.timeout(BOUND_S):
                while await connection.fetchval(DONE, began) < 6:
                    assert not people.done()
                    most = max(most, await connection.fetchval(LIVE))
                    await asyncio.sleep(0.2)
        finally:
            people.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await people
        assert 0 < most <= QUICK.most + 2  # the last to leave may still be closing
        assert await connection.fetchval(LAGGARDS, began) == 0
