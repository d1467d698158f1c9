"""What both sides said is in the recording, in every second in which they said it, on the real PBX."""

from __future__ import annotations

import pytest

from dialer.demo.rig.rig import Rig
from tests.demo.rig.talk import talk

pytestmark = pytest.mark.pbx


@pytest.mark.parametrize("trunk", ["direct", "local"])
async def test_a_plain_conversation_is_whole(rig: Rig, trunk: str) -> None:
    """Both known tones are found in every second."""
    made = await talk(rig, trunk)
    assert (made.lost("customer"), made.lost("agent")) == ([], [])
