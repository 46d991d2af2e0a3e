"""How much an agent can take: slots per media, and cases that are free for who holds them.

Theory of operation.  An agent's load in a media group is the number of distinct *cases* that
hold a slot there: a case counts once a group.  New work fits when

- its case is already in his hands (it is free: no slot is asked), or
- the load of its group is below the group's slots, and his cases below ``max_case_load``;

and, without exception, a voice item fits only while he has no live call.  A live call lowers the
slots for messages to ``messages_during_call``; new mail waits for the end of the call (mail in
hand is simply interrupted).  Wrap-up holds its slot; parked work and work that has waited for the
customer longer than WAITING_S hold none.  Taking work that had no slot back (the customer wrote
again) or being given work by a supervisor may pass the limit; an offer never does.
"""

from __future__ import annotations

from atiende.core.records import VOICE, Agent, Work

WAITING_S = 15 * 60.0


def rooms(agent: Agent) -> tuple[bool, bool, bool]:
    """By media: would work of a case he does not hold fit?"""
    limit = agent.spec.max_case_load
    if limit is not None and len(agent.cases) >= limit:
        return (False, False, False)
    voice, messages, mail = agent.slots
    loads = agent.load
    if agent.calls:
        during = agent.spec.messages_during_call
        messages = during if during < messages else messages
        return (False, len(loads[1]) < messages, False)
    return (len(loads[0]) < voice, len(loads[1]) < messages, len(loads[2]) < mail)


def fits(agent: Agent, work: Work) -> bool:
    """Would this very work fit, counting a case he holds as free?"""
    if work.case in agent.cases:
        return work.media != VOICE or not agent.calls
    return rooms(agent)[work.media]


def fits_beside_offer(agent: Agent, work: Work) -> bool:
    """The same for work taken by hand while an offer is pending: the offer keeps its slot."""
    offered = agent.offer
    if offered is None or offered is work:
        return fits(agent, work)
    was_held = offered.case in agent.cases
    hold(agent, offered)
    if was_held or offered.case != work.case:
        answer = fits(agent, work)
    else:  # the offered one is not his yet: its case makes nothing free, at most shares a slot
        shared = work.case in agent.load[work.media]
        answer = rooms(agent)[work.media] or (shared and work.media != VOICE)
    release(agent, offered)
    return answer


def hold(agent: Agent, work: Work) -> None:
    """The work is in his hands from now on, and takes its slot."""
    agent.held[work] = None
    agent.cases[work.case] = agent.cases.get(work.case, 0) + 1
    if work.media == VOICE and not work.wrapping:
        agent.calls += 1
    take_slot(agent, work)


def release(agent: Agent, work: Work) -> None:
    """The work leaves his hands."""
    del agent.held[work]
    left = agent.cases[work.case] - 1
    if left:
        agent.cases[work.case] = left
    else:
        del agent.cases[work.case]
    if work.media == VOICE and not work.wrapping:
        agent.calls -= 1
    free_slot(agent, work)


def take_slot(agent: Agent, work: Work) -> None:
    """Count the work in his load (once)."""
    if not work.slot:
        load = agent.load[work.media]
        load[work.case] = load.get(work.case, 0) + 1
        work.slot = True


def free_slot(agent: Agent, work: Work) -> None:
    """Count the work out of his load."""
    if work.slot:
        load = agent.load[work.media]
        left = load[work.case] - 1
        if left:
            load[work.case] = left
        else:
            del load[work.case]
        work.slot = False


def begin_wrap(agent: Agent, work: Work) -> None:
    """The conversation is over, the work is not: a call stops being live, the slot stays."""
    if work.media == VOICE and not work.wrapping:
        agent.calls -= 1
    work.wrapping = True
    take_slot(agent, work)


def is_empty(agent: Agent) -> bool:
    """Nothing in hand that holds a slot, nothing offered."""
    return agent.offer is None and not any(agent.load)


def is_ready(agent: Agent) -> bool:
    """May he be offered anything at all (invariant 5 of the domain)?"""
    return (
        agent.presence == "available"
        and agent.pending is None
        and agent.silent_since is None
        and agent.offer is None
    )
