"""The loop of calls: what Asterisk, the router and people say, through each call's machine.

Theory of operation
-------------------
One connection to Asterisk (``Ari``); one ``Lane`` a call, which takes its facts one by one. A step
of the machine is written first (its state, the rows, the commands to the router, in one
transaction), then asked of Asterisk: whatever dies in between is found by ``compare``, at the next
connection, from the rows.

The router's decisions are looked at in its rows, woken by the bus as the push is, and each second
anyway. They are told to the machines as a level (``Routed``), so that a look that was missed costs
time and nothing else. Agents' own requests are rows of ``call_commands``.

While the database is away a lane keeps its fact and tries again; the sound goes on without us.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import structlog

from atiende.calls import recorded, rows
from atiende.calls.apart import apart
from atiende.calls.arrive import CONGESTION, arrive
from atiende.calls.compare import compare
from atiende.calls.laid import Laid
from atiende.calls.lane import Lane
from atiende.calls.line_test import LineTests
from atiende.calls.mend import mend
from atiende.calls.place import tell_place
from atiende.calls.pushed import Pushed, trial_token
from atiende.calls.rows import Q
from atiende.calls.silence import HEARD_FOR, Silence, tell_signal
from atiende.calls.supervise import Supervisions
from atiende.calls.watched import Watched
from atiende.channels.voice import call as values
from atiende.channels.voice import calls as machine
from atiende.channels.voice import config, waiting
from atiende.channels.voice import effects as do
from atiende.channels.voice import facts as has
from atiende.channels.voice.ari import Access, Ari, AriError
from atiende.channels.voice.parse import parse
from atiende.channels.voice.render import UnsafePartError, render
from atiende.engines import Exchange
from atiende.settings import Settings
from atiende.store import AWAY, Bus, Change, Database, wake_event

log = structlog.get_logger("calls")
LOOK_S = 1.0
AWAY_S = 0.5
EXISTS = 409
#: Calls written into the rows at once: they share the database with everybody else.
DOORS = 4
#: Topics of changes after which the router's rows may say something else.
ROUTED = frozenset({"work", "case"})


@dataclass
class Switch:
    """What the loop holds: every live call, and the line to Asterisk."""

    settings: Settings
    db: Database
    bus: Bus
    ari: Ari
    clock: Callable[[], float]
    group: asyncio.TaskGroup
    lanes: dict[str, Lane] = field(default_factory=dict)
    #: Asterisk's id of the caller's leg -> the call.
    callers: dict[str, str] = field(default_factory=dict)
    #: Callers on their way into the rows -> what was heard of each meanwhile.
    entering: dict[str, list[Any]] = field(default_factory=dict)
    doors: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(DOORS))
    begun: set[str] = field(default_factory=set)
    tests: LineTests = field(init=False)
    supervisions: Supervisions = field(init=False)

    def __post_init__(self) -> None:
        self.supervisions = Supervisions(self)
        self.tests = LineTests(self.bus, self.ari, self.ask, self.group.create_task)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock(), UTC)

    # --- facts to their calls

    async def heard(self, event: Any) -> None:
        """One event of Asterisk's."""
        fact = parse(event)
        if fact is None or self.tests.heard(fact) or self.supervisions.heard(fact):
            return
        if isinstance(fact, has.Digit):  # nobody asks for any: a flood of them costs no row
            return
        if isinstance(fact, has.CallArrived):
            if not self._knows(fact.call):
                self.entering[fact.call] = []
                self.group.create_task(self._arrive(fact))
            return
        if (waiting := self.entering.get(_about(fact))) is not None:
            waiting.append(fact)
            return
        if isinstance(fact, has.DialAsked):  # calls out are not ours yet
            await self.ask(do.Hangup(fact.call, CONGESTION))
            return
        lane = self.lane_of(fact)
        if lane is not None:
            lane.put(fact)
        elif isinstance(fact, has.LegAnswered):
            await self.ask(do.Hangup(fact.leg))
        elif isinstance(fact, has.RecordingFinished):
            ending = recorded.finished(self.db, self.bus, fact, self.now())
            self.spawn("recording_not_told", ending)

    def lane_of(self, fact: Any) -> Lane | None:
        """The call that a fact is about."""
        about = _about(fact)
        call = self.callers.get(about) or values.owner(about) or recorded.owner(fact)
        return self.lanes.get(call)

    async def arrived(self, fact: has.CallArrived) -> None:
        """A new call: into the rows, then answered. What is not ours is refused."""
        if not self._knows(fact.call):
            self.entering[fact.call] = []
            await self._arrive(fact)

    def _knows(self, caller: str) -> bool:
        return caller in self.callers or caller in self.entering

    async def _arrive(self, fact: has.CallArrived) -> None:
        """Beside the others: one that takes long must not hold up what is said of them."""
        async with self.doors:
            refused = await apart("call_refused", self._enter(fact))
        lane = self.lanes.get(self.callers.get(fact.call, ""))
        for heard in self.entering.pop(fact.call):
            if lane is not None:
                lane.put(heard)
        if refused:
            await self.ask(do.Apologise(fact.call))

    async def _enter(self, fact: has.CallArrived) -> None:
        found = await self.db.retrying(lambda conn: arrive(conn, fact, self.now()))
        if isinstance(found, int):
            log.warning("call_refused", cause=found)
            await self.ask(do.Hangup(fact.call, found))
            return
        self.open(found.call).put(found.started)
        self.bus.changed(found.changes)
        self.bus.wake("commands")

    def open(self, call: values.Call, since: datetime | None = None) -> Lane:
        """A lane for a call that is in the rows."""
        lane = self.lanes[call.id] = Lane(call, since or self.now())
        self.callers[call.channel] = call.id
        self.group.create_task(self.drive(lane))
        return lane

    def spawn(self, what: str, work: Coroutine[Any, Any, Any]) -> None:
        """Something beside the calls; a fault in it is logged as ``what``, and no call's."""
        self.group.create_task(apart(what, work))

    # --- one call

    async def drive(self, lane: Lane) -> None:
        """Takes a call's facts one by one, until it has ended."""
        while lane.call.state != "ended":
            fact = await lane.next()
            if await apart("call_step", self._taken(lane, fact)):
                await mend(self, lane)
        del self.lanes[lane.call.id]
        del self.callers[lane.call.channel]
        self.supervisions.levels(lane.call.id)
        for leg in lane.left():
            await self.ask(do.Hangup(leg))

    async def _taken(self, lane: Lane, fact: Any) -> None:
        while not await self._step(lane, fact):  # noqa: ASYNC110 - only the rows know
            await asyncio.sleep(AWAY_S)

    async def _step(self, lane: Lane, fact: Any) -> bool:
        """False: the database is away, and nothing has been done."""
        call, wanted = machine.step(lane.call, fact)
        changed = call != lane.call or bool(wanted)
        try:
            changes, taped = await self._write(lane, call, wanted, fact, changed)
        except AWAY as error:
            log.warning("rows_away", error=type(error).__name__)
            return False
        lane.call, lane.tape = call, taped.tape
        self.bus.changed([*changes, *taped.changes])
        if any(isinstance(each, values.TOLD_ROUTER) for each in wanted):
            self.bus.wake("commands")
        lane.words, said = waiting.step(lane.words, call, fact)
        for effect in (*said, *wanted, *taped.asked):
            await self._do(lane, effect)
        self.supervisions.levels(call.id)
        return True

    async def _write(
        self, lane: Lane, call: values.Call, wanted: list[Any], fact: Any, changed: bool
    ) -> tuple[list[Change], recorded.Taped]:
        async def work(conn: Any) -> tuple[list[Change], recorded.Taped]:
            now = self.now()
            await rows.note_leg(conn, fact, now)
            changes = await rows.write(conn, call, wanted, now) if changed else []
            return changes, await recorded.step(conn, lane.tape, (lane.call, call), fact, now)

        return await self.db.retrying(work)

    async def _do(self, lane: Lane, effect: Any) -> None:
        if isinstance(effect, values.SetTimer):
            lane.strike(effect.timer, effect.seconds)
        elif isinstance(effect, values.AskPlace):
            self.spawn("place_untold", tell_place(self.db, lane, effect, self.now()))
        elif not isinstance(effect, values.TOLD_ROUTER):
            done = await self.ask(effect)
            if not done and isinstance(effect, do.RingAgent):
                lane.put(has.LegEnded(effect.leg, 0))  # no phone is registered there
            if not done and isinstance(effect, do.Prepare | do.Dial):
                lane.put(has.LegEnded(effect.leg, CONGESTION))
            if not done and isinstance(effect, do.Snoop):
                lane.put(has.SnoopEnded(effect.snoop))

    async def ask(self, effect: do.Effect) -> bool:
        """Of Asterisk. What has ended counts as done; what failed is found by ``compare``.

        The music of a bridge ends when its last listener leaves: who comes next starts it again.
        """
        try:
            if isinstance(effect, do.Wait | do.Hold) and effect.bridge != machine.MUSIC:
                await self.ask(do.OpenBridge(effect.bridge, "holding"))
            await self.ari.request(render(effect))
            if isinstance(effect, do.Wait | do.Hold):
                kind = machine.music_of(effect.bridge)
                await self.ari.request(render(do.Music(effect.bridge, kind=kind)))
        except AriError as refused:
            if isinstance(effect, do.OpenBridge) and refused.status == EXISTS:
                return True
            log.warning("refused", effect=type(effect).__name__, status=refused.status)
            return False
        except UnsafePartError as unsafe:
            log.error("unsafe", effect=type(effect).__name__, part=str(unsafe))
            return False
        return True

    # --- the router, and people

    async def look(self) -> None:
        """Who has each call by the rows; what agents ask for."""
        async with self.db.connection() as conn:
            wanted = await conn.fetch(Q["wanted"], self.now() - HEARD_FOR)
            asks = await conn.fetch(Q["waiting_asks"])
            begun = await conn.fetch(Q["begun_calls"])
        self._begin(begun)
        for row in wanted:
            lane = self.lanes.get(str(row["interaction_id"]))
            if lane is not None:
                lane.level(_level(row, lane.call))
                tell_signal(lane, bool(row["signal"]))
        for row in asks:
            await apart("ask_failed", self._asked(row))

    def _begin(self, begun: Sequence[Any]) -> None:
        """Calls out that stand in the rows since the last look."""
        before, self.begun = self.begun, {str(row["interaction_id"]) for row in begun}
        for row in begun:
            if (call := values.of_row(row["machine"])).id not in before | self.lanes.keys():
                self.open(call, row["answered_at"]).put(values.Started())

    async def _asked(self, row: Any) -> None:
        lane = self.lanes.get(str(row["interaction_id"]))
        allowed = lane is not None and values.may_ask(lane.call, row["kind"], str(row["agent_id"]))
        allowed = allowed and lane is not None and recorded.may(lane.tape, row["kind"])
        result: dict[str, Any] = {"ok": True} if allowed else {"key": "call_not_now", "values": {}}
        async with self.db.transaction() as conn:
            await conn.execute(Q["answer_ask"], row["id"], result)
        if lane is not None and allowed:
            lane.put(values.Asked(row["kind"]))
        self.bus.publish("call_results", {row["id"]: result})


