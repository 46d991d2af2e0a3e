"""A founded company for tests of slices: its administrator, and the contexts of whoever asks.

``Company`` calls API handlers as web/ would, with the actor that a real session gives.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio
from fastapi import Response

from atiende.accounts import Anonymous, Context, find_session, first_link
from atiende.accounts.api import (
    LinkOpen,
    LinkUse,
    LoginIn,
    NewOrganisation,
    login,
    use_one_time_link,
)
from atiende.routing import admin
from atiende.routing.admin.people import AgentIn, LinkIn, NewUser, RoleIn, UserOut
from atiende.settings import Settings
from atiende.store import Change, Database, open_database

PASSWORD = "una frase larga y buena"
NOON = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)


@dataclass
class Company:
    """The company under test; ``now`` moves only when a test moves it."""

    db: Database
    settings: Settings
    now: datetime = NOON
    changes: list[Change] = field(default_factory=list)

    def anonymous(self, address: str = "203.0.113.7") -> Anonymous:
        return Anonymous(self.db, self.now, self.settings, address, "tests", self._publish)

    def pass_time(self, **by: float) -> None:
        self.now += timedelta(**by)

    def _publish(self, changes: Sequence[Change]) -> None:
        self.changes.extend(changes)

    async def found(self) -> None:
        """The first start: the one-time link, used."""
        token = await first_link(self.db, self.now)
        assert token is not None
        body = LinkUse(
            token=token,
            password=PASSWORD,
            name="Rosa Admin",
            email="rosa@nogal.example",
            organisation=NewOrganisation(name="Muebles Nogal", country="CO", tz="America/Bogota"),
        )
        await use_one_time_link(self.anonymous(), body, Response())

    async def log_in(self, email: str, password: str = PASSWORD) -> str:
        """The session's token, as the cookie has it."""
        response = Response()
        await login(self.anonymous(), LoginIn(email=email, password=password), response)
        return response.headers["set-cookie"].split("=", 1)[1].split(";")[0]

    async def alive(self, token: str) -> bool:
        async with self.db.connection() as conn:
            return await find_session(conn, token, self.now) is not None

    async def context(self, token: str) -> Context:
        async with self.db.connection() as conn:
            actor = await find_session(conn, token, self.now)
        assert actor is not None
        return Context(self.db, actor, self.now, self.settings, self._publish, "203.0.113.7")

    async def as_(self, email: str) -> Context:
        return await self.context(await self.log_in(email))

    async def boss(self) -> Context:
        return await self.as_("rosa@nogal.example")

    async def role(self, code: str) -> UUID:
        async with self.db.connection() as conn:
            found: UUID = await conn.fetchval("select id from roles where code = $1", code)
        return found

    async def hire(
        self,
        email: str,
        code: str = "agent",
        scope: str = "own",
        *,
        team_id: UUID | None = None,
        agent: AgentIn | None = None,
    ) -> UserOut:
        """A new person who has used the invitation."""
        boss = await self.boss()
        role = RoleIn.model_validate({"role_id": await self.role(code), "scope": scope})
        body = NewUser(
            email=email,
            name=email.split("@", maxsplit=1)[0].title(),
            team_id=team_id,
            roles=[role],
            agent=agent,
        )
        user = await admin.people.create_user(boss, body)
        made = await admin.people.make_user_link(boss, user.id, LinkIn(purpose="invite"))
        used = LinkUse(token=token_of(made.url), password=PASSWORD)
        await use_one_time_link(self.anonymous(), used, Response())
        users = await admin.people.list_users(boss)
        return next(each for each in users.items if each.id == user.id)


def token_of(url: str) -> str:
    return url.rsplit("/", 1)[1]


def link_of(url: str) -> LinkOpen:
    return LinkOpen(token=token_of(url))


def fast_settings(folder: Path) -> Settings:
    return Settings(data_dir=folder, testing=True, test_fast_passwords=True)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def company(
    database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Company]:
    """Founded, with its administrator rosa@nogal.example."""
    db = await open_database(database, size=6)
    found = Company(db, fast_settings(tmp_path_factory.mktemp("data")))
    await found.found()
    yield found
    await db.close()
