"""The ingester when things go wrong around it: folders, disks, databases, clocks, second files."""

import asyncio
import os
import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from dialer.campaign.model.attempt import Attempt, AttemptState
from dialer.campaign.model.recording import Recording, RecordingState
from dialer.recording import folder
from dialer.recording.ingester import FILE_ALARM, FOLDER_ALARM, LIBRARY_ALARM, STORE_ALARM, Ingester
from tests.recording.sounds import NOW, call, talk, tone, wav
from tests.recording.surroundings import A, Room, until


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


async def test_a_second_shorter_recording_is_not_guessed_about(room: Room) -> None:
    """One call has one recording; another file of the same name stays where it is and is listed."""
    room.records.add(call(seconds=4))
    room.done(talk(4))
    await room.ingester.sweep()
    before = room.row()
    room.done(wav(tone(2, 300).tobytes(), 1), f"{A}.wav")
    await room.ingester.sweep()
    assert room.row() == before
    assert [orphan.reason for orphan in room.ingester.orphans()] == [
        "another and longer recording of this call is kept already"
    ]
    assert room.library() == [f"2026/11/23/{A}.wav"]


async def test_the_folder_vanishes_and_comes_back(room: Room) -> None:
    """An alarm, nothing booked as missing meanwhile, and it goes on by itself."""
    room.records.add(call(ended_s_ago=300))
    room.done(talk(4))
    away = room.config.done.with_name("elsewhere")
    room.config.done.rename(away)
    await room.ingester.sweep()
    await room.ingester.sweep()
    assert [key for key, _ in room.alarms.told] == [FOLDER_ALARM]
    assert str(room.config.done) in room.alarms.open[FOLDER_ALARM]
    assert room.ingester.status().problems == (room.alarms.open[FOLDER_ALARM],)
    assert room.records.recordings == {}
    away.rename(room.config.done)
    await room.ingester.sweep()
    assert room.alarms.open == {}
    assert room.row().state is RecordingState.KEPT


async def test_a_library_that_is_not_mounted_is_not_written_to(room: Room) -> None:
    """The empty folder under the mount point is not the library; recordings wait in the PBX's folder."""
    room.records.add(call())
    room.done(talk(4))
    await room.ingester.sweep()
    real = room.config.library.with_name("unmounted")
    room.config.library.rename(real)
    room.config.library.mkdir()
    room.records.add(call("abc123-2-1-k3"))
    waiting = room.done(talk(4), "abc123-2-1-k3.raw")
    await room.ingester.sweep()
    assert "mounted" in room.alarms.open[LIBRARY_ALARM]
    assert waiting.exists()
    assert list(room.config.library.iterdir()) == []
    room.config.library.rmdir()
    real.rename(room.config.library)
    await room.ingester.sweep()
    assert room.alarms.open == {}
    assert not waiting.exists()


