"""What every way of dialling needs: whether calls may be placed, whom to call, and placing a call."""

from __future__ import annotations

from datetime import datetime, timedelta

from dialer import callid
from dialer.campaign.calls.closing import give_up_if_spent
from dialer.campaign.calls.phones import ASK_AGAIN
from dialer.campaign.changes import Place
from dialer.campaign.day.work import call_it_started
from dialer.campaign.day_list import Day
from dialer.campaign.model.agent import Agent, AgentEvent
from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.evidence import Evidence
from dialer.campaign.model.visit import Visit, VisitEvent
from dialer.campaign.rules.breaker import BreakerState, Trunk
from dialer.campaign.rules.queue import Owner
from dialer.campaign.rules.streak import Scope
from dialer.campaign.rules.timers import WATCH_MARGIN, Wake
from dialer.campaign.state import PAUSED, State

_AT_ONCE = timedelta(milliseconds=10)
"""Calls whose slots are no further ahead go out in one step; else each step could place but one, whatever the rate."""


def may_dial(state: State, day: Day, now: datetime) -> bool:
    """Whether any call may be placed now: the service has started, a link is up, not paused, within calling hours.

    Nor for a moment after dialling has failed by a defect.
    """
    if state.rests("", now):
        return False
    return not state.held and state.link_up and PAUSED not in state.flags and day.hours.open(now)


def owners_for(agent: Agent) -> tuple[Owner, ...]:
    """The lines that an agent serves: their own, and their team's."""
    mine: Owner = ("agent", agent.number)
    return (mine, ("team", agent.team)) if agent.team else (mine,)


def next_visit(state: State, day: Day, agent: Agent, now: datetime) -> Visit | None:
    """The visit that ``agent`` should call now.

    A visit whose number or customer is in a call, or within the gap after one to the number, steps aside until they
    are free; whoever else shares the number, and whatever day the call is of. So does one that met a defect.
    """
    owners = owners_for(agent)
    while (visit := day.queue.head(owners)) is not None:
        if (call := state.in_use(visit)) is not None:
            day.queue.put_behind(visit, call.id)
        elif state.spent(visit):
            give_up_if_spent(state, visit, now)
        elif (free := state.free_at(visit.number)) is not None and free > now:
            day.queue.put(visit, now, not_before=free)
        elif (until := state.rests(visit.id, now)) is not None:
            day.queue.put(visit, now, not_before=until)
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


def trunks_for(state: State, agent: Agent, now: datetime) -> list[Trunk]:
    """The trunks of the agent's PBX with a channel for one more call.

    A call that ends brings us back to a trunk that is full, and a link that is restored to all of its PBX.
    """
    if not state.linked(agent.pbx) or agent.pbx in state.owners or state.streaks.holding(Scope.PBX, agent.pbx, now):
        return []
    ours = [trunk for trunk in state.trunks.values() if trunk.config.pbx == agent.pbx and trunk.free]
    return [trunk for trunk in ours if not state.streaks.holding(Scope.TRUNK, trunk.config.name, now)]


def way_out(
    state: State, day: Day, agent: Agent, visit: Visit, trunks: list[Trunk], now: datetime
) -> tuple[Visit, Trunk] | None:
    """Over which of ``trunks`` a call goes now, and to whom; None: dialling looks again when a pause is over.

    It is the first that takes a call, those last that the number had better not go over; and ``visit``, unless
    all are paused for numbers of its kind and not for those of another, or the call is a probe. One that fails to a
    number that was missed before says nothing, so a probe goes to the next whose number was not. Nobody is passed over
    for that who was never called: those are called in visit order.
    """

    def callable_now(other: Visit) -> bool:
        free = state.free_at(other.number)
        held = state.in_use(other) is not None or state.spent(other) or state.rests(other.id, now) is not None
        return not held and (free is None or free <= now)

    trunk = _first(trunks, visit, now)
    if trunk is None:
        for pause in (t.to(visit.number).until for t in trunks):
            if pause is not None and pause > now:
                state.timers.at(pause, Wake.DIAL)
        kinds = {kind for kind in day.kinds if any(t.takes(kind, now) for t in trunks)}
        other = kinds and day.queue.first(owners_for(agent), lambda v: v.number[:1] in kinds and callable_now(v))
        return way_out(state, day, agent, other, trunks, now) if other else None
    kind, breaker = visit.number[:1], trunk.to(visit.number)

    def suits(other: Visit) -> bool:
        alike = other.number[:1] == kind
        return alike and callable_now(other) and not (other.attempts and breaker.knows(other.number))

    if breaker.state is not BreakerState.CLOSED and not suits(visit):
        visit = day.queue.first(owners_for(agent), suits) or visit
    return visit, trunk


def _first(trunks: list[Trunk], visit: Visit, now: datetime) -> Trunk | None:
    takers = (trunk for trunk in trunks if trunk.takes(visit.number, now))
    return min(takers, key=lambda trunk: trunk.to(visit.number).fails(visit.number), default=None)


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
    trunk.to(visit.number).placed(attempt.id)
    state.attempts[attempt.id] = attempt
    state.live_by_number[attempt.number] = state.live_by_customer[attempt.customer] = attempt.id
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
    for who in (visit.id, attempt.agent):  # what was wrong with them is over, if this is committed
        state.resting.pop(who, None)
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
