"""A company that is called: the whole product, a real Asterisk, a carrier, and agents with phones.

`Company.agent` logs somebody in with a plain phone (SIP over UDP), which nothing but a test mints.
"""

import asyncio
import contextlib
import json
import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from atiende.accounts import load_key, seal
from atiende.calls import phone_secret, run_voice
from atiende.channels.voice import CHANNEL
from atiende.demo.phone import Options, Phone
from atiende.demo.phone.audio import tone
from atiende.engines.asterisk import Exchange
from atiende.house.check_data import check
from atiende.jobs import run_forever
from tests.product import Person, Product, client_id, found, person, running

NUMBER = "+5117001000"
CALLER = "+51987654321"


#: Anything louder than silence, of 16-bit samples.
MUSIC = 100


async def hears_music(phone: Phone, seconds: float = 6) -> None:
    """Some pieces begin softly."""
    end = asyncio.get_running_loop().time() + seconds
    while max(map(abs, await phone.heard(0.3)), default=0) < MUSIC:
        assert asyncio.get_running_loop().time() < end


@dataclass
class Attendant:
    """An agent at the desk, with his phone."""

    desk: Person
    phone: Phone
    is_out: bool = False

    @property
    def id(self) -> str:
        found: str = self.desk.me["user"]["id"]
        return found

    async def offered(self, seconds: float = 8) -> Any:
        """Waits for an offer; returns it."""
        return await self.desk.until(lambda: self.desk.agent.get("offer"), seconds)

    def call(self, case: str) -> dict[str, Any]:
        """The living call of a case, as his screen has it."""
        state = self.desk.screen.of("case").get(case, {})
        told = [i["call"] for i in state.get("interactions", ()) if i.get("call")]
        return told[-1] if told else {}

    async def until_call(self, case: str, state: str, seconds: float = 8) -> None:
        await self.desk.until(lambda: self.call(case).get("state") == state, seconds)

    async def wraps_up(self, case: str) -> None:
        def met() -> bool:
            told = self.desk.screen.of("case").get(case, {}).get("assignments", ())
            return any(a["state"] == "wrapping" for a in told)

        await self.desk.until(met)

    async def ask(self, case: str, what: str, status: int = 200, **more: Any) -> Any:
        """A button of the call bar."""
        told = self.desk.screen.of("case")[case]["interactions"]
        interaction = next(i["id"] for i in reversed(told) if i["channel"] == CHANNEL.code)
        body = {"client_id": client_id(), **more}
        return await self.desk.call("POST", f"/api/calls/{interaction}/{what}", body, status)

    async def rings(self) -> None:
        await self.phone.until("incoming")


