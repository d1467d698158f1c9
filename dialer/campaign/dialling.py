"""Progressive dialling: one ringing customer for each free agent."""

from __future__ import annotations

from datetime import datetime, timedelta

from dialer import callid
from dialer.campaign.agent import Agent, AgentEvent, Presence
from dialer.campaign.attempt import Attempt
from dialer.campaign.changes import Place
from dialer.campaign.daywork import call_it_started
from dialer.campaign.disposition import Evidence
from dialer.campaign.queue import Owner
from dialer.campaign.state import PAUSED, Day, State
from dialer.campaign.timers import WATCH_MARGIN, Wake
from dialer.campaign.trunk import Trunk
from dialer.campaign.visit import Visit, VisitEvent

_AT_ONCE = timedelta(milliseconds=10)
"""Calls whose slots are no further ahead go out in one step; else each step could place but one, whatever the rate."""


def dial(state: State, now: datetime) -> None:
    """Place a call for every free agent for whom there is one, longest idle first.

    Agents stay in ``state.wanting`` while something holds all calls back, and leave it when their
    own lines are empty; whatever fills a line puts its agents back.
    """
    day = state.today(now)
    if day is None or not may_dial(state, day, now):
        return
    for owner in day.queue.promote(now):
        state.wake_owner(owner)
    ready = [a for a in map(state.agents.get, state.wanting) if a and a.presence is Presence.READY and not a.attempt]
    state.wanting = {a.number for a in ready}
    for agent in sorted(ready, key=lambda a: (a.since or now, a.number)):
        visit = next_visit(state, day, agent, now)
        if visit is None:
            state.wanting.discard(agent.number)
            continue
        if state.next_slot - now > _AT_ONCE:
            state.timers.at(state.next_slot, Wake.DIAL)
            return
        trunk = next((t for t in state.trunks.values() if t.takes(now)), None)
        if trunk is None:
            _wait_for_trunk(state, now)
            return
        place(state, visit, agent, trunk, now)
        state.wanting.discard(agent.number)


def _wait_for_trunk(state: State, now: datetime) -> None:
    """A call that ends brings us back to a trunk that is full; to one that is paused, only its time."""
    pauses = [t.breaker.until for t in state.trunks.values() if t.breaker.until is not None and t.breaker.until > now]
    if pauses:
        state.timers.at(min(pauses), Wake.DIAL)


def may_dial(state: State, day: Day, now: datetime) -> bool:
    """Whether any call may be placed now: the service has started, link up, not paused, within calling hours."""
    return not state.held and state.link_up and PAUSED not in state.flags and day.hours.open(now)


def owners_for(agent: Agent) -> tuple[Owner, ...]:
    """The lines that an agent serves: their own, and their team's."""
    mine: Owner = ("agent", agent.number)
    return (mine, ("team", agent.team)) if agent.team else (mine,)


def next_visit(state: State, day: Day, agent: Agent, now: datetime) -> Visit | None:
    """The visit that ``agent`` should call now.

    A visit whose number is in use, or within the gap after a call to it, steps aside until the
    number is free; whoever else shares the number.
    """
    owners = owners_for(agent)
    while (visit := day.queue.head(owners)) is not None:
        if visit.number in state.live_by_number:
            day.queue.put_behind(visit, visit.number)
        elif (free := state.free_at(visit.number)) is not None and free > now:
            day.queue.put(visit, now, not_before=free)
        else:
            return visit
    return None


def place(state: State, visit: Visit, agent: Agent, trunk: Trunk, now: datetime) -> None:
    """Write down an attempt, and intend its Originate."""
    config = state.config
    attempt = Attempt(
        id=callid.for_attempt(state.installation, visit.id, visit.attempts + 1, now),
        visit=visit.id,
        day=visit.day,
        seq=visit.attempts + 1,
        round=visit.round,
        customer=visit.customer,
        number=visit.number,
        trunk=trunk.config.name,
        agent=agent.number,
        placed_at=now,
        evidence=Evidence(rings_reported=trunk.config.reports_ringing),
    )
    visit.move(VisitEvent.PLACE)
    visit.attempts, visit.attempt, visit.result = attempt.seq, attempt.id, None
    state.days[visit.day].queue.put(visit, now)
    agent.move(AgentEvent.RESERVE, now)
    agent.attempt = attempt.id
    trunk.in_use += 1
    trunk.breaker.placed(attempt.id)
    state.attempts[attempt.id] = attempt
    state.live_by_number[attempt.number] = attempt.id
    if config.calls_per_second:
        state.next_slot = max(now, state.next_slot) + timedelta(seconds=1 / config.calls_per_second)
    state.timers.at(now + config.ring_timeout + WATCH_MARGIN, Wake.WATCH, attempt.id)
    state.timers.at(now + config.survey_every, Wake.SURVEY)
    call_it_started(state, visit.day, now)
    state.out.placed(attempt)
    state.out.visit(visit)
    state.out.agent(agent)
    state.out.note(now, "attempt.placed", visit=visit, attempt=attempt, agent=agent.number, trunk=attempt.trunk)
    state.out.intend(
        Place(
            attempt=attempt.id,
            channel=trunk.config.dial_string(visit.number),
            agent=agent.extension,
            timeout_s=config.ring_timeout.total_seconds(),
            agent_timeout_s=config.agent_timeout.total_seconds(),
            caller_id=trunk.config.caller_id,
        )
    )
