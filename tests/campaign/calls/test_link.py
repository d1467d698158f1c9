"""The link to the PBX, restarts, and calls that nobody heard of for a while."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dialer.campaign.changes import HangUpCall, NoticeKind, Survey
from dialer.campaign.messages import CallEvent, CallProgress, Promise, Withdraw
from dialer.campaign.model.agent import Presence
from dialer.campaign.model.attempt import Attempt, AttemptState
from dialer.campaign.model.evidence import Disposition, Side
from dialer.campaign.model.visit import VisitState
from tests.campaign.days import at, config, row
from tests.campaign.stepping import Room

D = Disposition


# -- the link --------------------------------------------------------------------------------------


def test_while_the_link_is_down_calls_are_unknown_and_nothing_is_placed() -> None:
    """DESIGN.md: "Unknown is a state ... nothing is redialled until the PBX has been asked"."""
    room = Room(row(1), row(2, agent="002"), row(3, agent="002"), agents=2)
    room.wait(1)
    room.hang_up(2)
    call = room.connect(1)
    room.cut()
    assert {a.state for a in room.state.attempts.values()} == {AttemptState.UNKNOWN}
    assert list(room.state.alarms) == ["link"]
    room.ready("002")
    assert room.wait(minutes=30) == []
    room.link((call, CallProgress.CONNECTED), final=False)
    assert call.state is AttemptState.CONNECTED
    assert Survey(2.0) in room.intents
    assert room.state.alarms == {}


def test_a_call_that_is_gone_at_the_first_look_may_still_come() -> None:
    """An Originate written to the old link may still be on its way into the PBX."""
    room = Room(row(1))
    call = room.live()
    room.wait(10)
    room.cut()
    room.link(final=False)
    assert room.ended(call) is None
    room.wait(2)
    room.link()
    assert (room.ended(call), room.visit().counted, room.visit().state) == (D.UNKNOWN, 0, VisitState.WAITING)


def test_a_promise_outlives_a_call_of_which_nothing_is_known() -> None:
    """It was not kept: the customer goes on being called before redials and the list."""
    room = Room(row(1), ready=False)
    room.ask(Promise(by="test", visit=room.visit().id, at=at(8, 30)))
    room.wait_until(at(8, 30))
    room.ready()
    room.wait(1)
    call = room.live()
    room.wait(10)
    room.cut()
    room.link(final=False)
    room.wait(2)
    room.link()
    assert (room.ended(call), room.visit().promised) == (D.UNKNOWN, at(8, 30))


def test_a_call_from_before_the_pbx_was_restarted_is_over_at_the_first_look() -> None:
    """The PBX says when it was started."""
    room = Room(row(1))
    call = room.connect()
    room.wait(10)
    room.cut()
    room.link(final=False, started_at=room.now)
    assert (room.ended(call), room.agent().presence) == (D.CONNECTED, Presence.WRAP_UP)
    assert call.ended_at == room.now


def rang_when_the_pbx_died() -> tuple[Room, Attempt]:
    """Ten seconds after the Originate; the PBX is back at once, and knows nothing of the call."""
    room = Room(row(1))
    call = room.progress(1, CallProgress.RINGING)
    room.wait(10)
    room.cut()
    room.link(final=False, started_at=room.now)
    return room, call


def test_a_phone_that_may_ring_on_keeps_its_number() -> None:
    """A PBX that dies sends no CANCEL: the gap runs from the carrier's own limit (invariant 2)."""
    room, call = rang_when_the_pbx_died()
    assert room.ended(call) is D.UNKNOWN
    assert call.ended_at == call.placed_at + timedelta(seconds=120)
    room.wait(minutes=6, seconds=49)
    assert room.calls() == []
    room.wait(1)
    assert room.calls() == ["C0001"]


@pytest.mark.parametrize(
    ("signs", "sip", "late"), [((), 480, True), ((CallProgress.RINGING,), 480, False), ((), 100, False)], ids=str
)
def test_a_call_that_nobody_reacted_to_may_still_arrive(signs: tuple[CallProgress, ...], sip: int, late: bool) -> None:
    """RFC 3261 9.1: a CANCEL waits for the first answer, so the gap runs from the last repetition of the INVITE."""
    conf = replace(config(), ring_timeout=timedelta(seconds=20))
    room = Room(row(1), conf=conf)
    call = room.live()
    for sign in signs:
        room.progress(call, sign)
    room.wait(20)
    room.progress(call, CallProgress.RESPONDED, reason=3)
    room.progress(call, CallProgress.HUNG_UP, cause=19, sip=sip)
    ended = call.placed_at + (conf.unanswered_invite if late else conf.ring_timeout)
    assert call.ended_at == ended
    assert room.visit().due == ended + conf.rule.gap
    assert call.counts is (CallProgress.RINGING in signs)