def _about(fact: Any) -> str:
    """Asterisk's name of what a fact is about."""
    about = getattr(fact, "call", "") if isinstance(fact, has.CallEnded) else ""
    about = about or getattr(fact, "leg", "") or getattr(fact, "playback", "")
    return about or getattr(fact, "snoop", "")


def _level(row: Any, call: values.Call) -> values.Fact:
    if row["interaction"] == "ended":
        turned = row["outcome"] == "overflow" and row["config"] is not None
        return values.Closed(config(row["config"]).turned_away(call.language) if turned else ())
    agent = str(row["agent_id"]) if row["agent_id"] else ""
    ring_s = row["offer_timeout_s"] or 20
    return values.Routed(agent, row["endpoint"] if agent else "", bool(row["assigned"]), ring_s)


async def run_voice(
    settings: Settings,
    db: Database,
    bus: Bus,
    exchange: Exchange,
    clock: Callable[[], float] = time.time,
) -> None:
    """Runs every call until cancelled; calls go on in Asterisk when it ends."""
    access = Access(exchange.ari_url, exchange.ari_user, exchange.ari_password)

    async def connected(_: Ari) -> None:
        await laid.look()
        await pushed.everything(switch.now())
        await compare(switch)

    ari = Ari(access, connected)
    pushed = Pushed(db, settings, ari, trial_token(exchange))
    laid = Laid(settings, db, exchange, ari)
    watched = Watched(db, ari, exchange.command)
    async with asyncio.TaskGroup() as group:
        switch = Switch(settings, db, bus, ari, clock, group)
        async with db.connection() as conn:
            for row in await conn.fetch(Q["live_calls"]):
                switch.open(values.of_row(row["machine"]), row["answered_at"])
        await switch.supervisions.begin()
        async with ari:
            group.create_task(_looks(switch))
            group.create_task(_looks_beside(switch, pushed))
            group.create_task(laid.run())
            group.create_task(Silence(switch).run())
            group.create_task(switch.supervisions.run())
            group.create_task(_watches(switch, pushed, watched))
            group.create_task(_until_moved(exchange, access))
            async for event in ari.events():
                await switch.heard(event)
        raise ConnectionError("another controller took the calls over")


