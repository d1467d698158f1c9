"""What both sides said is in the recording, in every second in which they said it, on the real PBX."""

from __future__ import annotations

import io
from datetime import datetime
from pathlib import Path

import pytest

from dialer.demo.rig import carrier, office
from dialer.demo.rig.rig import Rig
from dialer.recording import audio, faults
from tests.demo.rig.calls import fresh_number
from tests.demo.rig.talk import Talk, talk
from tests.kit.sip.dialog import Dialog
from tests.kit.sip.tones import Side
from tests.recording.sounds import RATE, call

pytestmark = pytest.mark.pbx


async def begin_anew(customer: Dialog, _agent: Dialog) -> None:
    """The customer's sender begins anew with sequence numbers far behind."""
    assert customer.voice is not None
    customer.voice.restart(sequence=-20_000)


WIDEBAND_PHONE = f"PJSIP/8001@{office.WIDEBAND}"
"""It speaks G.722 when it is offered."""

SIDES: tuple[Side, Side] = ("customer", "agent")
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


def row(made: Talk, folder: Path) -> dict[str, set[int]]:
    """The seconds that the row of this recording names, by what it says of them."""
    path = folder / f"{made.attempt}.raw"
    path.write_bytes(made.raw)
    facts = audio.write_wav(audio.examine(path), io.BytesIO(), swap=True)
    answered, connected = (datetime.fromisoformat(made.ended[name]) for name in ("Answered", "Connected"))
    found = faults.sound_faults(facts, call(seconds=facts.duration_s, answered_at=answered, connected_at=connected))
    named: dict[str, set[int]] = {}
    for fault in found:
        kind, _, spans = fault.partition(": ")
        for span in spans.split(", "):
            since, until = span.removesuffix(" s").split("–")
            named.setdefault(kind.rpartition("_")[0], set()).update(range(int(since), int(until)))
    return named


@pytest.mark.parametrize("trunk", ["direct", "local"])
@pytest.mark.parametrize(
    ("side", "sequence", "new_ssrc"),
    [("customer", -100, False), ("customer", -20_000, True), ("agent", -20_000, False), ("agent", 5_000, True)],
)
async def test_what_a_new_sender_costs_is_named_by_the_second(
    rig: Rig, tmp_path: Path, trunk: str, side: Side, sequence: int, new_ssrc: bool
) -> None:
    """Each second that was sent is in the recording, or the row names it; and it names no other."""

    async def begin_anew(customer: Dialog, agent: Dialog) -> None:
        voice = (customer if side == "customer" else agent).voice
        assert voice is not None
        voice.restart(sequence=sequence, new_ssrc=new_ssrc)

    made = await talk(rig, trunk, seconds=6, during=begin_anew)
    named = row(made, tmp_path)
    for each in SIDES:
        lost = set(made.lost(each))
        assert lost <= named.get(each, set()), (each, lost, named)
        near = {second + by for second in lost for by in (-1, 0, 1)}  # a side began to speak within a second
        assert named.get(each, set()) <= near, (each, lost, named)


async def test_hold_is_named_by_the_second(rig: Rig, tmp_path: Path) -> None:
    """An agent who holds the line sends nothing: those seconds stand in the row, and the customer is heard on."""

    async def hold(_customer: Dialog, agent: Dialog) -> None:
        assert agent.voice is not None
        agent.voice.hush(True)
        assert (await agent.reinvite("sendonly")).status == 200

    made = await talk(rig, seconds=6, during=hold)
    named = row(made, tmp_path)
    assert made.lost("customer") == []
    assert made.lost("agent") != []
    assert set(made.lost("agent")) <= named["agent"]


async def test_a_customer_is_recorded_through_a_transfer(rig: Rig, tmp_path: Path) -> None:
    """The agent's phone passes them on to a colleague; both go on in the same recording."""
    made = await talk(rig, seconds=5, agent=f"PJSIP/{carrier.TRANSFERRING_PHONE}")
    assert set(made.lost("customer")) <= row(made, tmp_path).get("customer", set())
    assert made.sound[-2 * RATE :, 1].std() > LOUD
