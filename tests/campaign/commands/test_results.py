"""What came of a conversation: entered during it or after it, and what follows."""

from __future__ import annotations

import pytest

from dialer.campaign.changes import NoticeKind
from dialer.campaign.messages import CallProgress, CorrectNumber, SetResult, Withdraw
from dialer.campaign.model.notice import GRACE
from dialer.campaign.model.visit import Result, VisitState
from dialer.errors import BadInput, Conflict, NotFound
from tests.campaign.days import MONDAY, at, row
from tests.campaign.stepping import Room

PLAIN = [Result.NOT_NEEDED, Result.REFUSED, Result.NOT_UNDERSTOOD]


@pytest.mark.parametrize("result", PLAIN)
@pytest.mark.parametrize("during", [True, False], ids=["during the call", "after the call"])
def test_a_plain_result_ends_the_visit(result: Result, during: bool) -> None:
    """DOMAIN.md, "How a call can end, for people"."""
    room = Room(row(1))
    call = room.connect()
    if during:
        room.result(call, result)
        assert room.visit().state is VisitState.CALLING
    room.wait(60)
    room.hang_up(call)
    if not during:
        room.result(call, result)
    assert (room.visit().state, room.visit().result) == (VisitState.REACHED, result)
    assert room.store.attempts[call.id].result == result


def test_ordered_needs_the_orders_number() -> None:
    """DOMAIN.md: "ordered (已订货) with the order number"."""
    room = Room(row(1))
    call = room.talk()
    with pytest.raises(BadInput, match="number of the order"):
        room.result(call, Result.ORDERED)
    room.result(call, Result.ORDERED, order="D-1", quantity="20", amount="3800")
    order = room.store.orders["D-1"]
    assert (order.attempt, order.customer, order.quantity, order.amount) == (call.id, "C0001", "20", "3800")


@pytest.mark.parametrize("stays", [True, False])
def test_another_result_says_what_becomes_of_the_order(stays: bool) -> None:
    """It stands, or it is taken back, which is on record."""
    room = Room(row(1))
    call = room.talk()
    room.result(call, Result.ORDERED, order="ＤＤ－ 1", quantity="１６")
    assert room.store.orders["DD-1"].quantity == "16"
    room.result(call, Result.ORDERED, order="DD-2")  # a correction, not a second order
    assert set(room.store.orders) == {"DD-2"}
    room.result(call, Result.NOT_NEEDED, order_stays=stays)
    assert set(room.store.orders) == ({"DD-2"} if stays else set())
    assert room.told("order.gone") == (not stays)


def test_an_order_whose_figures_are_none_is_refused() -> None:
    """Nothing is changed by it."""
    room = Room(row(1))
    call = room.talk()
    with pytest.raises(BadInput, match="quantity"):
        room.result(call, Result.ORDERED, order="DD-1", quantity="viele")
    assert (room.visit().result, room.store.orders) == (None, {})


def test_feedback_is_kept_and_passed_on() -> None:
    """DOMAIN.md: "complaint or opinion (意见, 投诉: text is kept and passed on)"."""
    room = Room(row(1))
    call = room.talk()
    with pytest.raises(BadInput, match="needs its text"):
        room.result(call, Result.FEEDBACK)
    room.result(call, Result.FEEDBACK, text="配送太晚")
    notice = next(n for n in room.store.notices.values() if n.kind is NoticeKind.FEEDBACK)
    assert (notice.text, notice.visit) == ("配送太晚", room.visit().id)


def test_the_same_feedback_sent_twice_at_once_is_passed_on_once() -> None:
    """A double click must not stop the engine: the key of a notice is unique for ever."""
    room = Room(row(1))
    call = room.talk()
    said = SetResult(by="001", attempt=call.id, result=Result.FEEDBACK, text="配送太晚")
    other = SetResult(by="001", attempt=call.id, result=Result.FEEDBACK, text="包装破损")
    room.do(said, said, other)
    texts = [n.text for n in room.store.notices.values() if n.kind is NoticeKind.FEEDBACK]
    assert texts == ["配送太晚", "包装破损"]


