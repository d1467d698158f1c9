"""What both sides said is in the recording, in every second in which they said it, on the real PBX."""

from __future__ import annotations

import pytest

from dialer.demo.rig import office
from dialer.demo.rig.rig import Rig
from tests.demo.rig.calls import fresh_number
from tests.demo.rig.talk import talk
from tests.kit.sip.dialog import Dialog

pytestmark = pytest.mark.pbx


async def begin_anew(customer: Dialog, _agent: Dialog) -> None:
    """The customer's sender begins anew with sequence numbers far behind."""
    assert customer.voice is not None
    customer.voice.restart(sequence=-20_000)


WIDEBAND_PHONE = f"PJSIP/8001@{office.WIDEBAND}"
"""It speaks G.722 when it is offered."""

LOUD = 300.0
"""Of 32,767: speech of the prompts has a mean level of some thousands."""


@pytest.mark.parametrize("trunk", ["direct", "local"])
async def test_a_plain_conversation_is_whole(rig: Rig, trunk: str) -> None:
    """Both known tones are found in every second."""
    made = await talk(rig, trunk)
    assert (made.lost("customer"), made.lost("agent")) == ([], [])


async def test_a_wideband_phone_is_recorded_at_its_own_pitch(rig: Rig) -> None:
    """Its leg is narrowband, since MixMonitor would halve both sides."""
    made = await talk(rig, agent=WIDEBAND_PHONE)
    assert made.lost("customer") == []
    assert made.sound[:, 1].std() > LOUD


async def test_a_wideband_trunk_is_recorded_at_its_own_pitch(rig: Rig) -> None:
    """The same on the customer's leg."""
    made = await talk(rig, customer=f"PJSIP/{fresh_number('79')}@{office.WIDEBAND}")
    assert made.lost("agent") == []
    assert made.sound[:, 0].std() > LOUD


@pytest.mark.parametrize("trunk", ["direct", "local"])
async def test_a_sender_that_begins_anew_is_heard_on_the_line(rig: Rig, trunk: str) -> None:
    """Sequence numbers far behind, as from another media server: the agent hears the customer all the same."""
    made = await talk(rig, trunk, during=begin_anew)
    assert made.heard["agent"] > 0.7 * made.spoken["agent"]
