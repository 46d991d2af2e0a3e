"""Customers over HTTP: one customer with his cases, and the edit. No rule lives here."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from atiende.accounts import Context, Ctx
from atiende.channels.text import text
from atiende.core.permissions import Place
from atiende.customers.identify import Q
from atiende.customers.profile import CustomerPatch, customer_state, update_customer

Text = Annotated[str, AfterValidator(text)]
Label = Annotated[str, Field(min_length=1, max_length=60), AfterValidator(text)]
Value = Annotated[str, Field(max_length=500), AfterValidator(text)]


class IdentityIn(BaseModel):
    """An address an agent typed."""

    model_config = ConfigDict(extra="forbid")
    kind: Literal["email", "phone"]
    value: Text = Field(min_length=1, max_length=254)


class CustomerIn(BaseModel):
    """Fields left out stay as they are; `version` is what the editor saw."""

    model_config = ConfigDict(extra="forbid")
    version: int
    kind: Literal["visitor", "person", "organisation"] | None = None
    name: Text | None = Field(default=None, max_length=120)
    document: Text | None = Field(default=None, max_length=40)
    tier: Literal["vip", "customer", "prospect"] | None = None
    language: Literal["es", "en"] | None = None
    tz: Text | None = Field(default=None, max_length=60)
    address: Text | None = Field(default=None, max_length=300)
    notes: Text | None = Field(default=None, max_length=4000)
    fields: dict[Label, Value] | None = Field(default=None, max_length=50)
    identities: list[IdentityIn] | None = Field(default=None, max_length=20)


class CustomerOut(BaseModel):
    """A customer as screens hold him."""

    version: int
    state: dict[str, Any]
    cases: list[dict[str, Any]] = []


async def customer_place(ctx: Context, customer: UUID) -> Place:
    """Where a customer stands: his cases' agents, queues and campaigns."""
    async with ctx.db.connection() as conn:
        row = await conn.fetchrow(Q["places_of"], customer)
    if row is None:
        return Place()
    return Place(
        owners=frozenset(row["agents"] or ()),
        queues=frozenset(row["queues"] or ()),
        campaigns=frozenset(row["campaigns"] or ()),
    )


async def get_customer(ctx: Ctx, customer_id: UUID) -> CustomerOut:
    """One customer with the last cases. Errors: 404 customer_not_found, 403 forbidden."""
    ctx.need("customers.read", await customer_place(ctx, customer_id))
    async with ctx.db.connection() as conn:
        version, state, cases = await customer_state(conn, customer_id)
    return CustomerOut(version=version, state=state, cases=cases)


async def patch_customer(ctx: Ctx, customer_id: UUID, body: CustomerIn) -> CustomerOut:
    """Edits a customer. Errors: 409 changed_meanwhile, identity_taken, identity_verified;
    422 invalid with fields.identities = email or phone; 404; 403."""
    ctx.need("customers.write", await customer_place(ctx, customer_id))
    sent = body.model_dump(exclude_unset=True, exclude={"version", "identities"})
    values = {k: v for k, v in sent.items() if v is not None or k in {"document", "tz", "address"}}
    wanted = None
    if body.identities is not None:
        wanted = tuple((i.kind, i.value) for i in body.identities)
    patch = CustomerPatch(body.version, values, wanted)
    async with ctx.db.transaction() as conn:
        changes = await update_customer(conn, customer_id, patch, ctx.actor.user_id)
    ctx.publish(changes)
    async with ctx.db.connection() as conn:
        version, state, cases = await customer_state(conn, customer_id)
    return CustomerOut(version=version, state=state, cases=cases)
