"""The keeper: takes in whatever is complete, books what is not there, and never loses or doubles."""

import asyncio
import os
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import soundfile

from dialer.campaign.attempt import Attempt, AttemptState
from dialer.campaign.disposition import Disposition
from dialer.campaign.records import Recording, RecordingState
from dialer.recording import folder
from dialer.recording.faults import Fault
from dialer.recording.keeper import FILE_ALARM, FOLDER_ALARM, LIBRARY_ALARM, MISSING_ALARM, STORE_ALARM, Keeper
from tests.recording.books import MemoryBooks
from tests.recording.sounds import NOW, Alarms, Clock, call, config, hush, raw, talk, tone, wav

A = "abc123-1-1-k3"


class Room:
    """A keeper with its folders, books, clock and alarms."""

    def __init__(self, root: Path, **settings: object) -> None:
        self.config = config(root, **settings)
        self.books = MemoryBooks()
        self.clock = Clock()
        self.alarms = Alarms()
        self.keeper = self.another_keeper()

    def another_keeper(self) -> Keeper:
        """As after a restart: nothing is remembered but files and books."""
        return Keeper(self.books, self.books, self.config, self.clock, self.alarms)

    def done(self, content: bytes, name: str = f"{A}.raw") -> Path:
        path = self.config.done / name
        path.write_bytes(content)
        return path

    def spool(self, content: bytes, name: str = f"{A}.raw") -> Path:
        path = self.config.spool / name
        path.write_bytes(content)
        return path

    def kept(self, name: str = A) -> Path:
        return self.config.library / "2026/11/23" / f"{name}.wav"

    def row(self) -> Recording:
        return self.books.recordings[A]

    def library(self) -> list[str]:
        """Every file of the library."""
        return sorted(str(p.relative_to(self.config.library)) for p in self.config.library.rglob("*") if p.is_file())


async def until(holds: Callable[[], bool]) -> None:
    """Wait for a condition; the caller sets the deadline."""
    while not holds():  # noqa: ASYNC110 - what is waited for is a state, and nobody sends an event
        await asyncio.sleep(0.005)


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


async def test_a_complete_recording_is_taken_in(room: Room) -> None:
    """File, row and hash agree; the source is gone."""
    room.books.add(call(seconds=4))
    source = room.done(talk(4))
    sweep = await room.keeper.sweep()
    assert sweep.taken == 1
    assert not source.exists()
    info = soundfile.info(room.kept())
    assert (info.samplerate, info.channels, info.frames, info.subtype) == (8000, 2, 32000, "PCM_16")
    assert room.row() == Recording(
        A,
        RecordingState.KEPT,
        NOW,
        path=f"2026/11/23/{A}.wav",
        size=44 + 128000,
        duration_s=4.0,
        sha256=folder.sha256(room.kept()),
        channels=2,
        levels=(-11.0, -23.0),
    )
    assert room.library() == [f"2026/11/23/{A}.wav"]
    assert room.alarms.told == []
    assert room.keeper.status().taken == 1


async def test_a_call_that_goes_on_waits(room: Room) -> None:
    """The file is complete and the books are behind: it waits, then it is taken in with its length checked."""
    over = call(seconds=4)
    room.books.add(replace(over, state=AttemptState.UNKNOWN, ended_at=None, disposition=None))
    room.done(talk(4))
    assert (await room.keeper.sweep()).waiting == 1
    room.clock.turn(100)
    assert (await room.keeper.sweep()).waiting == 1
    room.books.add(over)
    assert (await room.keeper.sweep()).taken == 1
    assert room.row().faults == ()


async def test_a_call_that_never_ends_in_the_books_waits_only_so_long(room: Room) -> None:
    """After the wait it is kept with its length unchecked; the check follows when the end is known."""
    over = call(seconds=9)
    room.books.add(replace(over, state=AttemptState.UNKNOWN, ended_at=None, disposition=None))
    room.done(talk(4))
    await room.keeper.sweep()
    room.clock.turn(121)
    await room.keeper.sweep()
    assert room.row().state is RecordingState.KEPT
    assert room.row().faults == (Fault.LENGTH_UNCHECKED,)
    room.books.add(over)
    room.clock.turn(20)
    await room.keeper.sweep()
    assert room.row().state is RecordingState.FAULTY
    assert room.row().faults == ("too_short: 4.0 s of 9.0 s",)


