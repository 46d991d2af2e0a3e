"""Who attends which queue: the one place that writes agents' profiles, memberships and skills.

Both sides of a membership are live entities: the agent and the queue reach a new version, so
that screens learn who sees what; the router is told to read the agent again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from atiende.accounts import Context, items
from atiende.core.problem import Problem
from atiende.store import Change, Connection, load_queries, log_event

Q = load_queries("atiende.routing.admin")


@dataclass(frozen=True, slots=True)
class AgentProfile:
    """What a person is as an agent: capacity, queues, skills with levels 1 to 5."""

    routing_profile_id: UUID
    queues: tuple[UUID, ...] = ()
    skills: tuple[tuple[UUID, int], ...] = ()


async def set_agent(
    conn: Connection, ctx: Context, user_id: UUID, profile: AgentProfile
) -> list[Change]:
    """Makes a person an agent, or changes what he is as one."""
    await _known(conn, "queues_open", profile.queues, "queues")
    await _known(conn, "skills_open", [skill for skill, _ in profile.skills], "skills")
    if await conn.fetchval(Q["routing_profile_open"], profile.routing_profile_id) is None:
        raise Problem(422, "unknown_reference", fields={"routing_profile_id": "unknown"})
    if await conn.fetchrow(Q["agent_get"], user_id) is None:
        await conn.execute(Q["agent_insert"], user_id, profile.routing_profile_id, ctx.now)
    await conn.execute(Q["agent_profile"], user_id, profile.routing_profile_id)
    await conn.execute(Q["agent_skills_clear"], user_id)
    for skill, level in profile.skills:
        await conn.execute(Q["agent_skill_add"], user_id, skill, level)
    before = {row["queue_id"] for row in await conn.fetch(Q["queues_of_agent"], user_id)}
    after = set(profile.queues)
    for queue in sorted(before - after):
        await conn.execute(Q["queue_agent_remove"], queue, user_id)
    for queue in sorted(after - before):
        await conn.execute(Q["queue_agent_add"], queue, user_id)
    changes = [await queue_changed(conn, queue) for queue in sorted(before ^ after)]
    return [*changes, *await agent_changed(conn, ctx, user_id)]


async def remove_agent(conn: Connection, ctx: Context, user_id: UUID) -> list[Change]:
    """A person stops being an agent; refused while he attends or is connected."""
    agent = await conn.fetchrow(Q["agent_get"], user_id)
    if agent is None:
        return []
    if agent["busy"] or agent["presence"] != "offline":
        raise Problem(409, "agent_busy")
    queues = [row["queue_id"] for row in await conn.fetch(Q["queues_of_agent"], user_id)]
    await conn.execute(Q["agent_delete"], user_id)
    await items.configure(conn, ctx, "agent", user_id)
    gone = Change("agent", user_id, agent["version"] + 1, "agent.removed")
    return [
        *[await queue_changed(conn, queue) for queue in queues],
        await log_event(conn, gone),
    ]


async def set_queue_agents(
    conn: Connection, ctx: Context, queue_id: UUID, before: Iterable[UUID], after: Iterable[UUID]
) -> list[Change]:
    """The queue's side of a membership; the caller raises the queue's own version."""
    old, new = set(before), set(after)
    await _known(conn, "agents_known", sorted(new), "agents")
    for user in sorted(old - new):
        await conn.execute(Q["queue_agent_remove"], queue_id, user)
    for user in sorted(new - old):
        await conn.execute(Q["queue_agent_add"], queue_id, user)
    changes: list[Change] = []
    for user in sorted(old ^ new):
        changes.extend(await agent_changed(conn, ctx, user))
    return changes


async def agent_changed(conn: Connection, ctx: Context, user_id: UUID) -> list[Change]:
    """The agent's new version, its event, and the router's command; nothing for a non-agent."""
    version = await conn.fetchval(Q["agent_touch"], user_id)
    if version is None:
        return []
    await items.configure(conn, ctx, "agent", user_id)
    return [await log_event(conn, Change("agent", user_id, version, "agent.configured"))]


async def queue_changed(conn: Connection, queue_id: UUID) -> Change:
    """A queue's new version and its event."""
    version = await conn.fetchval(Q["queue_touch"], queue_id)
    return await log_event(conn, Change("queue", queue_id, version, "queue.configured"))


async def _known(conn: Connection, query: str, ids: Sequence[UUID], field: str) -> None:
    if len(set(ids)) != len(ids):
        raise Problem(422, "given_twice", fields={field: "twice"})
    found = await conn.fetch(Q[query], list(ids))
    if len(found) != len(ids):
        raise Problem(422, "unknown_reference", fields={field: "unknown"})
