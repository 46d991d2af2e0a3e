"""How many statements a visitor's message costs, from the socket to the row in the log."""

from pathlib import Path

import asyncpg
import pytest

from atiende.cases import Incoming, Received, receive
from atiende.store import Database
from atiende.web import chat_live
from tests.product import Guest, found, running

MESSAGES = 15
#: The present connection's own questions are not counted, nor are BEGIN and COMMIT.
COUNTED = """
select coalesce(sum(s.calls), 0)::float from pg_stat_statements s
where s.dbid = (select oid from pg_database where datname = current_database()) and s.toplevel
  and s.query !~* '^(begin|commit|rollback|savepoint|set |reset|show|deallocate)'
  and s.query not like '%pg_stat_statements%'
"""
RESET = """
select pg_stat_statements_reset(0, (select oid from pg_database
                                    where datname = current_database()), 0)
"""


async def per_message(dsn: str, folder: Path) -> float:
    """Only the visitor's socket works: no router, no push, no beat."""
    async with running(dsn, folder, router=False, loops=False) as product:
        guest = Guest(product, (await found(product))["key"])
        await guest.start(name="Luz Díaz")
        await guest.open()
        await guest.say("hola")  # the first of an episode opens it, which costs more
        conn = await asyncpg.connect(dsn)
        try:
            await conn.execute("create extension if not exists pg_stat_statements")
            await conn.execute(RESET)
            for n in range(MESSAGES):
                assert (await guest.say(f"mensaje {n}"))["t"] == "ack"
            calls = float(await conn.fetchval(COUNTED))
        finally:
            await conn.close()
        await guest.close()
    return calls / MESSAGES


async def test_a_visitors_message_costs_at_most_three_statements(
    database: str, place: Path
) -> None:
    found_ = await per_message(database, place)
    print(f"{found_:.2f} statements a message")
    assert 0 < found_ <= 3


async def test_the_count_sees_statements_that_are_too_many(
    database: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: a receiver that also looks three times is found out."""

    async def curious(db: Database, incoming: Incoming, now: "object") -> Received:
        async with db.connection() as conn:
            for n in range(3):
                await conn.fetchval(f"select count(*) + {n} from customers")
        return await receive(db, incoming, now)  # type: ignore[arg-type]

    monkeypatch.setattr(chat_live, "receive", curious)
    assert await per_message(database, place) > 3
