"""Formats: what a PBX may write is taken in, and what browsers do not play is converted when somebody asks for it."""

from __future__ import annotations

import os
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from dialer.campaign.model.query import Page
from dialer.campaign.model.recording import Recording, RecordingState
from dialer.errors import BadInput, RecordingError
from dialer.recording import convert, folder
from dialer.recording.convert import Form, NotConvertible
from dialer.recording.faults import Fault
from dialer.recording.library import Library
from tests.recording.records import MemoryRecords
from tests.recording.sounds import NOW, RATE, Clock, call, config, tone
from tests.recording.surroundings import A, Room

HEADERLESS = {"gsm": "GSM610", "ulaw": "ULAW", "alaw": "ALAW", "sln": "PCM_16", "sln16": "PCM_16"}
WITH_HEADER = {
    "wav": ("WAV", "ULAW"),
    "WAV": ("WAV", "GSM610"),
    "wav49": ("WAV", "GSM610"),
    "flac": ("FLAC", "PCM_16"),
    "ogg": ("OGG", "VORBIS"),
    "mp3": ("MP3", "MPEG_LAYER_III"),
}


def sound(path: Path, ending: str, seconds: float = 4.0) -> Path:
    """A tone as a real file of this format, written in blocks; mono, as Asterisk writes these."""
    path = path / f"{A}.{ending}"
    rate = 16000 if ending == "sln16" else RATE
    samples = np.resize(tone(seconds, 440, 0.3), round(seconds * rate))
    container, coding = ("RAW", HEADERLESS[ending]) if ending in HEADERLESS else WITH_HEADER[ending]
    with soundfile.SoundFile(str(path), "w", samplerate=rate, channels=1, format=container, subtype=coding) as file:
        for start in range(0, len(samples), RATE):
            file.write(samples[start : start + RATE])
    return path


@pytest.mark.parametrize("ending", [*HEADERLESS, *WITH_HEADER])
async def test_what_a_pbx_may_write_is_taken_in(tmp_path: Path, ending: str) -> None:
    """It becomes the library's WAV, as long and as loud as it was."""
    room = Room(tmp_path)
    room.records.add(call(seconds=4))
    source = sound(room.config.done, ending)
    assert (await room.ingester.sweep()).taken == 1
    assert not source.exists()
    row = room.row()
    assert row.state is RecordingState.KEPT, row.faults
    info = soundfile.info(room.kept())
    assert (info.format, info.subtype, info.channels) == ("WAV", "PCM_16", 1)
    assert info.samplerate == (16000 if ending == "sln16" else RATE)
    assert abs(row.duration_s - 4) < 0.1
    samples, _ = soundfile.read(room.kept())
    assert abs(float(np.sqrt(np.mean(samples**2))) - 0.3 / 2**0.5) < 0.02


async def test_what_nothing_can_read_is_kept_as_it_came(tmp_path: Path) -> None:
    """G.722: the fault says what to let the PBX record instead, and so does an asker's error; the file can be had."""
    room = Room(tmp_path)
    room.records.add(call(seconds=4))
    (room.config.done / f"{A}.g722").write_bytes(b"\xfa" * 32000)
    await room.ingester.sweep()
    (fault,) = room.row().faults
    assert fault.startswith(f"{Fault.UNREADABLE}: {A}.g722: g722 cannot be read; let the PBX record raw")
    library = Library(room.records, room.config, Clock())
    for form in (None, "wav", "mp3"):
        with pytest.raises(NotConvertible, match=r"g722 cannot be read.*format=original"):
            await library.open_as(A, form)
    kept = await library.open_as(A, "original")
    assert (kept.size, kept.mime) == (32000, "application/octet-stream")
    assert not list(room.config.library.rglob("*.part"))


class Shelf:
    """A library that has one recording as it came from elsewhere."""

    def __init__(self, root: Path) -> None:
        self.config = config(root)
        self.records = MemoryRecords()
        self.records.add(call())
        self.library = Library(self.records, self.config, Clock())

    async def put(self, ending: str, seconds: float = 4.0) -> Path:
        place = self.config.library / "2026/11/23"
        place.mkdir(parents=True, exist_ok=True)
        path = sound(place, ending, seconds)
        relative = path.relative_to(self.config.library).as_posix()
        row = Recording(A, RecordingState.KEPT, NOW, relative, path.stat().st_size, seconds, folder.sha256(path))
        await self.records.save_recording(row)
        return path


@pytest.mark.parametrize("ending", [*HEADERLESS, *WITH_HEADER])
async def test_a_browser_gets_what_it_can_play(tmp_path: Path, ending: str) -> None:
    """FLAC, Ogg and MP3 as they are; anything else as a WAV of 16-bit samples, under a tag of its own."""
    shelf = Shelf(tmp_path)
    path = await shelf.put(ending)
    got = await shelf.library.open_as(A)
    original = await shelf.library.open_as(A, "original")
    assert original.path == path.resolve()
    if ending in ("flac", "ogg", "mp3"):
        assert got == original
        return
    assert got.mime == "audio/wav"
    assert got.tag != original.tag == folder.sha256(path)
    info = soundfile.info(got.path)
    assert (info.format, info.subtype) == ("WAV", "PCM_16")
    assert abs(info.duration - 4) < 0.1
    assert got.size == got.path.stat().st_size