@dataclass
class Line:
    """The running company. `stop` and `start` are the application's, never Asterisk's."""

    product: Product
    exchange: Exchange
    queue: str
    people: dict[str, str]
    sql: "asyncpg.Connection[asyncpg.Record]"
    carrier: int = 0
    #: Who answers when the company calls out.
    outside: Phone = field(default_factory=Phone)
    loop: asyncio.Task[None] | None = None

    @property
    def proxy(self) -> tuple[str, int]:
        return (self.exchange.sip_host, self.exchange.sip_port)

    def start(self) -> None:
        """The loop of calls."""
        web = self.product.web

        async def run() -> None:
            await run_voice(self.product.settings, web.db, web.bus, self.exchange)

        self.loop = asyncio.create_task(run_forever("calls", run))

    async def stop(self) -> None:
        """As a crash would: nothing is said to anybody."""
        if self.loop is not None:
            self.loop.cancel()
            await asyncio.gather(self.loop, return_exceptions=True)

    async def number(self, number: str = NUMBER, **config: Any) -> None:
        """A number of the company's that leads to its queue."""
        await add_number(self.sql, self.queue, number, config)

    @contextlib.asynccontextmanager
    async def caller(self, number: str = CALLER, **more: Any) -> AsyncIterator[Phone]:
        """Somebody out there."""
        async with Phone(Options(proxy=self.proxy, user=number, **more)) as phone:
            yield phone

    @contextlib.asynccontextmanager
    async def agent(
        self, email: str = "ana@nogal.example", **more: Any
    ) -> AsyncIterator[Attendant]:
        """Logged in, available, his phone registered."""
        options = Options(proxy=self.proxy, **more)
        async with person(self.product, email) as desk, Phone(options) as phone:
            await desk.open()
            key_file = self.product.settings.key_file
            name, password = await mint(self.sql, key_file, desk.me["user"]["id"])
            self.product.web.bus.wake("calls")
            await self.until("select pushed_at is not null from phones where endpoint = $1", name)
            assert await phone.register(name, password) == 200
            await desk.presence("available")
            await desk.until(lambda: desk.agent.get("presence") == "available")
            made = Attendant(desk, phone)
            yield made
            if not made.is_out:
                await desk.presence("offline")
            await self.sql.execute("delete from phones where endpoint = $1", name)

    async def until(
        self, query: str, *args: Any, seconds: float = 8, met: Callable[[Any], bool] = bool
    ) -> Any:
        """Waits until the rows say so."""
        end = asyncio.get_running_loop().time() + seconds
        while True:
            value = await self.sql.fetchval(query, *args)
            if met(value):
                return value
            assert asyncio.get_running_loop().time() < end, (query, value)
            await asyncio.sleep(0.05)

    async def last(self) -> "asyncpg.Record":
        """The newest call with its interaction."""
        row = await self.sql.fetchrow(
            "select k.*, i.state as interaction, i.outcome, i.case_id, i.ended_by, i.answered_at as"
            " attended_at from calls k join interactions i on i.id = k.interaction_id"
            " order by k.answered_at desc limit 1"
        )
        assert row is not None
        return row

    async def dispose(self, desk: Person, case: str) -> None:
        """The agent records the outcome, and is free again."""
        leaf = await self.sql.fetchval(
            "select d.id from dispositions d join cases c on c.id = $1 join campaigns k on"
            " k.id = c.campaign_id where d.set_id = k.disposition_set_id and not d.system"
            " and d.requires = 'none' and not exists (select 1 from dispositions x where"
            " x.parent_id = d.id) limit 1",
            case,
        )
        body = {"disposition_id": str(leaf), "client_id": client_id(), "resolve": True}
        await desk.post(f"/api/cases/{case}/dispose", body)
        await self.until("select state = 'resolved' from cases where id = $1", case)

    async def talk(self, ana: Attendant, luz: Phone) -> str:
        """A call that has reached an agent: both talk; returns the case."""
        await luz.call(NUMBER)
        offer = await ana.offered()
        await ana.rings()
        await ana.phone.answer()
        case: str = offer["case_id"]
        await ana.until_call(case, "connected")
        luz.say(tone(440))
        ana.phone.say(tone(1000))
        return case

    async def ari(self, path: str) -> Any:
        """What Asterisk says, past our own connection."""
        auth = (self.exchange.ari_user, self.exchange.ari_password)
        async with httpx.AsyncClient(auth=auth) as http:
            return (await http.get(f"{self.exchange.ari_url}/{path}")).json()

    async def ready(self, seconds: float = 8) -> None:
        """The loop has connected, and Asterisk knows the carrier and plays music."""
        end = asyncio.get_running_loop().time() + seconds
        while not (await self.ari("endpoints") and await self.ari("bridges")):
            assert asyncio.get_running_loop().time() < end
            await asyncio.sleep(0.05)

    async def cut(self, leg: str) -> None:
        """A leg is lost, as when its sound stops coming."""
        auth = (self.exchange.ari_user, self.exchange.ari_password)
        async with httpx.AsyncClient(auth=auth) as http:
            await http.delete(f"{self.exchange.ari_url}/channels/{leg}?reason_code=44")

    async def until_gone(self, path: str, seconds: float = 5) -> None:
        end = asyncio.get_running_loop().time() + seconds
        while "message" not in await self.ari(path):
            assert asyncio.get_running_loop().time() < end, path
            await asyncio.sleep(0.1)

    async def channels(self) -> list[str]:
        """What is left in Asterisk."""
        return [each["id"] for each in await self.ari("channels")]

    async def silent(self, seconds: float = 5) -> None:
        """Nothing is left in Asterisk, and no call lives in the rows."""
        await self.until("select count(*) from calls where ended_at is null", met=lambda n: n == 0)
        end = asyncio.get_running_loop().time() + seconds
        while left := await self.channels():
            assert asyncio.get_running_loop().time() < end, left
            await asyncio.sleep(0.05)


async def look(database: str) -> Any:
    """A connection to look at the rows with."""
    sql = await asyncpg.connect(database)
    await sql.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")
    return sql


async def add_number(sql: Any, queue: str, number: str, config: dict[str, Any]) -> None:
    await sql.execute(
        "insert into channel_accounts (channel, name, public_key, config, queue_id)"
        " values ($1, $2, $2, $3, $4)",
        CHANNEL.code, number, {"number": number, **config}, queue,
    )  # fmt: skip


async def add_trunk(sql: Any, port: int) -> None:
    """Calls from this machine come by this carrier."""
    await sql.execute(
        "insert into trunks (name, host, port) values ('Operador', '127.0.0.1', $1)", port
    )


async def mint(sql: Any, key_file: Path, agent: str) -> tuple[str, str]:
    """A plain phone of an agent's, which Asterisk is told of at the next look; name, password."""
    name, password = f"test-{secrets.token_hex(6)}", secrets.token_hex(12)
    sealed = seal(load_key(key_file), phone_secret(name), password.encode())
    await sql.execute(
        "insert into phones (agent_id, endpoint, sealed, kind, minted_at, expires_at)"
        " values ($1, $2, $3, 'plain', now(), now() + interval '1 hour')",
        agent, name, sealed,
    )  # fmt: skip
    return name, password


@contextlib.asynccontextmanager
async def line(database: str, folder: Path, exchange: Exchange) -> AsyncIterator[Line]:
    """Everything running; every loop ended after it."""
    sql = await look(database)
    async with running(database, folder) as product:
        made = await found(product)
        here = Line(product, exchange, made["queue_id"], made["people"], sql)
        await sql.execute("update queues set offer_timeout_s = 5, wrapup_mode = 'mandatory'")
        await sql.execute(
            "insert into commands (kind, args, at) values ('configure', '{}'::jsonb, now())"
        )
        await here.number()
        async with Phone(Options(proxy=here.proxy)) as carrier:
            await add_trunk(sql, carrier.line.port)
            here.outside = carrier
            here.start()
            await here.ready()
            try:
                yield here
                async with product.db.connection() as conn:
                    wrong = await check(conn, product.web.now())
                    assert wrong == [], wrong
            finally:
                await here.stop()
                await sql.close()
