"""What people and neighbouring systems ask for, in every state in which they may ask."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from dialer.campaign.changes import HangUpCall, NoticeKind, Place
from dialer.campaign.messages import (
    CallProgress,
    CorrectNumber,
    EnterManualCall,
    LinkRestored,
    Promise,
    Reassign,
    Withdraw,
)
from dialer.campaign.model.agent import Presence
from dialer.campaign.model.visit import Result, VisitState
from dialer.errors import BadInput, Conflict, NotFound
from tests.campaign.days import MONDAY, at, row
from tests.campaign.stepping import Room, invalid, unreached

V, P = VisitState, Presence
NEW = "13800000001"
TUESDAY = MONDAY + timedelta(days=1)


def waiting() -> Room:
    return Room(row(1), ready=False)


def calling() -> Room:
    return Room(row(1))


def reached() -> Room:
    room = Room(row(1))
    room.talk()
    return room


def withdrawn() -> Room:
    room = Room(row(1), ready=False)
    withdraw(room)
    return room


def out_of_time() -> Room:
    room = Room(row(1), ready=False)
    room.wait_until(at(18))
    return room


ROOMS: dict[VisitState, Callable[[], Room]] = {
    V.WAITING: waiting,
    V.CALLING: calling,
    V.REACHED: reached,
    V.UNREACHED: unreached,
    V.INVALID_NUMBER: invalid,
    V.WITHDRAWN: withdrawn,
    V.OUT_OF_TIME: out_of_time,
}


def withdraw(room: Room, n: int = 1) -> None:
    room.ask(Withdraw(by="order system", visit=room.visit(n).id, reason="ordered online"))


def correct(room: Room, n: int = 1, number: str = NEW) -> None:
    room.ask(CorrectNumber(by="records", day=MONDAY, customer=f"C{n:04}", number=number))


@pytest.mark.parametrize("state", VisitState)
def test_each_state_can_be_reached(state: VisitState) -> None:
    """The rooms of these tests are what they say."""
    assert ROOMS[state]().visit().state is state


# -- withdrawing -----------------------------------------------------------------------------------


@pytest.mark.parametrize("state", VisitState)
def test_withdraw_in_every_state(state: VisitState) -> None:
    """DOMAIN.md: "a customer has ordered online, take it off the list"; what is finished stays what it is."""
    room = ROOMS[state]()
    if state in (V.WAITING, V.CALLING):
        withdraw(room)
        assert (room.visit().state, room.visit().reason) == (V.WITHDRAWN, "ordered online")
    elif state is V.WITHDRAWN:
        told = room.told("visit.withdrawn")
        withdraw(room)
        assert room.told("visit.withdrawn") == told
    else:
        withdraw(room)
        assert (room.visit().state, room.visit().reason) == (state, "ordered online")


def test_a_withdrawn_customer_is_not_called() -> None:
    """Invariant 4."""
    room = waiting()
    withdraw(room)
    room.ready()
    room.wait(minutes=30)
    assert room.calls() == []


OFF: dict[str, Callable[[Room], object]] = {
    "withdrawn": withdraw,
    "off the list": lambda room: room.import_rows(row(2, team="A")),
    "reached by hand": lambda room: by_hand(room, Result.ORDERED),
    "not reached by hand": lambda room: by_hand(room, None),
    "wrong by hand": lambda room: by_hand(room, Result.WRONG_NUMBER),
}
"""Every way in which a person or a system says of a customer who waits that nobody is to call them any more."""


def by_hand(room: Room, result: Result | None) -> None:
    """Somebody has called customer 1 by hand."""
    order = "N1" if result is Result.ORDERED else ""
    room.ask(EnterManualCall(by="x", visit=room.visit().id, who="x", at=room.now, result=result, order=order))


@pytest.mark.parametrize("way", OFF)
@pytest.mark.parametrize("since", [0.0, 299.9, 301.0], ids=["at once", "just before", "no agent since it was due"])
def test_who_is_taken_off_while_waiting_for_a_redial_is_not_called(way: str, since: float) -> None:
    """Whenever it happens; and not after a restart either."""
    room = Room(row(1), row(2, team="A"))
    room.miss(1)
    if since > 300:
        room.pause()
    room.wait(since)
    OFF[way](room)
    assert not room.visit().open
    room.ready()
    assert not [i for i in room.wait(minutes=60) if isinstance(i, Place)]
    room.restart()
    room.do(LinkRestored(room.now, ()))
    assert not [i for i in room.wait(minutes=60) if isinstance(i, Place)]


def test_a_withdrawn_customers_phone_stops_ringing() -> None:
    """And the agent is free for the next one."""
    room = Room(row(1), row(2))
    call = room.progress(1, CallProgress.RINGING)
    withdraw(room)
    assert room.intents == [HangUpCall(call.id)]
    room.progress(call, CallProgress.RESPONDED, reason=0)
    room.hang_up(call, sip=None)
    room.wait(1)
    assert room.calls() == ["C0002"]


def test_a_visit_that_is_not_there_cannot_be_withdrawn() -> None:
    """NotFound, and nothing happens."""
    with pytest.raises(NotFound, match="no visit 77"):
        Room().ask(Withdraw(by="test", visit=77, reason=""))


# -- numbers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [V.WAITING, V.UNREACHED, V.INVALID_NUMBER])
def test_a_corrected_number_puts_the_customer_back_in_line(state: VisitState) -> None:
    """DOMAIN.md: "A corrected number puts the customer back in line today"; the count starts anew with it."""
    room = ROOMS[state]()
    correct(room)
    visit = room.visit()
    assert (visit.number, visit.round, visit.counted, visit.failures) == (NEW, 2, 0, 0)
    room.ready()
    room.wait(1)
    assert room.live().number == NEW


def test_a_number_corrected_while_the_old_one_is_called_is_called_next() -> None:
    """The call to the old number is let be, and its end is not charged to the new one."""
    room = calling()
    correct(room)
    assert room.live().number == "13900000001"
    assert room.visit().state is V.CALLING
    room.refute()
    assert (room.visit().state, room.visit().counted) == (V.WAITING, 0)
    assert room.notices(NoticeKind.INVALID_NUMBER) == []
    room.wait(1)
    assert room.live().number == NEW


def test_a_customer_who_answers_the_old_number_is_reached() -> None:
    """Although it was corrected meanwhile."""
    room = calling()
    correct(room)
    room.talk()
    assert room.visit().state is V.REACHED


def test_a_number_corrected_after_the_conversation_calls_nobody() -> None:
    """The customer was reached; the number is for another day."""
    room = reached()
    correct(room)
    assert (room.visit().state, room.visit().number, room.visit().round) == (V.REACHED, NEW, 1)
    room.ready()
    room.wait(minutes=30)
    assert room.calls() == []


@pytest.mark.parametrize("state", [V.WITHDRAWN, V.OUT_OF_TIME])
def test_a_number_of_a_visit_that_is_over_is_not_called_today(state: VisitState) -> None:
    """It says so instead of pretending."""
    room = ROOMS[state]()
    with pytest.raises(Conflict, match="not called today"):
        correct(room)


@pytest.mark.parametrize("state", [V.UNREACHED, V.INVALID_NUMBER])
def test_a_number_corrected_after_closing_does_not_wait_for_ever(state: VisitState) -> None:
    """Nobody would ever call or close the visit."""
    room = ROOMS[state]()
    room.wait_until(at(18, 30))
    with pytest.raises(Conflict, match="calling is over"):
        correct(room)
    assert room.visit().state is state


def test_the_same_number_is_no_correction() -> None:
    """The limit of five belongs to the number and cannot be talked away."""
    room = unreached()
    with pytest.raises(Conflict, match="already has the number"):
        correct(room, number=room.visit().number)


def test_a_customer_who_is_not_on_the_list_has_no_number_to_correct() -> None:
    """Nor on a day that has no list."""
    room = waiting()
    with pytest.raises(NotFound, match="not on the list"):
        correct(room, n=2)
    with pytest.raises(NotFound, match="not on the list"):
        room.ask(CorrectNumber(by="records", day=TUESDAY, customer="C0001", number=NEW))


def test_a_promise_survives_a_corrected_number() -> None:
    """The customer named the time, whatever the number."""
    room = waiting()
    room.ask(Promise(by="test", visit=room.visit().id, at=at(10)))
    correct(room)
    assert (room.visit().promised, room.visit().due) == (at(10), at(10))


def test_a_number_that_becomes_shared_is_flagged_on_both() -> None:
    """DOMAIN.md: "The same number on two customers is flagged"; and no longer when it is shared no more."""
    room = Room(row(1), row(2), ready=False)
    correct(room, 1, room.visit(2).number)
    assert [room.visit(n).shared for n in (1, 2)] == [True, True]
    assert [v.shared for v in room.store.visits.values()] == [True, True]
    correct(room, 1, NEW)
    assert [v.shared for v in room.store.visits.values()] == [False, False]


# -- promises --------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", VisitState)
def test_a_time_promised_in_every_state(state: VisitState) -> None:
    """Issue: 'Promised times ("call me at 10:30")'; a reached customer may call back and ask for it."""
    room = ROOMS[state]()
    when = at(10, 30)
    if state in (V.WAITING, V.REACHED):
        room.ask(Promise(by="test", visit=room.visit().id, at=when))
        assert (room.visit().state, room.visit().promised) == (V.WAITING, when)
        room.ready()
        room.wait_until(when)
        assert room.calls() == ["C0001"]
    else:
        with pytest.raises((Conflict, BadInput)):
            room.ask(Promise(by="test", visit=room.visit().id, at=when))
        assert room.visit().state is state


def test_a_time_within_the_gap_waits_for_the_gap() -> None:
    """Invariant 2."""
    room = Room(row(1))
    room.miss()
    ended = room.now
    room.ask(Promise(by="test", visit=room.visit().id, at=ended + timedelta(minutes=1)))
    assert room.visit().due == ended + timedelta(minutes=5)


def test_a_time_outside_calling_hours_is_refused() -> None:
    """Invariant 4: a promise must be one that can be kept."""
    room = waiting()
    for when in (at(7), at(12, 30), at(18), at(10, day=TUESDAY)):
        with pytest.raises(BadInput):
            room.ask(Promise(by="test", visit=room.visit().id, at=when))


# -- dealing out -----------------------------------------------------------------------------------


@pytest.mark.parametrize("state", VisitState)
def test_dealing_in_every_state(state: VisitState) -> None:
    """Issue 2, API: reassign; nothing is left to deal out of what is over."""
    room = ROOMS[state]()
    if state in (V.WAITING, V.CALLING):
        room.ask(Reassign(by="leader", visit=room.visit().id, team="A"))
        assert (room.visit().agent, room.visit().team) == (None, "A")
    else:
        with pytest.raises(Conflict, match="nothing left"):
            room.ask(Reassign(by="leader", visit=room.visit().id, team="A"))


def test_a_customer_dealt_out_while_called_is_redialled_for_the_new_agent() -> None:
    """The present call goes on with the old one."""
    room = Room(row(1), agents=2)
    room.ask(Reassign(by="leader", visit=room.visit().id, agent="002"))
    assert room.live().agent == "001"
    room.miss()
    room.wait(minutes=5)
    assert room.live().agent == "002"


def test_dealing_needs_one_receiver_who_exists() -> None:
    """Agent or team, not both, not neither."""
    room = waiting()
    for to in ({}, {"agent": "001", "team": "A"}):
        with pytest.raises(BadInput, match="either"):
            room.ask(Reassign(by="leader", visit=room.visit().id, **to))
    with pytest.raises(NotFound, match="no agent 009"):
        room.ask(Reassign(by="leader", visit=room.visit().id, agent="009"))
