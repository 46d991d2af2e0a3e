"""A number and a carrier for an installation, written in its database: no screen makes them yet."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import asyncpg

from atiende.engines import dsn_of
from atiende.engines.asterisk.place import recall
from tests.e2e.stage import House

NUMBER = "+5117001000"


def sip_of(house: House) -> tuple[str, int]:
    """Where its Asterisk takes calls."""
    noted = recall(house.product.settings)
    assert noted is not None, house.product.text
    return ("127.0.0.1", noted.sip_port)


def give_number(house: House, carrier: int) -> None:
    """NUMBER leads to its only queue; whoever calls from this machine comes by its carrier."""
    number = """insert into channel_accounts (channel, name, public_key, config, queue_id)
        select 'voice', $1, $1, '{}'::jsonb, id from queues limit 1"""
    trunk = "insert into trunks (name, host, port) values ('Operador', '127.0.0.1', $1)"

    async def write() -> None:
        address = dsn_of(house.product.settings)
        assert address is not None
        connection = await asyncpg.connect(address)
        try:
            await connection.execute(number, NUMBER)
            await connection.execute(trunk, carrier)
        finally:
            await connection.close()

    with ThreadPoolExecutor(1) as apart:  # Playwright's loop runs in this thread
        apart.submit(asyncio.run, write()).result()
