"""Agents' phones as the PBX tells of them: nobody is called for a phone that cannot take the call."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dialer.campaign.calls.phones import ASK_AGAIN, mind_phone
from dialer.campaign.changes import FollowPhones
from dialer.campaign.commands.agents import PHONE_NOT_READY, PhoneNotReady
from dialer.campaign.messages import CallProgress, LinkRestored, PhoneTold, SaveAgent
from dialer.campaign.model.agent import PHONE_NOT_ANSWERED, Presence
from dialer.campaign.model.phone import PhoneState, devices_in, phones_in
from dialer.campaign.rules.phone import PhoneNotAllowed
from dialer.campaign.step import step
from dialer.campaign.views.why import Why
from tests.campaign.days import config, row
from tests.campaign.stepping import Room

S, P = PhoneState, Presence
UNABLE = [state for state in S if not state.able and state is not S.NOT_ALLOWED]  # which the PBX does not tell


def with_phone(state: PhoneState, *, extension: str = "PJSIP/001", linked: bool = True) -> Room:
    """One customer; agent 001, ready, with a phone in this state."""
    room = Room(row(1), linked=False)
    room.ask(SaveAgent(by="test", number="001", name="", extension=extension))
    room.phones["PJSIP/001"] = state
    if linked:
        room.do(LinkRestored(room.now, ()))
    return room


def waits(room: Room) -> bool:
    """Whether the agent is ready and nobody is called for them."""
    return room.agent().presence is P.READY and not room.calls()


def test_a_wake_up_for_an_agent_who_is_not_known_changes_nothing() -> None:
    """It may outlive the agent: what was not written down is forgotten with the link to the database."""
    room = with_phone(S.FREE)
    mind_phone(room.state, "999", room.now)
    assert "999" not in room.state.wanting


def test_what_a_dial_string_rings() -> None:
    """Each device of several; PJSIP/8001 and Local/8001@office/n are one phone."""
    assert devices_in("PJSIP/8001&PJSIP/8002") == ("PJSIP/8001", "PJSIP/8002")
    assert phones_in("PJSIP/8001") == phones_in("Local/8001@office/n")


@pytest.mark.parametrize("state", UNABLE)
def test_nobody_is_called_for_a_phone_that_cannot_take_the_call(state: PhoneState) -> None:
    """The agent stays ready, `why` says the phone, and it goes on by itself when the phone can."""
    room = with_phone(state)
    assert waits(room)
    assert room.agent().phone is state
    answer = room.why()
    assert (answer.why, answer.params["phone"], answer.params["extension"]) == (Why.PHONE, state, "PJSIP/001")
    room.wait(minutes=20)
    assert waits(room)
    room.phone(S.FREE)
    assert room.calls() == ["C0001"]
    assert room.agent().phone is S.FREE


@pytest.mark.parametrize("extension", ["PJSIP/001", "Local/8003@from-internal/n", "SIP/001"])
def test_a_phone_of_which_nothing_is_known_is_called(extension: str) -> None:
    """Custom dial strings and technologies without states go on as ever."""
    assert with_phone(S.UNSAID, extension=extension).calls() == ["C0001"]


@pytest.mark.parametrize("extension", ["Local/s@evil", "PJSIP/13904700001@trunk", "PJSIP/001&Local/s@evil", "odd"])
def test_no_call_leaves_for_a_phone_of_an_older_record_that_is_no_phone(extension: str) -> None:
    """It was saved before phones had forms: its agent stays ready, is told why nobody is called, and is let go on."""
    room = Room(row(1), ready=False)
    room.store.agents["001"].extension, room.store.agents["001"].presence = extension, P.READY
    room.restart()
    room.do(LinkRestored(room.now, ()))
    room.wait(minutes=20)
    assert waits(room)
    assert (room.agent().phone, room.why().params["phone"]) == (S.NOT_ALLOWED, S.NOT_ALLOWED)
    room.pause()
    with pytest.raises(PhoneNotReady) as refused:
        room.ready()
    assert refused.value.code == "phone-not-allowed"
    with pytest.raises(PhoneNotAllowed):
        room.ask(SaveAgent(by="test", number="001", name="王芳", extension=extension))
    room.ask(SaveAgent(by="test", number="001", name="", extension="PJSIP/001"))
    assert room.agent().phone is S.UNSAID
    room.ready()
    assert room.calls() == ["C0001"]


def test_until_a_phone_was_told_of_nobody_is_called_for_it() -> None:
    """After a power cut the link is up before the phones are: the first call waits for the answer."""
    room = with_phone(S.FREE, linked=False)
    outcome = step(room.state, room.now, [LinkRestored(room.now, ())], {})
    assert outcome.intents == [FollowPhones(("PJSIP/001",))]
    assert waits(room)
    room.do(PhoneTold(room.now, "PJSIP/001", S.FREE))
    assert room.calls() == ["C0001"]


def test_who_was_ready_before_a_power_cut_goes_on_when_the_phone_is_back() -> None:
    """Not paused, no click: after the restart the phones start later than the dialer."""
    room = with_phone(S.AWAY)
    room.restart()
    assert room.agent().phone is S.UNSAID, "what a phone was is not stored"
    room.do(LinkRestored(room.now, ()))
    room.wait(minutes=3)
    assert waits(room)
    room.phone(S.FREE)
    assert room.calls() == ["C0001"]


def test_of_several_phones_one_is_enough() -> None:
    """A dial string with two devices: the call goes out while either can take it."""
    room = with_phone(S.AWAY, extension="PJSIP/001&PJSIP/001-2")
    assert room.calls() == ["C0001"]
    room = with_phone(S.AWAY, extension="PJSIP/001&PJSIP/001-2", linked=False)
    room.phones["PJSIP/001-2"] = S.BUSY
    room.do(LinkRestored(room.now, ()))
    assert waits(room)
    room.phone(S.FREE, "PJSIP/001-2")
    assert room.calls() == ["C0001"]


def test_our_own_call_is_no_private_one() -> None:
    """The phone rings and is busy for our customer; when it is over the next call waits for the phone to be free."""
    room = Room(row(1), row(2, agent="001"), conf=config(wrap_up=timedelta(0)))
    room.phone(S.FREE)
    call = room.progress(1, CallProgress.ANSWERED, CallProgress.AGENT_RINGING)
    room.phone(S.RINGING)
    room.progress(call, CallProgress.CONNECTED)
    room.phone(S.BUSY)
    assert room.agent().phone is S.FREE
    room.wait(seconds=60)
    room.hang_up(call)
    assert waits(room), "the PBX has not put the phone down yet"
    assert room.agent().phone is S.FREE
    room.phone(S.FREE)
    assert room.calls() == ["C0002"]
    assert room.told("agent.phone") == 0


def test_a_private_call_that_came_during_ours_is_seen_after_it() -> None:
    """The phone stays busy: shown once the PBX has had its moment."""
    room = Room(row(1), row(2, agent="001"), conf=config(wrap_up=timedelta(0)))
    call = room.connect(1)
    room.phone(S.BUSY)
    room.hang_up(call)
    room.wait(seconds=2)
    assert (room.agent().phone, room.why(2).why) == (S.BUSY, Why.PHONE)
    room.phone(S.FREE)
    assert room.calls() == ["C0002"]
    assert room.told("agent.phone") == 2


def test_a_phone_that_is_free_again_before_the_next_look_was_never_in_use() -> None:
    """Also when the next call is up by then."""
    room = Room(row(1), row(2, agent="001"), conf=config(wrap_up=timedelta(0)))
    call = room.connect(1)
    room.phone(S.BUSY)
    room.hang_up(call)
    room.phone(S.FREE)
    room.wait(seconds=3)
    assert room.calls() == ["C0002"]
    assert room.told("agent.phone") == 0


@pytest.mark.parametrize("state", UNABLE)
@pytest.mark.parametrize("before", [P.SIGNED_OUT, P.PAUSED])
def test_ready_is_refused_with_the_reason(before: Presence, state: PhoneState) -> None:
    """And the PBX is asked again, in case its news was lost: the next try has it."""
    room = Room(row(1), ready=False)
    if before is P.PAUSED:
        room.pause()
    room.wait(seconds=5)
    room.phone(state)
    code, words = PHONE_NOT_READY[state]
    with pytest.raises(PhoneNotReady, match=f"PJSIP/001 is {words}") as refused:
        room.ready()
    assert refused.value.code == code
    assert room.agent().presence is before
    room.phones["PJSIP/001"] = S.FREE
    with pytest.raises(PhoneNotReady):
        room.ready()
    room.ready()
    assert room.calls() == ["C0001"]


def test_ready_in_the_moment_after_a_call_is_taken() -> None:
    """The PBX says a little later that the phone is free than that the call is over."""
    room = Room(row(1), row(2, agent="001"))
    call = room.connect(1)
    room.phone(S.BUSY)
    room.hang_up(call)
    room.ready()
    assert waits(room)
    room.wait(seconds=1)
    room.phone(S.FREE)
    assert room.calls() == ["C0002"]


def test_every_refusal_has_a_code() -> None:
    """One for each state that keeps a phone from a call."""
    assert set(PHONE_NOT_READY) == {*UNABLE, S.NOT_ALLOWED}


def test_news_that_were_lost_are_asked_for() -> None:
    """A manager user from before, without the events of devices: the phone's return is found by asking."""
    room = with_phone(S.AWAY)
    room.phones["PJSIP/001"] = S.FREE
    room.wait(seconds=ASK_AGAIN.total_seconds())
    assert room.calls() == ["C0001"]


