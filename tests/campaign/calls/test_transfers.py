"""Conversations that an agent hands on from the phone: free agent, living attempt, and the way back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dialer.campaign.changes import HangUpCall
from dialer.campaign.messages import CallProgress, ClockSet, HangUp, SetPresence
from dialer.campaign.model.agent import Presence
from dialer.campaign.model.attempt import Attempt, AttemptState
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.trunk import TrunkConfig
from dialer.campaign.model.visit import Result, VisitState
from dialer.campaign.views.now import overview
from dialer.errors import Conflict
from tests.campaign.days import config, row
from tests.campaign.stepping import Room

P = CallProgress


def talking(**more: object) -> tuple[Room, Attempt]:
    """Customer 1 is on the phone of agent 001, and 2 is next."""
    room = Room(row(1), row(2), **more)  # type: ignore[arg-type]  # settings as they come
    call = room.connect()
    room.wait(30)
    return room, call


def transferred(**more: object) -> tuple[Room, Attempt]:
    """The agent has handed customer 1 on to 8002."""
    room, call = talking(**more)
    room.progress(call, P.TRANSFERRED, text="8002")
    return room, call


def test_a_transfer_frees_the_agent_and_keeps_the_attempt() -> None:
    """The customer talks on; wrap-up begins at once, and the next customer is called while the first still talks."""
    room, call = transferred()
    began = room.now
    assert room.agent().presence is Presence.WRAP_UP
    assert room.agent().attempt is None
    assert (call.state, call.transferred_at, call.transferred_to) == (AttemptState.CONNECTED, began, "8002")
    room.ready()
    assert room.calls() == ["C0001", "C0002"]
    room.wait(40)
    assert room.hang_up(call).ended_at == began + timedelta(seconds=40)
    stored = room.store.attempts[call.id]
    assert (stored.disposition, stored.transferred_at) == (Disposition.CONNECTED, began)
    assert room.visit(1).state is VisitState.REACHED
    assert room.agent().presence is Presence.RINGING
    assert room.told("call.transferred") == 1


def test_the_result_is_entered_while_the_customer_talks_on() -> None:
    """The conversation is the agent's, whoever has the customer now."""
    room, call = transferred()
    room.result(call, Result.ORDERED, order="N1")
    room.hang_up(call)
    assert room.visit(1).result is Result.ORDERED


def test_the_trunk_and_the_number_stay_in_use() -> None:
    """A line is a line, whoever speaks on it."""
    room, call = transferred(conf=config(trunks=[TrunkConfig("carrier", "PJSIP/{number}@carrier", channels=1)]))
    room.ready()
    assert room.calls() == ["C0001"]
    assert room.state.live_by_number[call.number] == call.id
    room.hang_up(call)
    assert room.calls() == ["C0002"]


def test_two_transfers_in_a_row() -> None:
    """The agent's part ended with the first; who has the customer now is the last. Said twice, it is one transfer."""
    room, call = transferred()
    first = room.now
    room.wait(10)
    room.progress(call, P.TRANSFERRED, P.TRANSFERRED, text="8003")
    room.progress(call, P.TRANSFERRED)
    assert (call.transferred_at, call.transferred_to) == (first, "8003")
    assert room.told("call.transferred") == 2


def test_an_agent_cannot_hang_up_whom_they_transferred() -> None:
    """Another person may, who asks for this call and no other."""
    room, call = transferred()
    with pytest.raises(Conflict, match="C0001 was transferred"):
        room.ask(HangUp(by="001", attempt=call.id))
    assert room.intents == []
    room.ask(HangUp(by="leader", attempt=call.id))
    assert room.intents == [HangUpCall(call.id)]


def test_what_the_agent_asked_for_during_the_call_comes_with_the_transfer() -> None:
    """The conversation is over for them: the pause begins."""
    room, call = talking()
    room.pause(reason="meal")
    room.progress(call, P.TRANSFERRED, text="8002")
    assert (room.agent().presence, room.agent().reason) == (Presence.PAUSED, "meal")


