"""The ingester: takes in whatever is complete, records what is not there, and never loses or doubles."""

from dataclasses import replace
from pathlib import Path

import pytest
import soundfile

from dialer.campaign.model.attempt import AttemptState
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.recording import Recording, RecordingState
from dialer.recording import folder
from dialer.recording.faults import Fault
from dialer.recording.ingester import MISSING_ALARM
from tests.recording.sounds import NOW, call, hush, raw, talk, tone, wav
from tests.recording.surroundings import A, Room


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


async def test_a_complete_recording_is_taken_in(room: Room) -> None:
    """File, row and hash agree; the source is gone."""
    room.records.add(call(seconds=4))
    source = room.done(talk(4))
    sweep = await room.ingester.sweep()
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
    assert room.ingester.status().taken == 1


async def test_a_call_that_goes_on_waits(room: Room) -> None:
    """The file is complete and the records are behind: it waits, then it is taken in with its length checked."""
    over = call(seconds=4)
    room.records.add(replace(over, state=AttemptState.UNKNOWN, ended_at=None, disposition=None))
    room.done(talk(4))
    assert (await room.ingester.sweep()).waiting == 1
    room.clock.turn(100)
    assert (await room.ingester.sweep()).waiting == 1
    room.records.add(over)
    assert (await room.ingester.sweep()).taken == 1
    assert room.row().faults == ()


async def test_a_call_that_never_ends_in_the_books_waits_only_so_long(room: Room) -> None:
    """After the wait it is kept with its length unchecked; the check follows when the end is known."""
    over = call(seconds=9)
    room.records.add(replace(over, state=AttemptState.UNKNOWN, ended_at=None, disposition=None))
    room.done(talk(4))
    await room.ingester.sweep()
    room.clock.turn(121)
    await room.ingester.sweep()
    assert room.row().state is RecordingState.KEPT
    assert room.row().faults == (Fault.LENGTH_UNCHECKED,)
    room.records.add(over)
    room.clock.turn(20)
    await room.ingester.sweep()
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
    room.records.add(call(seconds=seconds))
    room.done(content)
    await room.ingester.sweep()
    assert room.row().faults == faults
    assert room.row().state is (RecordingState.FAULTY if faults else RecordingState.KEPT)


async def test_nobody_spoke_in_an_abandoned_call_and_that_is_no_fault(room: Room) -> None:
    """Only a conversation must have two voices."""
    room.records.add(call(seconds=4, connected_at=None, disposition=Disposition.ABANDONED))
    room.done(raw(hush(4), hush(4)))
    await room.ingester.sweep()
    assert room.row().state is RecordingState.KEPT


@pytest.mark.parametrize("channels", [1, 2])
async def test_older_asterisk_writes_wav(room: Room, channels: int) -> None:
    """Mono has no sides to tell apart; stereo is turned like raw."""
    room.records.add(call(seconds=4))
    content = wav(tone(4, 440).tobytes(), 1) if channels == 1 else wav(talk(4), 2)
    room.done(content, f"{A}.wav")
    await room.ingester.sweep()
    assert room.row().channels == channels
    assert room.row().levels == ((None, None) if channels == 1 else (-11.0, -23.0))
    assert room.row().state is RecordingState.KEPT


async def test_what_is_no_audio_is_kept_as_it_came(room: Room) -> None:
    """Nothing that the PBX wrote is thrown away because we cannot read it."""
    room.records.add(call())
    source = room.done(b"garbage", f"{A}.wav")
    await room.ingester.sweep()
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
        await room.ingester.sweep()
        room.clock.turn(1)
    names = [Path(orphan.path).name for orphan in room.ingester.orphans()]
    assert names == ["abc123-2-1-k3.raw", "read me.txt", "zzz999-9-9-zz.raw"]
    assert room.records.asked == 1
    assert room.records.recordings == {}
    assert len(list(room.config.done.iterdir())) == 4
    # The database that knows it is restored from its backup.
    room.records.add(call("zzz999-9-9-zz", seconds=1))
    room.clock.turn(700)
    await room.ingester.sweep()
    assert "zzz999-9-9-zz" in room.records.recordings
    assert len(room.ingester.orphans()) == 2
    (room.config.done / "read me.txt").unlink()
    await room.ingester.sweep()
    assert len(room.ingester.orphans()) == 1


