"""What Asterisk must have in its memory: carriers, and agents' phones. It forgets at each start.

All is put at each connection; what is new, at each look; what is gone is removed.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import structlog

from atiende.accounts import Actor, load_key, read_secret, unseal
from atiende.calls.rows import TRUNK, Q
from atiende.calls.watched import Line
from atiende.channels.voice.ari import Ari, AriError
from atiende.channels.voice.effects import ObjectKind, PutObject, RemoveObject
from atiende.channels.voice.render import UnsafePartError, render
from atiende.core.permissions import holds
from atiende.core.problem import Problem
from atiende.engines import REGISTERED_USER, Exchange
from atiende.settings import Settings
from atiende.store import Database, Row

log = structlog.get_logger("calls")

#: Calls are moved by us alone: nobody's REFER or SUBSCRIBE is listened to.
NO_HANDS: Mapping[str, str] = {"allow_transfer": "no", "allow_subscribe": "no"}
PHONE: Mapping[str, str] = {
    "context": "from-agent",
    "identify_by": "username",
    **NO_HANDS,
    "disallow": "all",
    "dtmf_mode": "rfc4733",
    "direct_media": "no",
    "rtp_timeout": "30",
    "rtp_timeout_hold": "300",
}
#: By the kind of phone: a browser's speaks encrypted and in Opus.
KINDS: Mapping[str, Mapping[str, str]] = {
    "browser": {"webrtc": "yes", "allow": "opus,alaw,ulaw"},
    "plain": {"allow": "alaw,ulaw", "rtp_symmetric": "yes", "rewrite_contact": "yes"},
}
CARRIER: Mapping[str, str] = {
    "context": "from-trunk",
    # By its address alone: it shows no password, so its name in From must open nothing.
    "identify_by": "ip",
    **NO_HANDS,
    "disallow": "all",
    "allow": "alaw,ulaw",
    "dtmf_mode": "rfc4733",
    "direct_media": "no",
    "rtp_symmetric": "yes",
    "force_rport": "yes",
    "trust_id_inbound": "yes",
    "rtp_timeout": "60",
    "rtp_timeout_hold": "3600",
}
#: Asterisk gives up for good after ten tries or one refusal, unless it is told otherwise. `line`
#: marks the calls that come because of the registration, whatever address they come from.
REGISTRATION: Mapping[str, str] = {
    "contact_user": REGISTERED_USER,
    "line": "yes",
    "expiration": "600",
    "max_random_initial_delay": "0",
    "retry_interval": "20",
    "forbidden_retry_interval": "60",
    "fatal_retry_interval": "60",
    "auth_rejection_permanent": "no",
    "max_retries": "1000000",
}
#: How soon a line that Asterisk did not take is tried again: its name may not be found just now.
AGAIN_S = 30.0
PHONE_PARTS: tuple[ObjectKind, ...] = ("endpoint", "aor", "auth")
#: Virtual callers of this machine are known by a header that nobody else can write.
TRIAL_HEADER = "X-Atiende-Trial"
TRIAL = f"{TRUNK}trial"
TRUNK_PARTS: tuple[ObjectKind, ...] = ("registration", "identify", "endpoint", "aor", "auth")
Part = tuple[ObjectKind, Mapping[str, str]]


def phone_secret(endpoint: str) -> str:
    """The name that a phone's sealed password is bound to."""
    return f"phone/{endpoint}"


def may_phone(actor: Actor) -> bool:
    """Who has a phone in his page: agents with a desk, and who may listen to calls."""
    return holds(actor.grants, "calls.listen") or (
        actor.is_agent and holds(actor.grants, "desk.use")
    )


def trunk_secret(trunk: UUID) -> str:
    """The name of a carrier's password."""
    return f"trunk/{trunk}"


def trial_token(exchange: Exchange) -> str:
    """What that header says, for this Asterisk alone."""
    return hmac.digest(exchange.ari_password.encode(), TRIAL.encode(), "sha256").hex()


def _is_due(line: Line | None, version: int, now: datetime) -> bool:
    if line is None or line.version != version:
        return True
    return not line.taken and (now - line.at).total_seconds() >= AGAIN_S


