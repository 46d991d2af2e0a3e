"""Many contacts and many agents as rows and commands, for faults of the router alone.

`Floor` plays the web processes: it says each half second whom it hears, accepts what is offered,
and ends what is attended, as screens would by their commands.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from atiende.cases import Incoming, customer_ends, open_conversation, receive
from atiende.customers import Visitor, identify_visitor
from atiende.routing import Command, Q, put_command
from atiende.store import AWAY, Database, open_database
from tests.product import found, running

PING_S = 10.0
NEW_AGENT = """
with someone as (
    insert into users (email, name, state) values ($1, $2, 'active') returning id
), agent as (
    insert into agents (user_id, routing_profile_id, since, idle_since)
    select someone.id, (select id from routing_profiles order by id limit 1), $3, $3 from someone
)
insert into queue_agents (queue_id, user_id)
select (select id from queues order by id limit 1), someone.id from someone returning user_id
"""
PENDING = "select id, work_item_id, agent_id from offers where state = 'pending'"
ATTENDED = """
select s.case_id, s.agent_id from assignments s where s.state in ('connecting', 'active', 'held')
order by s.started_at limit $1
"""
LEFT = "select count(*) from work_items where state in ('queued', 'offered', 'assigned')"


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Floor:
    """The people of a company whose router is elsewhere."""

    db: Database
    agents: list[uuid.UUID]
    process: uuid.UUID

    async def contacts(self, count: int) -> None:
        """Visitors who write one after the other, so that their order is known."""
        account = await self.db.pool.fetchval("select id from channel_accounts limit 1")
        for n in range(count):
            async with self.db.transaction() as conn:
                visitor = Visitor(account_id=account, token_hash=uuid.uuid4().hex, name=f"V {n}")
                customer, identity, _ = await identify_visitor(conn, visitor, now())
                thread = await open_conversation(conn, account, identity, customer, {})
            await receive(self.db, Incoming(thread, str(uuid.uuid4()), f"hola {n}"), now())

    async def available(self) -> None:
        async with self.db.transaction() as conn:
            for agent in self.agents:
                args = {"presence": "available", "code": None, "after_work": False}
                await put_command(conn, Command("presence", agent, args), now())

    async def heard(self) -> None:
        """Every agent answers his pings, which come each ten seconds, for ever."""
        began = now().timestamp()
        while True:
            at = now().timestamp()
            at -= (at - began) % PING_S
            heard = {str(agent): at for agent in self.agents}
            await self.db.pool.execute(Q["report"], self.process, now(), heard)
            await asyncio.sleep(0.5)

    async def accept_all(self) -> int:
        """Accepts each pending offer, once."""
        rows = await self.db.pool.fetch(PENDING)
        async with self.db.transaction() as conn:
            for row in rows:
                args = {"work_id": str(row["work_item_id"])}
                command = Command("accept", row["agent_id"], args, f"accept-{row['id']}")
                await put_command(conn, command, now())
        return len(rows)

    async def end_some(self, count: int) -> None:
        """Customers who leave content."""
        for row in await self.db.pool.fetch(ATTENDED, count):
            await self.leaves(row["case_id"])

    async def leaves(self, case: uuid.UUID) -> None:
        await self.db.retrying(lambda conn: customer_ends(conn, case, now()))

    async def left(self) -> int:
        return int(await self.db.pool.fetchval(LEFT))

    async def work(self) -> None:
        """Attends until nothing waits any more."""
        while True:
            try:
                await self.accept_all()
                await self.end_some(12)
            except AWAY:
                pass
            await asyncio.sleep(0.1)


@asynccontextmanager
async def floor(dsn: str, folder: Path, agents: int) -> AsyncIterator[Floor]:
    """A founded company with this many agents more, and no router."""
    async with running(dsn, folder, router=False, loops=False) as product:
        await found(product)
    db = await open_database(dsn, size=6)
    await db.pool.execute("update queues set wrapup_mode = 'none'")
    made = [
        await db.pool.fetchval(NEW_AGENT, f"a{n}@nogal.example", f"Agente {n}", now())
        for n in range(agents)
    ]
    people = Floor(db, made, uuid.uuid4())
    hearing = asyncio.create_task(people.heard())
    try:
        yield people
    finally:
        hearing.cancel()
        await asyncio.gather(hearing, return_exceptions=True)
        await db.close()
