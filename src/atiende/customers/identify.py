"""Which customer is this? Called when a visitor opens a conversation."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asyncpg import UniqueViolationError

from atiende.customers.words import search_text
from atiende.store import Change, Connection, fetch_one, load_queries, log_event

Q = load_queries("atiende.customers")


@dataclass(frozen=True, slots=True)
class Visitor:
    """What is known of a person who opens a chat. `signed` = (id at the shop, verified e-mail or
    None) from an identity signed with the account's secret (channels/webchat/parse.py)."""

    account_id: UUID
    token_hash: str
    name: str = ""
    email: str | None = None
    phone: str | None = None
    language: str = "es"
    signed: tuple[str, str | None] | None = None


async def identify_visitor(
    conn: Connection, visitor: Visitor, now: datetime
) -> tuple[UUID, UUID, list[Change]]:
    """(customer, identity, changes) of a visitor; made at first contact.

    A signed identity leads to the customer who has it; a typed e-mail or phone is added to a new
    customer only when nobody else has it, and is never verified by that.
    """
    scope = str(visitor.account_id)
    known = await conn.fetchrow(Q["visitor"], visitor.account_id, visitor.token_hash)
    if known is not None:
        return known["customer_id"], known["identity_id"], []
    customer, changes = await _signed_customer(conn, visitor, now), list[Change]()
    if customer is None:
        customer, changes = await _create(conn, visitor)
        await _add_typed(conn, customer, visitor, now)
    identity = await conn.fetchval(
        Q["add_identity"],
        customer,
        "visitor",
        scope,
        visitor.token_hash,
        None,
        None,
        "widget",
        False,
    )
    return customer, identity, changes


async def _signed_customer(conn: Connection, visitor: Visitor, now: datetime) -> UUID | None:
    if visitor.signed is None:
        return None
    row = await conn.fetchrow(Q["identity"], "crm", str(visitor.account_id), visitor.signed[0])
    if row is None and visitor.signed[1]:
        row = await conn.fetchrow(Q["identity"], "email", "", visitor.signed[1].lower())
        if row is not None and row["verified_at"] is None:
            row = None
    if row is None:
        return None
    customer: UUID = row["customer_id"]
    await conn.fetchval(
        Q["add_identity"],
        customer,
        "crm",
        str(visitor.account_id),
        visitor.signed[0],
        None,
        now,
        "signed",
        False,
    )
    return customer


async def _create(conn: Connection, visitor: Visitor) -> tuple[UUID, list[Change]]:
    known = visitor.signed is not None or bool(visitor.name)
    row = await fetch_one(
        conn,
        Q["create_customer"],
        "person" if known else "visitor",
        visitor.name,
        visitor.language,
        search_text(visitor.name, visitor.email, visitor.phone),
    )
    change = Change("customer", row["id"], row["version"], "customer.created")
    await log_event(conn, change, "visitor")
    return row["id"], [change]


async def _add_typed(conn: Connection, customer: UUID, visitor: Visitor, now: datetime) -> None:
    if visitor.signed is not None:
        shop_id, email = visitor.signed
        await conn.fetchval(
            Q["add_identity"],
            customer,
            "crm",
            str(visitor.account_id),
            shop_id,
            None,
            now,
            "signed",
            False,
        )
        if email:
            await conn.fetchval(
                Q["add_identity"], customer, "email", "", email.lower(), None, now, "signed", True
            )
    for kind, value in (("email", visitor.email), ("phone", visitor.phone)):
        if value:
            await conn.fetchval(
                Q["add_identity"], customer, kind, "", value.lower(), None, None, "prechat", True
            )


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, as the carrier tells it: ``number`` in E.164, or empty when it is hidden (then
    ``token`` alone tells this call from others). Nothing of it is proven."""

    account_id: UUID
    number: str
    token: str
    name: str = ""
    language: str = "es"


async def phone_of(conn: Connection, customer: UUID, number: str) -> UUID:
    """The identity of a number that is called for a customer: whoever's it is, else it is his."""
    known = await conn.fetchrow(Q["identity"], "phone", "", number)
    if known is None:
        made = (customer, "phone", "", number, None, None, "call", False)
        identity: UUID | None = await conn.fetchval(Q["add_identity"], *made)
        if identity is None:  # somebody else made it just now: the whole is run again
            raise UniqueViolationError("identities")
        return identity
    found: UUID = known["id"]
    return found


async def identify_caller(
    conn: Connection, caller: Caller, hidden: str
) -> tuple[UUID, UUID, list[Change]]:
    """(customer, identity, changes) of a caller: whoever has this number, else a new customer,
    named as the caller's phone says or by the number; ``hidden`` is the name without one."""
    kind, scope, value = "phone", "", caller.number
    if not caller.number:
        kind, scope, value = "visitor", str(caller.account_id), caller.token
    known = await conn.fetchrow(Q["identity"], kind, scope, value)
    if known is not None:
        return known["customer_id"], known["id"], []
    name = caller.name or caller.number or hidden
    row = await fetch_one(
        conn,
        Q["create_customer"],
        "person" if caller.number else "visitor",
        name,
        caller.language,
        search_text(name, None, caller.number or None),
    )
    change = Change("customer", row["id"], row["version"], "customer.created")
    await log_event(conn, change, "call")
    made = (row["id"], kind, scope, value, None, None, "call", bool(caller.number))
    identity = await conn.fetchval(Q["add_identity"], *made)
    if identity is None:  # somebody else made it just now: the whole is run again
        raise UniqueViolationError("identities")
    return row["id"], identity, [change]