def test_nobody_asks_for_the_phone_of_who_is_not_ready() -> None:
    """A phone that is unplugged overnight costs nothing."""
    room = with_phone(S.AWAY)
    room.pause()
    room.wait(minutes=1)
    room.phones["PJSIP/001"] = S.FREE
    room.wait(minutes=1)
    assert room.state.phone_of(room.agent()) is S.AWAY
    room.do(PhoneTold(room.now, "PJSIP/other", S.AWAY))


def test_a_lost_link_is_asked_again() -> None:
    """What was known before the gap is not believed after it, and people see no flicker."""
    room = with_phone(S.AWAY)
    room.cut()
    assert (room.state.phone_of(room.agent()), room.agent().phone) == (S.UNSAID, S.AWAY)
    room.do(LinkRestored(room.now, ()))
    assert waits(room)
    assert room.told("agent.phone") == 1
    room.cut()
    room.phones["PJSIP/001"] = S.UNSAID
    room.do(LinkRestored(room.now, ()))
    assert room.calls() == ["C0001"]


def test_an_agent_who_gets_another_phone() -> None:
    """Its state counts from then on, and the old one's does not."""
    room = with_phone(S.AWAY)
    room.phones["PJSIP/7"] = S.BUSY
    room.ask(SaveAgent(by="test", number="001", name="", extension="PJSIP/7"))
    assert (waits(room), room.agent().phone) == (True, S.BUSY)
    room.phone(S.FREE)
    assert waits(room)
    room.ask(SaveAgent(by="test", number="001", name="", extension="PJSIP/001"))
    assert room.calls() == ["C0001"]


