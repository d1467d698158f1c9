"""What the office's dialplan records."""

from __future__ import annotations

import numpy as np
import pytest

from dialer.demo.rig.rig import Rig
from tests.demo.rig.calls import appears, dialer_session, fresh_number, grows_to, place, seconds, user_event

LOUD = 300.0
"""Of 32,767: speech of the prompts has a mean level of some thousands, silence below ten."""


def levels(raw: bytes) -> tuple[float, float]:
    """Mean level (RMS) of the customer's and of the agent's side of a raw recording."""
    samples = np.frombuffer(raw, dtype="<i2").astype(np.float64).reshape(-1, 2)
    left, right = np.sqrt((samples**2).mean(axis=0))
    return float(left), float(right)


@pytest.mark.pbx
@pytest.mark.parametrize("trunk", ["direct", "local"])
async def test_both_sides_are_heard(rig: Rig, trunk: str) -> None:
    """The finished file is moved under the attempt's id: customer left, agent right, as long as the conversation."""
    async with dialer_session(rig) as ami:
        attempt = await place(ami, rig, fresh_number("02"), trunk=trunk)
        await user_event(ami, "DialerAnswered", attempt)
        ended = await user_event(ami, "DialerEnded", attempt)
    raw = (await appears(rig.recordings.done / f"{attempt}.raw")).read_bytes()
    left, right = levels(raw)
    assert left > LOUD
    assert right > LOUD
    talk_s = float(ended["Timestamp"]) - seconds(ended["Answered"])
    assert len(raw) / 32_000 == pytest.approx(talk_s, abs=0.7)
    assert not (rig.recordings.spool / f"{attempt}.raw").exists()


@pytest.mark.pbx
async def test_a_mute_customer_is_on_the_left(rig: Rig) -> None:
    """The sides are not mixed up: a customer who is not heard leaves the left one silent."""
    async with dialer_session(rig) as ami:
        attempt = await place(ami, rig, fresh_number("77"))
        await user_event(ami, "DialerEnded", attempt)
    left, right = levels((await appears(rig.recordings.done / f"{attempt}.raw")).read_bytes())
    assert left < 10
    assert right > LOUD


@pytest.mark.pbx
async def test_a_killed_pbx_leaves_the_recording_so_far(quiet_rig: Rig) -> None:
    """After kill -9 of Asterisk the first seconds are in the spool folder, and nothing pretends to be complete."""
    rig = quiet_rig
    async with dialer_session(rig) as ami:
        attempt = await place(ami, rig, fresh_number("79"))
        await user_event(ami, "DialerConnected", attempt)
        spool = await appears(rig.recordings.spool / f"{attempt}.raw")
        await grows_to(spool, 32_768)  # written in steps of about a second
        await rig.office.kill()
    await rig.office.start()
    assert levels(spool.read_bytes())[0] > LOUD
    assert not (rig.recordings.done / f"{attempt}.raw").exists()
