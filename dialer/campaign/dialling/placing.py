"""What every way of dialling needs: whether calls may be placed, whom to call, and placing a call."""

from __future__ import annotations

from datetime import datetime, timedelta

from dialer import callid
from dialer.campaign.calls.phones import ASK_AGAIN
from dialer.campaign.changes import Place
from dialer.campaign.day.work import call_it_started
from dialer.campaign.model.agent import Agent, AgentEvent
from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.evidence import Evidence
from dialer.campaign.model.visit import Visit, VisitEvent
from dialer.campaign.rules.breaker import BreakerState, Trunk
from dialer.campaign.rules.queue import Owner
from dialer.campaign.rules.streak import Scope
from dialer.campaign.rules.timers import WATCH_MARGIN, Wake
from dialer.campaign.state import PAUSED, Day, State

_AT_ONCE = timedelta(milliseconds=10)
"""Calls whose slots are no further ahead go out in one step; else each step could place but one, whatever the rate."""


def may_dial(state: State, day: Day, now: datetime) -> bool:
    """Whether any call may be placed now: the service has started, a link is up, not paused, within calling hours."""
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


def slot_is_free(state: State, now: datetime) -> bool:
    """Whether the limit on calls per second lets a call go now; if not, dialling looks again when it does."""
    if state.next_slot - now > _AT_ONCE:
        state.timers.at(state.next_slot, Wake.DIAL)
        return False
    return True


def phone_is_free(state: State, agent: Agent, now: datetime) -> bool:
    """Whether the agent's phone can take a call now, as far as is known; if not, it is looked at again.

    Agents of older records may share one: a call for either is a call for both.
    """
    phone = state.phone_of(agent)
    taken = any(other.attempt for other in state.agents_on(agent.extension, agent.pbx))
    if phone is not None and phone.able and not taken:
        return True
    state.timers.at(now + ASK_AGAIN, Wake.PHONE, agent.number)
    return False


def free_trunk(state: State, agent: Agent, visit: Visit, now: datetime) -> Trunk | None:
    """The trunk of the agent's PBX for a call to ``visit`` now; else dialling looks again when a pause is over.

    It is the first that takes a call, those last over which the last call to this number failed. A call that ends
    brings us back to a trunk that is full, and a link that is restored to all of its PBX.
    """
    if not state.linked(agent.pbx) or state.streaks.holding(Scope.PBX, agent.pbx, now):
        return None
    trunks = [t for t in state.trunks.values() if t.config.pbx == agent.pbx]
    trunk = min((t for t in trunks if t.takes(now)), key=lambda t: t.breaker.fails(visit.number), default=None)
    if trunk is None:
        pauses = [t.breaker.until for t in trunks if t.breaker.until and t.breaker.until > now]
        if pauses:
            state.timers.at(min(pauses), Wake.DIAL)
    return trunk


def telling(state: State, day: Day, agent: Agent, visit: Visit, trunk: Trunk, now: datetime) -> Visit:
    """The visit that a call over ``trunk`` should go to instead of ``visit``, if the call is a probe.

    One that fails to a number that has failed before says nothing, so it goes to the next whose number has not. Nobody
    is passed over who was never called: those are called in visit order.
    """

    def suits(other: Visit) -> bool:
        free = state.free_at(other.number)
        callable_now = other.number not in state.live_by_number and (free is None or free <= now)
        return callable_now and not (other.attempts and trunk.breaker.fails(other.number))

    if trunk.breaker.state is BreakerState.CLOSED or suits(visit):
        return visit

    return day.queue.first(owners_for(agent), suits) or visit


def place(state: State, visit: Visit, trunk: Trunk, now: datetime, agent: Agent | None = None) -> Attempt:
    """Write down an attempt, and intend its Originate.

    ``agent``: whom the customer is connected to; None leaves that to :func:`bind`, when the customer answers.
    """
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
        agent="",
        placed_at=now,
        evidence=Evidence(rings_reported=trunk.config.reports_ringing),
        pbx=trunk.config.pbx,
    )
    visit.move(VisitEvent.PLACE)
    visit.attempts, visit.attempt, visit.result = attempt.seq, attempt.id, None
    state.days[visit.day].queue.put(visit, now)
    trunk.in_use += 1
    trunk.breaker.placed(attempt.id)
    state.attempts[attempt.id] = attempt
    state.live_by_number[attempt.number] = attempt.id
    if config.calls_per_second:
        state.next_slot = max(now, state.next_slot) + timedelta(seconds=1 / config.calls_per_second)
    state.timers.at(now + config.ring_timeout + WATCH_MARGIN, Wake.WATCH, attempt.id)
    state.timers.at(now + config.survey_every, Wake.SURVEY, attempt.pbx)
    call_it_started(state, visit.day, now)
    state.out.placed(attempt)
    state.out.visit(visit)
    if agent is not None:
        bind(state, attempt, agent, now)
    state.streaks.placed(attempt)
    state.out.note(
        now, "attempt.placed", visit=visit, attempt=attempt, agent=attempt.agent or None, trunk=attempt.trunk
    )
    state.out.intents.append(
        Place(
            attempt=attempt.id,
            channel=trunk.config.dial_string(visit.number),
            agent=agent.extension if agent else "",
            timeout_s=config.ring_timeout.total_seconds(),
            agent_timeout_s=config.agent_timeout.total_seconds(),
            caller_id=trunk.config.caller_id,
            number=visit.number,
            pbx=attempt.pbx,
        )
    )
    return attempt


def bind(state: State, attempt: Attempt, agent: Agent, now: datetime) -> None:
    """From now on the call is the agent's, who gets no other one until it is over."""
    agent.move(AgentEvent.RESERVE, now)
    attempt.agent, agent.attempt = agent.number, attempt.id
    state.wanting.discard(agent.number)
    state.out.bound(attempt)
    state.out.agent(agent)
