"""The demo's past: some sixty customers and about 250 cases of the last two and a half months.

Called once by seed.py. Which customer wrote when, and about what, is drawn here; how one contact
went, from the first word to the case closed, is in contact.py.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from atiende.customers import search_text
from atiende.demo import past_calls, talk
from atiende.demo.chronicle import Chronicle
from atiende.demo.company import Company, Q
from atiende.demo.contact import Agent, Caller, Conversation, Desk, abandoned, served
from atiende.demo.data import customers, email_of
from atiende.store import Connection

DAYS = 76
CASES = 250
TODAY = 14
ABANDONED = 0.07
CALLS = 0.24  # of the contacts come by telephone
APART = timedelta(days=4)  # of one customer in one campaign: further than a case reopens
SETTLED = timedelta(minutes=40)  # nothing of the past is younger
WEIGHTS = {"atencion": 50, "ventas": 28, "cobranzas": 22}
OUTCOMES = {"abandoned_queue": 70, "short_abandon": 15, "no_reply": 10, "overflow": 5}
ZONES = {
    "CO": ("America/Bogota", "+57 3", 9),
    "PE": ("America/Lima", "+51 9", 8),
    "MX": ("America/Mexico_City", "+52 55 ", 8),
    "AR": ("America/Argentina/Buenos_Aires", "+54 9 11 ", 8),
}
UTC_OFFSET = timedelta(hours=-5)  # Bogotá and Lima, all the year
HOURS = (8, 9, 9, 10, 10, 11, 11, 12, 13, 14, 15, 15, 16, 16, 17, 18, 19, 20)


@dataclass
class Past:
    """What drawing needs to remember."""

    rng: random.Random
    now: datetime
    visits: dict[tuple[int, str], list[datetime]] = field(default_factory=dict)

    def free(self, who: int, team: str, at: datetime) -> bool:
        near = [t for key, ts in self.visits.items() if key[0] == who for t in ts]
        same = self.visits.get((who, team), [])
        hours = timedelta(hours=5)
        return all(abs(at - t) > APART for t in same) and all(abs(at - t) > hours for t in near)


async def write_history(conn: Connection, made: Company, now: datetime) -> int:
    """Writes customers and cases; returns how many cases."""
    rng = random.Random(f"nogal {now.date()}")
    told = Chronicle(rng)
    desks = await _desks(conn, made)
    told.versions.update({a.id: a.version for d in desks.values() for a in d.agents})
    visits = draw(Past(rng, now))
    callers = _callers(told, visits, now)
    for who, team, at in visits:
        desk, caller = desks[team], callers[who]
        if rng.random() < CALLS:
            _by_phone(told, replace(desk, **made.numbers[team]), caller, at, now)
        elif rng.random() < ABANDONED:
            outcome = rng.choices(list(OUTCOMES), list(OUTCOMES.values()))[0]
            abandoned(told, desk, caller, at, outcome)
        else:
            served(told, desk, caller, at, now)
    told.number()
    _rows(told, callers)
    await told.write(conn)
    for agent in {a.id for d in desks.values() for a in d.agents}:
        await conn.execute(Q["agent_version"], agent, told.versions[agent])
    return len(visits)


def _by_phone(told: Chronicle, desk: Desk, caller: Caller, at: datetime, now: datetime) -> None:
    if told.rng.random() < ABANDONED * 2:
        outcome = told.rng.choice(("abandoned_queue", "abandoned_queue", "short_abandon"))
        past_calls.left(told, desk, caller, at, outcome)
    else:
        past_calls.attended(told, desk, caller, at, now)


def draw(past: Past) -> list[tuple[int, str, datetime]]:
    """(customer, team, moment) of every contact, in order of time."""
    rng, people = past.rng, customers()
    weights = [6 if person["tier"] == "vip" else rng.choice((1, 1, 2, 3)) for person in people]
    found: list[tuple[int, str, datetime]] = []
    for number in range(CASES * 12):
        if len(found) == CASES:
            break
        who = rng.choices(range(len(people)), weights)[0]
        team = rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        at = _moment(past, today=number < TODAY * 2)
        if at < past.now - SETTLED and past.free(who, team, at):
            past.visits.setdefault((who, team), []).append(at)
            found.append((who, team, at))
    return sorted(found, key=lambda visit: visit[2])


def _moment(past: Past, *, today: bool) -> datetime:
    """A working hour of some day; recent days, and Mondays, have more."""
    rng = past.rng
    local = past.now + UTC_OFFSET
    day = local.replace(hour=0, minute=0, second=0, microsecond=0)
    if not today:
        day -= timedelta(days=1 + int(DAYS * rng.random() ** 1.15))
        if day.weekday() == 6 and rng.random() < 0.7:
            day += timedelta(days=1)
    hour = rng.choice(HOURS)
    return day + timedelta(hours=hour, seconds=rng.uniform(0, 3600)) - UTC_OFFSET


async def _desks(conn: Connection, made: Company) -> dict[str, Desk]:
    """What each team's contacts need: queue, account, campaign, agents, leaves."""
    agents = await conn.fetch(Q["agents"])
    leaves = await conn.fetch(Q["leaves"])
    boosts = {r["id"]: r["tier_boost"] for r in await conn.fetch(Q["boosts"])}
    found = {}
    for team in talk.TEAMS:
        queue, campaign = made.queues[team], made.campaigns[team]
        mine = [r for r in leaves if r["campaign_id"] == campaign]
        found[team] = Desk(
            team,
            queue,
            campaign,
            made.accounts[team],
            [Agent(r["id"], r["name"], r["version"]) for r in agents if queue in r["queues"]],
            {tuple(r["path"]): (r["id"], r["requires"]) for r in mine if not r["system"]},
            {r["code"]: r["id"] for r in mine if r["system"]},
            boosts[queue],
        )
    return found