@pytest.mark.parametrize(
    ("content", "seconds", "faults"),
    [
        (raw(hush(4), hush(4)), 4, (Fault.SILENT,)),
        (raw(hush(4), tone(4, 440)), 4, (Fault.CUSTOMER_SILENT,)),
        (raw(tone(4, 440), hush(4)), 4, (Fault.AGENT_SILENT,)),
        (talk(4), 20, ("too_short: 4.0 s of 20.0 s",)),
        (talk(9), 4, ("too_long: 9.0 s of 4.0 s",)),
        (raw(hush(4), tone(4, 440)), 20, (Fault.CUSTOMER_SILENT, "too_short: 4.0 s of 20.0 s")),
        (b"", 4, (Fault.EMPTY,)),
        (talk(4), 4.5, ()),
    ],
)
async def test_what_is_wrong_is_named(room: Room, content: bytes, seconds: float, faults: tuple[str, ...]) -> None:
    """Silence, one side only, a wrong length, nothing at all; half a second at the end is always missing."""
    room.books.add(call(seconds=seconds))
    room.done(content)
    await room.keeper.sweep()
    assert room.row().faults == faults
    assert room.row().state is (RecordingState.FAULTY if faults else RecordingState.KEPT)


async def test_nobody_spoke_in_an_abandoned_call_and_that_is_no_fault(room: Room) -> None:
    """Only a conversation must have two voices."""
    room.books.add(call(seconds=4, connected_at=None, disposition=Disposition.ABANDONED))
    room.done(raw(hush(4), hush(4)))
    await room.keeper.sweep()
    assert room.row().state is RecordingState.KEPT


@pytest.mark.parametrize("channels", [1, 2])
async def test_older_asterisk_writes_wav(room: Room, channels: int) -> None:
    """Mono has no sides to tell apart; stereo is turned like raw."""
    room.books.add(call(seconds=4))
    content = wav(tone(4, 440).tobytes(), 1) if channels == 1 else wav(talk(4), 2)
    room.done(content, f"{A}.wav")
    await room.keeper.sweep()
    assert room.row().channels == channels
    assert room.row().levels == ((None, None) if channels == 1 else (-11.0, -23.0))
    assert room.row().state is RecordingState.KEPT


async def test_what_is_no_audio_is_kept_as_it_came(room: Room) -> None:
    """Nothing that the PBX wrote is thrown away because we cannot read it."""
    room.books.add(call())
    source = room.done(b"garbage", f"{A}.wav")
    await room.keeper.sweep()
    assert room.row().state is RecordingState.FAULTY
    assert room.row().faults[0].startswith("unreadable: ")
    assert (room.config.library / room.row().path).read_bytes() == b"garbage"
    assert not source.exists()


async def test_a_recording_without_a_call_is_kept_and_listed(room: Room) -> None:
    """Unknown calls, foreign names, links: they stay, they are listed, and they do not cost a look-up each second."""
    room.done(talk(1), "zzz999-9-9-zz.raw")
    room.done(b"?", "read me.txt")
    (room.config.done / "abc123-2-1-k3.raw").symlink_to("/etc/hostname")
    (room.config.done / "folder").mkdir()
    for _ in range(5):
        await room.keeper.sweep()
        room.clock.turn(1)
    names = [Path(stray.path).name for stray in room.keeper.strays()]
    assert names == ["abc123-2-1-k3.raw", "read me.txt", "zzz999-9-9-zz.raw"]
    assert room.books.asked == 1
    assert room.books.recordings == {}
    assert len(list(room.config.done.iterdir())) == 4
    # The database that knows it is restored from its backup.
    room.books.add(call("zzz999-9-9-zz", seconds=1))
    room.clock.turn(700)
    await room.keeper.sweep()
    assert "zzz999-9-9-zz" in room.books.recordings
    assert len(room.keeper.strays()) == 2
    (room.config.done / "read me.txt").unlink()
    await room.keeper.sweep()
    assert len(room.keeper.strays()) == 1