def test_later_is_called_again_at_the_time_that_was_promised() -> None:
    """DOMAIN.md: "the customer names the time, the agent promises it, the dialer keeps it"."""
    room = Room(row(1))
    call = room.connect()
    with pytest.raises(BadInput, match="needs the time"):
        room.result(call, Result.LATER)
    room.result(call, Result.LATER, at=at(10, 30))
    room.wait(60)
    room.hang_up(call)
    assert (room.visit().state, room.visit().due) == (VisitState.WAITING, at(10, 30))
    room.ready()
    room.wait_until(at(10, 29, 59))
    assert room.calls() == []
    room.wait(1)
    assert room.calls() == ["C0001"]


def test_later_entered_after_the_call_is_kept_too() -> None:
    """The result may come during wrap-up."""
    room = Room(row(1))
    call = room.talk()
    room.result(call, Result.LATER, at=at(10, 30))
    assert (room.visit().state, room.visit().due) == (VisitState.WAITING, at(10, 30))


@pytest.mark.parametrize("when", [at(7), at(12, 30), at(19)], ids=["over", "lunch", "evening"])
def test_a_time_that_cannot_be_kept_is_not_promised(when: object) -> None:
    """Invariant 4: no call outside calling hours."""
    room = Room(row(1))
    call = room.connect()
    with pytest.raises(BadInput, match=r"name a time"):
        room.result(call, Result.LATER, at=when)
    assert room.visit().promised is None


def test_a_time_promised_within_the_gap_is_kept_as_soon_as_the_gap_allows() -> None:
    """Invariant 2 goes before a promise: nobody's phone rings twice within the gap."""
    room = Room(row(1))
    call = room.talk()
    ended = room.now
    room.result(call, Result.LATER, at=at(8, 2))
    room.ready()
    room.wait(minutes=10)
    assert (room.live().placed_at - ended).total_seconds() == 300


def test_a_promise_that_the_conversation_outlives_is_not_lost() -> None:
    """Said "in a minute", talked for five: called again after the gap."""
    room = Room(row(1))
    call = room.connect()
    room.result(call, Result.LATER, at=at(8, 1))
    room.wait(300)
    room.hang_up(call)
    assert room.visit().state is VisitState.WAITING
    room.ready()
    room.wait(300)
    assert room.calls() == ["C0001"]


def test_a_promise_is_over_once_the_call_at_that_time_was_tried() -> None:
    """From then on it is an ordinary redial."""
    room = Room(row(1))
    call = room.talk()
    room.result(call, Result.LATER, at=at(9))
    room.ready()
    room.wait_until(at(9))
    room.miss()
    assert (room.visit().promised, room.visit().counted) == (None, 1)
    assert room.visit().due == at(9, 5)


def test_a_promise_outlives_a_failure_of_our_own_side() -> None:
    """The promise has not been kept by a call that never reached the customer's line."""
    room = Room(row(1))
    call = room.talk()
    room.result(call, Result.LATER, at=at(9))
    room.ready()
    room.wait_until(at(9))
    room.fail()
    assert room.visit().promised == at(9)
    room.wait(300)
    assert room.calls() == ["C0001"]


def back(room: Room) -> list[str]:
    """Keys of the notices that went out for nothing, and say so."""
    return room.notices(NoticeKind.TAKEN_BACK)


@pytest.mark.parametrize("instead", [None, Result.REFUSED, Result.LATER])
@pytest.mark.parametrize("left", [False, True], ids=["within the grace", "after it"])
def test_a_wrong_number_that_was_a_slip_is_taken_back(instead: Result | None, *, left: bool) -> None:
    """Within a minute nobody hears of it; whoever has been told is told again."""
    room = Room(row(1))
    call = room.talk()
    room.result(call, Result.WRONG_NUMBER)
    told = room.notices(NoticeKind.INVALID_NUMBER)
    room.wait(GRACE.total_seconds() + 1 if left else 30)
    room.result(call, instead, at=at(10, 30))
    state = VisitState.WAITING if instead is Result.LATER else VisitState.REACHED
    assert (room.visit().state, room.visit().result, room.store.attempts[call.id].result) == (state, instead, instead)
    assert (room.notices(NoticeKind.INVALID_NUMBER), back(room)) == ((told, [f"{told[0]}-back"]) if left else ([], []))
    room.result(call, Result.WRONG_NUMBER)  # it was wrong, after all
    assert room.visit().state is VisitState.INVALID_NUMBER
    assert room.notices(NoticeKind.INVALID_NUMBER)[-1].endswith("-2")


