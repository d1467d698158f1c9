"""What a real Asterisk recorded, taken in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dialer.campaign.model.recording import RecordingState
from dialer.clock import SystemClock
from dialer.demo.rig.rig import Rig
from dialer.recording.config import RecordingConfig
from dialer.recording.ingester import Ingester
from tests.demo.rig.calls import appears, dialer_session, fresh_number, grows_to, place, user_event
from tests.recording.records import MemoryRecords
from tests.recording.sounds import Alarms, Clock, call


def moment(epoch: str) -> datetime:
    return datetime.fromtimestamp(float(epoch), UTC)


@pytest.mark.pbx
@pytest.mark.parametrize(
    ("ending", "trunk", "faults"), [("02", "direct", ()), ("02", "local", ()), ("77", "direct", ("customer_silent",))]
)
async def test_a_conversation_is_taken_in(
    rig: Rig, tmp_path: Path, ending: str, trunk: str, faults: tuple[str, ...]
) -> None:
    """Length and both sides are right; a customer who is not heard is named, so the sides are not mixed up."""
    async with dialer_session(rig) as ami:
        attempt = await place(ami, rig, fresh_number(ending), trunk=trunk)
        await user_event(ami, "DialerAnswered", attempt)
        ended = await user_event(ami, "DialerEnded", attempt)
    records = MemoryRecords()
    records.add(
        replace(
            call("abc123-1-1-k3"),
            id=attempt,
            answered_at=datetime.fromisoformat(ended["Answered"]),
            connected_at=datetime.fromisoformat(ended["Connected"]),
            ended_at=moment(ended["Timestamp"]),
        )
    )
    await appears(rig.recordings.done / f"{attempt}.raw")
    (tmp_path / "library").mkdir()
    config = RecordingConfig(spool=rig.recordings.spool, done=rig.recordings.done, library=tmp_path / "library")
    await Ingester(records, records, config, SystemClock(), Alarms()).sweep()
    row = records.recordings[attempt]
    assert row.faults == faults
    agent, customer = row.levels
    assert agent is not None
    assert agent > -40
    assert customer is not None
    assert (customer > -40) is (ending != "77")
    assert not (rig.recordings.done / f"{attempt}.raw").exists()


@pytest.mark.pbx
async def test_a_call_that_a_killed_pbx_recorded_is_salvaged(quiet_rig: Rig, tmp_path: Path) -> None:
    """What was written up to the kill is in the library, marked as cut short."""
    rig = quiet_rig
    async with dialer_session(rig) as ami:
        attempt = await place(ami, rig, fresh_number("79"))
        connected = await user_event(ami, "DialerConnected", attempt)
        spool = await appears(rig.recordings.spool / f"{attempt}.raw")
        await grows_to(spool, 32_768)
        await rig.office.kill()
    at = moment(connected["Timestamp"])
    records, clock = MemoryRecords(), Clock(datetime.now(UTC))
    records.add(replace(call("abc123-1-1-k3"), id=attempt, answered_at=at, connected_at=at, ended_at=clock.now()))
    (tmp_path / "library").mkdir()
    config = RecordingConfig(spool=rig.recordings.spool, done=rig.recordings.done, library=tmp_path / "library")
    ingester = Ingester(records, records, config, clock, Alarms())
    await ingester.sweep()
    clock.turn(61)
    await ingester.sweep()
    row = records.recordings[attempt]
    assert row.state is RecordingState.FAULTY
    assert row.faults[0] == "cut_short"
    assert row.duration_s >= 1
    await rig.office.start()
