"""What is asked for a conversation: its result, or its end."""

from __future__ import annotations

from datetime import datetime

from dialer.campaign.calls.closing import hold_back, pass_on, unsay
from dialer.campaign.calls.outcome import apply_result, cancel
from dialer.campaign.changes import NoticeKind, OrderTaken
from dialer.campaign.commands.manual_call import refuse_done
from dialer.campaign.commands.visits import Withdrawn, check_promise
from dialer.campaign.day_list import Day
from dialer.campaign.messages import HangUp, SetResult
from dialer.campaign.model.attempt import Attempt, Conversation
from dialer.campaign.model.evidence import Disposition, Side
from dialer.campaign.model.visit import Result, Visit, VisitEvent, VisitState
from dialer.campaign.rules.order import read_order
from dialer.campaign.rules.result import check_complete
from dialer.campaign.state import State
from dialer.errors import Conflict, NotFound


def set_result(state: State, command: SetResult, now: datetime) -> Visit:
    """What came of a conversation; takes effect at once, or when the conversation is over.

    The visit goes by its newest conversation; what came of an earlier one is written down for that one alone.
    """
    attempt = state.attempts.get(command.attempt)
    number, newest = "", True
    if attempt is not None:
        visit = state.visit(attempt.visit)
        if attempt.connected_at is None:
            raise Conflict(f"customer {visit.customer} is not on the line yet; a result belongs to a conversation")
    else:
        day, conversation = _conversation(state, command.attempt)
        visit, number = day.visits[conversation.visit], conversation.number
        live = state.attempts.get(visit.attempt or "")
        newest = conversation == day.newest[visit.id] and (live is None or live.connected_at is None)
    order = read_order(command.order, command.quantity, command.amount)
    check_complete(command.result, order=order.number, text=command.text, promised=command.at)
    refuted = visit.state is VisitState.INVALID_NUMBER
    if newest and not (refuted and command.result is visit.result):
        _take_effect(state, command, visit, attempt, now)
    hold_back(state, visit, command.attempt, now)
    state.out.changes.results.append((command.attempt, command.result))
    if order.number:
        taken = OrderTaken(order.number, command.attempt, visit.customer, now, command.by, order.quantity, order.amount)
        state.out.changes.orders.append(taken)
    elif command.result is None or not command.order_stays:
        state.out.changes.orders_gone.append((command.attempt, now))
        state.out.note(now, "order.gone", visit=visit, attempt=attempt, by=command.by)
    if command.result is Result.FEEDBACK:
        pass_on(state, visit, command.attempt, command.text, now)
    what = "visit.result" if command.result else "visit.result_gone"
    state.out.note(
        now, what, visit=visit, attempt=attempt, by=command.by, result=command.result or "", text=command.text,
        promised=command.at.isoformat() if command.at else "", order=order.number, newest=newest,
    )  # fmt: skip
    if newest and visit.state is VisitState.REACHED:
        apply_result(state, visit, number, now)
        state.requeue(visit, now)
    return visit


def _take_effect(state: State, command: SetResult, visit: Visit, attempt: Attempt | None, now: datetime) -> None:
    """Put the result of the visit's newest conversation on the visit; ``attempt`` while that goes on.

    Raises ``Conflict`` when it does not fit what has become of the visit since.
    """
    refuse_done(visit)
    refuted = visit.state is VisitState.INVALID_NUMBER and visit.result is Result.WRONG_NUMBER and visit.hand is None
    taken_back = attempt is None and (refuted or _waits_as_promised(visit))
    withdrawn = visit.state is VisitState.WITHDRAWN
    fits = taken_back or withdrawn or visit.state is (VisitState.CALLING if attempt else VisitState.REACHED)
    if command.result is Result.LATER and visit.withdrawn_by is not None:
        raise Withdrawn(f"customer {visit.customer} was withdrawn from the list; the result 'later' does not fit")
    if not fits:
        raise Conflict(
            f"customer {visit.customer}: the visit is {visit.state}; the result '{command.result}' does not fit"
        )
    if command.result is Result.LATER and command.at is not None:
        check_promise(state, visit, command.at, now)
    if taken_back:
        visit.move(VisitEvent.SETTLE)
        visit.due = None
    if refuted:
        unsay(state, visit, NoticeKind.INVALID_NUMBER, now)
    visit.result = command.result
    visit.promised = command.at if command.result is Result.LATER else None
    state.out.visit(visit)


def _conversation(state: State, attempt: str) -> tuple[Day, Conversation]:
    for day in state.days.values():
        if attempt in day.conversations:
            return day, day.conversations[attempt]
    raise NotFound(f"there was no conversation {attempt} today; only a conversation has a result")


def _waits_as_promised(visit: Visit) -> bool:
    """Whether the last call was a conversation that ended with a promise, which can be taken back."""
    return visit.state is VisitState.WAITING and visit.result is Result.LATER and visit.last == Disposition.CONNECTED


def hang_up(state: State, command: HangUp, now: datetime) -> None:
    """End a call; not one that its agent has transferred and asks to end."""
    attempt = state.attempts.get(command.attempt)
    if attempt is None:
        raise NotFound(f"there is no call {command.attempt} now")
    if attempt.transferred_at and command.by == attempt.agent:
        raise Conflict(f"customer {attempt.customer} was transferred and is not on your phone any more")
    if attempt.evidence.answered:
        attempt.hung_up_by = attempt.hung_up_by or (Side.AGENT if command.staff == attempt.agent else Side.PBX)
    cancel(state, attempt, now, by=command.by)
