"""One contact of the demo's past, told as the product itself would have written it.

history.py calls `served` and `abandoned`; both follow, fact by fact, what cases/ and routing/ log
when a visitor is attended or leaves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from atiende.demo import talk
from atiende.demo.chronicle import Chronicle, Event
from atiende.demo.talk import Dialogue, Turn, Values

REOPENS = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Agent:
    id: UUID
    name: str
    version: int


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a team's contacts arrive, and what closes them."""

    team: str
    queue: UUID
    campaign: UUID
    account: UUID
    agents: Sequence[Agent]
    leaves: Mapping[tuple[str, ...], tuple[UUID, str]]
    system: Mapping[str, UUID]
    boost: Mapping[str, int]
    number: str = ""  # that is called, where the contact is a call


@dataclass
class Conversation:
    """A customer's thread on one account."""

    id: UUID
    account: UUID
    identity: UUID
    since: datetime
    case: UUID | None = None
    last_in: datetime | None = None
    last_out: datetime | None = None


@dataclass
class Caller:
    """A customer, with the threads he has opened."""

    id: UUID
    person: Mapping[str, str]
    since: datetime
    phone: str
    phone_identity: UUID
    conversations: dict[UUID, Conversation] = field(default_factory=dict)

    @property
    def place(self) -> tuple[str, str, str]:
        return self.person["country"], self.person["city"], self.person["address"]


@dataclass
class Contact:
    """A contact being told: the clock stands at `at`."""

    told: Chronicle
    desk: Desk
    caller: Caller
    thread: Conversation
    at: datetime
    case: UUID
    interaction: UUID
    work: UUID
    messages: list[tuple[UUID, Turn, str, datetime, Event | None, Event, UUID | None]] = field(
        default_factory=list
    )

    def passes(self, least: float, most: float) -> None:
        self.at += timedelta(seconds=self.told.rng.uniform(least, most))

    def log(self, topic: str, kind: str, cause: str, **payload: object) -> Event:
        entity = {"case": self.case, "work": self.work, "conversation": self.thread.id}[topic]
        return self.told.log(self.at, topic, entity, kind, cause, **payload)


def arrives(
    told: Chronicle, desk: Desk, caller: Caller, at: datetime, identity: UUID | None = None
) -> Contact:
    """The first word: case, interaction and work. ``identity``: his own, where he has one."""
    thread = caller.conversations.get(desk.account)
    if thread is None:
        since = at - timedelta(seconds=told.rng.uniform(4, 25))
        own = identity or told.new_id(since)
        thread = Conversation(told.new_id(since), desk.account, own, since)
        caller.conversations[desk.account] = thread
        told.versions[thread.id] = 1
    contact = Contact(
        told, desk, caller, thread, at, told.new_id(at), told.new_id(at), told.new_id(at)
    )
    thread.case = contact.case
    queue = str(desk.queue)
    contact.log("case", "opened", "customer", queue_id=queue)
    contact.log("conversation", "begun", "customer", interaction_id=str(contact.interaction))
    contact.log("work", "queued", "customer", queue_id=queue, case_id=str(contact.case))
    return contact


def _says(contact: Contact, turn: Turn, body: str, agent: Agent | None) -> None:
    """A message or a note, with its events."""
    message = contact.told.new_id(contact.at)
    payload: dict[str, object] = {"message_id": str(message)}
    if agent is not None:
        payload["agent_id"] = str(agent.id)
    kind, cause = {
        "customer": ("message_received", "customer"),
        "agent": ("message_sent", "agent"),
        "note": ("note_added", "agent"),
    }[turn.who]
    thread: Event | None = None
    if turn.who != "note":
        logged = contact.log("conversation", kind, cause, **payload)
        thread = contact.told.rename(logged, "message." + kind.removeprefix("message_"))
        if turn.who == "customer":
            contact.thread.last_in = contact.at
        else:
            contact.thread.last_out = contact.at
    case = contact.log("case", kind, cause, **payload)
    author = None if agent is None else agent.id
    contact.messages.append((message, turn, body, contact.at, thread, case, author))


