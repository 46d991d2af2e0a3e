"""What this process does each second for its sockets: pings, reports to the router, counters,
the push's safety net, and the end of sockets whose session is over."""

import asyncio
from uuid import UUID

import structlog

from atiende.accounts import actors_alive
from atiende.routing import Q as ROUTING
from atiende.routing import counters
from atiende.store import AWAY, load_queries
from atiende.web.chat_hub import ChatHub
from atiende.web.hub import Desk, Hub, encode
from atiende.web.live import PING_S
from atiende.web.push import Push, look_again, missed_a_minute
from atiende.web.state import Web

log = structlog.get_logger("beat")
Q = load_queries("atiende.web")
BEAT_S = 1.0
SESSIONS_EVERY = 5
TOUCH_EVERY = 60
DEAD_S = 45.0
FORGET_HEARD_S = 120.0


async def run_beat(web: Web, hub: Hub, chats: ChatHub, push: Push) -> None:
    """For ever, once a second."""
    beat = 0
    while True:
        try:
            await one_beat(web, hub, chats, push, beat)
        except AWAY as error:
            # The next beat tries again: sockets are pinged and the router hears of people as soon
            # as the database is back.
            log.warning("database away", error=type(error).__name__)
        beat += 1
        await asyncio.sleep(BEAT_S)


async def one_beat(web: Web, hub: Hub, chats: ChatHub, push: Push, beat: int) -> None:
    if beat % int(PING_S) == 0:
        _ping(web, hub, chats)
    await _report(web, hub)
    if missed_a_minute(push):
        push.heads.clear()
        for desk in tuple(hub.desks):
            desk.close("resume")
    await look_again(push)
    await chats.positions()
    if beat % SESSIONS_EVERY == 0:
        await _sessions(web, hub)
    if beat % TOUCH_EVERY == 0:
        await _touch(web, hub)
    if any(desk.floor for desk in hub.desks):
        await _counters(web, hub)


def _ping(web: Web, hub: Hub, chats: ChatHub) -> None:
    now = web.clock()
    for desk in tuple(hub.desks):
        if now - desk.pong_at > DEAD_S:
            desk.close("silent")
        else:
            desk.send_text('{"t":"ping"}')
    chats.ping(now)


async def _report(web: Web, hub: Hub) -> None:
    """Whom this process hears: the router counts an agent's absence from it."""
    now = web.clock()
    for agent in [a for a, at in hub.heard.items() if now - at > FORGET_HEARD_S]:
        del hub.heard[agent]
    heard = {str(agent): at for agent, at in hub.heard.items()}
    async with web.db.connection() as conn:
        await conn.execute(ROUTING["report"], web.process, web.now(), heard)


async def _sessions(web: Web, hub: Hub) -> None:
    """A socket lives no longer than its session (logout, disabled account, other password), and
    no longer than what its person may do: with other roles it begins again, with other rows."""
    desks: dict[UUID, list[Desk]] = {}
    for desk in hub.desks:
        desks.setdefault(desk.actor.session_id, []).append(desk)
    if not desks:
        return
    async with web.db.connection() as conn:
        alive = await actors_alive(conn, desks, web.now())
    for session, sockets in desks.items():
        actor = alive.get(session)
        for desk in sockets:
            if actor is None:
                desk.close("session_ended")
            elif (actor.grants, actor.is_agent) != (desk.actor.grants, desk.actor.is_agent):
                desk.close("resume")


async def _touch(web: Web, hub: Hub) -> None:
    """An open, answering screen counts as activity: nobody is logged out in front of it."""
    sessions = {desk.actor.session_id for desk in hub.desks}
    if sessions:
        async with web.db.connection() as conn:
            await conn.execute(Q["touch_sessions"], list(sessions), web.now())


async def _counters(web: Web, hub: Hub) -> None:
    """Ephemeral figures, once for each distinct set of grants."""
    told: dict[object, str] = {}
    async with web.db.connection() as conn:
        for desk in tuple(hub.desks):
            if not desk.floor:
                continue
            grants = tuple(g for g in desk.actor.grants if g.permission == "floor.watch")
            if grants not in told:
                found = await counters(conn, web.now(), grants)
                told[grants] = encode({"t": "counters", "at": web.now(), **found}).decode()
            desk.send_text(told[grants])
