"""The application dies in mid-call (kill -9) and comes back; and a fault of its own in one call."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from atiende.calls import rows
from atiende.channels.voice.call import End
from atiende.demo.phone import Options, Phone
from atiende.demo.phone.audio import share, tone
from atiende.engines import dsn_of
from atiende.engines.asterisk import Exchange, Runtime
from tests.product import Person, client_id, found_by, person
from tests.voice.line import (
    NUMBER,
    Line,
    add_number,
    add_trunk,
    hears_music,
    line,
    look,
)
from tests.voice.test_line_product import Address, link, register, said, started

TALKING, WAITING = 8, 12
#: Packets a second of one direction.
PACE = 50


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(
    database: str, exchange: Exchange, tmp_path_factory: "object"
) -> AsyncIterator[Line]:
    folder = Path(tmp_path_factory.mktemp("line"))  # type: ignore[attr-defined]
    async with line(database, folder, exchange) as made:
        yield made


async def test_after_a_restart_everything_works_from_both_sides(here: Line) -> None:
    async with (
        here.agent() as ana,
        here.agent("beto@nogal.example") as beto,
        here.caller() as luz,
    ):
        await beto.desk.presence("paused", pause_code="break")
        case = await here.talk(ana, luz)
        await here.stop()
        heard = luz.media.count.received
        assert share(await luz.heard(2), 1000) > 0.9
        assert luz.media.count.received - heard > PACE
        here.start()
        await ana.ask(case, "hold")
        await hears_music(luz)
        await ana.ask(case, "resume")
        assert share(await luz.heard(1), 1000) > 0.9
        assert await ana.phone.hold() == 200
        await ana.until_call(case, "held")
        await hears_music(luz)
        assert await ana.phone.unhold() == 200
        await ana.until_call(case, "connected")
        await here.stop()
        here.start()
        await beto.desk.presence("available")
        body = {"client_id": client_id(), "agent_id": beto.id}
        await ana.desk.post(f"/api/cases/{case}/transfer", body)
        await ana.phone.until("ended")
        await beto.rings()
        await beto.phone.answer()
        await beto.until_call(case, "connected")
        beto.phone.say(tone(880))
        assert share(await luz.heard(1), 880) > 0.9
        assert share(await beto.phone.heard(1), 440) > 0.9
        await luz.hang_up()
        await beto.phone.until("ended", 2)
        await beto.wraps_up(case)
        await here.dispose(beto.desk, case)
        await here.silent()


async def test_a_fault_in_one_call_is_that_calls_alone(
    here: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every step of Luz's call fails from now on; Nora's goes on, and new ones come in."""
    whole, broken = rows.write, set[str]()

    async def write(conn: Any, call: Any, effects: Any, now: Any) -> Any:
        if call.id in broken and not any(isinstance(x, End) for x in effects):
            raise LookupError("a fault of ours, with +51900000001 in its text")
        return await whole(conn, call, effects, now)

    monkeypatch.setattr(rows, "write", write)
    async with (
        here.agent() as ana,
        here.agent("beto@nogal.example") as beto,
        here.caller("+51900000001") as luz,
        here.caller("+51900000002") as nora,
    ):
        case = await here.talk(ana, luz)
        first = str((await here.last())["interaction_id"])
        other = await here.talk(beto, nora)
        running = here.loop
        over = "select ended_at from calls where interaction_id = $1"
        broken.add(first)
        for _ in range(3):
            await ana.ask(case, "hold")
            if await here.sql.fetchval(over, first):
                break
            await beto.ask(other, "hold")
            await beto.until_call(other, "held")
            await beto.ask(other, "resume")
            await beto.until_call(other, "connected")
        await here.until(
            "select cause = 'platform' from calls where interaction_id = $1", first, seconds=15
        )
        await luz.until("ended")
        await ana.phone.until("ended")
        await ana.wraps_up(case)
        assert here.loop is running
        assert share(await nora.heard(1), 1000) > 0.9
        await nora.hang_up()
        await beto.wraps_up(other)
        for agent, each in ((ana, case), (beto, other)):
            await here.dispose(agent.desk, each)
        await here.silent()


