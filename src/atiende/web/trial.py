"""API of «Simular un cliente»: who may be rung or written to, and the virtual people just now.

The people themselves are the demo's (`atiende.demo.trial`), handed over by boot; each begins as any
stranger would, at our own doors. Registered in web/routes.py.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, Protocol
from uuid import UUID

from fastapi import Request

from atiende.accounts import Act, Ctx, Empty, In, Items, Out, Time, record, who
from atiende.core.problem import Problem
from atiende.store import load_queries
from atiende.web.gate import web_of

Q = load_queries("atiende.web")
Behaviour = Literal["patient", "talkative", "impatient"]


class Simulated(Protocol):
    """One virtual person, as boot's people tell it."""

    id: str
    account: str
    channel: str
    behaviour: str
    name: str
    at: datetime
    state: str
    outcome: str


class People(Protocol):
    """Who can be asked to come."""

    def list(self) -> list[Any]: ...
    def start(self, account: dict[str, Any], behaviour: str, language: str) -> Any: ...
    def stop(self, run_id: str) -> None: ...


class PlaceOut(Out):
    """An account that somebody may come to."""

    id: UUID
    channel: str
    name: str
    key: str


class RunOut(Out):
    id: str
    account: str
    channel: str
    behaviour: str
    name: str
    at: Time
    state: str
    outcome: str


class TrialsOut(Items[RunOut]):
    """``voice``: off, starting, ok or away: whether calls can come."""

    places: list[PlaceOut]
    voice: str


class TrialIn(In):
    account_id: UUID
    behaviour: Behaviour = "patient"


def _people(request: Request) -> People:
    people: People | None = web_of(request).trials
    if people is None:
        raise Problem(409, "trial_off")
    return people


def _out(run: Simulated) -> RunOut:
    names = RunOut.model_fields
    return RunOut(**{name: getattr(run, name) for name in names})


async def list_trials(ctx: Ctx, request: Request) -> TrialsOut:
    """Errors: 409 trial_off."""
    ctx.need("channels.manage")
    people = _people(request)
    async with ctx.db.connection() as conn:
        rows = await conn.fetch(Q["trial_places"])
    return TrialsOut(
        items=[_out(run) for run in people.list()],
        places=[PlaceOut(**dict(row)) for row in rows],
        voice=web_of(request).voice_state(),
    )


async def start_trial(ctx: Ctx, request: Request, body: TrialIn) -> RunOut:
    """A virtual person calls, or writes. Errors: 404; 409 trial_off, trial_full; 503
    voice_is_away."""
    ctx.need("channels.manage")
    people = _people(request)
    async with ctx.db.transaction() as conn:
        row = await conn.fetchrow(Q["trial_place"], body.account_id)
        if row is None:
            raise Problem(404, "not_found")
        named = {"name": row["name"], "behaviour": body.behaviour}
        await record(
            conn, who(ctx), Act("trial.started", "channel_account", row["id"], None, named), ctx.now
        )
    account = {"name": row["name"], "channel": row["channel"], "public_key": row["key"]}
    return _out(people.start(account, body.behaviour, ctx.actor.locale[:2]))


async def stop_trial(ctx: Ctx, request: Request, id: str) -> Empty:
    """He hangs up, or closes his page. Errors: 404, 409 trial_off."""
    ctx.need("channels.manage")
    _people(request).stop(id)
    return Empty()
