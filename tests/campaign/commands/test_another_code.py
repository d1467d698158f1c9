"""A list that gives a customer another code does not give the phone another five calls."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dialer.campaign.changes import NoticeKind
from dialer.campaign.messages import CorrectNumber, Promise
from dialer.campaign.model.customer import ListRow
from dialer.campaign.model.visit import VisitState
from dialer.campaign.views.why import Why
from tests.campaign.days import MONDAY, row
from tests.campaign.stepping import Room

V = VisitState
PHONE = row(1).number


def missed(n: int, times: int, *rows: ListRow) -> Room:
    """Customer ``n`` was called so many times and never answered; the others wait."""
    room = Room(*rows or (row(1),))
    for nth in range(times):
        room.wait(minutes=6 if nth else 0)
        room.miss(n)
    return room


def again(code: int) -> ListRow:
    """The first customer's row with another code."""
    return row(code, number=PHONE)


@pytest.mark.parametrize("restarted", [False, True])
def test_a_phone_that_was_called_five_times_is_called_no_more(*, restarted: bool) -> None:
    """Section 七 (二) 1 is about a telephone that nobody answers; who must know is told under the right code, too."""
    room = missed(1, 5)
    room.import_rows(again(2))
    if restarted:
        room.restart()
        room.link()
    room.wait(minutes=60)
    assert room.visit(2).state is V.UNREACHED
    assert len(room.store.attempts) == 5
    assert room.notices(NoticeKind.UNREACHED) == ["unreached-1-1", "unreached-2-1"]
    assert (room.why(2).why, room.why(2).params) == (Why.NUMBER_SPENT, {"customer": "C0001", "counted": 0})


@pytest.mark.parametrize("restarted", [False, True])
def test_calls_under_the_code_before_count(*, restarted: bool) -> None:
    """Three calls under one code leave two for the other."""
    room = missed(1, 3)
    room.import_rows(again(2))
    if restarted:
        room.restart()
        room.link()
    for _ in range(2):
        room.wait(minutes=6)
        room.miss(2)
    room.wait(minutes=60)
    assert room.visit(2).state is V.UNREACHED
    assert len(room.store.attempts) == 5
    assert room.why(2).params == {"customer": "C0001", "counted": 2}


def test_codes_may_change_more_than_once() -> None:
    """Whatever a customer was called, the phone is one."""
    room = missed(1, 5)
    room.import_rows(again(2))
    room.import_rows(again(3))
    assert room.visit(3).state is V.UNREACHED
    assert room.why(3).params["customer"] == "C0002"


def test_two_customers_of_one_list_are_two() -> None:
    """DOMAIN.md: "The same number on two customers is flagged"; each is a customer, and the gap is between them."""
    room = missed(1, 1, row(1), again(2))
    room.wait(minutes=6)
    while room.calls():
        room.miss(int(room.calls()[0][1:]))
        room.wait(minutes=6)
    assert [room.visit(n).counted for n in (1, 2)] == [5, 5]
    assert room.import_rows(row(1), again(2)).unchanged == 2


def test_a_code_that_is_listed_again_counts_for_itself() -> None:
    """A list without the customer was a mistake; the next has both, and they are two customers."""
    room = missed(1, 5)
    room.import_rows(row(9))
    room.import_rows(row(1), row(9))
    room.import_rows(row(1), row(9), again(2))
    assert (room.visit(1).state, room.visit(2).open) == (V.UNREACHED, True)


def test_a_row_that_could_not_be_read_may_be_the_other_customer() -> None:
    """Who is perhaps still on the list is not taken for gone."""
    room = missed(1, 5)
    room.import_rows(again(2), skip_bad=True)
    other = missed(1, 5)
    bad = replace(row(1), agent="009")
    other.import_rows(again(2), bad, skip_bad=True)
    assert (room.visit(2).state, other.visit(2).open) == (V.UNREACHED, True)


def test_a_preview_gives_nobody_up() -> None:
    """It changes nothing."""
    room = missed(1, 5)
    visits = dict(room.store.visits)
    room.import_rows(again(2), preview=True)
    assert not room.changes
    assert room.store.visits == visits


def test_who_asked_for_another_call_gets_it() -> None:
    """A promise is kept, and who answered and was abandoned is called again."""
    room = missed(1, 4)
    room.import_rows(again(2))
    at = room.now + timedelta(minutes=30)
    room.ask(Promise(by="leader", visit=room.visit(2).id, at=at))
    assert room.import_rows(again(2), row(9, agent=None, team="A")).unchanged == 1
    room.wait_until(at)
    room.abandon(2)
    assert (room.visit(2).open, room.visit(2).first) == (True, True)


def test_a_corrected_number_is_called() -> None:
    """Given up for its number, and brought back by another one."""
    room = missed(1, 5)
    room.import_rows(again(2))
    room.ask(CorrectNumber(by="x", day=MONDAY, customer="C0002", number="13900009999"))
    assert (room.visit(2).open, room.visit(2).reason) == (True, "")
    room.ask(CorrectNumber(by="x", day=MONDAY, customer="C0002", number=PHONE))
    room.miss(2)
    assert room.visit(2).state is V.UNREACHED