async def test_a_call_whose_end_cannot_be_written_is_hung_up_and_ends_when_it_can(
    here: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, broken = rows.write, set[str]()

    async def write(conn: Any, call: Any, effects: Any, now: Any) -> Any:
        if call.id in broken:
            raise TypeError("a fault of ours")
        return await whole(conn, call, effects, now)

    monkeypatch.setattr(rows, "write", write)
    async with here.agent() as ana, here.caller("+51900000003") as luz:
        case = await here.talk(ana, luz)
        first = str((await here.last())["interaction_id"])
        broken.add(first)
        for _ in range(3):
            await ana.ask(case, "hold")
        await luz.until("ended", 20)
        await ana.phone.until("ended")
        assert (await here.last())["ended_at"] is None
        broken.clear()
        await here.until(
            "select cause = 'platform' from calls where interaction_id = $1", first, seconds=15
        )
        await ana.wraps_up(case)
        await here.dispose(ana.desk, case)
        await here.silent()


# --- twenty calls, and the real program killed under them


async def more_agents(sql: Any, count: int) -> list[str]:
    """People like Ana, with her password; their mail addresses."""
    made = []
    for n in range(count):
        mail = f"agente{n}@nogal.example"
        await sql.execute(
            """with ana as (select * from users where email = 'ana@nogal.example'),
            made as (insert into users (email, name, password_hash, state, team_id, site_id)
              select $1, $2, password_hash, state, team_id, site_id from ana returning id),
            agent as (insert into agents (user_id, routing_profile_id, since, idle_since)
              select m.id, a.routing_profile_id, now(), now() from made m, agents a
              join ana on ana.id = a.user_id),
            role as (insert into user_roles (user_id, role_id, scope, scope_ids)
              select m.id, r.role_id, r.scope, r.scope_ids from made m, user_roles r
              join ana on ana.id = r.user_id)
            insert into queue_agents (queue_id, user_id)
              select q.queue_id, m.id from made m, queue_agents q join ana on ana.id = q.user_id""",
            mail,
            f"Agente {n}",
        )
        made.append(mail)
    await sql.execute(
        "insert into commands (kind, args, at) values ('configure', '{}'::jsonb, now())"
    )
    return made


async def counted(sql: Any, where: str, wanted: int, seconds: float = 40) -> None:
    end = asyncio.get_running_loop().time() + seconds
    query = f"select count(*) from calls where {where}"
    while (found := await sql.fetchval(query)) != wanted:
        assert asyncio.get_running_loop().time() < end, (where, found)
        await asyncio.sleep(0.1)


async def answers(phone: Phone) -> None:
    await phone.until("incoming", 40)
    await phone.answer()


async def _goes_on(sql: Any, callers: list[Phone], agents: list[Phone]) -> None:
    """The next program has every call in hand, and each ends as its people end it."""
    await counted(sql, "ended_at is null", TALKING + WAITING)
    await counted(sql, "state = 'connected'", TALKING)
    talks = [each for each in callers if share(await each.heard(0.5), 1000) > 0.8]
    assert len(talks) == TALKING
    await talks[0].hang_up()
    await counted(sql, "ended_at is null", TALKING + WAITING - 1, 5)
    done, _ = await asyncio.wait(
        [asyncio.create_task(each.until("ended", 5)) for each in agents],
        return_when=asyncio.FIRST_COMPLETED,
        timeout=5,
    )
    assert done
    for each in callers:
        await each.hang_up()
    await counted(sql, "ended_at is null", 0)
    assert await sql.fetchval("select array_agg(distinct cause) from calls") == ["customer"]


@pytest.mark.house
async def test_twenty_calls_outlive_the_program(place: Path, asterisk_runtime: Runtime) -> None:
    async with started(place) as first, AsyncExitStack() as stack:
        there = Address(first.note.url)
        company = await found_by(there, link(first))
        dsn = dsn_of(first.settings)
        assert dsn is not None
        sql = await look(dsn)
        port = int(said(first, r"SIP en 127\.0\.0\.1:(\d+)"))
        proxy = ("127.0.0.1", port)

        async def phone(user: str = "") -> Phone:
            options = Options(proxy=proxy, user=user) if user else Options(proxy=proxy)
            return await stack.enter_async_context(Phone(options))

        carrier = await phone()
        await add_number(sql, company["queue_id"], NUMBER, {})
        await add_trunk(sql, carrier.line.port)
        await sql.execute("update queues set offer_timeout_s = 60")
        agents: list[tuple[Person, Phone]] = []
        for mail in await more_agents(sql, TALKING):
            desk = await stack.enter_async_context(person(there, mail))
            agents.append((desk, await phone()))
            await register(sql, first, desk.me["user"]["id"], agents[-1][1])
            await desk.open()
            await desk.presence("available")
        callers = [await phone(f"+5198000{n:04}") for n in range(TALKING + WAITING)]
        answering = [asyncio.create_task(answers(each)) for _, each in agents]
        for caller in callers:
            await caller.call(NUMBER)
            await caller.until("talking")
            caller.say(tone(440))
        await asyncio.gather(*answering)
        for _, each in agents:
            each.say(tone(1000))
        await counted(sql, "state = 'connected'", TALKING)
        await counted(sql, "state = 'waiting'", WAITING)

        clock = asyncio.get_running_loop().time
        everybody = [*callers, *(each for _, each in agents)]
        marks, began = [each.media.count.received for each in everybody], clock()
        await asyncio.to_thread(first.kill)
        async with started(place):
            due = PACE * (clock() - began)
            got = [
                each.media.count.received - mark
                for each, mark in zip(everybody, marks, strict=True)
            ]
            assert min(got) > due / 2, (due, got)  # a busy machine may be late, never silent
            assert [each.history[-1] for each in everybody if each.history[-1] == "ended"] == []
            await _goes_on(sql, callers, [each for _, each in agents])
        await sql.close()
