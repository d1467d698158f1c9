"""What the PBX says of calls, in every order in which it may say it."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest

from dialer.campaign.changes import HangUpCall, Survey
from dialer.campaign.messages import CallEvent, CallProgress, HangUp, SetPresence
from dialer.campaign.model.agent import PHONE_NOT_ANSWERED, Presence
from dialer.campaign.model.attempt import AttemptState
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.visit import VisitState
from dialer.errors import NotFound
from tests.campaign.days import row
from tests.campaign.stepping import Room

D = Disposition


# -- one call --------------------------------------------------------------------------------------


def test_a_conversation_from_ringing_to_its_end() -> None:
    """DESIGN.md: placed -> ringing -> answered -> connected -> ended, each with its time."""
    room = Room(row(1))
    call = room.live()
    assert (call.state, call.placed_at, call.seq) == (AttemptState.PLACED, room.now, 1)
    for sign, state in [
        (CallProgress.RINGING, AttemptState.RINGING),
        (CallProgress.ANSWERED, AttemptState.ANSWERED),
        (CallProgress.AGENT_RINGING, AttemptState.ANSWERED),
        (CallProgress.CONNECTED, AttemptState.CONNECTED),
    ]:
        room.wait(2)
        room.progress(call, sign)
        assert call.state is state
    assert room.agent().presence is Presence.ON_CALL
    room.wait(180)
    room.hang_up(call)
    assert (call.state, room.ended(call), call.counts) == (AttemptState.ENDED, D.CONNECTED, False)
    times = [call.placed_at, call.ringing_at, call.answered_at, call.connected_at, call.ended_at]
    assert times == sorted(times, key=lambda t: t or room.now)
    assert (room.visit().state, room.visit().attempt) == (VisitState.REACHED, None)
    assert (room.agent().presence, room.agent().attempt) == (Presence.WRAP_UP, None)


@pytest.mark.parametrize("order", list(permutations(["dialled", "responded", "hung_up"])), ids="-".join)
def test_the_end_of_an_unanswered_call_comes_in_any_order(order: tuple[str, ...]) -> None:
    """PBX.md: "The order of OriginateResponse, DialEnd and Hangup changes from call to call"."""
    room = Room(row(1))
    call = room.live()
    for each in order:
        match each:
            case "dialled":
                room.progress(call, CallProgress.DIALLED, status="BUSY")
            case "responded":
                room.progress(call, CallProgress.RESPONDED, reason=0)
            case _:
                room.hang_up(call, cause=17, sip=486)
    assert room.ended(call) is D.BUSY
    assert room.visit().counted == 1
    assert room.agent().presence is Presence.READY


@pytest.mark.parametrize(
    "order",
    list(permutations([CallProgress.ANSWERED, CallProgress.RESPONDED, CallProgress.CONNECTED, CallProgress.RINGING])),
)
def test_the_signs_of_an_answer_come_in_any_order(order: tuple[CallProgress, ...]) -> None:
    """CONNECTED before ANSWERED, RINGING after both: the call never goes back."""
    room = Room(row(1))
    call = room.live()
    for sign in order:
        room.progress(call, sign, reason=4 if sign is CallProgress.RESPONDED else None)
    assert call.state is AttemptState.CONNECTED
    assert call.answered_at is not None
    room.hang_up(call)
    assert room.ended(call) is D.CONNECTED


@pytest.mark.parametrize("sign", [CallProgress.RESPONDED, CallProgress.HUNG_UP])
def test_a_second_sign_of_the_end_that_never_comes_is_not_waited_for_long(sign: CallProgress) -> None:
    """PBX.md: "a grace timer covers one that never comes"."""
    room = Room(row(1))
    call = room.progress(1, sign, cause=17, sip=486, reason=0)
    assert room.ended(call) is None
    room.wait(1.9)
    assert room.ended(call) is None
    room.wait(0.1)
    assert room.ended(call) is D.BUSY


@pytest.mark.parametrize("reason", [4, 0])
def test_an_answered_call_needs_only_its_hang_up(reason: int) -> None:
    """Whatever the response says, and whether it comes at all."""
    room = Room(row(1))
    call = room.connect()
    room.progress(call, CallProgress.RESPONDED, reason=reason)
    assert call.state is AttemptState.CONNECTED
    room.hang_up(call)
    assert room.ended(call) is D.CONNECTED


def test_every_sign_twice_is_as_good_as_once() -> None:
    """Events may be told twice."""
    room = Room(row(1))
    call = room.live()
    for sign in (
        CallProgress.RINGING,
        CallProgress.ANSWERED,
        CallProgress.AGENT_RINGING,
        CallProgress.CONNECTED,
        CallProgress.HUNG_UP,
    ):
        room.do(*[CallEvent(call.id, sign, room.now, cause=16, sip=200)] * 2)
    assert room.ended(call) is D.CONNECTED
    assert (room.visit().attempts, room.visit().counted) == (1, 0)


def test_signs_after_the_end_change_nothing() -> None:
    """They are kept as evidence only; an ended attempt never moves again."""
    room = Room(row(1))
    call = room.miss()
    room.progress(call, CallProgress.ANSWERED, CallProgress.CONNECTED, CallProgress.HUNG_UP)
    assert room.ended(call) is D.BUSY
    assert room.visit().state is VisitState.WAITING
    assert not room.intents
    assert sum(event.attempt == call.id for event in room.store.calls) == 5


def test_a_clock_of_the_pbx_that_is_wrong_does_not_bend_times() -> None:
    """Events from before the call or from the future are pulled to what is possible; the gap runs from our clock."""
    room = Room(row(1))
    call = room.live()
    slow, fast = room.now - timedelta(hours=1), room.now + timedelta(hours=1)
    room.wait(5)
    room.do(CallEvent(call.id, CallProgress.RINGING, slow), CallEvent(call.id, CallProgress.ANSWERED, fast))
    assert (call.ringing_at, call.answered_at) == (call.placed_at, room.now)
    room.wait(5)
    room.do(CallEvent(call.id, CallProgress.HUNG_UP, slow, cause=16))
    assert call.ended_at == call.answered_at
    assert room.visit().due == room.now + timedelta(minutes=5)


def test_an_originate_that_the_pbx_refuses_is_our_fault() -> None:
    """And over at once: no call came of it."""
    room = Room(row(1))
    call = room.progress(1, CallProgress.REFUSED)
    assert (room.ended(call), room.visit().counted) == (D.OUR_FAULT, 0)


def test_an_originate_that_never_left_is_not_counted_and_blames_nobody() -> None:
    """Nobody was called; the trunk is not suspected."""
    room = Room(row(1))
    call = room.progress(1, CallProgress.UNSENT)
    assert (room.ended(call), room.visit().counted) == (D.CANCELLED, 0)
    assert room.state.trunks["trunk"].breaker.fails(room.visit(1).number) is False


def test_an_answer_after_a_response_that_said_otherwise_is_an_answer() -> None:
    """The grace timer of the response must not end a conversation."""
    room = Room(row(1))
    call = room.progress(1, CallProgress.RESPONDED, reason=0)
    room.wait(1)
    room.progress(call, CallProgress.ANSWERED)
    room.wait(60)
    assert call.state is AttemptState.ANSWERED


def test_early_media_is_kept_as_evidence() -> None:
    """An announcement as early media, then our Timeout: the line was really tried."""
    room = Room(row(1))
    call = room.progress(1, CallProgress.PROGRESS)
    room.progress(call, CallProgress.RESPONDED, reason=3)
    room.hang_up(call, cause=19, sip=480)
    assert (room.ended(call), room.visit().counted) == (D.NO_ANSWER, 1)


def test_a_number_is_released_only_by_the_call_that_holds_it() -> None:
    """Invariant 3, should two calls to one number ever come into the books."""
    room = Room(row(1))
    call = room.live()
    room.state.live_by_number[call.number] = "another"
    room.miss()
    assert room.state.live_by_number == {call.number: "another"}


def test_a_call_whose_agent_is_not_known_any_more_ends_all_the_same() -> None:
    """The visit goes on."""
    room = Room(row(1))
    call = room.live()
    del room.state.agents["001"]
    room.connect(1)
    room.hang_up(call)
    assert room.visit().state is VisitState.REACHED


# -- the agent's phone -------------------------------------------------------------------------------


def test_an_agent_who_does_not_pick_up_is_paused_and_the_customer_called_again_first() -> None:
    """Issue: "put on pause, an alarm is raised, and the customer ... called again first, not charged an attempt"."""
    room = Room(row(1), row(2))
    call = room.progress(1, CallProgress.RINGING, CallProgress.ANSWERED, CallProgress.AGENT_RINGING)
    room.progress(call, CallProgress.AGENT_MISSED, text="NOANSWER")
    agent = room.agent()
    assert (agent.presence, agent.reason, agent.attempt) == (Presence.PAUSED, PHONE_NOT_ANSWERED, call.id)
    assert list(room.state.alarms) == ["agent:001"]
    room.wait(8)
    room.hang_up(call)
    assert room.ended(call) is D.ABANDONED
    assert (room.visit().counted, room.visit().first, agent.attempt) == (0, True, None)
    room.ready()
    assert room.state.alarms == {}
    room.wait(minutes=4, seconds=59)
    assert room.calls() == ["C0002"]
    room.miss(2)
    assert room.calls() == []
    room.wait(1)
    assert room.calls() == ["C0001"]


def test_an_agent_who_signs_out_leaves_no_alarm_behind() -> None:
    """Whoever missed a call stays on record as paused until they, or somebody for them, say what comes next."""
    room = Room(row(1))
    call = room.progress(1, CallProgress.ANSWERED, CallProgress.AGENT_MISSED, text="NOANSWER")
    room.hang_up(call)
    room.ask(SetPresence(by="test", agent="001", presence=Presence.PAUSED, reason="away"))
    assert list(room.state.alarms) == ["agent:001"]
    room.ask(SetPresence(by="test", agent="001", presence=Presence.SIGNED_OUT))
    assert room.state.alarms == {}


def test_an_agent_who_is_ready_again_while_the_announcement_plays_gets_the_next_call_after_it() -> None:
    """One call for each agent at a time (invariant 5)."""
    room = Room(row(1), row(2))
    call = room.progress(1, CallProgress.ANSWERED, CallProgress.AGENT_RINGING, CallProgress.AGENT_MISSED)
    room.ready()
    assert room.calls() == ["C0001"]
    room.progress(call, CallProgress.AGENT_MISSED)
    assert room.agent().presence is Presence.READY
    room.wait(5)
    room.hang_up(call)
    assert room.calls() == ["C0002"]


@pytest.mark.parametrize("status", ["NOANSWER", "BUSY", "CHANUNAVAIL", "CONGESTION"])
def test_a_miss_whose_sign_was_lost_is_told_by_the_hang_up(status: str) -> None:
    """Otherwise the next customer would be abandoned too."""
    room = Room(row(1), row(2))
    call = room.progress(1, CallProgress.ANSWERED)
    room.hang_up(call, status=status)
    assert room.ended(call) is D.ABANDONED
    assert room.agent().reason == PHONE_NOT_ANSWERED


@pytest.mark.parametrize("status", ["", "CANCEL"])
def test_a_customer_who_hangs_up_first_is_not_the_agents_fault(status: str) -> None:
    """Abandoned, but the agent stays ready."""
    room = Room(row(1), row(2))
    call = room.progress(1, CallProgress.ANSWERED, CallProgress.AGENT_RINGING)
    room.hang_up(call, status=status)
    assert room.ended(call) is D.ABANDONED
    assert room.agent().presence is Presence.READY
    room.wait(1)
    assert room.calls() == ["C0002"]


def test_a_miss_after_the_connection_ends_nothing() -> None:
    """Told late or wrongly: the agent is talking."""
    room = Room(row(1), row(2))
    call = room.connect()
    room.progress(call, CallProgress.AGENT_MISSED)
    assert room.agent().presence is Presence.ON_CALL
    room.hang_up(call)
    assert room.ended(call) is D.CONNECTED


def test_a_connection_after_a_miss_is_a_conversation() -> None:
    """The call was connected all the same; the agent stays paused until they say otherwise."""
    room = Room(row(1), row(2))
    call = room.progress(1, CallProgress.ANSWERED, CallProgress.AGENT_MISSED, CallProgress.CONNECTED)
    assert room.agent().presence is Presence.PAUSED
    room.hang_up(call)
    assert (room.ended(call), room.agent().attempt) == (D.CONNECTED, None)


def test_a_connection_that_is_known_only_from_the_hang_up_is_a_conversation() -> None:
    """The sign of the connection was lost; the agent gets a wrap-up."""
    room = Room(row(1))
    call = room.hang_up(1, status="ANSWER")
    assert room.ended(call) is D.CONNECTED
    assert room.agent().presence is Presence.WRAP_UP


def test_an_answer_that_is_known_only_from_the_hang_up_is_an_abandoned_call() -> None:
    """SIP 200, and nobody came on the line."""
    room = Room(row(1))
    call = room.hang_up(1, sip=200)
    assert room.ended(call) is D.ABANDONED


# -- hanging up ------------------------------------------------------------------------------------


def test_hanging_up_a_ringing_call_cancels_it() -> None:
    """Not counted; called again after the gap."""
    room = Room(row(1))
    call = room.progress(1, CallProgress.RINGING)
    room.ask(HangUp(by="001", attempt=call.id))
    assert room.intents == [HangUpCall(call.id)]
    room.progress(call, CallProgress.RESPONDED, reason=0)
    room.hang_up(call, sip=None)
    assert (room.ended(call), room.visit().counted, room.visit().state) == (D.CANCELLED, 0, VisitState.WAITING)
    assert room.visit().due == room.now + timedelta(minutes=5)


def test_hanging_up_a_conversation_leaves_it_a_conversation() -> None:
    """The customer was reached."""
    room = Room(row(1))
    call = room.connect()
    room.ask(HangUp(by="001", attempt=call.id))
    room.hang_up(call)
    assert room.ended(call) is D.CONNECTED


def test_hanging_up_no_call_is_refused() -> None:
    """There is nothing to end."""
    room = Room(row(1))
    call = room.miss()
    with pytest.raises(NotFound, match="no call"):
        room.ask(HangUp(by="001", attempt=call.id))


def test_a_call_that_rings_for_ever_is_ended() -> None:
    """The PBX should have ended it at its Timeout: hang up, then ask."""
    room = Room(row(1))
    call = room.progress(1, CallProgress.RINGING)
    assert HangUpCall(call.id) not in room.wait(54)
    assert room.wait(1)[-2:] == [HangUpCall(call.id), Survey(2.0)]
    assert HangUpCall(call.id) in room.wait(45)
    room.link()
    assert room.ended(call) is D.UNKNOWN


def test_a_conversation_may_last() -> None:
    """Nobody is cut off."""
    room = Room(row(1))
    call = room.connect()
    assert HangUpCall(call.id) not in room.wait(minutes=60)
    room.progress(call, CallProgress.HUNG_UP)
    room.do(CallEvent(call.id, CallProgress.RINGING, room.now))
    assert not room.intents