@pytest.mark.parametrize("form", ["wav", "flac", "ogg", "mp3"])
async def test_it_can_be_had_in_other_formats(tmp_path: Path, form: str) -> None:
    """Made once and kept; the sound is the same, and all but WAV are smaller."""
    shelf = Shelf(tmp_path)
    path = await shelf.put("sln")
    first = await shelf.library.open_as(A, form)
    info = soundfile.info(first.path)
    assert info.format.lower() == form
    assert abs(info.duration - 4) < 0.1
    assert first.size < path.stat().st_size + 100
    assert await shelf.library.open_as(A, form) == first
    with soundfile.SoundFile(str(first.path)) as made:
        spectrum = np.abs(np.fft.rfft(made.read(RATE)))
    assert abs(int(spectrum.argmax()) - 440) <= 2


async def test_a_form_that_does_not_exist(tmp_path: Path) -> None:
    """The error names those that do."""
    shelf = Shelf(tmp_path)
    await shelf.put("gsm")
    with pytest.raises(BadInput, match="'aac'; there are original, wav, flac, ogg, mp3"):
        await shelf.library.open_as(A, "aac")


async def test_a_rate_that_a_format_does_not_know(tmp_path: Path) -> None:
    """MP3 has no 96 kHz: refused in words, and the WAV is there all the same."""
    shelf = Shelf(tmp_path)
    path = await shelf.put("sln")
    row = shelf.records.recordings[A]
    shelf.records.recordings[A] = replace(row, path=row.path.replace(".sln", ".sln96"))
    path.rename(path.with_suffix(".sln96"))
    with pytest.raises(NotConvertible, match="as mp3"):
        await shelf.library.open_as(A, "mp3")
    assert soundfile.info((await shelf.library.open_as(A)).path).samplerate == 96000


async def test_what_was_not_used_for_longest_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store of converted files has a limit; a half made one of a killed process goes too, after an hour."""
    shelf = Shelf(tmp_path)
    await shelf.put("sln", 20)
    old = await shelf.library.open_as(A, "wav")
    used = await shelf.library.open_as(A, "flac")
    os.utime(old.path, (1, 1))
    stale = old.path.with_name("x.part")
    stale.write_bytes(b"half")
    os.utime(stale, (1, 1))
    monkeypatch.setattr(convert, "_KEEP_BYTES", used.size + 200_000)
    await shelf.library.open_as(A, "mp3")
    assert not old.path.exists()
    assert not stale.exists()
    assert used.path.exists()


async def test_nothing_is_left_of_one_that_is_deleted(tmp_path: Path) -> None:
    """What retention calls; also of a file that was replaced. Other recordings keep theirs."""
    shelf = Shelf(tmp_path)
    await shelf.put("ulaw")
    for form in ("wav", "mp3"):
        await shelf.library.open_as(A, form)
    row = shelf.records.recordings[A]
    shelf.records.recordings[A] = replace(row, sha256="cd" * 32)  # a longer file took its place
    other = (await shelf.library.open_as(A)).path
    other = other.rename(other.with_name(other.name.replace(A, f"{A}x")))
    await shelf.library.open_as(A)
    convert.forget(shelf.config.library, row.path)
    assert [path for path in (shelf.config.library / convert.FOLDER).rglob("*") if path.is_file()] == [other]
    other.unlink()
    convert.forget(shelf.config.library, row.path)
    convert.forget(shelf.config.library, "2026/01/01/x.wav")
    assert not [path for path in (shelf.config.library / convert.FOLDER).rglob("*") if path.is_file()]
    assert await shelf.records.accesses(A, Page()) == []


async def test_one_that_is_deleted_while_it_is_converted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The copy must not outlive it: who deletes it looks for copies only once."""
    shelf = Shelf(tmp_path)
    await shelf.put("ulaw")
    row, write = shelf.records.recordings[A], convert.__dict__["_write"]

    def slow(path: Path, target: Path, form: Form) -> None:
        write(path, target, form)
        path.unlink()
        convert.forget(shelf.config.library, row.path)

    monkeypatch.setattr(convert, "_write", slow)
    with pytest.raises(RecordingError, match="deleted while"):
        await shelf.library.open_as(A, "flac")
    assert not [path for path in (shelf.config.library / convert.FOLDER).rglob("*") if path.is_file()]


async def test_a_long_call_costs_no_more_memory(tmp_path: Path) -> None:
    """Five minutes of GSM go through a few seconds at a time."""
    shelf = Shelf(tmp_path)
    await shelf.put("gsm", 300)
    tracemalloc.start()
    got = await shelf.library.open_as(A)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert got.size > 4_700_000
    assert peak < 2_500_000


def test_a_form_has_an_ending_of_its_own() -> None:
    """So that what was made is served under the right type."""
    kinds = {form: convert.mime_of(Path(f"x.{form}")) for form in Form}
    assert kinds.pop(Form.ORIGINAL) == "application/octet-stream"
    assert "application/octet-stream" not in kinds.values()