def test_a_wrong_number_taken_back_in_the_same_moment_is_nobodys_business() -> None:
    """Both come in one step."""
    room = Room(row(1))
    call = room.talk()
    room.do(*(SetResult(by="001", attempt=call.id, result=result) for result in (Result.WRONG_NUMBER, None)))
    assert (room.visit().state, room.store.notices) == (VisitState.REACHED, {})


def test_a_wrong_number_said_twice_is_told_once() -> None:
    """The second time nothing is new."""
    room = Room(row(1))
    call = room.talk()
    room.result(call, Result.WRONG_NUMBER)
    room.wait(5)
    room.result(call, Result.WRONG_NUMBER)
    assert (len(room.notices(NoticeKind.INVALID_NUMBER)), back(room)) == (1, [])


@pytest.mark.parametrize("left", [False, True], ids=["within the grace", "after it"])
def test_a_complaint_that_was_a_slip_is_taken_back(*, left: bool) -> None:
    """Or replaced by the one that was meant."""
    room = Room(row(1))
    call = room.talk()
    room.result(call, Result.FEEDBACK, text="太贵")
    first = room.notices(NoticeKind.FEEDBACK)
    assert next(iter(room.store.notices.values())).grace
    room.wait(GRACE.total_seconds() + 1 if left else 30)
    room.result(call, Result.FEEDBACK, text="太晚")
    assert len(room.notices(NoticeKind.FEEDBACK)) == 1 + left
    assert back(room) == ([f"{first[0]}-back"] if left else [])
    room.result(call, None)
    assert room.told("visit.result_gone") == 1
    assert len(room.notices(NoticeKind.FEEDBACK)) == left


def test_a_wrong_number_is_never_dialled_again() -> None:
    """DOMAIN.md: "the visit ends as invalid number with a notice of its own"."""
    room = Room(row(1))
    call = room.connect()
    room.result(call, Result.WRONG_NUMBER)
    room.hang_up(call)
    assert room.visit().state is VisitState.INVALID_NUMBER
    assert room.notices(NoticeKind.INVALID_NUMBER) == [f"invalid-number-{room.visit().id}-1"]
    room.ready()
    room.wait(minutes=60)
    assert room.calls() == []


def test_a_wrong_number_that_was_corrected_is_called_and_its_new_conversation_has_a_result_of_its_own() -> None:
    """The result of the first conversation must not condemn the corrected number."""
    room = Room(row(1))
    room.result(room.talk(), Result.WRONG_NUMBER)
    room.ask(CorrectNumber(by="test", day=MONDAY, customer="C0001", number="13800000001"))
    assert room.visit().state is VisitState.WAITING
    room.ready()
    assert room.live().number == "13800000001"
    room.talk()
    assert (room.visit().state, room.visit().result) == (VisitState.REACHED, None)
    assert len(room.notices(NoticeKind.INVALID_NUMBER)) == 1


@pytest.mark.parametrize("result_first", [True, False])
@pytest.mark.parametrize("during", [True, False], ids=["during the call", "after the call"])
def test_wrong_number_and_its_correction_may_come_in_either_order(result_first: bool, during: bool) -> None:
    """DOMAIN.md: "A corrected number puts the customer back in line today"."""
    room = Room(row(1))
    call = room.connect()
    if not during:
        room.hang_up(call)
    correction = CorrectNumber(by="001", day=MONDAY, customer="C0001", number="13800000001")
    if result_first:
        room.result(call, Result.WRONG_NUMBER)
        room.ask(correction)
    else:
        room.ask(correction)
        room.result(call, Result.WRONG_NUMBER)
    if during:
        room.hang_up(call)
    assert room.visit().state is VisitState.WAITING
    room.ready()
    room.wait(1)
    assert room.live().number == "13800000001"