def test_a_call_that_was_given_up_after_its_last_invite_is_over() -> None:
    """With a long Timeout there is nothing left to arrive."""
    room = Room(row(1))
    call = room.live()
    room.wait(45)
    room.progress(call, CallProgress.RESPONDED, reason=3)
    room.progress(call, CallProgress.HUNG_UP, cause=19, sip=480)
    assert call.ended_at == room.now


def test_a_call_placed_a_moment_before_the_look_is_not_taken_for_gone() -> None:
    """The look may be older than the call."""
    room = Room(row(1))
    call = room.live()
    room.wait(1)
    room.link()
    assert room.ended(call) is None
    room.wait(1)
    room.link()
    assert room.ended(call) is D.UNKNOWN


def test_ends_that_the_pbx_kept_on_record_are_booked() -> None:
    """What happened while nobody listened; ends of calls that are over already are passed by."""
    room = Room(row(1), row(2, agent="002"), agents=2)
    room.wait(1)
    first, second = room.live(1), room.live(2)
    room.cut()
    room.wait(45)
    timeout = room.now
    room.wait(15)
    ends = [
        CallEvent(first.id, CallProgress.RINGING, timeout),
        CallEvent(first.id, CallProgress.RESPONDED, timeout, reason=3),
        CallEvent(first.id, CallProgress.HUNG_UP, room.now, cause=19),
        CallEvent(first.id, CallProgress.HUNG_UP, room.now, cause=19),
        CallEvent(second.id, CallProgress.ANSWERED, room.now),
        CallEvent(second.id, CallProgress.CONNECTED, room.now),
        CallEvent(second.id, CallProgress.HUNG_UP, room.now, cause=16, status="ANSWER"),
    ]
    room.link(final=False, ends=tuple(ends))
    assert (room.ended(first), room.ended(second)) == (D.NO_ANSWER, D.CONNECTED)
    assert room.agent("002").presence is Presence.WRAP_UP


def test_a_look_tells_what_a_lost_event_did_not() -> None:
    """A conversation whose signs were lost must not be taken for a phone that rings for ever."""
    room = Room(row(1))
    call = room.live()
    for sign, state in [
        (CallProgress.DIALLED, AttemptState.PLACED),
        (CallProgress.RINGING, AttemptState.RINGING),
        (CallProgress.ANSWERED, AttemptState.ANSWERED),
        (CallProgress.CONNECTED, AttemptState.CONNECTED),
        (CallProgress.RINGING, AttemptState.CONNECTED),
    ]:
        room.wait(3)
        room.link((call, sign))
        assert call.state is state
    assert room.agent().presence is Presence.ON_CALL
    assert HangUpCall(call.id) not in room.wait(minutes=10)


def test_the_pbx_is_asked_again_and_again_while_calls_are_up() -> None:
    """In case an event was lost: an agent is never held by a call that is over."""
    room = Room(row(1))
    call = room.connect()
    assert Survey(0.0) in room.wait(60)
    room.link()
    assert room.ended(call) is D.CONNECTED
    assert Survey(0.0) not in room.wait(minutes=10)


def test_the_pbx_is_not_asked_without_a_link() -> None:
    """The next login asks by itself."""
    room = Room(row(1))
    room.cut()
    assert room.wait(minutes=5) == []


def test_a_call_cancelled_without_a_link_is_hung_up_when_it_is_back() -> None:
    """Withdrawn while nobody could say so to the PBX."""
    room = Room(row(1))
    call = room.progress(1, CallProgress.RINGING)
    room.cut()
    room.ask(Withdraw(by="test", visit=room.visit().id, reason="ordered online"))
    room.link((call, CallProgress.RINGING), final=False)
    assert HangUpCall(call.id) in room.intents


def test_a_call_cancelled_without_a_link_that_was_answered_meanwhile_is_let_be() -> None:
    """The customer is on the line."""
    room = Room(row(1))
    call = room.progress(1, CallProgress.RINGING)
    room.cut()
    room.ask(Withdraw(by="test", visit=room.visit().id, reason="ordered online"))
    room.link((call, CallProgress.CONNECTED), final=False)
    assert HangUpCall(call.id) not in room.intents


def test_a_call_that_was_given_up_and_lives_is_ended() -> None:
    """Its customer may be called again by then, and nobody's phone may ring twice (invariant 3)."""
    room = Room(row(1))
    call = room.live()
    room.wait(3)
    room.link()
    assert room.ended(call) is D.UNKNOWN
    room.wait(200)
    room.progress(call, CallProgress.RINGING)
    assert room.intents == [HangUpCall(call.id)]
    assert room.state.free_at(call.number) == room.now + timedelta(minutes=5)
    assert room.told("call.ghost") == 1
    room.link((call, CallProgress.RINGING))
    assert HangUpCall(call.id) in room.intents


