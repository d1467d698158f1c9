"""What a file can hold never ends the ingester: it is set aside with an alarm, and the others go on."""

import struct
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from dialer.campaign.model.attempt import AttemptState
from dialer.campaign.model.recording import RecordingState
from dialer.recording import audio, folder
from dialer.recording.ingester import ASIDE_ALARM, FILE_ALARM, LONG_ALARM
from tests.recording.sounds import call, talk, tone, wav
from tests.recording.surroundings import A, Room

B = "abc123-2-1-k3"


@pytest.fixture
def room(tmp_path: Path) -> Room:
    made = Room(tmp_path)
    made.records.add(call(seconds=4))
    made.records.add(call(B, seconds=4))
    made.done(talk(4), f"{B}.raw")
    return made


def damaged(at: int, value: int) -> bytes:
    """A WAV with another number ``at`` so many bytes after the format's name."""
    data = bytearray(wav(tone(2, 300).tobytes(), 1))
    place = data.index(b"fmt ") + at
    data[place : place + 4] = struct.pack("<I", value)
    return bytes(data)


@pytest.mark.parametrize("value", [0, 1, 0xF0000000, 0xFFFFFFFF])
@pytest.mark.parametrize("at", [4, 12, 16], ids=["length", "rate", "bytes a second"])
async def test_a_mad_header_is_kept_as_it_came_or_read_all_the_same(room: Room, at: int, value: int) -> None:
    """Nothing is lost, nothing dies, and the next file is taken in."""
    room.done(damaged(at, value), f"{A}.wav")
    await room.ingester.sweep()
    assert room.row().path
    assert room.records.recordings[B].state is RecordingState.KEPT


@pytest.mark.parametrize("size", [(1 << 32) + (1 << 20), (12 * 3600 + 60) * 32_000 + 4])
async def test_a_recording_of_a_weekend_is_set_aside_at_once(room: Room, size: int) -> None:
    """Longer than the settings allow, or than a WAV can hold; moved, not copied, and its call says where it is."""
    path = room.config.done / f"{A}.raw"
    with path.open("wb") as file:
        file.truncate(size)
    await room.ingester.sweep()
    aside = room.config.done / folder.SET_ASIDE / path.name
    assert aside.stat().st_size == size
    assert not path.exists()
    assert (room.row().state, room.row().path) == (RecordingState.MISSING, "")
    assert str(aside) in room.row().faults[0]
    assert str(aside) in room.alarms.open[ASIDE_ALARM]
    assert room.records.recordings[B].state is RecordingState.KEPT
    aside.unlink()
    room.clock.turn(1)
    await room.ingester.sweep()
    assert ASIDE_ALARM not in room.alarms.open


async def test_a_coded_recording_that_is_too_long_is_noticed_while_it_is_read(tmp_path: Path) -> None:
    """Its size does not say how long it is."""
    room = Room(tmp_path, longest_s=60)
    room.records.add(call(seconds=4))
    room.done(bytes(8000 * 121), f"{A}.ulaw")
    await room.ingester.sweep()
    assert room.alarms.open[ASIDE_ALARM]
    assert room.row().state is RecordingState.MISSING


@pytest.mark.parametrize("error", [MemoryError(), struct.error("bad"), ValueError(""), RecursionError()])
async def test_whatever_reading_raises_is_tried_three_times_then_set_aside(
    room: Room, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others go on at every try."""
    real: Callable[[Path], audio.Source] = audio.examine

    def broken(path: Path) -> audio.Source:
        if path.name.startswith(A):
            raise error
        return real(path)

    monkeypatch.setattr(audio, "examine", broken)
    path = room.done(talk(4))
    for _ in range(2):
        await room.ingester.sweep()
        assert path.exists()
        assert room.alarms.open[FILE_ALARM]
        room.clock.turn(31)
    assert room.records.recordings[B].state is RecordingState.KEPT
    await room.ingester.sweep()
    assert not path.exists()
    assert (room.config.done / folder.SET_ASIDE / path.name).read_bytes() == talk(4)
    room.clock.turn(1)
    await room.ingester.sweep()
    assert set(room.alarms.open) == {ASIDE_ALARM}


async def test_a_call_that_nobody_hangs_up_raises_an_alarm(tmp_path: Path) -> None:
    """While it goes on; over when it is."""
    room = Room(tmp_path, longest_s=3600)
    live = call(seconds=4, state=AttemptState.CONNECTED, ended_at=None, disposition=None)
    room.records.add(live)
    room.spool(talk(4))
    await room.ingester.sweep()
    room.clock.turn(100)
    await room.ingester.sweep()
    assert LONG_ALARM not in room.alarms.open
    room.clock.turn(timedelta(hours=2).total_seconds())
    await room.ingester.sweep()
    assert A in room.alarms.open[LONG_ALARM]
    room.records.add(call(seconds=4))
    room.clock.turn(1)
    await room.ingester.sweep()
    assert LONG_ALARM not in room.alarms.open