async def test_a_full_disk_loses_nothing(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """One alarm; when there is room again, everything is taken in."""
    for number in (1, 2, 3):
        room.records.add(call(f"abc123-{number}-1-k3"))
        room.done(talk(4), f"abc123-{number}-1-k3.raw")
    real = os.fsync

    def full(handle: int) -> None:
        if stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(28, "No space left on device")
        real(handle)

    monkeypatch.setattr(os, "fsync", full)
    for _ in range(3):
        await room.ingester.sweep()
        room.clock.turn(1)
    assert len(room.alarms.told) == 1
    assert "No space left" in room.alarms.open[LIBRARY_ALARM]
    assert room.records.recordings == {}
    monkeypatch.setattr(os, "fsync", real)
    assert (await room.ingester.sweep()).taken == 3
    assert room.alarms.open == {}


async def test_a_file_that_cannot_be_read_does_not_hold_up_the_others(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is named in an alarm and tried again after a while."""
    for number in (1, 2):
        room.records.add(call(f"abc123-{number}-1-k3"))
        room.done(talk(4), f"abc123-{number}-1-k3.raw")
    real = folder.prepare
    tries = 0

    def bad_sector(found: folder.Found, *rest: object) -> folder.Part:
        nonlocal tries
        if found.attempt == A:
            tries += 1
            raise OSError(5, "Input/output error", str(found.path))
        return real(found, *rest)  # type: ignore[arg-type]  # fields by name, or a stand-in

    monkeypatch.setattr(folder, "prepare", bad_sector)
    for _ in range(5):
        await room.ingester.sweep()
        room.clock.turn(1)
    assert tries == 1
    assert set(room.records.recordings) == {"abc123-2-1-k3"}
    assert "Input/output error" in room.alarms.open[FILE_ALARM]
    assert room.ingester.status().waiting == 1
    monkeypatch.setattr(folder, "prepare", real)
    room.clock.turn(30)
    await room.ingester.sweep()
    assert room.row().state is RecordingState.KEPT
    assert room.alarms.open == {}


async def test_a_database_that_is_down_is_tried_again(room: Room) -> None:
    """The loop lives on; the file is in the library, the source waits; then both come together."""
    room.records.add(call())
    source = room.done(talk(4))
    room.records.down = True
    task = asyncio.create_task(
        Ingester(
            room.records, room.records, room.config.model_copy(update={"poll_s": 0.01}), room.clock, room.alarms
        ).run()
    )
    async with asyncio.timeout(30):
        await until(lambda: STORE_ALARM in room.alarms.open)
        assert source.exists()
        room.records.down = False
        await until(lambda: STORE_ALARM not in room.alarms.open)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert room.row().state is RecordingState.KEPT
    assert not source.exists()


async def test_a_hold_outlives_a_better_file(room: Room) -> None:
    """Taking in again keeps what a person has decided."""
    room.records.add(call(seconds=8))
    room.done(talk(4))
    await room.ingester.sweep()
    await room.records.hold(A, True, "complaint")
    room.done(talk(8))
    await room.ingester.sweep()
    assert room.row().duration_s == 8
    assert room.row().hold


async def test_a_deleted_recording_does_not_come_back(room: Room) -> None:
    """Retention has spoken; a file that turns up afterwards is for a person to decide."""
    room.records.add(call())
    row = Recording(A, RecordingState.DELETED, NOW, deleted_at=NOW)
    room.records.recordings[A] = row
    source = room.done(talk(4))
    await room.ingester.sweep()
    assert room.row() == row
    assert source.exists()
    assert len(room.ingester.orphans()) == 1


async def test_an_unreadable_file_gives_way_to_a_readable_one(room: Room) -> None:
    """The path changes with it, and the old file does not stay behind."""
    room.records.add(call())
    room.done(b"garbage", f"{A}.wav")
    await room.ingester.sweep()
    room.done(talk(4))
    await room.ingester.sweep()
    assert room.row().state is RecordingState.KEPT
    assert room.library() == [f"2026/11/23/{A}.wav"]


async def test_a_clock_set_back_does_not_freeze_anything(room: Room) -> None:
    """Waits count from the new time."""
    room.records.add(replace(call(), state=AttemptState.UNKNOWN, ended_at=None))
    room.done(talk(4))
    room.clock.turn(7200)
    await room.ingester.sweep()
    room.clock.turn(-7200)
    await room.ingester.sweep()
    room.clock.turn(121)
    await room.ingester.sweep()
    assert room.row().state is RecordingState.KEPT


async def test_the_file_changes_while_it_is_read(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read is not believed; the next sweep reads it again."""
    room.records.add(call())
    source = room.done(talk(2))
    real = folder.prepare

    def and_grows(found: folder.Found, *rest: object) -> folder.Part:
        part = real(found, *rest)  # type: ignore[arg-type]  # fields by name, or a stand-in
        source.write_bytes(talk(4))
        return part

    monkeypatch.setattr(folder, "prepare", and_grows)
    await room.ingester.sweep()
    assert room.records.recordings == {}
    monkeypatch.setattr(folder, "prepare", real)
    await room.ingester.sweep()
    assert room.row().duration_s == 4


async def test_a_backlog_after_an_outage_is_taken_in_at_once(room: Room) -> None:
    """The dialer was down while calls ended: all files, one sweep."""
    names = [f"abc123-{number}-1-k3" for number in range(1, 41)]
    for name in names:
        room.records.add(call(name, seconds=1, ended_s_ago=3000))
        room.done(talk(1), f"{name}.raw")
    assert (await room.ingester.sweep()).taken == 40
    assert sorted(room.records.recordings) == sorted(names)
    assert list(room.config.done.iterdir()) == []


async def test_a_file_moved_between_looking_and_reading_is_found_next_time(room: Room) -> None:
    """The PBX finishes a file that we were about to salvage."""
    attempt: Attempt = room.records.add(call(ended_s_ago=200))
    source = room.spool(talk(4))
    await room.ingester.sweep()
    room.clock.turn(61)
    asked = room.records.attempt

    async def and_moves(attempt: str) -> Attempt:
        if source.exists():
            source.rename(room.config.done / source.name)
        return await asked(attempt)

    room.records.attempt = and_moves  # type: ignore[method-assign]  # something happens in between
    await room.ingester.sweep()
    assert room.records.recordings == {}
    assert room.alarms.told == []
    await room.ingester.sweep()
    assert room.row().state is RecordingState.KEPT
    assert room.row().faults == ()
    assert attempt.ended_at is not None
    assert room.clock.now() - attempt.ended_at > timedelta(seconds=60)
