"""The promise "committed means on disk", asked of whatever PostgreSQL we are given.

Called at every start, for the embedded server and for DATABASE_URL alike: a server that would
lose acknowledged work in a power cut is refused, and so is one too old for our schema.
"""

import asyncpg

from atiende.core.problem import Problem

#: The schema uses `uuidv7()`, which the server has from this version on.
OLDEST = 180000
#: A setting other than the one named loses acknowledged commits.
DURABLE = {"fsync": "on", "full_page_writes": "on"}
#: `local` is what a server without replicas does anyway; the others wait for more than that.
SYNCHRONOUS = frozenset({"on", "local", "remote_write", "remote_apply"})


async def assert_durable(dsn: str, *, fsync_off: bool = False) -> None:
    """Refuse, in one sentence, a server that is too old or does not flush its commits."""
    try:
        connection = await asyncpg.connect(dsn, timeout=10)
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError) as error:
        raise Problem(503, "database_unreachable", reason=_first_line(error)) from error
    try:
        version = int(await connection.fetchval("SHOW server_version_num"))
        if version < OLDEST:
            raise Problem(503, "database_too_old", version=version // 10000)
        for name, wanted in DURABLE.items():
            value = str(await connection.fetchval(f"SHOW {name}"))
            if value != wanted and not fsync_off:
                raise Problem(503, "database_not_durable", setting=name, value=value)
        value = str(await connection.fetchval("SHOW synchronous_commit"))
        if value not in SYNCHRONOUS and not fsync_off:
            raise Problem(503, "database_not_durable", setting="synchronous_commit", value=value)
    finally:
        await connection.close()


def _first_line(error: BaseException) -> str:
    """What the driver said, without its details and never with the address's password."""
    return (str(error) or type(error).__name__).splitlines()[0]
