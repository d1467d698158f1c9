"""A phone is called so often in a day as the rule has it, for however many customers, codes and corrections."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dialer.campaign.changes import NoticeKind
from dialer.campaign.commands.visits import NumberSpent
from dialer.campaign.messages import CorrectNumber, EnterManualCall, Promise, Reassign
from dialer.campaign.model.customer import ListRow
from dialer.campaign.model.visit import Result, VisitState
from dialer.campaign.rules.breaker import BreakerState
from dialer.campaign.views.why import Why
from tests.campaign.days import MONDAY, row
from tests.campaign.stepping import Room

V = VisitState
PHONE = row(1).number
NEW = "13900009999"


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


@pytest.mark.parametrize("restarted", [False, True])
def test_two_customers_with_one_number_share_its_calls(*, restarted: bool) -> None:
    """Issue 10, D4: five to the phone, not five each; both are told as unreached, and each says for whom it was called.

    DOMAIN.md: "The same number on two customers is flagged".
    """
    room = missed(1, 1, row(1), again(2))
    room.wait(minutes=6)
    while room.calls():
        room.miss(int(room.calls()[0][1:]))
        if restarted:
            room.restart()
            room.link()
        room.wait(minutes=6)
    assert sum(room.visit(n).counted for n in (1, 2)) == 5
    assert all(room.visit(n).counted for n in (1, 2))
    assert [room.visit(n).state for n in (1, 2)] == [V.UNREACHED, V.UNREACHED]
    assert len(room.notices(NoticeKind.UNREACHED)) == 2
    assert [room.why(n).params["customer"] for n in (1, 2)] == ["C0002", "C0001"]
    assert room.import_rows(row(1), again(2)).unchanged == 2


def test_who_shares_a_number_is_given_up_with_the_last_call_to_it() -> None:
    """And not at closing, nor when an agent is free for them."""
    room = missed(1, 4, row(1), row(2, number=PHONE, agent=None, team="A"))
    room.wait(minutes=6)
    assert room.visit(2).state is V.WAITING
    room.miss(1)
    assert room.visit(2).state is V.UNREACHED
    assert len(room.store.attempts) == 5


def test_who_shares_a_number_may_still_be_reached() -> None:
    """One is reached; the other has the calls that are left."""
    room = missed(1, 3, row(1), row(2, number=PHONE, agent=None, team="A"))
    room.wait(minutes=6)
    room.talk(1)
    room.ask(Reassign(by="leader", visit=room.visit(2).id, agent="001"))
    room.ready()
    for _ in range(2):
        room.wait(minutes=6)
        room.miss(2)
    assert (room.visit(1).state, room.visit(2).state) == (V.REACHED, V.UNREACHED)


def test_a_promise_to_a_number_that_is_spent_is_refused() -> None:
    """Its form stays open: somebody rings by hand, if at all."""
    room = missed(1, 3, row(1), row(2, number=PHONE, agent=None, team="A"))
    room.wait(minutes=6)
    call = room.talk(1)
    room.ask(Reassign(by="leader", visit=room.visit(2).id, agent="001"))
    room.ready()
    for _ in range(2):
        room.wait(minutes=6)
        room.miss(2)
    later = room.now + timedelta(minutes=30)
    with pytest.raises(NumberSpent):
        room.ask(Promise(by="leader", visit=room.visit(1).id, at=later))
    with pytest.raises(NumberSpent):
        room.result(call, Result.LATER, at=later)
    room.ask(CorrectNumber(by="x", day=MONDAY, customer="C0001", number=NEW))
    room.result(call, Result.WRONG_NUMBER)
    assert room.calls() == ["C0001"]


@pytest.mark.parametrize("restarted", [False, True])
def test_corrected_to_and_fro_a_number_has_no_more_calls(*, restarted: bool) -> None:
    """The case of issue 10: unreached after five, corrected to another number and back."""
    room = missed(1, 5)
    for number in (NEW, PHONE):
        room.pause()
        room.ask(CorrectNumber(by="x", day=MONDAY, customer="C0001", number=number))
    if restarted:
        room.restart()
        room.link()
    room.ready()
    room.wait(minutes=60)
    assert (len(room.store.attempts), room.visit(1).state) == (5, V.UNREACHED)
    assert room.notices(NoticeKind.UNREACHED) == ["unreached-1-1", "unreached-1-3"]
    assert (room.why(1).why, room.why(1).params["customer"]) == (Why.NUMBER_SPENT, "")
    room.ask(CorrectNumber(by="x", day=MONDAY, customer="C0001", number=NEW))
    assert [a.number for a in room.state.attempts.values()] == [NEW]


def test_corrected_to_and_fro_while_it_rings() -> None:
    """Each of its ends counts for the number that rang, although the count of the visit has begun anew."""
    room = Room(row(1))
    while room.calls():
        for number in (NEW, PHONE):
            room.ask(CorrectNumber(by="x", day=MONDAY, customer="C0001", number=number))
        room.miss(1)
        room.wait(minutes=6)
    assert len(room.store.attempts) == 5
    assert room.visit(1).state is V.UNREACHED


def by_hand(room: Room, n: int, *, result: Result | None = None, tries: int = 1) -> None:
    room.ask(EnterManualCall(by="900", visit=room.visit(n).id, who="001", at=room.now, result=result, tries=tries))


@pytest.mark.parametrize("restarted", [False, True])
def test_wrong_by_hand_and_corrected_back(*, restarted: bool) -> None:
    """What was dialled by hand counts for the number that was dialled, whatever the customer's number is since."""
    room = missed(1, 3)
    by_hand(room, 1, result=Result.WRONG_NUMBER, tries=3)
    room.pause()
    for number in (NEW, PHONE):
        room.ask(CorrectNumber(by="x", day=MONDAY, customer="C0001", number=number))
    if restarted:
        room.restart()
        room.link()
    room.ready()
    room.wait(minutes=60)
    assert (len(room.store.attempts), room.visit(1).state) == (3, V.UNREACHED)