def test_a_pbx_that_stood_still_pauses_nobody() -> None:
    """The miss is told long after the phone's time was over: it may never have rung."""
    room = Room(row(1))
    call = room.progress(1, CallProgress.ANSWERED, CallProgress.AGENT_RINGING)
    room.wait(seconds=25)
    room.progress(call, CallProgress.AGENT_MISSED, text="NOANSWER")
    room.hang_up(call)
    assert (room.agent().presence, room.state.alarms) == (P.READY, {})
    assert room.visit().first


def test_a_link_that_was_lost_while_the_phone_rang_pauses_nobody() -> None:
    """Nobody can say whether it rang."""
    room = Room(row(1))
    call = room.progress(1, CallProgress.ANSWERED, CallProgress.AGENT_RINGING)
    room.cut()
    room.link((call, CallProgress.ANSWERED))
    room.progress(call, CallProgress.AGENT_MISSED, text="NOANSWER")
    room.hang_up(call)
    assert room.agent().presence is P.READY


def test_a_phone_that_was_not_picked_up_in_time_pauses_its_agent() -> None:
    """As ever, also when the link was lost before the customer answered."""
    room = Room(row(1))
    call = room.live()
    room.cut()
    room.link((call, CallProgress.RINGING))
    room.progress(call, CallProgress.ANSWERED, CallProgress.AGENT_RINGING)
    room.wait(seconds=20)
    room.progress(call, CallProgress.AGENT_MISSED, text="NOANSWER")
    assert (room.agent().presence, room.agent().reason) == (P.PAUSED, PHONE_NOT_ANSWERED)