@pytest.mark.parametrize("asked", [None, Presence.READY, Presence.PAUSED])
def test_a_transfer_that_comes_back_is_the_same_conversation(asked: Presence | None) -> None:
    """Nobody answered there: the agent is on the call again, whatever they did since; it ends as it would have."""
    room = Room(row(1))
    call = room.connect()
    room.progress(call, P.TRANSFERRED, text="8099")
    if asked is not None:
        room.ask(SetPresence(by="001", agent="001", presence=asked, reason="meal"))
    room.wait(5)
    room.progress(call, P.RETURNED)
    assert (room.agent().presence, room.agent().attempt) == (Presence.ON_CALL, call.id)
    assert (call.transferred_at, call.transferred_to) == (None, "")
    room.ask(HangUp(by="001", attempt=call.id))
    assert room.intents == [HangUpCall(call.id)]
    room.hang_up(call)
    assert room.agent().presence is (Presence.PAUSED if asked is Presence.PAUSED else Presence.WRAP_UP)
    assert room.told("call.returned") == 1


def test_a_call_does_not_come_back_to_an_agent_who_has_another() -> None:
    """Whatever their phone does: the records know one call of theirs at a time."""
    room, call = transferred()
    room.ready()
    other = room.live(2)
    room.progress(call, P.RETURNED)
    assert (room.agent().attempt, call.transferred_to) == (other.id, "8002")
    room.hang_up(call)
    assert room.agent().attempt == other.id


def test_a_call_does_not_come_back_to_an_agent_who_has_left() -> None:
    """Signed out is signed out; and what was never handed on cannot come back."""
    room, call = transferred()
    room.sign_out()
    room.progress(call, P.RETURNED)
    assert room.agent().presence is Presence.SIGNED_OUT
    other = Room(row(1))
    running = other.connect()
    other.progress(running, P.RETURNED)
    assert (other.agent().presence, other.told("call.returned")) == (Presence.ON_CALL, 0)


def test_a_call_whose_channels_end_one_by_one_was_not_transferred() -> None:
    """The agent hangs up: the phone's channel is gone a moment before the customer's."""
    room, call = talking()
    room.progress(call, P.TRANSFERRED)
    room.wait(1)
    room.hang_up(call)
    assert (call.transferred_at, room.agent().presence) == (None, Presence.WRAP_UP)


def test_a_restart_finds_a_transferred_call() -> None:
    """The survey says what it is; both facts are right: the agent is free, and the attempt lives."""
    room, call = transferred()
    began = room.now
    room.restart()
    room.wait(20)
    found = room.live()
    room.link((found, P.TRANSFERRED))
    assert (found.state, found.transferred_at, found.transferred_to) == (AttemptState.CONNECTED, began, "8002")
    assert (room.agent().presence, room.agent().attempt) == (Presence.WRAP_UP, None)
    room.ready()
    assert room.calls() == ["C0001", "C0002"]
    room.hang_up(found)
    assert room.ended(call) is Disposition.CONNECTED


def test_a_transfer_that_nobody_heard_of_is_found() -> None:
    """It happened while the link was down: the agent is free from when it was seen."""
    room, call = talking()
    room.cut()
    room.wait(5)
    room.link((call, P.TRANSFERRED))
    assert (call.transferred_at, call.transferred_to) == (room.now, "")
    assert room.agent().presence is Presence.WRAP_UP
    room.link((call, P.TRANSFERRED))
    assert room.told("call.transferred") == 1


def test_the_overview_says_who_has_the_customer() -> None:
    """The call is still up, and no agent's."""
    room, call = transferred()
    since = room.now
    (now,) = overview(room.state, room.now).calls
    assert (now.attempt, now.transferred_at, now.transferred_to) == (call.id, since, "8002")
    assert [agent.attempt for agent in overview(room.state, room.now).agents] == [None]


def test_a_clock_that_is_set_takes_the_transfer_along() -> None:
    """Its distance from now is kept, as that of every other moment of a call."""
    room, call = transferred()
    before = call.transferred_at
    assert before is not None
    room.do(ClockSet(timedelta(hours=1)))
    assert call.transferred_at == before + timedelta(hours=1)


def test_a_transferred_call_in_nobodys_records_is_ended() -> None:
    """As any other that lives although it should not."""
    room, call = talking()
    room.hang_up(call)
    call.disposition = Disposition.UNKNOWN
    room.progress(call, P.TRANSFERRED, text="8002")
    assert room.intents == [HangUpCall(call.id)]
