"""Calls and the dialer's own restarts: adopted, given up, ended."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dialer.campaign.changes import HangUpCall
from dialer.campaign.messages import CallEvent, CallProgress
from dialer.campaign.model.agent import Presence
from dialer.campaign.model.attempt import AttemptState
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.visit import VisitState
from tests.campaign.days import row
from tests.campaign.stepping import Room

D = Disposition


def test_a_call_from_before_a_restart_is_adopted() -> None:
    """Invariant 9: the dialer finds it again by id; its number and its trunk stay taken."""
    room = Room(row(1), row(2, number="13900000001"), agents=2)
    call = room.connect()
    room.restart()
    found = room.live()
    assert (found.state, found.id) == (AttemptState.UNKNOWN, call.id)
    assert room.state.trunks["trunk"].in_use == 1
    room.link((found, CallProgress.CONNECTED), final=False)
    assert room.calls() == ["C0001"]
    room.hang_up(found)
    assert (room.visit().state, room.agent().presence) == (VisitState.REACHED, Presence.WRAP_UP)
    assert room.state.trunks["trunk"].in_use == 0


def test_a_call_that_was_unknown_before_the_restart_is_adopted_too() -> None:
    """The link was lost first, then the dialer was killed."""
    room = Room(row(1))
    call = room.connect()
    room.cut()
    room.restart()
    room.link((room.live(), CallProgress.CONNECTED))
    room.hang_up(1)
    assert room.ended(call) is D.CONNECTED


def test_a_call_committed_but_never_placed_is_given_up_after_a_restart() -> None:
    """Killed between the commit and the Originate: in the books, not on the PBX, so it is over (invariant 6)."""
    room = Room(row(1))
    call = room.live()
    room.wait(3)
    room.restart()
    room.link(final=False)
    room.wait(2)
    room.link()
    assert room.ended(call) is D.UNKNOWN
    assert room.agent().presence is Presence.READY


def test_a_call_that_rings_for_ever_is_ended_after_a_restart_too() -> None:
    """The watch over it is set again."""
    room = Room(row(1))
    room.progress(1, CallProgress.RINGING)
    room.restart()
    found = room.live()
    room.link((found, CallProgress.DIALLED))
    assert HangUpCall(found.id) in room.wait(60)


def test_a_call_over_a_trunk_that_is_configured_no_more_ends_all_the_same() -> None:
    """Settings may change with a restart."""
    room = Room(row(1))
    call = room.connect()
    room.config = type(room.config)(hours=room.config.hours, trunks=())
    room.restart()
    room.link((room.live(), CallProgress.CONNECTED))
    room.hang_up(1)
    assert room.ended(call) is D.CONNECTED


@pytest.mark.parametrize("restarted", [False, True], ids=["running", "restarted"])
@pytest.mark.parametrize("slow", [0, 4, 60], ids="{} minutes slow".format)
def test_the_gap_is_ours_whatever_the_pbxs_clock_says(slow: int, *, restarted: bool) -> None:
    """Invariant 2: it runs from when the dialer learnt of the end, also after a restart."""
    room = Room(row(1))
    call = room.progress(1, CallProgress.RINGING)
    room.wait(30)
    at_pbx = room.now - timedelta(minutes=slow)
    room.do(
        CallEvent(call.id, CallProgress.RESPONDED, at_pbx, reason=0),
        CallEvent(call.id, CallProgress.HUNG_UP, at_pbx, cause=17, sip=486),
    )
    if restarted:
        room.restart()
        room.link()
    room.wait(minutes=4, seconds=59)
    assert room.calls() == []
    room.wait(1)
    assert room.calls() == ["C0001"]
