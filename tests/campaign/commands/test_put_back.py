"""A person puts a customer back on the list: on record, called in their turn, and not taken off by lists of before."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dialer.campaign.messages import CorrectNumber, PutBack, Withdraw
from dialer.campaign.model.visit import NOT_ON_LIST, Result, VisitState, WithdrawnBy
from dialer.errors import BadInput, Conflict
from tests.campaign.days import MONDAY, at, row
from tests.campaign.stepping import Room, invalid, unreached
from tests.virtual.invariants import never_called_when_over

V = VisitState
OTHERS = (row(2, team="A"), row(3, team="A"))


def withdraw(room: Room, source: WithdrawnBy = WithdrawnBy.PERSON) -> None:
    room.ask(Withdraw(by="910", visit=room.visit().id, reason="ordered online", source=source))


def put_back(room: Room, reason: str = "the order was cancelled") -> None:
    room.ask(PutBack(by="910", visit=room.visit().id, reason=reason))


@pytest.mark.parametrize("source", WithdrawnBy)
def test_who_is_put_back_is_called(source: WithdrawnBy) -> None:
    """Whoever took them off; who put them back and why is in the history."""
    room = Room(row(1), ready=False)
    withdraw(room, source)
    put_back(room)
    kept = room.store.visits[room.visit().id]
    assert (kept.state, kept.withdrawn_by, kept.reason, kept.put_back) == (V.WAITING, None, "", True)
    (entry,) = (each for each in room.store.history if each.what == "visit.put_back")
    assert (entry.visit, entry.by, entry.details["reason"]) == (kept.id, "910", "the order was cancelled")
    room.ready()
    assert room.calls() == ["C0001"]
    assert never_called_when_over(room.store.history) == []


def test_calls_that_they_had_count() -> None:
    """And the gap after the last one is kept."""
    room = Room(row(1))
    room.miss(1)
    withdraw(room)
    put_back(room)
    assert (room.visit().counted, room.visit().attempts) == (1, 1)
    assert room.state.attempts == {}
    room.wait(minutes=5)
    assert len(room.store.attempts) == 2


def test_a_number_that_was_called_out_is_not_called_again() -> None:
    """Somebody else with the same number had all its calls meanwhile: not reached, and told so."""
    room = Room(row(1), row(2, number=row(1).number), ready=False)
    withdraw(room)
    room.ready()
    for _ in range(5):
        room.miss(2)
        room.wait(minutes=6)
    put_back(room)
    assert room.visit().state is V.UNREACHED


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_reason_is_needed(reason: str) -> None:
    """Nothing is changed without one."""
    room = Room(row(1), ready=False)
    withdraw(room)
    with pytest.raises(BadInput, match="say why"):
        put_back(room, reason)
    assert room.visit().state is V.WITHDRAWN


def test_only_who_was_withdrawn_can_be_put_back() -> None:
    """Nor is anybody put back twice."""
    room = Room(row(1), ready=False)
    with pytest.raises(Conflict, match="not withdrawn"):
        put_back(room)


def test_not_while_their_phone_is_being_hung_up_on() -> None:
    """The call ends first."""
    room = Room(row(1))
    call = room.connect(1)
    withdraw(room)
    with pytest.raises(Conflict, match="still in a call"):
        put_back(room)
    room.hang_up(call)
    put_back(room)
    assert (room.visit().state, room.visit().withdrawn_by) == (V.REACHED, None)


@pytest.mark.parametrize(("result", "state"), [(Result.ORDERED, V.REACHED), (Result.LATER, V.WAITING)])
def test_what_came_of_a_conversation_before_decides(result: Result, state: VisitState) -> None:
    """Who wanted another call gets it, though the time that was promised went with the withdrawal."""
    room = Room(row(1))
    call = room.talk()
    room.result(call, result, order="N1", at=at(11) if result is Result.LATER else None)
    withdraw(room)
    put_back(room)
    assert (room.visit().state, room.visit().promised) == (state, None)


def test_not_when_the_day_is_over() -> None:
    """Nobody would call them."""
    room = Room(row(1), ready=False)
    withdraw(room)
    room.wait_until(at(20))
    with pytest.raises(Conflict, match="calling is over"):
        put_back(room)


@pytest.mark.parametrize("before", [unreached, invalid])
def test_who_was_called_in_vain_can_be_mended_again(before: Callable[[], Room]) -> None:
    """The visit stays what it was; the correction that was refused is taken."""
    room = before()
    withdraw(room)
    state = room.visit().state
    put_back(room)
    assert room.visit().state is state
    room.ask(CorrectNumber(by="910", day=MONDAY, customer="C0001", number="13900009999"))
    assert room.visit().open


def test_a_list_that_lacked_them_before_does_not_take_them_off_again() -> None:
    """It is brought in once more, with another row amended; only one that withdraws anew does so."""
    room = Room(row(1), *OTHERS, ready=False)
    room.import_rows(*OTHERS, withdraw=1)
    assert room.visit().reason == NOT_ON_LIST
    put_back(room)
    report = room.import_rows(*OTHERS)
    assert (report.stayed, report.withdrawn) == (["C0001"], [])
    assert room.visit().state is V.WAITING
    room.import_rows(row(1), *OTHERS)
    assert not room.store.visits[room.visit().id].put_back
    report = room.import_rows(*OTHERS, withdraw=1)
    assert report.withdrawn == ["C0001"]
    assert room.visit().withdrawn_by is WithdrawnBy.LIST


def test_a_preview_of_the_list_changes_nothing_of_it() -> None:
    """Who is put back stays so until the list is brought in."""
    room = Room(row(1), *OTHERS, ready=False)
    room.import_rows(*OTHERS, withdraw=1)
    put_back(room)
    room.import_rows(row(1), *OTHERS, preview=True)
    assert room.visit().put_back


def test_who_was_called_in_vain_and_put_back_stays_mendable() -> None:
    """The list still lacks them."""
    room = unreached()
    room.import_rows(*OTHERS)
    put_back(room)
    room.import_rows(*OTHERS)
    assert room.visit().withdrawn_by is None


def test_the_order_system_may_withdraw_them_anew() -> None:
    """They have ordered after all."""
    room = Room(row(1), ready=False)
    withdraw(room, WithdrawnBy.SYSTEM)
    put_back(room)
    withdraw(room, WithdrawnBy.SYSTEM)
    assert (room.visit().state, room.visit().put_back) == (V.WITHDRAWN, False)
    room.ready()
    assert room.calls() == []