async def test_a_call_cut_short_by_a_crash_of_asterisk_is_salvaged(room: Room) -> None:
    """What was never moved out of the spool is taken in once the call is over and the file is still."""
    room.records.add(call(seconds=4.2))
    source = room.spool(talk(3.07))
    await room.ingester.sweep()
    room.clock.turn(50)
    await room.ingester.sweep()
    assert A not in room.records.recordings
    room.clock.turn(11)
    await room.ingester.sweep()
    assert room.row().state is RecordingState.FAULTY
    assert room.row().faults == (Fault.CUT_SHORT,)
    assert room.row().duration_s == 3.07
    # The source stays for a while, and is not taken in again, by a new ingester neither.
    saves = room.records.saves
    for ingester in (room.ingester, room.another_ingester()):
        room.clock.turn(61)
        await ingester.sweep()
        room.clock.turn(61)
        await ingester.sweep()
    assert source.exists()
    assert room.records.saves == saves
    room.clock.turn(3600)
    await room.ingester.sweep()
    assert not source.exists()
    assert room.kept().exists()


async def test_a_wav_cut_short_is_repaired(room: Room) -> None:
    """A killed Asterisk leaves length 0 in the header."""
    room.records.add(call(seconds=4))
    room.spool(wav(tone(3, 440).tobytes(), 1, data_length=0), f"{A}.wav")
    await room.ingester.sweep()
    room.clock.turn(61)
    await room.ingester.sweep()
    assert room.row().duration_s == 3
    assert room.row().faults == (Fault.CUT_SHORT, Fault.HEADER_REPAIRED)


async def test_a_growing_file_is_left_alone(room: Room) -> None:
    """As long as the PBX writes, the call is not over, whatever the records say; nothing is looked up for it either."""
    room.records.add(call(seconds=4, ended_s_ago=500))
    for seconds in range(1, 6):
        room.spool(talk(seconds))
        room.clock.turn(40)
        await room.ingester.sweep()
    assert A not in room.records.recordings
    assert room.records.asked == 0


async def test_a_salvaged_call_that_was_not_over_gets_its_whole_recording(room: Room) -> None:
    """The records were wrong: the PBX goes on and finishes the file. The longer one replaces the shorter."""
    room.records.add(call(seconds=8, ended_s_ago=100))
    spool = room.spool(talk(4))
    await room.ingester.sweep()
    room.clock.turn(61)
    await room.ingester.sweep()
    assert room.row().faults == (Fault.CUT_SHORT, "too_short: 4.0 s of 8.0 s")
    spool.write_bytes(talk(8))
    spool.rename(room.config.done / spool.name)
    await room.ingester.sweep()
    assert room.row().state is RecordingState.KEPT
    assert room.row().duration_s == 8
    assert room.row().sha256 == folder.sha256(room.kept())
    assert room.library() == [f"2026/11/23/{A}.wav"]
    assert room.ingester.orphans() == ()


async def test_a_connected_call_without_a_file_is_booked_as_missing_until_it_comes(room: Room) -> None:
    """Invariant 7: a recording, or a row that says why not; and no final word."""
    room.records.add(call())
    await room.ingester.sweep()
    assert room.records.recordings == {}
    room.clock.turn(61)
    assert (await room.ingester.sweep()).missing == 1
    assert room.row().state is RecordingState.MISSING
    assert room.row().faults == ("no_file: nothing came within 60 s of the call's end",)
    assert A in room.alarms.open[MISSING_ALARM]
    room.done(talk(4))
    await room.ingester.sweep()
    assert room.row().state is RecordingState.KEPT
    assert MISSING_ALARM in room.alarms.open
    room.records.add(call("abc123-2-1-k3", ended_s_ago=-100))
    room.clock.turn(120)
    room.done(talk(4), "abc123-2-1-k3.raw")
    await room.ingester.sweep()
    assert MISSING_ALARM not in room.alarms.open


async def test_a_call_whose_file_waits_is_not_missing(room: Room) -> None:
    """In the spool or not taken in yet: that is something else."""
    room.records.add(call(ended_s_ago=300))
    room.spool(talk(3))
    await room.ingester.sweep()
    assert room.records.recordings == {}
