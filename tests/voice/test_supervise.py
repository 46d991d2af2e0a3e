"""A supervisor listens to a call, and whispers to its agent: who hears whom, measured."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio

from atiende.channels.voice import effects as do
from atiende.channels.voice import facts as has
from atiende.channels.voice.supervision import (
    TRANSITIONS,
    Began,
    Left,
    Over,
    Supervision,
    Talks,
    Wished,
    owner,
    step,
)
from atiende.demo.phone import Options, Phone
from atiende.demo.phone.audio import rms, share, tone
from atiende.engines.asterisk import Exchange
from tests.product import client_id, person
from tests.voice.line import Attendant, Line, hears_music, line, mint

NEW = Supervision("s1", "int-1", "sonia", "ana", "phone-sonia")
LEG, HIS = "leg:int-1:1", "sup:s1:leg"
FIRST, SECOND = "sup:s1:1", "sup:s1:2"


def play(*facts: Any, now: Supervision = NEW) -> tuple[Supervision, list[Any]]:
    """After all of them, and what the last one asked for."""
    wanted: list[Any] = []
    for fact in facts:
        before = now.state
        now, wanted = step(now, fact)
        assert now.state == before or now.state in TRANSITIONS[before], (before, fact)
    return now, wanted


LISTENS = (Began(), Talks("ana", LEG), has.LegAnswered(HIS), has.SnoopReady(FIRST))


# --- the machine


def test_his_phone_rings_and_he_is_muted_while_he_listens() -> None:
    now, wanted = play(Began())
    assert wanted == [do.RingAgent(HIS, "phone-sonia", "sup-s1", "", "", 15)]
    now, wanted = play(Talks("ana", LEG), has.LegAnswered(HIS), now=now)
    assert wanted == [
        do.OpenBridge("sup:s1"),
        do.Connect("sup:s1", (HIS,)),
        do.Mute(HIS, True),
        do.Snoop(LEG, FIRST, "both", False),
    ]
    now, wanted = play(has.SnoopReady(FIRST), now=now)
    assert (now.state, wanted) == ("open", [do.Connect("sup:s1", (FIRST,))])


def test_a_mode_is_changed_by_another_snoop() -> None:
    now, wanted = play(*LISTENS, Wished("whisper"))
    assert wanted == [do.Hangup(FIRST), do.Mute(HIS, False), do.Snoop(LEG, SECOND, "both", True)]
    assert now.state == "ready"
    assert play(has.SnoopEnded(FIRST), now=now) == (now, [])
    assert play(has.SnoopReady(FIRST), now=now)[1] == [do.Hangup(FIRST)]
    assert play(has.SnoopReady(SECOND), now=now)[0].state == "open"
    assert play(*LISTENS, Wished("listen"))[1] == []


def test_another_phone_of_the_same_agent_is_followed_and_another_agent_ends_it() -> None:
    now, wanted = play(*LISTENS, Talks("ana", ""))
    assert (now.state, wanted) == ("ready", [do.Hangup(FIRST)])
    now, wanted = play(Talks("ana", "leg:int-1:2"), now=now)
    assert wanted == [do.Snoop("leg:int-1:2", SECOND, "both", False)]
    now, wanted = play(Talks("beto", "leg:int-1:3"), now=now)
    assert (now.state, now.reason) == ("ended", "moved")
    assert wanted == [do.Hangup(SECOND), do.Hangup(HIS), do.CloseBridge("sup:s1")]


def test_it_ends_with_a_reason() -> None:
    assert play(*LISTENS, Left())[0].reason == "left"
    assert play(*LISTENS, has.HungUp(HIS, 16))[0].reason == "left"
    assert play(*LISTENS, Over("call_ended"))[0].reason == "call_ended"
    assert play(Began(), has.LegEnded(HIS, 19))[0].reason == "no_phone"
    over, _ = play(*LISTENS, Left())
    assert step(over, has.SnoopReady(SECOND))[1] == [do.Hangup(SECOND)]
    assert step(over, has.LegEnded(HIS, 16)) == (over, [])


def test_a_name_tells_its_supervision() -> None:
    assert (owner(HIS), owner(FIRST), owner("sup:s1")) == ("s1", "s1", "s1")
    assert (owner("leg:int-1:1"), owner("rec:x:1")) == ("", "")


# --- the real thing

SONIA, HERS = "sonia@nogal.example", 1500


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(
    database: str, exchange: Exchange, tmp_path_factory: "object"
) -> AsyncIterator[Line]:
    folder = Path(tmp_path_factory.mktemp("line"))  # type: ignore[attr-defined]
    async with line(database, folder, exchange) as made:
        yield made


@contextlib.asynccontextmanager
async def supervisor(here: Line) -> AsyncIterator[Attendant]:
    """At the live view, with a phone in her page."""
    async with person(here.product, SONIA) as desk, Phone(Options(proxy=here.proxy)) as phone:
        await desk.open()
        made = await mint(here.sql, here.product.settings.key_file, desk.me["user"]["id"])
        here.product.web.bus.wake("calls")
        await here.until("select pushed_at is not null from phones where endpoint = $1", made[0])
        assert await phone.register(*made) == 200
        yield Attendant(desk, phone)
        await here.sql.execute("delete from phones where endpoint = $1", made[0])


async def listens(here: Line, sonia: Attendant, mode: str = "listen", status: int = 200) -> Any:
    interaction = (await here.last())["interaction_id"]
    body = {"client_id": client_id(), "mode": mode}
    return await sonia.desk.call("POST", f"/api/calls/{interaction}/listen", body, status)


async def leaves(sonia: Attendant) -> None:
    await sonia.desk.post("/api/listening/leave", {"client_id": client_id()})
    await sonia.phone.until("ended")


async def state(sonia: Attendant, wanted: str, mode: str = "listen") -> dict[str, Any]:
    end = asyncio.get_running_loop().time() + 8
    while True:
        told: dict[str, Any] = await sonia.desk.get("/api/listening")
        if (told["state"], told["mode"]) == (wanted, mode):
            return told
        assert asyncio.get_running_loop().time() < end, told
        await asyncio.sleep(0.05)


async def in_ear(here: Line, sonia: Attendant) -> None:
    """She listens, and speaks all the while."""
    await listens(here, sonia)
    await sonia.rings()
    await sonia.phone.answer()
    sonia.phone.say(tone(HERS))
    await state(sonia, "open")


async def test_who_listens_hears_both_and_nobody_hears_her(here: Line) -> None:
    async with here.agent() as ana, here.caller() as luz, supervisor(here) as sonia:
        case = await here.talk(ana, luz)
        await in_ear(here, sonia)
        assert sonia.phone.invite is not None
        assert sonia.phone.invite.get("X-CC-ID").startswith("sup-")
        hers, anas, luzs = await asyncio.gather(
            sonia.phone.heard(1.5), ana.phone.heard(1.5), luz.heard(1.5)
        )
        assert share(hers, 440) > 0.2
        assert share(hers, 1000) > 0.2
        assert share(hers, 440) + share(hers, 1000) > 0.8
        assert share(anas, 440) > 0.9
        assert share(luzs, 1000) > 0.9
        assert max(share(anas, HERS), share(luzs, HERS)) < 0.001
        assert [x["mode"] for x in ana.call(case)["listeners"]] == ["listen"]
        await luz.hang_up()
        assert (await state(sonia, "ended"))["reason"] == "call_ended"
        await sonia.phone.until("ended")
        await ana.wraps_up(case)
        await here.dispose(ana.desk, case)
        await here.silent()


async def test_a_whisper_is_heard_by_the_agent_alone(here: Line) -> None:
    async with here.agent() as ana, here.caller() as luz, supervisor(here) as sonia:
        case = await here.talk(ana, luz)
        await in_ear(here, sonia)
        await listens(here, sonia, "whisper")
        await state(sonia, "open", "whisper")
        await ana.desk.until(
            lambda: [x["mode"] for x in ana.call(case)["listeners"]] == ["whisper"]
        )
        anas, luzs = await asyncio.gather(ana.phone.heard(2), luz.heard(2))
        assert share(anas, HERS) > 0.2
        assert share(anas, 440) > 0.2
        assert share(luzs, 1000) > 0.99
        assert share(luzs, HERS) < 0.0001
        await listens(here, sonia, "listen")
        await state(sonia, "open", "listen")
        assert share(await ana.phone.heard(1.5), HERS) < 0.001
        await leaves(sonia)
        await ana.desk.until(lambda: ana.call(case)["listeners"] == [])
        assert share(await luz.heard(1), 1000) > 0.9
        await ana.ask(case, "hangup")
        await ana.wraps_up(case)
        await here.dispose(ana.desk, case)
        await here.silent()
        acts = await here.sql.fetch(
            "select action, after->>'mode' as mode from audit"
            " where action like 'call.listen%' order by seq desc limit 4"
        )
        assert [tuple(row) for row in reversed(acts)] == [
            ("call.listen", "listen"),
            ("call.listen_mode", "whisper"),
            ("call.listen_mode", "listen"),
            ("call.listen_end", "listen"),
        ]


async def test_after_a_hold_both_are_heard_again(here: Line) -> None:
    """What is heard of the caller is taken where it goes to the agent: after music too."""
    async with here.agent() as ana, here.caller() as luz, supervisor(here) as sonia:
        case = await here.talk(ana, luz)
        await in_ear(here, sonia)
        await ana.ask(case, "hold")
        await hears_music(luz)
        assert share(await sonia.phone.heard(1), 440) < 0.05
        await ana.ask(case, "resume")
        await ana.until_call(case, "connected")
        heard = await sonia.phone.heard(1.5)
        assert share(heard, 440) > 0.2
        assert share(heard, 1000) > 0.2
        await luz.hang_up()
        await ana.wraps_up(case)
        await here.dispose(ana.desk, case)
        await here.silent()


async def test_a_call_passed_on_ends_it_with_a_word(here: Line) -> None:
    async with here.agent() as ana, here.caller() as luz, supervisor(here) as sonia:
        case = await here.talk(ana, luz)
        await in_ear(here, sonia)
        async with here.agent("beto@nogal.example") as beto:
            body = {"client_id": client_id(), "agent_id": beto.id}
            await ana.desk.post(f"/api/cases/{case}/transfer", body)
            assert (await state(sonia, "ended"))["reason"] == "moved"
            await sonia.phone.until("ended")
            await beto.rings()
            await beto.phone.answer()
            await beto.until_call(case, "connected")
            await luz.hang_up()
            await beto.wraps_up(case)
            await here.dispose(beto.desk, case)
            await here.silent()


async def test_who_may_not_and_what_cannot_be_are_refused(here: Line) -> None:
    async with (
        here.agent() as ana,
        here.caller() as luz,
        supervisor(here) as sonia,
        person(here.product, "beto@nogal.example") as beto,
    ):
        case = await here.talk(ana, luz)
        await listens(here, Attendant(beto, ana.phone), status=403)
        elsewhere = await here.sql.fetchval(
            "insert into teams (name) values ('Otro equipo') returning id"
        )
        mine = "update users set team_id = $1 where email = $2 returning team_id"
        before = await here.sql.fetchval("select team_id from users where id = $1", ana.id)
        await here.sql.execute(mine, elsewhere, SONIA)
        assert (await listens(here, sonia, status=404))["key"] == "call_not_found"
        await here.sql.execute(mine, before, SONIA)
        await here.sql.execute("update phones set pushed_at = null where agent_id = $1", sonia.id)
        await luz.hang_up()
        await ana.wraps_up(case)
        assert (await listens(here, sonia, status=409))["key"] == "call_not_now"
        await here.dispose(ana.desk, case)
        await here.silent()


async def test_an_agents_screen_says_nothing_when_the_company_wants_it_so(here: Line) -> None:
    async with here.agent() as ana, here.caller() as luz, supervisor(here) as sonia:
        await here.sql.execute("update organisation set shows_listening = false")
        case = await here.talk(ana, luz)
        await in_ear(here, sonia)
        assert not ana.call(case).get("listeners")
        assert rms(await sonia.phone.heard(1)) > 300
        await here.sql.execute("update organisation set shows_listening = true")
        await luz.hang_up()
        await ana.wraps_up(case)
        await here.dispose(ana.desk, case)
        await here.silent()
