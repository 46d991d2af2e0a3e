"""Supervisors who listen to calls, as the loop of calls keeps them.

What is wanted stands in rows (`call_supervisions`: mode, left_at), looked at with every look of the
loop; what is so is written before Asterisk is asked for it. After a restart of ours nobody listens
any more: their legs are removed as those of no call, and each is told so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from atiende.accounts import Act, Who, record
from atiende.calls.apart import apart
from atiende.channels.voice import effects as do
from atiende.channels.voice import facts as has
from atiende.channels.voice import supervision as machine
from atiende.channels.voice.supervision import Supervision
from atiende.store import Connection, changes_of, load_queries

if TYPE_CHECKING:
    from atiende.calls.run import Switch

Q = load_queries("atiende.calls", "supervise_queries.sql")
AGAIN_S = 1.0


@dataclass
class Supervisions:
    """Every supervision that lives. Facts are taken one by one, of all of them in turn."""

    switch: Switch
    live: dict[str, Supervision] = field(default_factory=dict)
    facts: asyncio.Queue[tuple[str, Any]] = field(default_factory=asyncio.Queue)

    def heard(self, fact: Any) -> bool:
        """Whether a fact of Asterisk's was about one of ours."""
        about = machine.owner(getattr(fact, "leg", "") or getattr(fact, "snoop", ""))
        if not about:
            return False
        if about in self.live:
            self.facts.put_nowait((about, fact))
        elif isinstance(fact, has.LegAnswered | has.SnoopReady):
            name = fact.leg if isinstance(fact, has.LegAnswered) else fact.snoop
            self.switch.spawn("leg_not_ended", self.switch.ask(do.Hangup(name)))
        return True

    def owns(self, name: str) -> bool:
        """Whether a channel or bridge of Asterisk's is of one that lives."""
        return machine.owner(name) in self.live

    async def run(self) -> None:
        """Takes facts for ever. What cannot be taken ends it, as soon as that can be written."""
        loop = asyncio.get_running_loop()
        while True:
            about, fact = await self.facts.get()
            if about in self.live and await apart("supervision", self._step(about, fact)):
                over = (about, machine.Over("platform"))
                loop.call_later(AGAIN_S, self.facts.put_nowait, over)

    async def begin(self) -> None:
        """Who listened when we ended is told that it is over."""
        async with self.switch.db.connection() as conn:
            rows = await conn.fetch(Q["live_supervisions"])
        for row in rows:
            self.live[str(row["id"])] = one = _of_row(row)
            self.facts.put_nowait((one.id, machine.Over("platform")))

    def compare(self, channels: Mapping[str, object]) -> None:
        """At a connection: legs that ended while nobody heard of it."""
        for one in self.live.values():
            if one.state != "ringing" and one.leg not in channels:
                self.facts.put_nowait((one.id, has.LegEnded(one.leg, 0)))

    async def look(self) -> None:
        """What is wanted by the rows, and where each call is."""
        async with self.switch.db.connection() as conn:
            rows = await conn.fetch(Q["live_supervisions"])
        for row in rows:
            name = str(row["id"])
            if name not in self.live:
                self.live[name] = _of_row(row)
                self.facts.put_nowait((name, machine.Began()))
            elif row["mode"] != self.live[name].mode:
                self.facts.put_nowait((name, machine.Wished(row["mode"])))
            if row["left_at"] is not None:
                self.facts.put_nowait((name, machine.Left()))
        self.levels()

    def levels(self, call: str = "") -> None:
        """Who has each call that is listened to (or that one) now."""
        for one in self.live.values():
            if call in ("", one.call):
                fact = self._level(one)
                if not isinstance(fact, machine.Talks) or (fact.agent, fact.leg) != (
                    one.agent,
                    one.target,
                ):
                    self.facts.put_nowait((one.id, fact))

    def _level(self, one: Supervision) -> machine.Fact:
        lane = self.switch.lanes.get(one.call)
        if lane is None or lane.call.state in ("ended", "closing"):
            return machine.Over("call_ended")
        call = lane.call
        talks = call.state in ("connected", "held")
        return machine.Talks(call.agent if call.assigned else "", call.leg if talks else "")

    async def _step(self, name: str, fact: Any) -> None:
        before = self.live[name]
        now, wanted = machine.step(before, fact)
        if (now.state, now.mode) != (before.state, before.mode):
            await self._keep(now)
        self.live[name] = now
        if now.state == "ended":
            del self.live[name]
        for effect in wanted:
            done = await self.switch.ask(effect)
            if not done and isinstance(effect, do.RingAgent):
                self.facts.put_nowait((name, has.LegEnded(effect.leg, 0)))
            elif not done and isinstance(effect, do.Snoop):
                self.facts.put_nowait((name, has.SnoopEnded(effect.snoop)))

    async def _keep(self, one: Supervision) -> None:
        async def work(conn: Connection) -> list[Any]:
            now = self.switch.now()
            rows = await conn.fetch(Q["keep_supervision"], UUID(one.id), one.state, one.reason, now)
            if one.state == "ended":
                await self._record(conn, one)
            return list(changes_of(rows))

        self.switch.bus.changed(await self.switch.db.retrying(work))

    async def _record(self, conn: Connection, one: Supervision) -> None:
        row = await conn.fetchrow(Q["ended_supervision"], UUID(one.id))
        if row is not None:
            told = {"mode": row["mode"], "reason": row["reason"], "seconds": row["seconds"] or 0}
            act = Act("call.listen_end", "call", row["interaction_id"], None, told)
            author = Who(row["supervisor_id"], row["supervisor"])
            await record(conn, author, act, self.switch.now())


def _of_row(row: Any) -> Supervision:
    return Supervision(
        id=str(row["id"]),
        call=str(row["interaction_id"]),
        supervisor=str(row["supervisor_id"]),
        agent=str(row["agent_id"]),
        endpoint=row["endpoint"],
        mode=row["mode"],
    )