async def _until_moved(exchange: Exchange, access: Access) -> None:
    """Asterisk comes back on another port when its own was taken meanwhile: begin anew there."""
    while exchange.ari_url == access.url:  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(LOOK_S)
    raise ConnectionError("Asterisk is at another port")


async def _watches(switch: Switch, pushed: Pushed, watched: Watched) -> None:
    """The carriers' lines, and tests of them, while there is somebody to take them up."""
    stop = switch.tests.listen()
    try:
        while True:
            if switch.ari.is_ready:
                await apart("look_trunks", watched.look(dict(pushed.trunks), switch.now()))
            await asyncio.sleep(LOOK_S)
    finally:
        stop()


async def _looks(switch: Switch) -> None:
    """At the rows: woken, also by what the router decided, and each second anyway."""
    wake = wake_event(switch.bus, "calls")

    def routed(changes: Any) -> None:
        if any(change.topic in ROUTED for change in changes):
            wake.set()

    stop = switch.bus.subscribe("changes", routed)
    try:
        while True:
            wake.clear()
            await apart("look", switch.look())
            await _woken(wake)
    finally:
        stop()


async def _looks_beside(switch: Switch, pushed: Pushed) -> None:
    """At phones, carriers and who listens: a caller's way to an agent does not wait for them."""
    wake = wake_event(switch.bus, "calls")
    while True:
        wake.clear()
        await apart("look_supervisions", switch.supervisions.look())
        if switch.ari.is_ready:
            await apart("look_pushed", pushed.look(switch.now()))
        await _woken(wake)


async def _woken(wake: asyncio.Event) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(wake.wait(), LOOK_S)