def served(told: Chronicle, desk: Desk, caller: Caller, at: datetime, now: datetime) -> None:
    """Attended from the first word to the outcome; closed when it can reopen no more."""
    rng = told.rng
    dialogue = rng.choice(talk.dialogues(desk.team))
    agent = rng.choice(desk.agents)
    values = talk.values_for(caller.person["name"], agent.name, at, caller.place)
    contact = arrives(told, desk, caller, at)
    first, *rest = dialogue.turns
    for body in first.bubbles(values.words):
        _says(contact, first, body, None)
        contact.passes(3, 9)
    offered, taken = is_taken(contact, agent, at)
    for turn in rest:
        for body in turn.bubbles(values.words):
            contact.passes(9, 55) if turn.who == "customer" else contact.passes(12, 70)
            _says(contact, turn, body, None if turn.who == "customer" else agent)
    contact.passes(2, 12)
    contact.log("case", "read_by_customer", "customer")
    ended = is_resolved(contact, agent, dialogue)
    told.log(ended, "agent", agent.id, "finished", "router", work_id=str(contact.work))
    closed = ended + REOPENS + timedelta(seconds=rng.uniform(5, 280))
    if closed < now:
        contact.at = closed
        contact.log("case", "closed", "time")
    outcome, requires = desk.leaves[dialogue.outcome]
    note, data = note_and_data(dialogue, values, requires)
    told.number_later.append(
        lambda: _rows(
            contact,
            ("closed" if closed < now else "resolved", agent.id, outcome, note, data, agent.id),
            (ended, ended, closed if closed < now else None),
            ("served", outcome, taken, ended, "agent", "resolved"),
            ("done", "done"),
        )
    )
    offer, assignment = told.new_id(offered), told.new_id(taken)
    why = {"step": 0, "candidates": len(desk.agents)}
    told.rows["offer"].append(
        (offer, contact.work, agent.id, why, offered, offered + timedelta(seconds=20), taken)
    )
    told.rows["assignment"].append(
        (assignment, contact.work, offer, agent.id, contact.case, taken, ended)
    )


def is_taken(contact: Contact, agent: Agent, at: datetime) -> tuple[datetime, datetime]:
    """Offered and accepted: (when, when)."""
    told, work, who = contact.told, str(contact.work), str(agent.id)
    contact.at = max(
        contact.at, at + timedelta(seconds=told.rng.choice((1, 2, 2, 3, 3, 4, 5, 6, 9, 35)))
    )
    offered, queue = contact.at, str(contact.desk.queue)
    contact.log("work", "offered", "router", agent_id=who, queue_id=queue)
    told.log(offered, "agent", agent.id, "offered", "router", work_id=work)
    contact.passes(2, 13)
    told.log(contact.at, "agent", agent.id, "offer_accepted", "router", work_id=work, reason=None)
    contact.log("case", "attended", "router", agent_id=who, work_id=work)
    waited = (contact.at - at).total_seconds()
    contact.log(
        "work", "assigned", "router", agent_id=who, queue_id=queue, via="offer", waited_s=waited
    )
    told.log(contact.at, "agent", agent.id, "assigned", "router", work_id=work)
    return offered, contact.at


def is_resolved(contact: Contact, agent: Agent, dialogue: Dialogue) -> datetime:
    """The outcome is recorded, the case resolved, the agent freed."""
    contact.passes(15, 90)
    outcome = str(contact.desk.leaves[dialogue.outcome][0])
    contact.log("conversation", "ended", "agent")
    contact.log("case", "disposed", "agent", disposition_id=outcome, agent_id=str(agent.id))
    contact.log("case", "resolved", "agent")
    contact.log("case", "released", "router", agent_id=str(agent.id), reason="done")
    contact.log("work", "done", "router", reason="done")
    return contact.at