def test_a_phone_that_was_dialled_by_hand_for_another_customer() -> None:
    """Four tries in vain leave one call; a corrected entry counts for what it says, and not both."""
    room = Room(row(1, agent=None, team="A"), again(2), ready=False)
    by_hand(room, 1, tries=4)
    by_hand(room, 1, tries=4)
    by_hand(room, 1, tries=3)
    assert room.visit(2).state is V.WAITING
    by_hand(room, 1, tries=5)
    assert room.visit(2).state is V.UNREACHED
    assert (room.why(2).why, room.why(2).params["customer"]) == (Why.NUMBER_SPENT, "C0001")


def test_a_limit_that_was_lowered_holds_for_who_waits() -> None:
    """The settings are read at the start: nobody is called once more before the rule is looked at."""
    room = missed(1, 3)
    room.config = replace(room.config, rule=replace(room.config.rule, attempts=3))
    room.restart()
    room.link()
    room.wait(minutes=6)
    assert (len(room.store.attempts), room.visit(1).state) == (3, V.UNREACHED)


def test_a_number_that_is_spent_is_no_probe() -> None:
    """Nor is anybody called whose number has had its calls, when another kind of number has to be found."""
    room = missed(1, 3)
    room.pause()
    room.import_rows(row(1), row(2, number="04708221234"))
    room.config = replace(room.config, rule=replace(room.config.rule, attempts=3))
    room.restart()
    breaker = room.state.trunks["trunk"].to("0")
    breaker.state, breaker.until = BreakerState.OPEN, room.now + timedelta(hours=1)
    room.link()
    room.wait(minutes=6)
    room.ready()
    assert (len(room.store.attempts), room.visit(2).state) == (3, V.WAITING)


def test_a_code_that_is_listed_again() -> None:
    """The list without the customer was a mistake; the next has both, and one phone."""
    room = missed(1, 5)
    room.import_rows(row(9))
    room.import_rows(row(1), row(9))
    room.import_rows(row(1), row(9), again(2))
    assert (room.visit(1).state, room.visit(2).state) == (V.UNREACHED, V.UNREACHED)


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