async def test_a_call_cut_short_by_a_crash_of_asterisk_is_salvaged(room: Room) -> None:
    """What was never moved out of the spool is taken in once the call is over and the file is still."""
    room.books.add(call(seconds=4.2))
    source = room.spool(talk(3.07))
    await room.keeper.sweep()
    room.clock.turn(50)
    await room.keeper.sweep()
    assert A not in room.books.recordings
    room.clock.turn(11)
    await room.keeper.sweep()
    assert room.row().state is RecordingState.FAULTY
    assert room.row().faults == (Fault.CUT_SHORT,)
    assert room.row().duration_s == 3.07
    # The source stays for a while, and is not taken in again, by a new keeper neither.
    saves = room.books.saves
    for keeper in (room.keeper, room.another_keeper()):
        room.clock.turn(61)
        await keeper.sweep()
        room.clock.turn(61)
        await keeper.sweep()
    assert source.exists()
    assert room.books.saves == saves
    room.clock.turn(3600)
    await room.keeper.sweep()
    assert not source.exists()
    assert room.kept().exists()


async def test_a_wav_cut_short_is_repaired(room: Room) -> None:
    """A killed Asterisk leaves length 0 in the header."""
    room.books.add(call(seconds=4))
    room.spool(wav(tone(3, 440).tobytes(), 1, data_length=0), f"{A}.wav")
    await room.keeper.sweep()
    room.clock.turn(61)
    await room.keeper.sweep()
    assert room.row().duration_s == 3
    assert room.row().faults == (Fault.CUT_SHORT, Fault.HEADER_REPAIRED)


async def test_a_growing_file_is_left_alone(room: Room) -> None:
    """As long as the PBX writes, the call is not over, whatever the books say; nothing is looked up for it either."""
    room.books.add(call(seconds=4, ended_s_ago=500))
    for seconds in range(1, 6):
        room.spool(talk(seconds))
        room.clock.turn(40)
        await room.keeper.sweep()
    assert A not in room.books.recordings
    assert room.books.asked == 0


async def test_a_salvaged_call_that_was_not_over_gets_its_whole_recording(room: Room) -> None:
    """The books were wrong: the PBX goes on and finishes the file. The longer one replaces the shorter."""
    room.books.add(call(seconds=8, ended_s_ago=100))
    spool = room.spool(talk(4))
    await room.keeper.sweep()
    room.clock.turn(61)
    await room.keeper.sweep()
    assert room.row().faults == (Fault.CUT_SHORT, "too_short: 4.0 s of 8.0 s")
    spool.write_bytes(talk(8))
    spool.rename(room.config.done / spool.name)
    await room.keeper.sweep()
    assert room.row().state is RecordingState.KEPT
    assert room.row().duration_s == 8
    assert room.row().sha256 == folder.sha256(room.kept())
    assert room.library() == [f"2026/11/23/{A}.wav"]
    assert room.keeper.strays() == ()


async def test_a_second_shorter_recording_is_not_guessed_about(room: Room) -> None:
    """One call has one recording; another file of the same name stays where it is and is listed."""
    room.books.add(call(seconds=4))
    room.done(talk(4))
    await room.keeper.sweep()
    before = room.row()
    room.done(wav(tone(2, 300).tobytes(), 1), f"{A}.wav")
    await room.keeper.sweep()
    assert room.row() == before
    assert [stray.reason for stray in room.keeper.strays()] == [
        "another and longer recording of this call is kept already"
    ]
    assert room.library() == [f"2026/11/23/{A}.wav"]


async def test_a_connected_call_without_a_file_is_booked_as_missing_until_it_comes(room: Room) -> None:
    """Invariant 7: a recording, or a row that says why not; and no final word."""
    room.books.add(call())
    await room.keeper.sweep()
    assert room.books.recordings == {}
    room.clock.turn(61)
    assert (await room.keeper.sweep()).missing == 1
    assert room.row().state is RecordingState.MISSING
    assert room.row().faults == ("no_file: nothing came within 60 s of the call's end",)
    assert A in room.alarms.open[MISSING_ALARM]
    room.done(talk(4))
    await room.keeper.sweep()
    assert room.row().state is RecordingState.KEPT
    assert MISSING_ALARM in room.alarms.open
    room.books.add(call("abc123-2-1-k3", ended_s_ago=-100))
    room.clock.turn(120)
    room.done(talk(4), "abc123-2-1-k3.raw")
    await room.keeper.sweep()
    assert MISSING_ALARM not in room.alarms.open


