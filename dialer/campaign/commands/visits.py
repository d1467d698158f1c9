"""What is asked for a visit."""

from __future__ import annotations

from datetime import datetime

from dialer.campaign.calls.closing import give_up_if_spent
from dialer.campaign.calls.outcome import cancel
from dialer.campaign.commands.manual_call import refuse_done
from dialer.campaign.messages import CorrectNumber, Promise, PutBack, Reassign, Withdraw
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.visit import Result, Visit, VisitEvent, VisitState, WithdrawnBy
from dialer.campaign.rules.tally import by_hand
from dialer.campaign.state import State
from dialer.clock import on_clock
from dialer.errors import BadInput, Conflict, NotFound


class Withdrawn(Conflict):
    """This customer was taken off the list; the dialer does not call them any more today."""

    code = "withdrawn"


class NumberSpent(Conflict):
    """This number has had all the calls that the rule allows in a day."""

    code = "number-spent"


def withdraw(state: State, command: Withdraw, now: datetime) -> Visit:
    """Take a visit off the list; a phone that is ringing stops ringing, a conversation goes on.

    One that is over stays what it is, and nothing brings it back in line any more. Whom a list has taken off already,
    no list puts back any more.
    """
    visit = state.visit(command.visit)
    if visit.withdrawn_by not in (None, WithdrawnBy.LIST):
        return visit
    if visit.open:
        visit.move(VisitEvent.WITHDRAW)
    visit.withdrawn_by, visit.reason, visit.put_back = command.source, command.reason, False
    visit.due = visit.promised = None
    attempt = state.attempts.get(visit.attempt or "")
    if attempt is not None and not attempt.evidence.answered:
        cancel(state, attempt, now, by=command.by)
    state.changed(visit, now, "visit.withdrawn", by=command.by, reason=command.reason, source=command.source)
    return visit


def put_back(state: State, command: PutBack, now: datetime) -> Visit:
    """Undo a withdrawal, whoever's it was: who waited is called again in their turn, calls that they had count.

    Who was talking meanwhile is reached. One that is over stays what it is, and may be mended again as if it had not
    been withdrawn. No list that still lacks the customer takes them off; the order system and people may. Raises
    :class:`BadInput` without a reason, and :class:`Conflict` for who was not withdrawn, is still in a call, or whose
    day is over.
    """
    visit = state.visit(command.visit)
    if not command.reason.strip():
        raise BadInput("say why the customer is put back on the list")
    if visit.withdrawn_by is None:
        raise Conflict(f"customer {visit.customer} was not withdrawn from the list")
    if visit.attempt is not None:
        raise Conflict(f"customer {visit.customer} is still in a call; put them back when it is over")
    if visit.state is VisitState.WITHDRAWN:
        if state.days[visit.day].hours.over(now):
            raise Conflict(f"customer {visit.customer}: calling is over for {visit.day}; put them on a list to come")
        visit.move(VisitEvent.CONNECT if _talked(visit) else VisitEvent.RESTORE)
    visit.withdrawn_by, visit.reason, visit.put_back = None, "", True
    give_up_if_spent(state, visit, now)
    state.changed(visit, now, "visit.put_back", by=command.by, reason=command.reason)
    return visit


def _talked(visit: Visit) -> bool:
    """Whether the last call was a conversation after which nobody is to be called again."""
    return visit.last == Disposition.CONNECTED and visit.result not in (Result.LATER, Result.WRONG_NUMBER)


def refuse_withdrawn(visit: Visit) -> None:
    """Nothing brings a visit back in line that was taken off the list. Raises :class:`Withdrawn`."""
    if visit.withdrawn_by is not None:
        raise Withdrawn(
            f"customer {visit.customer} was withdrawn from the list and is not called today ({visit.reason or '-'})"
        )


def correct_number(state: State, command: CorrectNumber, now: datetime) -> Visit:
    """Today's visit of the customer gets another number and, when that helps, comes back in line.

    A corrected number starts a new round; calls that the new one has had today count all the same. While the old
    number is being called the call is let be, and the new one is called next.
    """
    day = state.days.get(command.day)
    visit = None if day is None else day.visit_of(command.customer)
    if day is None or visit is None:
        raise NotFound(f"customer {command.customer} is not on the list of {command.day}")
    if visit.number == command.number:
        raise Conflict(f"customer {command.customer} already has the number {command.number}")
    old, before = visit.number, visit.state
    if before is not VisitState.REACHED:
        refuse_withdrawn(visit)
    if before is VisitState.OUT_OF_TIME:
        raise Conflict(f"customer {command.customer}: the visit is {before}; the number is not called today")
    if before in (VisitState.UNREACHED, VisitState.INVALID_NUMBER) and day.hours.over(now):
        raise Conflict(f"customer {command.customer}: calling is over for {command.day}; put it on a list to come")
    refuse_done(visit)
    if before not in (VisitState.CALLING, VisitState.REACHED):
        visit.move(VisitEvent.CORRECT)
        visit.hand_before = tuple(by_hand(visit))
        visit.hand, visit.called_as = None, ""
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
    refuse_withdrawn(visit)
    visit.move(VisitEvent.PROMISE)
    visit.promised = command.at
    visit.due = max(command.at, state.free_at(visit.number) or command.at)
    state.changed(visit, now, "visit.promised", by=command.by, promised=command.at.isoformat())
    return visit


def check_ahead(state: State, at: datetime, now: datetime) -> None:
    """A promise is made for a time that somebody will look at. Raises :class:`BadInput`."""
    most = state.config.promise_ahead
    if at - now > most:
        raise BadInput(f"{at:%Y-%m-%d} is too far ahead; name a time within {most.days} days")


class PromiseOver(BadInput):
    """A promised time must be one to come."""

    code = "promise-over"


class PromiseClosed(BadInput):
    """A promised time must be within the calling hours."""

    code = "promise-closed"


def check_promise(state: State, visit: Visit, at: datetime, now: datetime) -> None:
    """A promise must be one that can be kept. Raises :class:`BadInput` or :class:`NumberSpent`."""
    hours = state.days[visit.day].hours
    check_ahead(state, at, now)
    shown = on_clock(at, state.config.hours.zone).strftime("%Y-%m-%d %H:%M")
    if at <= now:
        raise PromiseOver(f"{shown} is already over; name a time to come")
    if not hours.open(at):
        raise PromiseClosed(f"{shown} is outside the calling hours of {visit.day}; name a time within them")
    if state.spent(visit):
        raise NumberSpent(
            f"the number {visit.number} was called as often today as the rule allows; the dialer does not call it again"
        )


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
