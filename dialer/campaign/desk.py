"""What people and neighbouring systems ask for. Each function checks first and changes afterwards."""

from __future__ import annotations

from datetime import datetime

from dialer.campaign.agent import Agent, AgentEvent, Presence
from dialer.campaign.changes import CalendarChange, HangUpCall, OrderTaken
from dialer.campaign.daywork import announce_late_start
from dialer.campaign.disposition import Disposition
from dialer.campaign.manual_call import refuse_done
from dialer.campaign.messages import (
    AnnounceLateStart,
    ClearAlarm,
    CorrectNumber,
    HangUp,
    PauseCampaign,
    Promise,
    RaiseAlarm,
    Reassign,
    ResumeCampaign,
    SaveAgent,
    SetCalendarDay,
    SetPresence,
    SetResult,
    Withdraw,
)
from dialer.campaign.outcome import apply_result, pass_on
from dialer.campaign.restored import accept_records
from dialer.campaign.result import check_complete
from dialer.campaign.state import PAUSED, State
from dialer.campaign.timers import Wake
from dialer.campaign.visit import Result, Visit, VisitEvent, VisitState
from dialer.errors import BadInput, Conflict, NotFound

_IN_CALL = (Presence.RINGING, Presence.ON_CALL)
_ASKED = {
    Presence.READY: AgentEvent.READY,
    Presence.PAUSED: AgentEvent.PAUSE,
    Presence.SIGNED_OUT: AgentEvent.SIGN_OUT,
}


# -- agents --------------------------------------------------------------------------------------


def save_agent(state: State, command: SaveAgent, now: datetime) -> Agent:
    """Create an agent, or change name, phone or team."""
    if not command.number or not command.extension:
        raise BadInput("an agent needs a staff number and an extension (the dial string of the phone)")
    agent = state.agents.get(command.number)
    if agent is None:
        agent = state.agents[command.number] = Agent(command.number, since=now)
    agent.name, agent.extension, agent.team = command.name, command.extension, command.team
    state.wanting.add(agent.number)
    state.out.agent(agent)
    state.out.note(now, "agent.saved", agent=agent.number, by=command.by, extension=agent.extension, team=agent.team)
    return agent


def set_presence(state: State, command: SetPresence, now: datetime) -> Agent:
    """Ready, pause or sign-out; during a call it is kept until the call is over."""
    agent = state.agent(command.agent)
    event = _ASKED.get(command.presence)
    if event is None:
        raise BadInput(f"an agent can ask for ready, paused or signed_out, not for {command.presence}")
    if agent.presence in _IN_CALL:
        agent.after_call, agent.after_reason = command.presence, command.reason
    else:
        if event is AgentEvent.SIGN_OUT and agent.presence is Presence.SIGNED_OUT:
            return agent
        if event is AgentEvent.PAUSE and agent.presence is Presence.SIGNED_OUT:
            event = AgentEvent.SIGN_IN
        agent.move(event, now)
        agent.reason = command.reason if agent.presence is Presence.PAUSED else ""
        agent.wrap_until = agent.after_call = None
        if agent.presence is Presence.READY:
            state.wanting.add(agent.number)
            state.clear_alarm(f"agent:{agent.number}", now)
    state.out.agent(agent)
    state.out.note(
        now, "agent.presence", agent=agent.number, by=command.by, asked=command.presence, reason=command.reason
    )
    return agent


# -- visits --------------------------------------------------------------------------------------


def withdraw(state: State, command: Withdraw, now: datetime) -> Visit:
    """Take a visit off the list; a phone that is ringing stops ringing, a conversation goes on."""
    visit = state.visit(command.visit)
    if visit.state is VisitState.WITHDRAWN:
        return visit
    visit.move(VisitEvent.WITHDRAW)
    visit.reason = command.reason
    visit.due = visit.promised = None
    attempt = state.attempts.get(visit.attempt or "")
    if attempt is not None and not attempt.evidence.answered:
        attempt.evidence.cancelled = True
        state.out.attempt(attempt)
        state.out.intend(HangUpCall(attempt.id, attempt.pbx))
    state.requeue(visit, now)
    state.out.visit(visit)
    state.out.note(now, "visit.withdrawn", visit=visit, by=command.by, reason=command.reason)
    return visit


