"""Secrets at rest, and channel accounts that have one."""

import stat
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio

from atiende.accounts import Context, api_channels, load_key, read_secret
from atiende.accounts.sealed import account_secret, seal, unseal
from atiende.campaigns import new_campaign
from atiende.channels import channels
from atiende.core.problem import Problem
from atiende.routing import admin
from atiende.routing.admin.queues import NewQueue
from tests.company import Company

CHANNEL = next(code for code, each in channels().items() if each.media == "messages")
CONFIG = {"allowed_origins": ["https://tienda.nogal.example"]}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def queue(company: Company) -> AsyncIterator[UUID]:
    async with company.db.transaction() as conn:
        campaign = await new_campaign(conn, "Atención", None)
    body = NewQueue(campaign_id=campaign, name="Atención")
    yield (await admin.queues.create_queue(await company.boss(), body)).id


def _new(queue: UUID, name: str = "Tienda") -> api_channels.NewChannelAccount:
    return api_channels.NewChannelAccount(channel=CHANNEL, name=name, queue_id=queue, config=CONFIG)


async def _kept(ctx: Context, account: UUID) -> bytes | None:
    key = load_key(ctx.settings.key_file)
    async with ctx.db.connection() as conn:
        return await read_secret(conn, key, account_secret(account))


def test_the_key_file_is_ours_alone(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    key = load_key(path)
    assert len(key) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    load_key.cache_clear()
    assert load_key(path) == key
    path.chmod(0o640)
    load_key.cache_clear()
    with pytest.raises(Problem, match="key_file_open"):
        load_key(path)
    path.chmod(0o600)
    path.write_bytes(b"short")
    with pytest.raises(Problem, match="key_file_damaged"):
        load_key(path)


def test_a_sealed_value_is_bound_to_its_name_and_key() -> None:
    key, other = bytes(32), bytes([1] * 32)
    sealed = seal(key, "a", b"value")
    assert unseal(key, "a", sealed) == b"value"
    assert seal(key, "a", b"value") != sealed
    for wrong_key, name, text in (
        (key, "b", sealed),
        (other, "a", sealed),
        (key, "a", sealed[:-1] + bytes([sealed[-1] ^ 1])),
    ):
        with pytest.raises(Problem, match="secret_unreadable"):
            unseal(wrong_key, name, text)


async def test_a_secret_is_shown_once_and_kept_sealed(company: Company, queue: UUID) -> None:
    boss = await company.boss()
    account = await api_channels.create_account(boss, _new(queue))
    assert not account.has_secret
    shown = (await api_channels.new_secret(boss, account.id)).secret
    assert await _kept(boss, account.id) == shown.encode()
    listed = (await api_channels.list_accounts(boss)).model_dump_json()
    assert shown not in listed
    async with company.db.connection() as conn:
        sealed = await conn.fetchval("select sealed from secrets")
        record = await conn.fetchval("select string_agg(audit::text, '') from audit")
    assert shown.encode() not in sealed
    assert shown not in record
    again = (await api_channels.new_secret(boss, account.id)).secret
    assert again != shown
    assert await _kept(boss, account.id) == again.encode()


async def test_an_account_keeps_what_its_channel_checked(company: Company, queue: UUID) -> None:
    boss = await company.boss()
    account = await api_channels.create_account(boss, _new(queue, "Blog"))
    assert account.config["allowed_origins"] == CONFIG["allowed_origins"]
    assert len(account.config) > 1  # defaults filled in
    with pytest.raises(Problem, match="channel_config_invalid"):
        await api_channels.change_account(
            boss,
            account.id,
            api_channels.ChannelAccountPatch(version=1, config={"allowed_origins": ["x"]}),
        )
    patch = api_channels.ChannelAccountPatch(version=1, active=False)
    changed = await api_channels.change_account(boss, account.id, patch)
    assert (changed.active, changed.config) == (False, account.config)
    with pytest.raises(Problem, match="unknown_channel"):
        await api_channels.create_account(
            boss, _new(queue, "Paloma").model_copy(update={"channel": "pigeon"})
        )
    listed = await api_channels.list_accounts(boss)
    assert CHANNEL in {channel.code for channel in listed.channels}
    await api_channels.archive_account(boss, account.id)


async def test_the_queue_of_an_active_account_is_not_archived(
    company: Company, queue: UUID
) -> None:
    boss = await company.boss()
    account = await api_channels.create_account(boss, _new(queue, "Viva"))
    with pytest.raises(Problem, match="in_use_accounts"):
        await admin.queues.archive_queue(boss, queue)
    await api_channels.archive_account(boss, account.id)
