"""What both sides said is in the recording, in every second in which they said it, on the real PBX."""

from __future__ import annotations

import asyncio
import io
from datetime import datetime
from pathlib import Path

import pytest

from dialer.demo.rig import carrier, office
from dialer.demo.rig.rig import Rig
from dialer.recording import audio, faults
from tests.demo.rig.calls import fresh_number
from tests.demo.rig.talk import ENOUGH, Talk, talk
from tests.kit.sip import tones
from tests.kit.sip.dialog import Dialog
from tests.kit.sip.party import Party
from tests.kit.sip.tones import Side
from tests.kit.waiting import until
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


def named_rightly(made: Talk, folder: Path) -> None:
    """Each second that was sent is in the recording, or the row names it; and it names no other."""
    named = row(made, folder)
    for each in SIDES:
        lost = set(made.lost(each))
        assert lost <= named.get(each, set()), (each, lost, named)
        near = {second + by for second in lost for by in (-1, 0, 1)}  # a side began to speak within a second
        assert named.get(each, set()) <= near, (each, lost, named)


async def test_what_a_new_sender_costs_is_named_by_the_second(rig: Rig, tmp_path: Path) -> None:
    """Lower, higher, from another source, of either side, on either trunk; all at once."""

    async def restarted(trunk: str, side: Side, sequence: int, new_ssrc: bool) -> None:
        async def begin_anew(customer: Dialog, agent: Dialog) -> None:
            voice = (customer if side == "customer" else agent).voice
            assert voice is not None
            voice.restart(sequence=sequence, new_ssrc=new_ssrc)

        named_rightly(await talk(rig, trunk, seconds=6, during=begin_anew), tmp_path)

    async with asyncio.TaskGroup() as calls:
        for trunk in ("direct", "local"):
            calls.create_task(restarted(trunk, "customer", -100, False))
            calls.create_task(restarted(trunk, "customer", -20_000, True))
            calls.create_task(restarted(trunk, "agent", -20_000, False))
            calls.create_task(restarted(trunk, "agent", 5_000, True))
            calls.create_task(restarted(trunk, "customer", 5_000, False))


async def test_hold_is_named_by_the_second(rig: Rig, tmp_path: Path) -> None:
    """An agent who holds the line sends nothing: those seconds stand in the row, and the customer is heard on."""

    async def hold(_customer: Dialog, agent: Dialog) -> None:
        assert agent.voice is not None
        agent.voice.hush(True)
        assert (await agent.reinvite("sendonly")).status == 200

    async def hold_and_resume(customer: Dialog, agent: Dialog) -> None:
        await hold(customer, agent)
        voice = agent.voice
        assert voice is not None
        resumes = voice.seconds + 4
        await until(lambda: voice.seconds >= resumes, "four seconds on hold")
        assert (await agent.reinvite()).status == 200
        voice.hush(False)

    held, resumed = await asyncio.gather(
        talk(rig, seconds=6, during=hold), talk(rig, "local", seconds=11, during=hold_and_resume)
    )
    assert held.lost("agent") != []
    assert set(held.lost("agent")) <= row(held, tmp_path)["agent"]
    named = row(resumed, tmp_path)["agent"]
    assert set(resumed.lost("agent")) <= {second + by for second in named for by in (-1, 0, 1)}  # the edges are in both
    assert not {1, 10} & set(resumed.lost("agent"))  # before, and after
    assert held.lost("customer") == resumed.lost("customer") == []


LATER = 10
"""The second with whose tone a colleague begins, so that they can be told from the agent."""


async def test_a_colleague_is_recorded_or_named(rig: Rig, tmp_path: Path) -> None:
    """Whom an agent's phone transfers the customer to is in the same recording; both go on in it.

    Asterisk as Debian builds it drops what comes with lower sequence numbers than the agent's had, which half of all
    colleagues have: those seconds stand in the row.
    """

    async def passed_on(trunk: str, sequence: int) -> None:
        async def colleague(call: Dialog) -> None:
            voice = await call.open_voice()
            voice.sent = LATER * 50
            voice.restart(sequence=sequence)
            await call.answer()

        async with Party(colleague) as desk:
            began = 0

            async def transfer(customer: Dialog, agent: Dialog) -> None:
                nonlocal began
                assert (await agent.refer(f"sip:{desk.port}@127.0.0.1")).status == 202
                await until(lambda: bool(desk.calls and desk.calls[0].acked.is_set()), "the colleague's answer")
                assert customer.voice is not None
                began = customer.voice.seconds

            made = await talk(rig, trunk, seconds=8, during=transfer, variables=["__TRANSFER_CONTEXT=party"])
            voice = desk.calls[0].voice
            assert voice is not None
            found = tones.heard(made.sound[:, 1], "agent", voice.seconds)[LATER:]
        assert len(found) >= 2
        lost = {began + second for second, share in enumerate(found) if share < ENOUGH}
        named = row(made, tmp_path)
        assert lost <= {second + by for second in named.get("agent", ()) for by in (-1, 0, 1)}, (trunk, sequence, named)
        assert set(made.lost("customer")) <= named.get("customer", set())
        if sequence >= 0:
            assert lost <= {began + second - LATER + by for second in voice.late for by in (-1, 0, 1)}

    async with asyncio.TaskGroup() as calls:
        for trunk in ("direct", "local"):
            calls.create_task(passed_on(trunk, -25_000))
            calls.create_task(passed_on(trunk, 20_000))


@pytest.mark.parametrize("phone", [carrier.TRANSFERRING_PHONE, carrier.CONSULTING_PHONE], ids=["blind", "attended"])
async def test_a_customer_is_recorded_through_a_transfer(rig: Rig, tmp_path: Path, phone: str) -> None:
    """The agent's phone passes them on to a colleague's phone, at once or after a word with it."""
    made = await talk(rig, seconds=6, agent=f"PJSIP/{phone}")
    named = row(made, tmp_path)
    assert set(made.lost("customer")) <= named.get("customer", set())
    end = int(made.sound.shape[0] / RATE) - 1
    assert made.sound[-2 * RATE :, 1].std() > LOUD or {end - 1, end} & named.get("agent", set())
