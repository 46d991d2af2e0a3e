"""Calls over HTTP: the agent's phone, and what he does with the call he has."""

from __future__ import annotations

import asyncio
import secrets
from datetime import timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from atiende.accounts import Context, Ctx, load_key, seal
from atiende.calls.ask import Ask, ask
from atiende.calls.pushed import may_phone, phone_secret
from atiende.calls.rows import Q
from atiende.core.problem import Problem
from atiende.settings import Settings

ClientId = Annotated[str, Field(pattern=r"^[!-~]{8,64}$")]
#: Longer than any shift: the phone goes with the session in any case.
PHONE_LIVES = timedelta(hours=24)
DOMAIN = "atiende"
#: How long a new phone may take to be in Asterisk's memory, and how often that is looked at.
PUSH_S, GLANCE_S = 2.0, 0.05


class AskIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    client_id: ClientId


class MuteIn(AskIn):
    on: bool = True


class RecordingIn(AskIn):
    act: Literal["start", "pause", "resume"]


class ResultOut(BaseModel):
    result: Literal["done", "pending"]


class PhoneOut(BaseModel):
    """What a softphone registers with. The password is told this once."""

    uri: str
    username: str
    password: str
    ws: str
    ice: list[dict[str, Any]]


async def post_phone(ctx: Ctx) -> PhoneOut:
    """A new phone for the page of an agent, or of who may listen to calls; an older one of his
    stops working. Errors: 409 not_an_agent, voice_is_off; 503 voice_is_away."""
    if not may_phone(ctx.actor):
        raise Problem(409, "not_an_agent")
    if not ctx.settings.runs_voice:
        raise Problem(409, "voice_is_off")
    name, password = f"agent-{secrets.token_hex(10)}", secrets.token_urlsafe(24)
    key = await asyncio.to_thread(load_key, ctx.settings.key_file)
    sealed = seal(key, phone_secret(name), password.encode())
    mine = (ctx.actor.user_id, ctx.actor.session_id)
    row = (*mine, name, sealed, ctx.now, ctx.now + PHONE_LIVES)
    async with ctx.db.transaction() as conn:
        await conn.execute(Q["mint_phone"], *row)
    ctx.bus.wake("calls")
    await _pushed(ctx, name)
    return PhoneOut(
        uri=f"sip:{name}@{DOMAIN}",
        username=name,
        password=password,
        ws="/sip",
        ice=ice(ctx.settings),
    )


async def _pushed(ctx: Context, name: str) -> None:
    """Until Asterisk knows it: a page that registers sooner is refused."""
    loop = asyncio.get_running_loop()
    end = loop.time() + PUSH_S
    while loop.time() < end:
        async with ctx.db.connection() as conn:
            if await conn.fetchval(Q["is_pushed"], name):
                return
        await asyncio.sleep(GLANCE_S)
    raise Problem(503, "voice_is_away")


def ice(settings: Settings) -> list[dict[str, Any]]:
    """The servers that help audio through a router, as browsers take them."""
    found: list[dict[str, Any]] = []
    if settings.stun:
        found.append({"urls": f"stun:{settings.stun}"})
    if settings.turn:
        user, password = settings.turn_user or "", settings.turn_password or ""
        urls = [f"turn:{settings.turn}?transport={each}" for each in ("udp", "tcp")]
        found.append({"urls": urls, "username": user, "credential": password})
    return found


async def _ask(ctx: Context, response: Response, wish: Ask) -> ResultOut:
    result = await ask(ctx.db, ctx.bus, wish, ctx.now)
    response.status_code = 200 if result == "done" else 202
    return ResultOut.model_validate({"result": result})


async def post_hold(ctx: Ctx, interaction: UUID, body: AskIn, response: Response) -> ResultOut:
    """The caller hears music. Errors: 404 call_not_found, 409 call_not_now."""
    return await _ask(ctx, response, Ask("hold", interaction, ctx.actor.user_id, body.client_id))


async def post_resume(ctx: Ctx, interaction: UUID, body: AskIn, response: Response) -> ResultOut:
    """Back to the talk. Errors as hold."""
    return await _ask(ctx, response, Ask("resume", interaction, ctx.actor.user_id, body.client_id))


async def post_mute(ctx: Ctx, interaction: UUID, body: MuteIn, response: Response) -> ResultOut:
    """The caller does not hear the agent, or again. Errors as hold."""
    kind = "mute" if body.on else "unmute"
    return await _ask(ctx, response, Ask(kind, interaction, ctx.actor.user_id, body.client_id))


#: What the call bar asks of a recording -> the command of the loop.
RECORDING = {"start": "record", "pause": "record_pause", "resume": "record_resume"}


async def post_recording(
    ctx: Ctx, interaction: UUID, body: RecordingIn, response: Response
) -> ResultOut:
    """Begins the recording where its policy lets the agent, or writes silence (card data), or no
    more. Errors as hold."""
    wish = Ask(RECORDING[body.act], interaction, ctx.actor.user_id, body.client_id)
    return await _ask(ctx, response, wish)


async def post_hangup(ctx: Ctx, interaction: UUID, body: AskIn, response: Response) -> ResultOut:
    """Ends the call; wrap-up begins. Errors as hold."""
    return await _ask(ctx, response, Ask("hangup", interaction, ctx.actor.user_id, body.client_id))


async def post_rejoin(ctx: Ctx, interaction: UUID, body: AskIn, response: Response) -> ResultOut:
    """His page was loaded anew: its phone rings again for the call that is his. Errors as hold."""
    return await _ask(ctx, response, Ask("rejoin", interaction, ctx.actor.user_id, body.client_id))