async def test_a_call_whose_file_waits_is_not_missing(room: Room) -> None:
    """In the spool or not taken in yet: that is something else."""
    room.books.add(call(ended_s_ago=300))
    room.spool(talk(3))
    await room.keeper.sweep()
    assert room.books.recordings == {}


async def test_the_folder_vanishes_and_comes_back(room: Room) -> None:
    """An alarm, nothing booked as missing meanwhile, and it goes on by itself."""
    room.books.add(call(ended_s_ago=300))
    room.done(talk(4))
    away = room.config.done.with_name("elsewhere")
    room.config.done.rename(away)
    await room.keeper.sweep()
    await room.keeper.sweep()
    assert [key for key, _ in room.alarms.told] == [FOLDER_ALARM]
    assert str(room.config.done) in room.alarms.open[FOLDER_ALARM]
    assert room.keeper.status().problems == (room.alarms.open[FOLDER_ALARM],)
    assert room.books.recordings == {}
    away.rename(room.config.done)
    await room.keeper.sweep()
    assert room.alarms.open == {}
    assert room.row().state is RecordingState.KEPT


async def test_a_library_that_is_not_mounted_is_not_written_to(room: Room) -> None:
    """The empty folder under the mount point is not the library; recordings wait in the PBX's folder."""
    room.books.add(call())
    room.done(talk(4))
    await room.keeper.sweep()
    real = room.config.library.with_name("unmounted")
    room.config.library.rename(real)
    room.config.library.mkdir()
    room.books.add(call("abc123-2-1-k3"))
    waiting = room.done(talk(4), "abc123-2-1-k3.raw")
    await room.keeper.sweep()
    assert "mounted" in room.alarms.open[LIBRARY_ALARM]
    assert waiting.exists()
    assert list(room.config.library.iterdir()) == []
    room.config.library.rmdir()
    real.rename(room.config.library)
    await room.keeper.sweep()
    assert room.alarms.open == {}
    assert not waiting.exists()