def test_a_result_of_a_call_that_is_not_answered_yet_is_refused() -> None:
    """Only a conversation has a result."""
    room = Room(row(1))
    call = room.progress(1, CallProgress.RINGING)
    with pytest.raises(Conflict, match="not on the line yet"):
        room.result(call, Result.NOT_NEEDED)


def test_a_result_of_a_call_without_a_conversation_is_refused() -> None:
    """There is no such conversation."""
    room = Room(row(1))
    call = room.miss()
    with pytest.raises(NotFound, match="no conversation"):
        room.result(call, Result.NOT_NEEDED)


def test_a_result_can_be_entered_while_the_link_is_down() -> None:
    """The conversation goes on without us (PBX.md: a dialer that dies takes no conversation with it)."""
    room = Room(row(1))
    call = room.connect()
    room.cut()
    room.result(call, Result.NOT_NEEDED)
    assert room.visit().result is Result.NOT_NEEDED


def test_a_result_can_be_entered_after_a_restart() -> None:
    """The day's conversations are known again."""
    room = Room(row(1))
    call = room.talk()
    room.restart()
    room.result(call, Result.WRONG_NUMBER)
    assert room.visit().state is VisitState.INVALID_NUMBER


def test_a_conversation_with_a_customer_who_was_withdrawn_still_has_its_result() -> None:
    """The order system withdraws whoever ordered, often while they still talk; the order must not be lost."""
    room = Room(row(1))
    call = room.connect()
    room.ask(Withdraw(by="order system", visit=room.visit().id, reason="ordered online"))
    with pytest.raises(Conflict, match="'later' does not fit"):
        room.result(call, Result.LATER, at=at(9))
    room.hang_up(call)
    room.result(call, Result.ORDERED, order="D-1")
    assert (room.visit().state, room.store.orders["D-1"].attempt) == (VisitState.WITHDRAWN, call.id)


def test_a_result_can_be_changed_while_nothing_followed_from_it() -> None:
    """A slip of the hand."""
    room = Room(row(1))
    call = room.talk()
    room.result(call, Result.REFUSED)
    room.result(call, Result.NOT_NEEDED)
    assert room.store.attempts[call.id].result == Result.NOT_NEEDED


@pytest.mark.parametrize(
    ("result", "state"),
    [(Result.NOT_NEEDED, VisitState.REACHED), (Result.WRONG_NUMBER, VisitState.INVALID_NUMBER)],
)
def test_later_can_be_taken_back(result: Result, state: VisitState) -> None:
    """A slip of the hand must not ring up a customer who is done with."""
    room = Room(row(1))
    call = room.talk()
    room.result(call, Result.LATER, at=at(9))
    room.result(call, result)
    assert (room.visit().state, room.visit().promised, room.visit().due) == (state, None, None)
    room.ready()
    room.wait(minutes=120)
    assert room.calls() == []


def test_later_can_be_moved_to_another_time() -> None:
    """The customer thinks again."""
    room = Room(row(1))
    call = room.talk()
    room.result(call, Result.LATER, at=at(9))
    room.result(call, Result.LATER, at=at(10))
    assert (room.visit().state, room.visit().due) == (VisitState.WAITING, at(10))


def test_an_earlier_conversation_cannot_change_what_a_later_call_does() -> None:
    """While the customer is called again the old conversation is history."""
    room = Room(row(1))
    call = room.talk()
    room.result(call, Result.LATER, at=at(9))
    room.ready()
    room.wait_until(at(9))
    with pytest.raises(Conflict, match="does not fit"):
        room.result(call, Result.WRONG_NUMBER)
    room.miss()
    with pytest.raises(Conflict, match="does not fit"):
        room.result(call, Result.NOT_NEEDED)