@dataclass
class Pushed:
    """What one connection's Asterisk was given."""

    db: Database
    settings: Settings
    ari: Ari
    #: See ``trial_token``.
    trial: str
    language: str = "es"
    trunks: dict[UUID, Line] = field(default_factory=dict)
    phones: set[str] = field(default_factory=set)

    async def everything(self, now: datetime) -> None:
        """At a connection: Asterisk may have been started anew."""
        self.trunks.clear()
        self.phones.clear()
        match = f"{TRIAL_HEADER}: {self.trial}"
        own = {**CARRIER, "language": self.language}
        known: Part = ("identify", {"endpoint": TRIAL, "match_header": match})
        await self._put(TRIAL, [("endpoint", own), known])
        await self.look(now, afresh=True)

    async def look(self, now: datetime, *, afresh: bool = False) -> None:
        """What is new is put, what is gone is removed."""
        async with self.db.connection() as conn:
            trunks = await conn.fetch(Q["trunks"])
            await conn.fetch(Q["drop_phones"], now)
            phones = await conn.fetch(Q["phones"], afresh)
            there = {row["endpoint"] for row in await conn.fetch(Q["endpoints"])}
        for row in trunks:
            if _is_due(self.trunks.get(row["id"]), row["version"], now):
                await self._trunk(row, now)
        for gone in self.trunks.keys() - {row["id"] for row in trunks}:
            await self._remove(f"{TRUNK}{gone}", TRUNK_PARTS)
            del self.trunks[gone]
        for row in phones:
            await self._phone(row, now)
        for name in self.phones - there:
            await self._remove(name, PHONE_PARTS)
        self.phones &= there

    async def _phone(self, row: Row, now: datetime) -> None:
        name = row["endpoint"]
        key = load_key(self.settings.key_file)
        try:
            password = unseal(key, phone_secret(name), row["sealed"]).decode()
        except Problem as problem:
            log.error("phone_unreadable", key=problem.key)
            return
        more = KINDS[row["kind"]]
        parts: list[Part] = [
            ("auth", {"auth_type": "userpass", "username": name, "password": password}),
            ("aor", {"max_contacts": "1", "remove_existing": "yes"}),
            ("endpoint", {**PHONE, **more, "language": self.language, "auth": name, "aors": name}),
        ]
        if await self._put(name, parts):
            self.phones.add(name)
            async with self.db.connection() as conn:
                await conn.execute(Q["phone_pushed"], name, now)

    async def _trunk(self, row: Row, now: datetime) -> None:
        name, host = f"{TRUNK}{row['id']}", row["host"]
        place = f"[{host}]" if ":" in host else host
        more = ";transport=tcp" if row["transport"] == "tcp" else ""
        uri = f"sip:{place}:{row['port']}{more}"
        own = {"language": self.language, "aors": name, "transport": f"t-{row['transport']}"}
        parts: list[Part] = []
        if row["username"]:
            own |= {"outbound_auth": name, "from_user": row["username"]}
            parts.append(("auth", await self._carrier_auth(row)))
        # To put a contact again would add a second one.
        await self._remove(name, TRUNK_PARTS)
        parts += [
            ("aor", {"contact": uri, "qualify_frequency": "30"}),
            ("endpoint", {**CARRIER, **own}),
            ("identify", {"endpoint": name, "match": host}),
        ]
        registers = bool(row["register"] and row["username"])
        if registers:
            client = f"sip:{row['username']}@{place}:{row['port']}{more}"
            wants = {"server_uri": uri, "client_uri": client, "outbound_auth": name}
            known = {"transport": own["transport"], "endpoint": name}
            parts.append(("registration", {**REGISTRATION, **wants, **known}))
        taken = await self._put(name, parts)
        self.trunks[row["id"]] = Line(row["version"], registers, now, taken)

    async def _carrier_auth(self, row: Row) -> Mapping[str, str]:
        name = trunk_secret(row["id"])
        async with self.db.connection() as conn:
            password = await read_secret(conn, self.settings.key_file, name) or b""
        return {
            "auth_type": "userpass",
            "username": row["username"],
            "password": password.decode(),
        }

    async def _put(self, name: str, parts: list[Part]) -> bool:
        """Whether Asterisk took all of it; else it is tried again at the next look."""
        try:
            for kind, fields in parts:
                if await self.ari.request(render(PutObject(kind, name, fields))) is None:
                    log.error("not_taken", kind=kind)
                    return False
        except (AriError, UnsafePartError) as error:
            log.error("not_taken", error=str(error))
            return False
        return True

    async def _remove(self, name: str, parts: tuple[ObjectKind, ...]) -> None:
        for kind in parts:
            try:
                await self.ari.request(render(RemoveObject(kind, name)))
            except AriError as error:
                log.warning("not_removed", kind=kind, error=str(error))