def note_and_data(
    dialogue: Dialogue, values: Values, requires: str
) -> tuple[str, dict[str, object]]:
    """What the agent wrote with the outcome, as far as it asks for any."""
    notes = [talk.filled(turn.text, values.words) for turn in dialogue.of("note")]
    found: dict[str, object] = {}
    if requires in ("date", "agreement"):
        found["date"] = values.date
    if requires in ("amount", "agreement"):
        found["amount"] = values.amount
    return notes[-1] if notes and requires == "note" else "", found


def abandoned(told: Chronicle, desk: Desk, caller: Caller, at: datetime, outcome: str) -> None:
    """Nobody attended: a system outcome, and the case is closed at once."""
    dialogue = told.rng.choice(talk.dialogues(desk.team))
    values = talk.values_for(caller.person["name"], "", at, caller.place)
    contact = arrives(told, desk, caller, at)
    first = dialogue.turns[0]
    _says(contact, first, first.bubbles(values.words)[0], None)
    least, most = (1.5, 4.5) if outcome == "short_abandon" else (50, 260)
    contact.passes(least, most)
    by = "customer" if "abandon" in outcome else "router"
    disposition = desk.system[outcome]
    contact.log("conversation", "ended", by)
    contact.log("case", "disposed", "system", disposition_id=str(disposition))
    contact.log("case", "closed", by, outcome=outcome)
    contact.log("work", "canceled", "router", reason=outcome)
    contact.log("case", "work_closed", "router")
    ended = contact.at
    told.number_later.append(
        lambda: _rows(
            contact,
            ("closed", None, disposition, "", {}, None),
            (ended, ended, ended),
            (outcome, None, None, ended, by, outcome),
            ("canceled", outcome),
        )
    )


def _rows(
    contact: Contact,
    end: tuple[object, ...],
    times: tuple[datetime, datetime, datetime | None],
    interaction: tuple[object, ...],
    work: tuple[str, str],
) -> None:
    """The contact's rows, once its events have their versions. `end` = (state, owner, disposition,
    note, data, by); `times` = (disposed, resolved, closed); `interaction` = (outcome, disposition,
    answered, ended, by, reason); `work` = (state, reason)."""
    told, desk, who = contact.told, contact.desk, contact.caller
    opened = contact.messages[0][3]
    state, owner, disposition, note, data, by = end
    topic = contact.messages[0][2][:80]
    version = told.versions[contact.case]
    place = (contact.case, who.id, desk.campaign, desk.queue, topic, state, owner)
    closing = (disposition, note, data, by, times[0], opened, times[1], times[2], version)
    told.rows["case"].append((*place, *closing))
    outcome, leaf, answered, *ended = interaction
    thread = contact.thread
    on = (contact.interaction, contact.case, thread.id, desk.account, thread.identity, desk.queue)
    told.rows["interaction"].append((*on, outcome, leaf, opened, answered, *ended))
    priority = desk.boost.get(who.person["tier"], 0)
    item = (contact.work, contact.interaction, contact.case, who.id, desk.queue, priority, opened)
    told.rows["work"].append((*item, *work, told.versions[contact.work]))
    for row in contact.messages:
        told.rows["message"].append(_message(contact, row))


def _message(
    contact: Contact,
    row: tuple[UUID, Turn, str, datetime, Event | None, Event, UUID | None],
) -> tuple[object, ...]:
    message, turn, body, at, thread, case, author = row
    client = f"{contact.told.rng.getrandbits(64):016x}"
    here = contact.thread.id if thread is not None else None
    direction = {"customer": "in", "agent": "out", "note": "note"}[turn.who]
    return (
        message,
        here,
        contact.case,
        contact.interaction if here else None,
        contact.desk.account if here else None,
        thread.version if thread is not None else 0,
        case.version,
        direction,
        "customer" if turn.who == "customer" else "agent",
        author,
        body,
        client,
        f"{here}:{client}" if turn.who == "customer" else None,
        "received" if turn.who == "customer" else "sent",
        at,
    )