def correct_number(state: State, command: CorrectNumber, now: datetime) -> Visit:
    """Today's visit of the customer gets another number and, when that helps, comes back in line.

    The limit of the rule is per number: a corrected one starts a new round. While the old number
    is being called the call is let be, and the new one is called next.
    """
    day = state.days.get(command.day)
    visit = None if day is None else day.visits.get(day.by_customer.get(command.customer, -1))
    if day is None or visit is None:
        raise NotFound(f"customer {command.customer} is not on the list of {command.day}")
    if visit.number == command.number:
        raise Conflict(f"customer {command.customer} already has the number {command.number}")
    old, before = visit.number, visit.state
    if before in (VisitState.WITHDRAWN, VisitState.OUT_OF_TIME):
        raise Conflict(f"customer {command.customer}: the visit is {before}; the number is not called today")
    if before in (VisitState.UNREACHED, VisitState.INVALID_NUMBER) and day.hours.over(now):
        raise Conflict(f"customer {command.customer}: calling is over for {command.day}; put it on a list to come")
    refuse_done(visit)
    if before not in (VisitState.CALLING, VisitState.REACHED):
        visit.move(VisitEvent.CORRECT)
        visit.hand = None
    if before is not VisitState.REACHED:
        visit.round += 1
        visit.counted = visit.failures = 0
        visit.due = visit.promised
    for other in day.renumber(visit, command.number):
        state.out.visit(other)
    visit.doubtful = False
    if before is not VisitState.CALLING:
        state.requeue(visit, now)
    state.out.visit(visit)
    state.out.note(now, "visit.number", visit=visit, by=command.by, old=old, new=command.number)
    return visit


def promise(state: State, command: Promise, now: datetime) -> Visit:
    """Keep a time that the customer named."""
    visit = state.visit(command.visit)
    check_promise(state, visit, command.at, now)
    if visit.state is VisitState.CALLING:
        raise Conflict(f"customer {visit.customer} is being called; enter the result of the call instead")
    refuse_done(visit)
    visit.move(VisitEvent.PROMISE)
    visit.promised = command.at
    visit.due = max(command.at, state.free_at(visit.number) or command.at)
    state.requeue(visit, now)
    state.out.visit(visit)
    state.out.note(now, "visit.promised", visit=visit, by=command.by, promised=command.at.isoformat())
    return visit


def check_promise(state: State, visit: Visit, at: datetime, now: datetime) -> None:
    """A promise must be one that can be kept. Raises :class:`BadInput`."""
    hours = state.days[visit.day].hours
    shown = at.astimezone(state.config.hours.zone).strftime("%Y-%m-%d %H:%M")
    if at <= now:
        raise BadInput(f"{shown} is already over; name a time to come")
    if not hours.open(at):
        raise BadInput(f"{shown} is outside the calling hours of {visit.day}; name a time within them")


def reassign(state: State, command: Reassign, now: datetime) -> Visit:
    """Deal a visit to another agent or team."""
    visit = state.visit(command.visit)
    if (command.agent is None) == (command.team is None):
        raise BadInput("name either the agent or the team that the visit goes to")
    if command.agent is not None:
        state.agent(command.agent)
    if not visit.open:
        raise Conflict(f"customer {visit.customer}: the visit is {visit.state}; there is nothing left to deal out")
    visit.agent, visit.team = command.agent, command.team
    if visit.state is VisitState.WAITING:
        state.requeue(visit, now)
    state.out.visit(visit)
    state.out.note(now, "visit.dealt", visit=visit, by=command.by, to=command.agent or command.team)
    return visit


# -- conversations -------------------------------------------------------------------------------


