"""A floor in full swing for bench/inbox.py, planted by SQL: every visitor is being attended."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

AGENT_ROLE = "select id from roles where code = 'agent'"


@dataclass
class Company:
    """Session and visitor tokens, by number."""

    sessions: list[str]
    tokens: list[str]


async def plant(conn: asyncpg.Connection[Any], size: int) -> Company:
    """`size` agents, each with a visitor in hand."""
    company = Company(
        [secrets.token_urlsafe(32) for _ in range(size)],
        [secrets.token_urlsafe(32) for _ in range(size)],
    )
    now = datetime.now(UTC)
    async with conn.transaction():
        base = await plant_frame(conn, now)
        for number in range(size):
            await _pair(conn, base, company, number, now)
    await conn.execute("analyze")
    return company


async def plant_frame(conn: asyncpg.Connection[Any], now: datetime) -> dict[str, Any]:
    """The house around the agents: its rows' ids by name."""
    permissions = ["desk.use", "cases.read", "cases.write", "cases.search", "customers.read"]
    await conn.execute("insert into organisation (name) values ('Banco')")
    role = await conn.fetchval(
        "insert into roles (code, name, permissions, builtin) values ('agent', 'Agente', $1, true)"
        " returning id",
        permissions,
    )
    profile = await conn.fetchval(
        "insert into routing_profiles (name) values ('Perfil') returning id"
    )
    campaign = await conn.fetchval("insert into campaigns (name) values ('Ventas') returning id")
    queue = await conn.fetchval(
        "insert into queues (campaign_id, name) values ($1, 'Ventas') returning id", campaign
    )
    account = await conn.fetchval(
        "insert into channel_accounts (channel, name, public_key, queue_id, config)"
        " values ('webchat', 'Tienda', 'banco', $1, $2) returning id",
        queue,
        json.dumps({"allowed_origins": []}),
    )
    return {
        "role": role,
        "profile": profile,
        "campaign": campaign,
        "queue": queue,
        "account": account,
        "now": now,
    }


async def _pair(
    conn: asyncpg.Connection[Any],
    base: dict[str, Any],
    company: Company,
    number: int,
    now: datetime,
) -> None:
    user = await plant_agent(conn, base, company.sessions[number], number, now)
    await _visitor(conn, base, company.tokens[number], user, number)


async def plant_agent(
    conn: asyncpg.Connection[Any], base: dict[str, Any], session: str, number: int, now: datetime
) -> Any:
    """An agent who is available, with a session of that token; his id."""
    user = await conn.fetchval(
        "insert into users (email, name, state) values ($1, $2, 'active') returning id",
        f"agente{number}@banco.example",
        f"Agente {number}",
    )
    await conn.execute(
        "insert into user_roles (user_id, role_id, scope) values ($1, $2, 'own')",
        user,
        base["role"],
    )
    await conn.execute(
        "insert into agents (user_id, routing_profile_id, presence, since, idle_since)"
        " values ($1, $2, 'available', $3, $3)",
        user,
        base["profile"],
        now,
    )
    await conn.execute("insert into queue_agents values ($1, $2)", base["queue"], user)
    await conn.execute(
        "insert into sessions (token_hash, user_id, seen_at, expires_at) values ($1, $2, $3, $4)",
        hashlib.sha256(session.encode()).digest(),
        user,
        now,
        now + timedelta(hours=10),
    )
    return user


async def _visitor(
    conn: asyncpg.Connection[Any], base: dict[str, Any], token: str, agent: Any, number: int
) -> None:
    now = base["now"]
    customer = await conn.fetchval(
        "insert into customers (kind, name) values ('person', $1) returning id",
        f"Cliente {number}",
    )
    identity = await conn.fetchval(
        "insert into identities (customer_id, kind, scope, value, source)"
        " values ($1, 'visitor', $2, $3, 'bench') returning id",
        customer,
        str(base["account"]),
        hashlib.sha256(token.encode()).hexdigest(),
    )
    case = await conn.fetchval(
        "insert into cases (customer_id, campaign_id, queue_id, owner_id, opened_at)"
        " values ($1, $2, $3, $4, $5) returning id",
        customer,
        base["campaign"],
        base["queue"],
        agent,
        now,
    )
    conversation = await conn.fetchval(
        "insert into conversations (account_id, identity_id, customer_id, case_id)"
        " values ($1, $2, $3, $4) returning id",
        base["account"],
        identity,
        customer,
        case,
    )
    await _attended(conn, base, agent, _Thread(customer, identity, case, conversation))


@dataclass(frozen=True)
class _Thread:
    """A visitor's rows, by id."""

    customer: Any
    identity: Any
    case: Any
    conversation: Any


async def _attended(
    conn: asyncpg.Connection[Any], base: dict[str, Any], agent: Any, thread: _Thread
) -> None:
    """The live interaction of a visitor, in the hands of his agent."""
    now = base["now"]
    interaction = await conn.fetchval(
        "insert into interactions (case_id, conversation_id, channel, account_id, identity_id,"
        " queue_id, direction, initiation, state, started_at, answered_at)"
        " values ($1, $2, 'webchat', $3, $4, $5, 'in', 'inbound', 'active', $6, $6) returning id",
        thread.case,
        thread.conversation,
        base["account"],
        thread.identity,
        base["queue"],
        now,
    )
    await conn.execute(
        "update conversations set interaction_id = $2 where id = $1",
        thread.conversation,
        interaction,
    )
    work = await conn.fetchval(
        "insert into work_items (interaction_id, case_id, customer_id, queue_id, media,"
        " virtual_start, entered_at, state)"
        " values ($1, $2, $3, $4, 'messages', $5, $5, 'assigned') returning id",
        interaction,
        thread.case,
        thread.customer,
        base["queue"],
        now,
    )
    await conn.execute(
        "insert into assignments (work_item_id, agent_id, case_id, via, state, started_at)"
        " values ($1, $2, $3, 'offer', 'active', $4)",
        work,
        agent,
        thread.case,
        now,
    )
