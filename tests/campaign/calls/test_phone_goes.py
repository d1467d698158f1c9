"""A phone that goes away, or is taken for something else, while the agent's customer still rings."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dialer.campaign.changes import HangUpCall
from dialer.campaign.messages import CallProgress
from dialer.campaign.model.agent import PHONE_INCOMPATIBLE, Presence
from dialer.campaign.model.evidence import NO_COMMON_CODEC, Disposition
from dialer.campaign.model.phone import PhoneState
from dialer.campaign.model.visit import VisitState
from dialer.campaign.views.wording import hindrance
from tests.campaign.days import config, row
from tests.campaign.stepping import Room

S, P = PhoneState, CallProgress
UNABLE = [state for state in S if not state.able]
OUT = [state for state in UNABLE if not state.in_use]
SETTLE_S = config().settle.total_seconds()


@pytest.mark.parametrize("state", UNABLE)
@pytest.mark.parametrize("rings", [True, False])
def test_who_rings_for_a_phone_that_cannot_take_the_call_is_cancelled_once(state: PhoneState, rings: bool) -> None:
    """It is not counted; the agent stays ready, and goes on with the same customer when the phone is back."""
    room = Room(row(1))
    call = room.progress(1, *[P.RINGING] * rings)
    room.phone(state)
    assert room.agent().phone is state
    assert room.wait(seconds=SETTLE_S) == [HangUpCall(call.id)]
    room.phone(S.AWAY)
    assert room.wait(seconds=5) == []
    room.hang_up(room.progress(call, P.RESPONDED, reason=0), sip=None)
    assert room.ended(call) is Disposition.CANCELLED
    assert (room.agent().presence, room.visit().state, room.visit().counted) == (
        Presence.READY, VisitState.WAITING, 0,
    )  # fmt: skip
    room.wait(minutes=6)
    assert room.calls() == []
    room.phone(S.FREE)
    assert room.calls() == ["C0001"]


def test_a_phone_that_is_back_at_once_cancels_nothing() -> None:
    """A registration that lapses for a moment, or a private call that nobody takes."""
    room = Room(row(1))
    room.progress(1, P.RINGING)
    room.phone(S.AWAY)
    room.phone(S.FREE)
    assert room.wait(seconds=20) == []


def test_who_answers_in_the_meantime_is_not_hung_up_on() -> None:
    """The phone is tried; as it is known to be away, the agent is not blamed and goes on when it is back."""
    room = Room(row(1), row(2, agent="001"))
    call = room.progress(1, P.RINGING)
    room.phone(S.AWAY)
    room.progress(call, P.ANSWERED)
    assert room.wait(seconds=SETTLE_S) == []
    room.progress(call, P.AGENT_MISSED, text="CHANUNAVAIL")
    room.hang_up(call)
    assert room.ended(call) is Disposition.ABANDONED
    assert (room.agent().presence, room.state.alarms, room.calls()) == (Presence.READY, {}, [])
    room.phone(S.FREE)
    assert room.calls() == ["C0002"]


@pytest.mark.parametrize("state", [state for state in S if state not in OUT])
def test_who_does_not_pick_up_a_phone_that_is_there_is_paused(state: PhoneState) -> None:
    """As ever: our own call may be what rings or was on it."""
    room = Room(row(1))
    call = room.progress(1, P.ANSWERED, P.AGENT_RINGING)
    room.phone(state)
    room.progress(call, P.AGENT_MISSED, text="NOANSWER")
    assert room.agent().presence is Presence.PAUSED


@pytest.mark.parametrize("heard", [True, False])
def test_a_phone_that_speaks_no_codec_of_ours_is_named(heard: bool) -> None:
    """Its agent and those who get alarms read why; who gets ready again has mended it."""
    room = Room(row(1), row(2, agent="001"))
    call = room.progress(1, P.RINGING, P.ANSWERED)
    if heard:
        room.progress(call, P.AGENT_MISSED, text="CHANUNAVAIL", cause=NO_COMMON_CODEC)
    room.hang_up(call, cause=NO_COMMON_CODEC, status="CHANUNAVAIL")
    assert (room.agent().presence, room.agent().reason) == (Presence.PAUSED, PHONE_INCOMPATIBLE)
    assert [*room.state.alarms] == ["phone:001"]
    assert "G.711" in hindrance(room.agent(), "en")
    assert room.calls() == []
    room.ready()
    assert room.state.alarms == {}


def test_the_team_s_customer_goes_to_a_colleague_after_the_gap() -> None:
    """The phone of the one is gone; of two on the line the other calls."""
    room = Room(row(1, agent=None, team="A"), agents=2, teams={"001": "A", "002": "A"})
    first = room.live()
    room.progress(first, P.RINGING)
    room.phone(S.AWAY, f"PJSIP/{first.agent}")
    room.wait(seconds=SETTLE_S)
    room.hang_up(room.progress(first, P.RESPONDED, reason=0), sip=None)
    room.wait(seconds=timedelta(minutes=5).total_seconds())
    assert room.calls() == ["C0001"]
    assert room.live().agent != first.agent