def _callers(
    told: Chronicle, visits: Sequence[tuple[int, str, datetime]], now: datetime
) -> list[Caller]:
    first: dict[int, datetime] = {}
    for who, _, at in visits:
        first.setdefault(who, at)
    found = []
    for number, person in enumerate(customers()):
        since = first.get(number, now - timedelta(days=told.rng.uniform(2, 70)))
        since -= timedelta(seconds=told.rng.uniform(30, 90))
        prefix, digits = ZONES[person["country"]][1:]
        phone = prefix.replace(" ", "") + "".join(
            str(told.rng.randint(0, 9)) for _ in range(digits)
        )
        caller = Caller(told.new_id(since), person, since, phone, told.new_id(since))
        told.log(since, "customer", caller.id, "created", "visitor")
        found.append(caller)
    return found


def _rows(told: Chronicle, callers: Sequence[Caller]) -> None:
    """Customers with their identities, and their conversations, now that versions are known."""
    for caller in callers:
        _customer(told, caller)
        for conversation in caller.conversations.values():
            at = conversation.since
            by_phone = conversation.identity == caller.phone_identity
            if not by_phone:
                told.rows["identity"].append(_visitor(told, caller, conversation))
            visitor = {"language": "es", "name": caller.person["name"], "consent": True}
            told.rows["conversation"].append(
                (
                    conversation.id,
                    conversation.account,
                    conversation.identity,
                    caller.id,
                    conversation.case,
                    {} if by_phone else visitor,
                    conversation.last_in,
                    conversation.last_out,
                    told.versions[conversation.id],
                    at,
                )
            )


def _visitor(told: Chronicle, caller: Caller, conversation: Conversation) -> tuple[object, ...]:
    """The identity of a chat: the hash of a token that nobody has."""
    token, scope = f"{told.rng.getrandbits(256):064x}", str(conversation.account)
    at = conversation.since
    return (conversation.identity, caller.id, "visitor", scope, token, None, "widget", False, at)


def _customer(told: Chronicle, caller: Caller) -> None:
    person, rng, at = caller.person, told.rng, caller.since
    zone, phone = ZONES[person["country"]][0], caller.phone
    company = person["notes"].startswith("Empresa")
    size = {"PE": 8, "CO": 10, "AR": 8}.get(person["country"], 10)
    document = str(rng.randint(10 ** (size - 1), 10**size - 1))
    email = email_of(person["name"])
    search = search_text(person["name"], document, email, phone)
    kind = "organisation" if company else "person"
    told.rows["customer"].append(
        (
            caller.id,
            kind,
            person["name"],
            document,
            person["tier"],
            zone,
            f"{person['address']}, {person['city']}",
            person["notes"].removeprefix("Empresa: "),
            search,
            at,
        )
    )
    ways = (("email", email, True, told.new_id(at)), ("phone", phone, False, caller.phone_identity))
    for kind, value, primary, identity in ways:
        verified = at if kind == "email" else None
        told.rows["identity"].append(
            (identity, caller.id, kind, "", value, verified, "crm", primary, at)
        )
