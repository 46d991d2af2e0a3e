"""`atiende migrate`: bring a shared database (DATABASE_URL), or our own, to this code's schema.

`up` does it by itself; where several processes share a database it is one explicit step.
"""

import asyncio

from atiende.core.problem import Problem
from atiende.engines import assert_durable, dsn_of
from atiende.house.words import speaker
from atiende.settings import Settings
from atiende.store import migrate


def migrate_now(settings: Settings) -> int:
    dsn = dsn_of(settings)
    if dsn is None:
        raise Problem(404, "not_up", path=str(settings.data_dir))
    applied = asyncio.run(_migrate(settings, dsn))
    say = speaker(settings.language)
    if applied:
        say("migrate.done", names=", ".join(applied))
    else:
        say("migrate.nothing")
    return 0


async def _migrate(settings: Settings, dsn: str) -> list[str]:
    await assert_durable(dsn, fsync_off=settings.test_fsync_off)
    return await migrate(dsn)