async def test_a_full_disk_loses_nothing(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """One alarm; when there is room again, everything is taken in."""
    for number in (1, 2, 3):
        room.books.add(call(f"abc123-{number}-1-k3"))
        room.done(talk(4), f"abc123-{number}-1-k3.raw")
    real = os.fsync

    def full(handle: int) -> None:
        if stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(28, "No space left on device")
        real(handle)

    monkeypatch.setattr(os, "fsync", full)
    for _ in range(3):
        await room.keeper.sweep()
        room.clock.turn(1)
    assert len(room.alarms.told) == 1
    assert "No space left" in room.alarms.open[LIBRARY_ALARM]
    assert room.books.recordings == {}
    monkeypatch.setattr(os, "fsync", real)
    assert (await room.keeper.sweep()).taken == 3
    assert room.alarms.open == {}


async def test_a_file_that_cannot_be_read_does_not_hold_up_the_others(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is named in an alarm and tried again after a while."""
    for number in (1, 2):
        room.books.add(call(f"abc123-{number}-1-k3"))
        room.done(talk(4), f"abc123-{number}-1-k3.raw")
    real = folder.prepare
    tries = 0

    def bad_sector(found: folder.Found, *rest: object) -> folder.Part:
        nonlocal tries
        if found.attempt == A:
            tries += 1
            raise OSError(5, "Input/output error", str(found.path))
        return real(found, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(folder, "prepare", bad_sector)
    for _ in range(5):
        await room.keeper.sweep()
        room.clock.turn(1)
    assert tries == 1
    assert set(room.books.recordings) == {"abc123-2-1-k3"}
    assert "Input/output error" in room.alarms.open[FILE_ALARM]
    assert room.keeper.status().waiting == 1
    monkeypatch.setattr(folder, "prepare", real)
    room.clock.turn(30)
    await room.keeper.sweep()
    assert room.row().state is RecordingState.KEPT
    assert room.alarms.open == {}


async def test_a_database_that_is_down_is_tried_again(room: Room) -> None:
    """The loop lives on; the file is in the library, the source waits; then both come together."""
    room.books.add(call())
    source = room.done(talk(4))
    room.books.down = True
    task = asyncio.create_task(
        Keeper(room.books, room.books, replace(room.config, poll_s=0.01), room.clock, room.alarms).run()
    )
    async with asyncio.timeout(10):
        await until(lambda: STORE_ALARM in room.alarms.open)
        assert source.exists()
        room.books.down = False
        await until(lambda: STORE_ALARM not in room.alarms.open)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert room.row().state is RecordingState.KEPT
    assert not source.exists()


async def test_a_hold_outlives_a_better_file(room: Room) -> None:
    """Taking in again keeps what a person has decided."""
    room.books.add(call(seconds=8))
    room.done(talk(4))
    await room.keeper.sweep()
    await room.books.hold(A, True, "complaint")
    room.done(talk(8))
    await room.keeper.sweep()
    assert room.row().duration_s == 8
    assert room.row().hold


async def test_a_deleted_recording_does_not_come_back(room: Room) -> None:
    """Retention has spoken; a file that turns up afterwards is for a person to decide."""
    room.books.add(call())
    row = Recording(A, RecordingState.DELETED, NOW, deleted_at=NOW)
    room.books.recordings[A] = row
    source = room.done(talk(4))
    await room.keeper.sweep()
    assert room.row() == row
    assert source.exists()
    assert len(room.keeper.strays()) == 1


async def test_an_unreadable_file_gives_way_to_a_readable_one(room: Room) -> None:
    """The path changes with it, and the old file does not stay behind."""
    room.books.add(call())
    room.done(b"garbage", f"{A}.wav")
    await room.keeper.sweep()
    room.done(talk(4))
    await room.keeper.sweep()
    assert room.row().state is RecordingState.KEPT
    assert room.library() == [f"2026/11/23/{A}.wav"]


async def test_a_clock_set_back_does_not_freeze_anything(room: Room) -> None:
    """Waits count from the new time."""
    room.books.add(replace(call(), state=AttemptState.UNKNOWN, ended_at=None))
    room.done(talk(4))
    room.clock.turn(7200)
    await room.keeper.sweep()
    room.clock.turn(-7200)
    await room.keeper.sweep()
    room.clock.turn(121)
    await room.keeper.sweep()
    assert room.row().state is RecordingState.KEPT


async def test_the_file_changes_while_it_is_read(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read is not believed; the next sweep reads it again."""
    room.books.add(call())
    source = room.done(talk(2))
    real = folder.prepare

    def and_grows(found: folder.Found, *rest: object) -> folder.Part:
        part = real(found, *rest)  # type: ignore[arg-type]
        source.write_bytes(talk(4))
        return part

    monkeypatch.setattr(folder, "prepare", and_grows)
    await room.keeper.sweep()
    assert room.books.recordings == {}
    monkeypatch.setattr(folder, "prepare", real)
    await room.keeper.sweep()
    assert room.row().duration_s == 4


async def test_a_backlog_after_an_outage_is_taken_in_at_once(room: Room) -> None:
    """The dialer was down while calls ended: all files, one sweep."""
    names = [f"abc123-{number}-1-k3" for number in range(1, 41)]
    for name in names:
        room.books.add(call(name, seconds=1, ended_s_ago=3000))
        room.done(talk(1), f"{name}.raw")
    assert (await room.keeper.sweep()).taken == 40
    assert sorted(room.books.recordings) == sorted(names)
    assert list(room.config.done.iterdir()) == []


async def test_a_file_moved_between_looking_and_reading_is_found_next_time(room: Room) -> None:
    """The PBX finishes a file that we were about to salvage."""
    attempt: Attempt = room.books.add(call(ended_s_ago=200))
    source = room.spool(talk(4))
    await room.keeper.sweep()
    room.clock.turn(61)
    asked = room.books.attempt

    async def and_moves(attempt: str) -> Attempt:
        if source.exists():
            source.rename(room.config.done / source.name)
        return await asked(attempt)

    room.books.attempt = and_moves  # type: ignore[method-assign]
    await room.keeper.sweep()
    assert room.books.recordings == {}
    assert room.alarms.told == []
    await room.keeper.sweep()
    assert room.row().state is RecordingState.KEPT
    assert room.row().faults == ()
    assert attempt.ended_at is not None
    assert room.clock.now() - attempt.ended_at > timedelta(seconds=60)