def test_a_sign_of_a_call_that_was_given_up_makes_its_gap_no_shorter() -> None:
    """Found by a soak: an id that the PBX used again after its restart. The phone may ring on until later."""
    room, call = rang_when_the_pbx_died()
    free = room.state.free_at(call.number)
    assert free == call.placed_at + timedelta(seconds=120, minutes=5)
    room.progress(call, CallProgress.RINGING)
    assert HangUpCall(call.id) in room.intents
    assert room.state.free_at(call.number) == free


@pytest.mark.parametrize(
    ("name", "sign", "ended"),
    [
        ("dx-9-1-abc", CallProgress.RINGING, True),
        ("dx-9-1-abc", CallProgress.HUNG_UP, False),
        ("other-9-1-abc", CallProgress.RINGING, False),
    ],
    ids=["ours", "ours and over", "another dialer's"],
)
def test_a_call_that_was_never_in_the_books_is_ended_if_it_is_ours(name: str, sign: CallProgress, ended: bool) -> None:
    """Several dialers may share a PBX; each knows its own by the installation's id."""
    room = Room(row(1))
    room.do(CallEvent(name, sign, room.now))
    assert (HangUpCall(name) in room.intents) is ended
    assert not any(event.attempt == name for event in room.store.calls)


def test_only_so_many_ended_calls_are_remembered() -> None:
    """The memory for late signs is bounded."""
    room = Room(row(1))
    first = room.miss()
    for n in range(2000):
        twin = type(first)(**{name: getattr(first, name) for name in first.__slots__})
        twin.id = f"dx-x-{n}"
        room.state.remember(twin)
    assert first.id not in room.state.ended
    assert len(room.state.ended) == 2000


# -- restart ---------------------------------------------------------------------------------------


def test_a_withdrawn_customer_who_is_on_the_line_stays_on_it() -> None:
    """Withdraw: "a phone that is ringing stops ringing, a conversation goes on"."""
    room = Room(row(1))
    call = room.connect()
    room.ask(Withdraw(by="test", visit=room.visit().id, reason="ordered online"))
    assert room.intents == []
    room.hang_up(call)
    assert (room.ended(call), room.visit().state) == (D.CONNECTED, VisitState.WITHDRAWN)


def test_a_withdrawn_customer_who_answers_at_that_moment_is_booked_as_it_happened() -> None:
    """The hang-up and the answer cross; the visit stays withdrawn and the agent is free again."""
    room = Room(row(1))
    call = room.progress(1, CallProgress.RINGING)
    room.ask(Withdraw(by="test", visit=room.visit().id, reason="ordered online"))
    assert room.intents == [HangUpCall(call.id)]
    room.progress(call, CallProgress.ANSWERED, CallProgress.AGENT_RINGING)
    room.hang_up(call, status="CANCEL")
    assert (room.ended(call), room.visit().state) == (D.ABANDONED, VisitState.WITHDRAWN)
    assert room.agent().presence is Presence.READY
    assert room.notices(NoticeKind.UNREACHED) == []


def test_a_timeout_that_the_pbx_told_too_late_proves_nothing() -> None:
    """Unknown is a state: a PBX that stood still (SIGSTOP, a paused machine) may have missed the customer's answer."""
    room = Room(row(1))
    call = room.live()
    room.progress(call, CallProgress.RINGING)
    room.wait(room.state.config.ring_timeout.total_seconds() + 60)
    room.progress(call, CallProgress.RESPONDED, reason=3)
    room.hang_up(call, cause=19, sip=480)
    assert (room.ended(call), call.counts) == (D.UNKNOWN, False)
    assert "stood still" in call.source


@pytest.mark.parametrize("journal", [False, True], ids=["heard", "from the journal"])
def test_who_was_hung_up_on_by_our_own_pbx_is_not_charged(*, journal: bool) -> None:
    """The phone rang; a person on the PBX, or its restart, ended every call. They are called again after the gap."""
    room = Room(row(1))
    call = room.progress(1, CallProgress.RINGING)
    ends = (
        CallEvent(call.id, CallProgress.RESPONDED, room.now, reason=0),
        CallEvent(call.id, CallProgress.HUNG_UP, room.now, cause=0, sip=180, hung_up_by=Side.PBX),
    )
    if journal:
        room.cut()
        room.link(ends=ends, started_at=room.now)
    else:
        room.do(*ends)
    assert room.ended(call) is Disposition.CANCELLED
    assert (room.visit().counted, room.visit().failures, room.store.attempts[call.id].hung_up_by) == (0, 0, None)
    room.wait(minutes=5)
    assert room.calls() == ["C0001"]
