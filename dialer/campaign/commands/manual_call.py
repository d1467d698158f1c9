"""What people did by hand while the machine could not call, entered afterwards (应急处理).

A visit done by hand is not called by the dialer any more. An entry can be made again and corrected: the last one holds.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from dialer.campaign.calls.closing import give_up_sharers, hold_back, notify, pass_on, unsay
from dialer.campaign.changes import NoticeKind
from dialer.campaign.messages import EnterManualCall
from dialer.campaign.model.visit import ManualCall, Result, Visit, VisitEvent, VisitState
from dialer.campaign.rules.order import read_order
from dialer.campaign.rules.result import Incomplete, check_complete
from dialer.campaign.state import State
from dialer.clock import on_clock
from dialer.errors import BadInput, Conflict

MOST_TRIES = 20
_CLOCKS_APART = timedelta(minutes=2)
_TOLD = {
    VisitState.UNREACHED: NoticeKind.UNREACHED,
    VisitState.INVALID_NUMBER: NoticeKind.INVALID_NUMBER,
    VisitState.OUT_OF_TIME: NoticeKind.OUT_OF_TIME,
}


class BeingCalled(Conflict):
    """The dialer is calling this customer just now; nothing was changed."""

    code = "being-called"


class CalledManually(Conflict):
    """This customer was done by hand; the dialer does not call them any more today."""

    code = "done-by-hand"


class ReachedAlready(Conflict):
    """A call of the dialer has reached this customer."""

    code = "reached-already"


class Unfit(BadInput):
    """Something in the entry does not fit; ``code`` says what."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def refuse_done(visit: Visit) -> None:
    """Nothing may bring a visit back in line that was done by hand, but another number for a wrong one.

    Whoever found it to be wrong. Raises :class:`CalledManually`.
    """
    if visit.hand is not None and visit.state is not VisitState.INVALID_NUMBER:
        raise CalledManually(
            f"customer {visit.customer} was done by hand by {visit.hand.who}; correct what was entered"
        )


def enter_manual_call(state: State, command: EnterManualCall, now: datetime) -> Visit:
    """What somebody did by hand for one customer; the same entry again changes nothing.

    Raises :class:`BeingCalled`, :class:`ReachedAlready`, ``Conflict`` for a visit that was withdrawn, :class:`Unfit`.
    """
    visit = state.visit(command.visit)
    slip = visit.hand is not None and visit.hand.result is Result.WRONG_NUMBER and not visit.hand.found_wrong
    work = ManualCall(
        who=command.who.strip(), at=command.at, tries=command.tries, result=command.result, text=command.text.strip(),
        order=read_order(command.order).number, promised=command.promised, entered_by=command.by,
        found_wrong=visit.state is VisitState.INVALID_NUMBER and not slip, number=visit.number,
    )  # fmt: skip
    if visit.hand is not None and visit.hand.same(work):
        return visit
    _check(state, visit, work, now)
    before, event = visit.state, _event(work, slip=slip)
    if before is VisitState.CALLING:
        raise BeingCalled(
            f"customer {visit.customer} is being called by the dialer just now; enter it when that call is over"
        )
    talked = state.days[visit.day].newest.get(visit.id)
    later = talked is not None and work.at < talked.ended_at.replace(second=0, microsecond=0)  # entered to the minute
    if visit.hand is None and (before is VisitState.REACHED or later):
        raise ReachedAlready(
            f"customer {visit.customer} was reached by a call of the dialer; change the result of that call"
        )
    visit.move(event)
    entered = visit.hand is not None  # so that what was told was a person's word
    if entered and visit.state is not before and before in _TOLD:
        unsay(state, visit, _TOLD[before], now)
    elif visit.state is not before and before in _TOLD:
        visit.round += 1  # what was told of the old round stays true of it
        visit.counted = visit.failures = 0
    told = visit.hand is not None and (visit.hand.result, visit.hand.text) == (work.result, work.text)
    visit.hand, visit.result = work, work.result
    day = state.days[visit.day]
    day.tally.enter(visit)
    state.called_manually(work.number, work.at, now)
    visit.due = visit.promised = None
    visit.first = False
    kind = _TOLD.get(visit.state)
    if kind is not None and visit.state is not before:
        notify(state, visit, kind, now, grace=True)
    if not told:
        hold_back(state, visit, f"by-hand-{visit.id}", now)
    if work.result is Result.FEEDBACK and not told:
        pass_on(state, visit, f"by-hand-{visit.id}", work.text, now)
    give_up_sharers(state, day, work.number, now)
    state.changed(
        visit, now, "visit.by_hand", by=command.by, who=work.who, dialled_at=work.at.isoformat(),
        tries=work.tries, result=work.result or "", text=work.text, order=work.order,
        promised=work.promised.isoformat() if work.promised else "",
    )  # fmt: skip
    return visit


def _event(work: ManualCall, *, slip: bool) -> VisitEvent:
    """``slip``: the number is wrong by an entry by hand alone, which another entry takes back."""
    if work.result is None:
        return VisitEvent.HAND_RETRACT if slip else VisitEvent.HAND_MISS
    return VisitEvent.HAND_REFUTE if work.result is Result.WRONG_NUMBER else VisitEvent.HAND_REACH


def _check(state: State, visit: Visit, work: ManualCall, now: datetime) -> None:
    shown = on_clock(work.at, state.config.hours.zone).strftime("%Y-%m-%d %H:%M")
    if not work.who:
        raise Unfit("who-missing", "say who dialled: a staff number or a name")
    for name, text, most in (("who dialled", work.who, 200), ("the text", work.text, 2000)):
        if len(text) > most:
            raise Unfit("text-too-long", f"{name}: {len(text)} characters are too long; write at most {most}")
    if not 1 <= work.tries <= MOST_TRIES:
        raise Unfit("tries-unfit", f"the number of calls made by hand must be from 1 to {MOST_TRIES}, not {work.tries}")
    if work.at > now + _CLOCKS_APART:
        raise Unfit("time-to-come", f"{shown} is still to come; enter what was done when it has been done")
    if state.config.hours.day_of(work.at) != visit.day:
        raise Unfit("other-day", f"{shown} is not on {visit.day}, the day of the visit")
    ahead = state.config.promise_ahead
    if work.promised is not None and work.promised - now > ahead:
        raise Unfit("promise-far", f"{work.promised:%Y-%m-%d} is too far ahead; name a time within {ahead.days} days")
    if work.promised is not None and work.promised <= work.at:
        shown = on_clock(work.promised, state.config.hours.zone).strftime("%Y-%m-%d %H:%M")
        raise Unfit("promise-over", f"{shown} is before the call in which it was promised; name a time after it")
    try:
        check_complete(work.result, order=work.order, text=work.text, promised=work.promised)
    except Incomplete as error:
        raise Unfit(f"{error.need}-missing", str(error)) from error
