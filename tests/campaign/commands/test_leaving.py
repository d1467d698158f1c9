"""An agent pauses or signs out while a customer's phone rings: nobody is to answer into nothing."""

from __future__ import annotations

import pytest

from dialer.campaign.changes import HangUpCall
from dialer.campaign.messages import CallProgress, SetPresence
from dialer.campaign.model.agent import Presence
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.visit import VisitState
from tests.campaign.days import row
from tests.campaign.stepping import Room

P = CallProgress
LEAVING = pytest.mark.parametrize("asked", [Presence.PAUSED, Presence.SIGNED_OUT])


def leave(room: Room, asked: Presence) -> None:
    room.ask(SetPresence(by="001", agent="001", presence=asked, reason="meal"))


@LEAVING
@pytest.mark.parametrize("rings", [True, False])
def test_what_still_rings_is_cancelled_once(asked: Presence, rings: bool) -> None:
    """One hang-up; the attempt is not counted, the customer keeps their turn, and the agent is gone at its end."""
    room = Room(row(1))
    call = room.live()
    if rings:
        room.progress(call, P.RINGING)
    leave(room, asked)
    assert room.intents == [HangUpCall(call.id)]
    leave(room, asked)
    assert room.intents == []
    room.hang_up(room.progress(call, P.RESPONDED, reason=0), sip=None)
    assert room.ended(call) is Disposition.CANCELLED
    assert room.agent().presence is asked
    visit = room.visit()
    assert (visit.state, visit.counted, visit.failures) == (VisitState.WAITING, 0, 0)
    room.ready()
    room.wait(minutes=5, seconds=0 if rings else 32)  # a call that nothing was heard of may still ring outside
    assert room.calls() == ["C0001"]


def test_a_second_pause_does_not_put_the_customer_off_longer() -> None:
    """Cancelled calls are no failures: the gap, and no more."""
    room = Room(row(1))
    for _ in range(3):
        call = room.progress(1, P.RINGING)
        room.pause()
        room.hang_up(room.progress(call, P.RESPONDED, reason=0), sip=None)
        room.ready()
        room.wait(minutes=5)
    assert room.calls() == ["C0001"]
    assert room.visit().attempts == 4


@LEAVING
def test_who_answers_in_that_moment_is_booked_as_it_is(asked: Presence) -> None:
    """The hang-up meets a customer who has picked up: abandoned, and called first after the gap."""
    room = Room(row(1), row(2))
    call = room.progress(1, P.RINGING)
    leave(room, asked)
    room.hang_up(room.progress(call, P.ANSWERED))
    assert room.ended(call) is Disposition.ABANDONED
    assert room.agent().presence is asked
    room.wait(minutes=5)
    room.ready()
    assert room.calls() == ["C0001"]


def test_who_was_connected_in_that_moment_was_reached() -> None:
    """The agent's phone was quicker than the hang-up."""
    room = Room(row(1))
    call = room.progress(1, P.RINGING)
    room.pause()
    room.hang_up(room.progress(call, P.ANSWERED, P.CONNECTED))
    assert room.ended(call) is Disposition.CONNECTED
    assert room.agent().presence is Presence.PAUSED


def test_a_customer_who_has_answered_is_not_hung_up_on() -> None:
    """The agent's phone rings already: they take this one, and go."""
    room = Room(row(1))
    call = room.progress(1, P.RINGING, P.ANSWERED, P.AGENT_RINGING)
    room.pause()
    assert room.intents == []
    room.hang_up(room.progress(call, P.CONNECTED))
    assert room.agent().presence is Presence.PAUSED


def test_ready_cancels_nothing() -> None:
    """Nor does it take a cancellation back."""
    room = Room(row(1))
    room.ready()
    assert room.intents == []
    call = room.live()
    room.pause()
    room.ready()
    room.hang_up(room.progress(call, P.RESPONDED, reason=0), sip=None)
    assert room.ended(call) is Disposition.CANCELLED
    assert room.agent().presence is Presence.READY


def test_without_a_link_it_is_hung_up_when_it_is_found_again() -> None:
    """The wish is kept, whatever becomes of the intent."""
    room = Room(row(1))
    call = room.progress(1, P.RINGING)
    room.cut()
    room.sign_out()
    room.link((call, P.RINGING))
    assert room.intents.count(HangUpCall(call.id)) == 1
