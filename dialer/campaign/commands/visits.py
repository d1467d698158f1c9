"""What is asked for a visit."""

from __future__ import annotations

from datetime import datetime

from dialer.campaign.calls.closing import give_up_if_spent
from dialer.campaign.calls.outcome import cancel
from dialer.campaign.commands.manual_call import refuse_done
from dialer.campaign.messages import CorrectNumber, Promise, Reassign, Withdraw
from dialer.campaign.model.visit import NOT_ON_LIST, Visit, VisitEvent, VisitState
from dialer.campaign.state import State
from dialer.errors import BadInput, Conflict, NotFound


def withdraw(state: State, command: Withdraw, now: datetime) -> Visit:
    """Take a visit off the list; a phone that is ringing stops ringing, a conversation goes on.

    Whom a list has taken off already, no list puts back any more.
    """
    visit = state.visit(command.visit)
    if visit.state is not VisitState.WITHDRAWN:
        visit.move(VisitEvent.WITHDRAW)
    elif visit.reason != NOT_ON_LIST:
        return visit
    visit.reason = command.reason
    visit.due = visit.promised = None
    attempt = state.attempts.get(visit.attempt or "")
    if attempt is not None and not attempt.evidence.answered:
        cancel(state, attempt, now, by=command.by)
    state.changed(visit, now, "visit.withdrawn", by=command.by, reason=command.reason)
    return visit


def correct_number(state: State, command: CorrectNumber, now: datetime) -> Visit:
    """Today's visit of the customer gets another number and, when that helps, comes back in line.

    The limit of the rule is per number: a corrected one starts a new round. While the old number
    is being called the call is let be, and the new one is called next.
    """
    day = state.days.get(command.day)
    visit = None if day is None else day.visit_of(command.customer)
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
        visit.hand, visit.reason = None, ""
    if before is not VisitState.REACHED:
        visit.round += 1
        visit.counted = visit.failures = 0
        visit.due = visit.promised
    for other in day.renumber(visit, command.number):
        state.out.visit(other)
    visit.doubtful = False
    give_up_if_spent(state, visit, now)
    state.changed(visit, now, "visit.number", by=command.by, old=old, new=command.number)
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
    state.changed(visit, now, "visit.promised", by=command.by, promised=command.at.isoformat())
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
    state.changed(visit, now, "visit.dealt", by=command.by, to=command.agent or command.team)
    return visit