def set_result(state: State, command: SetResult, now: datetime) -> Visit:
    """What came of a conversation; takes effect at once, or when the conversation is over."""
    attempt = state.attempts.get(command.attempt)
    if attempt is not None:
        visit = state.visit(attempt.visit)
        if attempt.connected_at is None:
            raise Conflict(f"customer {visit.customer} is not on the line yet; a result belongs to a conversation")
    else:
        visit = _visit_of_conversation(state, command.attempt)
    refuse_done(visit)
    taken_back = attempt is None and _waits_as_promised(visit)
    withdrawn = visit.state is VisitState.WITHDRAWN
    fits = taken_back or withdrawn or visit.state is (VisitState.CALLING if attempt else VisitState.REACHED)
    if not fits or (withdrawn and command.result is Result.LATER):
        raise Conflict(
            f"customer {visit.customer}: the visit is {visit.state}; the result '{command.result}' does not fit"
        )
    check_complete(command.result, order=command.order, text=command.text, promised=command.at)
    if command.result is Result.LATER and command.at is not None:
        check_promise(state, visit, command.at, now)
    if taken_back:
        visit.move(VisitEvent.SETTLE)
        visit.due = None
    visit.result = command.result
    visit.promised = command.at if command.result is Result.LATER else None
    state.out.changes.results.append((command.attempt, command.result))
    if command.order:
        state.out.changes.orders.append(
            OrderTaken(
                command.order, command.attempt, visit.customer, now, command.by, command.quantity, command.amount
            )
        )
    if command.result is Result.FEEDBACK:
        pass_on(state, visit, command.attempt, command.text, now)
    state.out.visit(visit)
    state.out.note(
        now, "visit.result", visit=visit, attempt=attempt, by=command.by, result=command.result, text=command.text,
        promised=command.at.isoformat() if command.at else "", order=command.order,
    )  # fmt: skip
    if visit.state is VisitState.REACHED:
        conversation = state.ended.get(command.attempt)
        apply_result(state, visit, conversation.number if conversation else visit.number, now)
        state.requeue(visit, now)
    return visit


def _visit_of_conversation(state: State, attempt: str) -> Visit:
    for day in state.days.values():
        if attempt in day.conversations:
            return day.visits[day.conversations[attempt]]
    raise NotFound(f"there was no conversation {attempt} today; only a conversation has a result")


def _waits_as_promised(visit: Visit) -> bool:
    """Whether the last call was a conversation that ended with a promise, which can be taken back."""
    return visit.state is VisitState.WAITING and visit.result is Result.LATER and visit.last == Disposition.CONNECTED


def hang_up(state: State, command: HangUp, now: datetime) -> None:
    """End a call."""
    attempt = state.attempts.get(command.attempt)
    if attempt is None:
        raise NotFound(f"there is no call {command.attempt} now")
    if not attempt.evidence.answered:
        attempt.evidence.cancelled = True
        state.out.attempt(attempt)
    state.out.intend(HangUpCall(attempt.id, attempt.pbx))
    state.out.note(now, "call.hang_up", attempt=attempt, by=command.by)


# -- the campaign --------------------------------------------------------------------------------


def pause_campaign(state: State, command: PauseCampaign, now: datetime) -> None:
    """Place no new calls; calls that are up go on."""
    state.set_flag(PAUSED, f"{command.by}: {command.reason}" if command.reason else command.by)
    state.out.note(now, "campaign.paused", by=command.by, reason=command.reason)


def resume_campaign(state: State, command: ResumeCampaign, now: datetime) -> None:
    """Go on placing calls. Raises :class:`Conflict` too soon after the records were restored."""
    accept_records(state, command.by, now)
    if PAUSED in state.flags:
        state.set_flag(PAUSED, "")
        state.out.note(now, "campaign.resumed", by=command.by)


def late_start(state: State, command: AnnounceLateStart, now: datetime) -> None:
    """Tell the departments on today's list that calling starts late."""
    day = state.today(now)
    if day is None or not day.visits:
        raise Conflict("there is no visit list for today, so there is nobody to tell")
    if not announce_late_start(state, day, command.text, now):
        raise Conflict("the departments have already been told today")


def raise_alarm(state: State, command: RaiseAlarm, now: datetime) -> None:
    """Something needs a person."""
    state.raise_alarm(command.key, command.text, now)


def clear_alarm(state: State, command: ClearAlarm, now: datetime) -> None:
    """What the alarm was about is over."""
    state.clear_alarm(command.key, now)


def set_calendar_day(state: State, command: SetCalendarDay, now: datetime) -> None:
    """Make a day off a working day or the other way round; takes effect at once."""
    state.out.changes.calendar.append(CalendarChange(command.day, command.working, command.name))
    day = state.days.get(command.day)
    if day is not None:
        calendar = None if command.working is None else (command.working, command.name)
        day.hours = state.config.hours.on(command.day, calendar)
        state.timers.at(now, Wake.HOURS, command.day.isoformat())
    state.out.note(now, "calendar.set", by=command.by, date=command.day.isoformat(), working=command.working)
