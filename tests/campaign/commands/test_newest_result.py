"""A visit goes by its newest conversation; what came of an earlier one is kept with that one, and changes nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dialer.campaign.changes import NoticeKind
from dialer.campaign.commands.manual_call import ReachedAlready
from dialer.campaign.messages import CorrectNumber, EnterManualCall
from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.visit import Result, VisitState
from dialer.errors import BadInput
from tests.campaign.days import MONDAY, at, row
from tests.campaign.stepping import Room

V = VisitState
NEW = "13900009999"


def talked_twice(first: Result = Result.LATER) -> tuple[Room, Attempt, Attempt]:
    """Customer 1 was reached, called again as promised, and ordered."""
    room = Room(row(1))
    early = room.talk()
    if first is Result.WRONG_NUMBER:
        room.ask(CorrectNumber(by="records", day=MONDAY, customer="C0001", number=NEW))
    room.result(early, first, at=room.now + timedelta(minutes=10) if first is Result.LATER else None)
    room.ready()
    room.wait(minutes=11)
    late = room.talk()
    room.result(late, Result.ORDERED, order="N1")
    return room, early, late


@pytest.mark.parametrize("restarted", [False, True], ids=["running", "restarted"])
@pytest.mark.parametrize("result", Result)
@pytest.mark.parametrize("first", [Result.LATER, Result.WRONG_NUMBER], ids=["same number", "number corrected"])
def test_an_earlier_conversation_does_not_change_the_visit(first: Result, result: Result, *, restarted: bool) -> None:
    """Whatever is entered for it, now or twice: the customer has ordered, and is not called again."""
    room, early, late = talked_twice(first)
    if restarted:
        room.restart()
        room.link()
    for _ in range(2):
        room.wait(1)
        visit = room.result(early, result, at=room.now + timedelta(minutes=20), text="slow", order="N2")
        assert (visit.state, visit.result, visit.promised) == (V.REACHED, Result.ORDERED, None)
    assert room.store.attempts[early.id].result == result
    assert room.store.attempts[late.id].result == Result.ORDERED
    assert room.store.orders["N2"].attempt == early.id
    assert room.notices(NoticeKind.INVALID_NUMBER) == []
    room.ready()
    room.wait(minutes=60)
    assert room.calls() == []


def test_an_earlier_one_needs_what_its_result_needs() -> None:
    """It is kept, so it has to be whole."""
    room, early, _ = talked_twice()
    with pytest.raises(BadInput, match="needs its text"):
        room.result(early, Result.FEEDBACK)
    room.result(early, Result.FEEDBACK, text="配送太晚")
    assert len(room.notices(NoticeKind.FEEDBACK)) == 1


def test_while_the_next_conversation_goes_on() -> None:
    """It is that one whose result the visit will have."""
    room = Room(row(1))
    early = room.talk()
    room.result(early, Result.LATER, at=at(8, 10))
    room.ready()
    room.wait_until(at(8, 10))
    late = room.connect()
    room.result(late, Result.ORDERED, order="N1")
    room.result(early, Result.WRONG_NUMBER)
    room.hang_up(late)
    assert (room.visit().state, room.visit().result) == (V.REACHED, Result.ORDERED)
    assert room.store.attempts[early.id].result == Result.WRONG_NUMBER


def test_the_tenth_conversation_is_newer_than_the_ninth() -> None:
    """They go by their number, not by their names; also of a day that was read again."""
    room = Room(row(1))
    calls = []
    for _ in range(10):
        calls.append(room.talk(seconds=1))
        room.result(calls[-1], Result.LATER, at=room.now + timedelta(minutes=5))
        room.ready()
        room.wait(minutes=6)
    last = room.talk()
    room.restart()
    room.result(last, Result.NOT_NEEDED)
    room.result(calls[8], Result.LATER, at=room.now + timedelta(minutes=5))
    assert (room.visit().state, room.visit().result) == (V.REACHED, Result.NOT_NEEDED)


def test_a_wrong_number_that_was_corrected_before_a_restart() -> None:
    """It is the number of that conversation which is wrong; the corrected one is called next."""
    room = Room(row(1))
    call = room.talk()
    room.ask(CorrectNumber(by="records", day=MONDAY, customer="C0001", number=NEW))
    room.restart()
    room.result(call, Result.WRONG_NUMBER)
    assert (room.visit().state, room.visit().number) == (V.WAITING, NEW)


@pytest.mark.parametrize("restarted", [False, True], ids=["running", "restarted"])
def test_by_hand_before_a_conversation_is_no_news(*, restarted: bool) -> None:
    """Somebody rang at eight and nobody answered; the dialer reached the customer since, and promised a time."""
    room = Room(row(1))
    room.wait(minutes=5)
    call = room.talk()
    room.result(call, Result.LATER, at=at(10))
    if restarted:
        room.restart()
    early = EnterManualCall(by="900", visit=room.visit().id, who="001", at=at(8))
    with pytest.raises(ReachedAlready, match="change the result of that call"):
        room.ask(early)
    assert (room.visit().state, room.visit().promised) == (V.WAITING, at(10))
    room.ask(EnterManualCall(by="900", visit=room.visit().id, who="001", at=room.now, result=Result.NOT_NEEDED))
    assert (room.visit().state, room.visit().result) == (V.REACHED, Result.NOT_NEEDED)
