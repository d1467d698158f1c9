"""Who was taken off the list is not called any more, whatever came before and whatever comes after."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest

from dialer.campaign.messages import CorrectNumber, EnterManualCall, Promise, Withdraw
from dialer.campaign.model.visit import NOT_ON_LIST, Result, VisitState, WithdrawnBy
from dialer.errors import Refused
from tests.campaign.commands.test_visits import ROOMS
from tests.campaign.days import MONDAY, at, row
from tests.campaign.stepping import Room, invalid, unreached
from tests.virtual.invariants import never_called_when_over

V = VisitState
NEW, NEWER = "13900009999", "13900008888"
OVER = [state for state in V if state not in (V.WAITING, V.CALLING)]


def withdraw(room: Room, reason: str = "ordered online", source: WithdrawnBy = WithdrawnBy.SYSTEM) -> None:
    room.ask(Withdraw(by="order system", visit=room.visit().id, reason=reason, source=source))


def correct(room: Room, number: str = NEW) -> None:
    room.ask(CorrectNumber(by="records", day=MONDAY, customer="C0001", number=number))


def by_hand(room: Room, result: Result | None) -> None:
    room.ask(EnterManualCall(by="900", visit=room.visit().id, who="001", at=room.now, result=result))


def promise(room: Room) -> None:
    room.ask(Promise(by="leader", visit=room.visit().id, at=room.now + timedelta(minutes=1)))


def result(room: Room, what: Result) -> None:
    """Of the last conversation, if there was one."""
    for attempt in list(room.store.attempts):
        later = room.now + timedelta(minutes=10) if what is Result.LATER else None
        room.result(attempt, what, at=later)


def wrong(room: Room) -> None:
    result(room, Result.WRONG_NUMBER)


def listed(room: Room) -> None:
    room.import_rows(row(1), row(2, team="A"))


AFTERWARDS: dict[str, tuple[Callable[[Room], object], ...]] = {
    "corrected": (correct,),
    "corrected twice": (correct, lambda room: correct(room, NEWER)),
    "promised": (promise,),
    "later": (lambda room: result(room, Result.LATER),),
    "wrong number": (wrong,),
    "corrected, and wrong": (correct, wrong),
    "wrong, and corrected": (wrong, correct),
    "wrong by hand, and corrected": (lambda room: by_hand(room, Result.WRONG_NUMBER), correct),
    "on the list": (listed,),
    "on the list with another number": (lambda room: room.import_rows(row(1, number=NEW), row(2, team="A")),),
    "off the list and on it again": (lambda room: room.import_rows(row(2, team="A")), listed),
    "nothing": (),
}


@pytest.mark.parametrize("restarted", [False, True], ids=["running", "restarted"])
@pytest.mark.parametrize("then", AFTERWARDS)
@pytest.mark.parametrize("state", V)
def test_nobody_calls_who_was_withdrawn(state: VisitState, then: str, *, restarted: bool) -> None:
    """Invariant 4, in each state and whatever follows; what does not fit may be refused, never half done."""
    room = ROOMS[state]()
    if room.visit().withdrawn_by is None:
        withdraw(room)
    for call in list(room.state.attempts.values()):
        room.hang_up(room.progress(call))
    placed = len(room.store.attempts)
    if restarted:
        room.restart()
        room.link()
    for each in AFTERWARDS[then]:
        with suppress(Refused):
            each(room)
    room.ready()
    room.wait_until(max(room.now, at(20)))
    assert len(room.store.attempts) == placed
    assert not room.store.visits[room.visit().id].open
    assert never_called_when_over(room.store.history) == []


@pytest.mark.parametrize("state", OVER)
def test_a_visit_that_is_over_stays_what_it_is(state: VisitState) -> None:
    """And keeps who withdrew it, and why."""
    room = ROOMS[state]()
    before = room.visit().withdrawn_by
    withdraw(room)
    kept = room.store.visits[room.visit().id]
    assert (kept.state, kept.reason, kept.withdrawn_by) == (state, "ordered online", before or WithdrawnBy.SYSTEM)


def test_withdrawn_while_the_number_is_wrong() -> None:
    """The correction says why nobody calls, and changes nothing."""
    room = invalid()
    withdraw(room)
    with pytest.raises(Refused, match="ordered online"):
        correct(room)
    assert (room.visit().state, room.visit().number) == (V.INVALID_NUMBER, row(1).number)


def test_withdrawn_after_the_conversation() -> None:
    """What came of it is still entered; only "later" says that nobody calls, and its form stays open."""
    room = Room(row(1))
    call = room.talk()
    withdraw(room)
    with pytest.raises(Refused, match="'later' does not fit"):
        room.result(call, Result.LATER, at=at(10))
    with pytest.raises(Refused, match="not called today"):
        room.ask(Promise(by="leader", visit=room.visit().id, at=at(10)))
    assert room.result(call, Result.ORDERED, order="N1").state is V.REACHED
    assert room.result(call, Result.WRONG_NUMBER).state is V.INVALID_NUMBER


def test_a_wrong_number_that_was_corrected_already_stays_reached() -> None:
    """It would have been called next."""
    room = Room(row(1))
    call = room.talk()
    withdraw(room)
    correct(room)
    visit = room.result(call, Result.WRONG_NUMBER)
    assert (visit.state, visit.result, visit.number) == (V.REACHED, Result.WRONG_NUMBER, NEW)


@pytest.mark.parametrize("source", [WithdrawnBy.PERSON, WithdrawnBy.SYSTEM])
@pytest.mark.parametrize("words", [NOT_ON_LIST, "", "list", "C0002"])
def test_no_words_make_a_withdrawal_a_lists(source: WithdrawnBy, words: str) -> None:
    """The reason is a text and nothing else; what a person or a system took off, no list puts back."""
    room = Room(row(1), row(2, team="A"), ready=False)
    withdraw(room, words, source)
    assert room.import_rows(row(1), row(2, team="A")).restored == []
    assert (room.visit().state, room.visit().reason) == (V.WITHDRAWN, words)


def test_the_last_word_is_not_the_lists() -> None:
    """A list drops the customer, the order system withdraws them, and the next list has them again."""
    room = Room(row(1), row(2, team="A"), ready=False)
    room.import_rows(row(2, team="A"))
    assert room.visit().withdrawn_by is WithdrawnBy.LIST
    withdraw(room, NOT_ON_LIST)
    assert room.import_rows(row(1), row(2, team="A")).restored == []
    room.ready()
    assert room.calls() == []


@pytest.mark.parametrize("before", [unreached, invalid])
def test_a_list_that_drops_who_was_called_in_vain_is_remembered(before: Callable[[], Room]) -> None:
    """A correction calls nobody who is on no list; one who is on it again is called."""
    room = before()
    room.import_rows(row(2, team="A"))
    assert (room.visit().withdrawn_by, room.visit().reason) == (WithdrawnBy.LIST, NOT_ON_LIST)
    with pytest.raises(Refused, match="not called today"):
        correct(room)
    room.import_rows(row(1), row(2, team="A"))
    assert (room.visit().withdrawn_by, room.visit().reason) == (None, "")
    room.ready()
    correct(room)
    room.wait(1)
    assert room.calls() == ["C0001"]


def test_a_list_that_is_refused_takes_nobody_off() -> None:
    """Who is over is no part of what must be confirmed, and nothing is half done."""
    room = Room(row(1), row(2), row(3))
    room.refute(1)
    before = dict(room.store.visits)
    with pytest.raises(Refused, match="withdraw 2 of 3"):
        room.import_rows(row(9, team="A"), withdraw=1)
    assert room.store.visits == before
    assert room.visit(1).withdrawn_by is None
