"""The truth afterwards, read from the installation's own database: only what a test asserts.

The one file of these tests that may look behind the screens (see test_lint.py).
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import asyncpg

from atiende.engines import dsn_of
from tests.e2e.stage import House


def times_said(house: House, text: str) -> int:
    """How many messages with exactly that text there are."""
    return int(_one(house, "select count(*) from messages where body = $1", text))


def assignments_of(house: House, customer: str) -> int:
    """How many people hold a contact of that customer now."""
    sql = """select count(*) from assignments a join cases c on c.id = a.case_id
        join customers u on u.id = c.customer_id
        where u.name = $1 and a.state not in ('failed', 'done')"""
    return int(_one(house, sql, customer))


def _one(house: House, sql: str, value: str) -> Any:
    async def ask() -> Any:
        address = dsn_of(house.product.settings)
        assert address is not None
        connection = await asyncpg.connect(address)
        try:
            return await connection.fetchval(sql, value)
        finally:
            await connection.close()

    with ThreadPoolExecutor(1) as apart:  # Playwright's loop runs in this thread
        return apart.submit(asyncio.run, ask()).result()
