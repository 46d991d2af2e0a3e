"""What agents see and edit of a customer."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from atiende.channels.text import is_email, is_phone
from atiende.core.problem import Problem
from atiende.customers.identify import Q
from atiende.customers.words import like_text, search_text
from atiende.store import Change, Connection, changes_of, log_event


@dataclass(frozen=True, slots=True)
class CustomerPatch:
    """The fields to change (None = leave) against the version the editor saw."""

    version: int
    values: dict[str, Any] = field(default_factory=dict)
    #: The whole list of (kind, value) to keep, None = leave as it is.
    identities: tuple[tuple[str, str], ...] | None = None


_SHAPES = {"email": is_email, "phone": is_phone}
_FIELDS = ("kind", "name", "document", "tier", "language", "tz", "address", "notes", "fields")


async def customer_state(conn: Connection, customer: UUID) -> tuple[int, dict[str, Any], list[Any]]:
    """(version, state, cases) of one customer. Problem 404 `customer_not_found`."""
    row = await conn.fetchrow(Q["live_customer"], customer)
    if row is None:
        raise Problem(404, "customer_not_found")
    cases = await conn.fetch(Q["cases_of"], customer, 50)
    return row["version"], row["state"], [dict(c) for c in cases]


async def update_customer(
    conn: Connection, customer: UUID, patch: CustomerPatch, actor: UUID
) -> list[Change]:
    """Applies a patch. Problem 409 `changed_meanwhile` when somebody was faster,
    `identity_taken` when another customer has that address, `identity_verified` when one that was
    proved would go; 422 `invalid` for what is no address."""
    row = await conn.fetchrow(Q["customer_for_update"], customer)
    if row is None:
        raise Problem(404, "customer_not_found")
    if row["version"] != patch.version:
        raise Problem(409, "changed_meanwhile")
    values = {name: patch.values.get(name, row[name]) for name in _FIELDS}
    if values["kind"] == "visitor" and values["name"]:
        values["kind"] = "person"
    if patch.identities is not None:
        await _replace_identities(conn, customer, patch.identities)
    addresses = [r["value"] for r in await conn.fetch(Q["identities_of"], customer)]
    folded = search_text(values["name"], values["document"], *addresses)
    version = await conn.fetchval(
        Q["update_customer"], customer, *(values[name] for name in _FIELDS), folded
    )
    change = Change("customer", customer, version, "customer.updated")
    await log_event(conn, change, "agent", {"actor": str(actor), "fields": sorted(patch.values)})
    return [change, *changes_of(await conn.fetch(Q["touch_cases"], customer))]


async def _replace_identities(
    conn: Connection, customer: UUID, wanted: tuple[tuple[str, str], ...]
) -> None:
    rows = await conn.fetch(Q["identities_of"], customer)
    held = {(r["kind"], r["value"]): r["id"] for r in rows}
    verified = {r["id"] for r in rows if r["verified_at"] is not None}
    keep = {(kind, value.strip().lower()) for kind, value in wanted if value.strip()}
    gone = [
        identity
        for (kind, value), identity in held.items()
        if (kind, value) not in keep and kind in {"email", "phone"}
    ]
    if verified & set(gone):
        raise Problem(409, "identity_verified")
    # What is held already stays, however it came in: only what is new must have its shape.
    for kind, value in sorted(keep - set(held)):
        if not _SHAPES[kind](value):
            raise Problem(422, "invalid", fields={"identities": kind})
    await conn.execute(Q["remove_identities"], customer, gone)
    for kind, value in sorted(keep - set(held)):
        added = await conn.fetchval(
            Q["add_identity"], customer, kind, "", value, None, None, "agent", False
        )
        if added is None:
            raise Problem(409, "identity_taken", value=value)


async def search_customers(conn: Connection, typed: str, limit: int) -> list[dict[str, Any]]:
    """Customers whose name, document or address contains what was typed; newest first."""
    if len(typed.strip()) < 2:
        return []
    return [dict(r) for r in await conn.fetch(Q["search_customers"], like_text(typed), limit)]
