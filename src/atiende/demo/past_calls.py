"""Calls of the demo's past: attended, or left before anybody did. Beside contact.py, whose rows and
events they share; what was said in them is not kept, only that they were.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from atiende.demo import talk
from atiende.demo.chronicle import Chronicle, Event
from atiende.demo.contact import (
    REOPENS,
    Agent,
    Caller,
    Contact,
    Desk,
    arrives,
    is_resolved,
    is_taken,
    note_and_data,
)

#: How long a talk lasts, and how long who leaves has waited; seconds.
TALK_S, GAVE_UP_S, AT_ONCE_S = (50.0, 420.0), (40.0, 200.0), (1.0, 4.5)


@dataclass
class Told:
    """A call being told: the contact, and its lines in the timeline."""

    contact: Contact
    number: str
    lines: list[tuple[UUID, dict[str, str], datetime, Event, Event]] = field(default_factory=list)
    connected: datetime | None = None

    def line(self, **told: str) -> None:
        """A line that no person wrote, with its events."""
        contact = self.contact
        message = contact.told.new_id(contact.at)
        payload = {"message_id": str(message)}
        thread = contact.log("conversation", "told", "system", **payload)
        case = contact.log("case", "told", "system", **payload)
        self.lines.append((message, told, contact.at, thread, case))


def _comes(told: Chronicle, desk: Desk, caller: Caller, at: datetime) -> Told:
    contact = arrives(told, desk, caller, at, caller.phone_identity)
    call = Told(contact, desk.number)
    call.line(event="call_incoming", number=caller.phone)
    return call


def attended(told: Chronicle, desk: Desk, caller: Caller, at: datetime, now: datetime) -> None:
    """Heard the greeting, waited, talked, and the agent recorded the outcome."""
    rng = told.rng
    dialogue = rng.choice(talk.dialogues(desk.team))
    agent: Agent = rng.choice(desk.agents)
    values = talk.values_for(caller.person["name"], agent.name, at, caller.place)
    call = _comes(told, desk, caller, at)
    contact = call.contact
    contact.passes(5, 22)
    offered, taken = is_taken(contact, agent, at)
    contact.passes(0.3, 1.2)
    call.connected = contact.at
    contact.passes(*TALK_S)
    hung_up = contact.at
    minutes, seconds = divmod(int((hung_up - call.connected).total_seconds()), 60)
    call.line(event="call_ended", time=f"{minutes:02}:{seconds:02}")
    ended = is_resolved(contact, agent, dialogue)
    told.log(ended, "agent", agent.id, "finished", "router", work_id=str(contact.work))
    closed: datetime | None = ended + REOPENS + timedelta(seconds=rng.uniform(5, 280))
    if closed is not None and closed < now:
        contact.at = closed
        contact.log("case", "closed", "time")
    else:
        closed = None
    outcome, requires = desk.leaves[dialogue.outcome]
    note, data = note_and_data(dialogue, values, requires)
    state = "closed" if closed else "resolved"

    def rows() -> None:
        end = (state, agent.id, outcome, note, data, agent.id)
        _rows(call, dialogue.topic, end, (ended, ended, closed))
        _interaction(call, ("served", outcome, taken, hung_up, "customer", "customer_left"))
        _work(call, ("done", "done"))

    told.number_later.append(rows)
    offer, assignment = told.new_id(offered), told.new_id(taken)
    why = {"step": 0, "candidates": len(desk.agents)}
    told.rows["offer"].append(
        (offer, contact.work, agent.id, why, offered, offered + timedelta(seconds=20), taken)
    )
    told.rows["assignment"].append(
        (assignment, contact.work, offer, agent.id, contact.case, taken, ended)
    )


def left(told: Chronicle, desk: Desk, caller: Caller, at: datetime, outcome: str) -> None:
    """Hung up before anybody attended: a call that was missed."""
    dialogue = told.rng.choice(talk.dialogues(desk.team))
    call = _comes(told, desk, caller, at)
    contact = call.contact
    contact.passes(*(AT_ONCE_S if outcome == "short_abandon" else GAVE_UP_S))
    disposition = desk.system[outcome]
    call.line(event="call_unattended")
    contact.log("conversation", "ended", "customer")
    contact.log("case", "disposed", "system", disposition_id=str(disposition))
    contact.log("case", "closed", "customer", outcome=outcome)
    contact.log("work", "canceled", "router", reason=outcome)
    contact.log("case", "work_closed", "router")
    ended = contact.at

    def rows() -> None:
        _rows(call, dialogue.topic, ("closed", None, disposition, "", {}, None), (ended,) * 3)
        _interaction(call, (outcome, None, None, ended, "customer", outcome))
        _work(call, ("canceled", outcome))

    told.number_later.append(rows)


def _rows(
    call: Told,
    topic: str,
    end: tuple[object, ...],
    times: tuple[datetime, datetime, datetime | None],
) -> None:
    """The case and the lines. `end` = (state, owner, disposition, note, data, by)."""
    contact, desk, who = call.contact, call.contact.desk, call.contact.caller
    told, opened = contact.told, call.lines[0][2]
    state, owner, disposition, note, data, by = end
    place = (contact.case, who.id, desk.campaign, desk.queue, topic[:80], state, owner)
    closing = (disposition, note, data, by, times[0], opened, times[1], times[2])
    told.rows["case"].append((*place, *closing, told.versions[contact.case]))
    for message, said, at, thread, case in call.lines:
        here = (message, contact.thread.id, contact.case, contact.interaction, desk.account)
        told.rows["line"].append((*here, thread.version, case.version, said, at))


def _interaction(call: Told, end: tuple[object, ...]) -> None:
    """The interaction and its call. `end` = (outcome, disposition, answered, ended, by, reason)."""
    contact, desk = call.contact, call.contact.desk
    told, thread, opened = contact.told, call.contact.thread, call.lines[0][2]
    outcome, leaf, answered, ended, by, reason = end
    on = (contact.interaction, contact.case, thread.id, desk.account, thread.identity, desk.queue)
    told.rows["interaction"].append((*on, outcome, leaf, opened, answered, ended, by, reason))
    channel = f"past-{contact.interaction.hex}"
    machine = {"id": str(contact.interaction), "channel": channel, "state": "ended"}
    about = (contact.interaction, channel, contact.caller.phone, call.number, machine)
    told.rows["call"].append((*about, opened, call.connected, ended, by))


def _work(call: Told, end: tuple[str, str]) -> None:
    contact, desk, who = call.contact, call.contact.desk, call.contact.caller
    opened, priority = call.lines[0][2], desk.boost.get(who.person["tier"], 0)
    item = (contact.work, contact.interaction, contact.case, who.id, desk.queue, priority, opened)
    contact.told.rows["work"].append((*item, *end, contact.told.versions[contact.work]))
