"""A customer who keeps silent frees the agent's slot, and takes it again when he writes."""

from pathlib import Path

from tests.chaos.parts import execute, findings, value
from tests.chaos.test_absence import Clock, attending
from tests.product import client_id

SILENT = """
update conversations set last_in_at = last_in_at - interval '20 minutes',
  last_out_at = last_out_at - interval '16 minutes'
"""
RESTS = "select count(*) from assignments where waiting_since is not null"
RESUMED = "select count(*) from commands where kind = 'resumed'"


async def test_work_that_rests_holds_no_slot_until_its_customer_comes_back(
    database: str, place: Path
) -> None:
    async with attending(database, place, Clock()) as s:
        path = f"/api/conversations/{s.ana.conversation(s.case)}/messages"
        for _ in range(2):
            await s.ana.post(path, {"client_id": client_id(), "body": "¿me confirma?"})
            await execute(database, SILENT)
            await s.pass_s(16)
            await s.ana.until(lambda: s.ana.agent["used"] == {}, 15)
            assert await value(database, RESTS) == 1
            before = await value(database, RESUMED)
            await s.guest.say("aquí estoy")
            await s.ana.until(lambda: s.ana.agent["used"] == {"messages": 1})
            await s.guest.say("¿hola?")
            assert await value(database, RESTS) == 0
            assert await value(database, RESUMED) == int(str(before)) + 1
        assert await findings(database) == []
