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
        guest = Guest(self.product, self.key)
        await guest.start(name="Luz Díaz")
        await guest.open()
        await guest.say("hola")
        await guest.close()
        row = await self.sql.fetchrow(
            "select i.id, i.case_id from interactions i where i.conversation_id = $1",
            UUID(guest.conversation),
        )
        began = datetime.now(UTC) - AGO
        await self.sql.execute(
            "insert into calls (interaction_id, channel_id, to_number, state, since, machine,"
            " answered_at, connected_at, ended_at) values ($1, $2, '+51', 'ended', $3, '{}', $3,"
            " $3, $4)",
            row["id"], uuid4().hex, began, began + timedelta(seconds=seconds),
        )  # fmt: skip
        await self.sql.execute(
            "insert into recordings (interaction_id, policy_id, tape, expires_at)"
            " select $1, id, '{}', $2 from recording_policies",
            row["id"], began + timedelta(days=180),
        )  # fmt: skip
        folder = f"2026/11/29/{row['id']}"
        who = UUID(self.people[agent])
        await self.track(row["id"], f"{folder}/customer-1", None, tone(440, seconds), began)
        await self.track(row["id"], f"{folder}/agent-2", who, tone(1000, seconds), began)
        return Ended(str(row["case_id"]), row["id"], folder)

    async def track(
        self, call: UUID, name: str, agent: UUID | None, samples: Sequence[int], at: datetime
    ) -> None:
        path = self.keeper.folder / f"{name}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        with wave.open(str(path), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(8000)
            out.writeframes(array("h", samples).tobytes())
        await self.sql.execute(
            "insert into recording_tracks (recording_id, name, role, agent_id, asked_at,"
            " started_at, ended_at) select id, $2, $3, $4, $5, $5, $5 from recordings"
            " where interaction_id = $1",
            call, name, "agent" if agent else "customer", agent, at,
        )  # fmt: skip

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
