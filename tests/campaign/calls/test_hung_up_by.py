"""Who hung up first is kept with the attempt."""

from __future__ import annotations

import pytest

from dialer.campaign.messages import CallProgress, HangUp
from dialer.campaign.model.evidence import Side
from tests.campaign.days import row
from tests.campaign.stepping import Room


@pytest.mark.parametrize("side", [*Side, None])
def test_the_pbx_says_who_ended_a_conversation(side: Side | None) -> None:
    """With the hang-up; it is in the store."""
    room = Room(row(1))
    call = room.connect()
    room.progress(call, CallProgress.HUNG_UP, cause=16, hung_up_by=side)
    assert room.store.attempts[call.id].hung_up_by is side


@pytest.mark.parametrize(("staff", "side"), [("001", Side.AGENT), ("901", Side.PBX), ("", Side.PBX)])
def test_whoever_presses_the_key_was_first(staff: str, side: Side) -> None:
    """The PBX then only sees that a channel was ended; it may even take it for the customer's end."""
    room = Room(row(1))
    call = room.connect()
    room.ask(HangUp(by="somebody", attempt=call.id, staff=staff))
    room.progress(call, CallProgress.HUNG_UP, cause=16, hung_up_by=Side.CUSTOMER)
    assert room.store.attempts[call.id].hung_up_by is side


def test_nobody_hangs_up_a_call_that_was_not_answered() -> None:
    """What ends it is its disposition."""
    room = Room(row(1))
    call = room.progress(1, CallProgress.RINGING)
    room.progress(call, CallProgress.RESPONDED, reason=0)
    room.progress(call, CallProgress.HUNG_UP, cause=17, sip=486, hung_up_by=Side.CUSTOMER)
    assert room.store.attempts[call.id].hung_up_by is None
