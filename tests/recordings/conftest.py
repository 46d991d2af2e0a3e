"""A company with a call that has just ended: its tracks lie as Asterisk leaves them."""

from __future__ import annotations

import json
import wave
from array import array
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from atiende.demo.phone.audio import tone
from atiende.recordings import Keeper
from tests.product import Guest, Product, found, person, running

AGO = timedelta(seconds=30)


@dataclass
class Ended:
    """One call that is over: ``case`` and ``interaction`` are its own."""

    case: str
    interaction: UUID
    name: str


async def ended_call(
    guest: Guest, sql: Any, folder: Path, agent: UUID, seconds: float = 3
) -> Ended:
    """The rows and files of a call that has just ended; the guest lends it his case."""
    await guest.start(name="Luz Díaz")
    await guest.open()
    await guest.say("hola")
    await guest.close()
    row = await sql.fetchrow(
        "select id, case_id from interactions where conversation_id = $1", UUID(guest.conversation)
    )
    began = datetime.now(UTC) - AGO
    await sql.execute(
        "insert into calls (interaction_id, channel_id, to_number, state, since, machine,"
        " answered_at, connected_at, ended_at) values ($1, $2, '+51', 'ended', $3, '{}', $3,"
        " $3, $4)",
        row["id"], uuid4().hex, began, began + timedelta(seconds=seconds),
    )  # fmt: skip
    name = f"2026/11/29/{row['id']}"
    write(folder / f"{name}/customer-1.wav", tone(440, seconds))
    write(folder / f"{name}/agent-2.wav", tone(1000, seconds))
    await sql.execute(
        "with made as (insert into recordings (interaction_id, policy_id, tape, expires_at)"
        " select $1, id, '{}', $2::timestamptz + interval '180 days' from recording_policies"
        " returning id) insert into recording_tracks (recording_id, name, role, agent_id,"
        " asked_at, started_at, ended_at) select made.id, $3 || t.name, t.role,"
        " case when t.role = 'agent' then $4::uuid end, $2, $2, $2 from made,"
        " (values ('/customer-1', 'customer'), ('/agent-2', 'agent')) t (name, role)",
        row["id"], began, name, agent,
    )  # fmt: skip
    return Ended(str(row["case_id"]), row["id"], name)


def write(path: Path, samples: Sequence[int]) -> None:
    """A wav as Asterisk writes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(array("h", samples).tobytes())


@dataclass
class House:
    """The product, its loop of recordings (turned by hand), and a look at the rows."""

    product: Product
    keeper: Keeper
    key: str
    people: dict[str, str]
    sql: Any

    async def call(self, seconds: float = 3, *, agent: str = "ana@nogal.example") -> Ended:
        """A call with that agent, 440 Hz on one side and 1000 on the other, just ended."""
        who = UUID(self.people[agent])
        guest = Guest(self.product, self.key)
        return await ended_call(guest, self.sql, self.keeper.folder, who, seconds)

    async def round(self) -> None:
        await self.keeper.seal_ended()
        await self.keeper.mix_ended()

    async def recording(self, call: Ended) -> Any:
        return await self.sql.fetchrow(
            "select r.*, k.recording as shown from recordings r join calls k using (interaction_id)"
            " where interaction_id = $1",
            call.interaction,
        )

    def plain(self) -> list[Path]:
        return list(self.keeper.folder.rglob("*.wav"))

    def blobs(self) -> set[Path]:
        return {path for path in self.product.settings.blobs_dir.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
async def house(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("house")
    sql = await asyncpg.connect(database)
    await sql.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")
    async with running(database, folder) as product:
        made = await found(product)
        web = product.web
        keeper = Keeper(web.db, web.blobs, web.bus, product.settings.key_file, folder / "tracks")
        async with person(product, "ana@nogal.example") as ana:
            await ana.open()
            await ana.presence("available")
            yield House(product, keeper, made["key"], made["people"], sql)
    await sql.close()
