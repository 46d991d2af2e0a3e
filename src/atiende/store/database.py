"""The pool of PostgreSQL connections, transactions, and what counts as "the database is away".

Opened by boot, handed to every slice. The live pool limits a transaction to five seconds (live.md).
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import asyncpg
import msgspec

from atiende.store import fault

if TYPE_CHECKING:
    Connection = (
        asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]
    )
else:  # asyncpg's own classes take no parameter when the program runs; only their stubs do
    Connection = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy
Row = asyncpg.Record
T = TypeVar("T")

#: What a caller sees while PostgreSQL is down or restarting; web answers 503 for each of these.
AWAY = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.IdleSessionTimeoutError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.TransactionTimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what asyncpg says of a connection that dies under its hands
    asyncpg.TooManyConnectionsError,
)
#: A value no column holds (a number too big, a date out of the calendar, NUL): whoever sent it
#: erred, and the sentence of the error repeats it, so it goes into no log.
UNFIT = (asyncpg.DataError,)
#: Lost races that a second try settles (live.md, lock order).
RACES = (
    asyncpg.DeadlockDetectedError,
    asyncpg.UniqueViolationError,
    asyncpg.SerializationError,
)
#: The live views are wide: planning them anew for each call costs more than running them.
_SETTINGS = {
    "application_name": "atiende",
    "transaction_timeout": "5s",
    "jit": "off",
    "plan_cache_mode": "force_generic_plan",
}


async def prepare_connection(conn: Connection) -> None:
    """jsonb values are Python values on our side."""
    await conn.set_type_codec(
        "jsonb", encoder=_encode, decoder=msgspec.json.decode, schema="pg_catalog", format="text"
    )


def _encode(value: object) -> str:
    return msgspec.json.encode(value).decode()


async def _no_reset(_: Connection) -> None:
    """asyncpg's own reset costs four statements a release; our code leaves no session state."""


class Database:
    """The live pool. `transaction()` for writes, `connection()` for single statements."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", dsn: str) -> None:
        self.pool = pool
        self.dsn = dsn

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        async with self.pool.acquire(timeout=4) as conn, conn.transaction():
            yield conn

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        async with self.pool.acquire(timeout=4) as conn:
            yield conn

    async def retrying(self, work: Callable[[Connection], Awaitable[T]], tries: int = 4) -> T:
        """Runs `work` in a transaction; a lost race (deadlock, unique key) runs the whole again."""
        for left in reversed(range(tries)):
            try:
                async with self.transaction() as conn:
                    done = await work(conn)
                    fault.reach("before_commit")
                fault.reach("after_commit")
                return done
            except RACES:
                if left == 0:
                    raise
        raise AssertionError("unreachable")

    async def close(self) -> None:
        await self.pool.close()


async def fetch_one(conn: Connection, sql: str, *args: object) -> Row:
    """The one row a statement must return; LookupError when there is none."""
    row = await conn.fetchrow(sql, *args)
    if row is None:
        raise LookupError("a statement returned no row")
    return row


async def connect(dsn: str, **settings: str) -> "asyncpg.Connection[asyncpg.Record]":
    """One connection outside the pool (the router's, the migrations')."""
    conn = await asyncpg.connect(
        dsn, server_settings={"application_name": "atiende", "jit": "off", **settings}
    )
    await prepare_connection(conn)
    return conn


async def open_database(dsn: str, size: int = 12) -> Database:
    """Opens the live pool."""
    arguments: dict[str, Any] = {"init": prepare_connection, "reset": _no_reset}
    pool = await asyncpg.create_pool(
        dsn, min_size=2, max_size=size, server_settings=_SETTINGS, command_timeout=10, **arguments
    )
    return Database(pool, dsn)
