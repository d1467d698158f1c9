"""The shape of a recording."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from dialer.errors import RecordingError
from dialer.recording.peaks import COLUMNS, FOLDER, forget, measure, peaks_of

RATE = 8000


def write(path: Path, *sides: np.ndarray) -> Path:
    """A WAV of these channels."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setparams((len(sides), 2, RATE, 0, "NONE", "not compressed"))
        file.writeframes(np.column_stack(sides).astype("<i2").tobytes())
    return path


def test_each_side_is_drawn_where_it_talks(tmp_path: Path) -> None:
    """The agent in the first half, the customer in the second, over several blocks; full scale is 255."""
    half = 15 * RATE
    agent = np.r_[np.full(half, 16384), np.zeros(half)]
    customer = np.r_[np.zeros(half), np.full(half, -32768)]
    first, second = measure(write(tmp_path / "a.wav", agent, customer))
    assert first == bytes([127] * (COLUMNS // 2) + [0] * (COLUMNS // 2))
    assert second == bytes([0] * (COLUMNS // 2) + [255] * (COLUMNS // 2))


def test_a_click_is_not_lost(tmp_path: Path) -> None:
    """One loud sample in ten minutes is in its column."""
    sound = np.zeros(600 * RATE)
    sound[300 * RATE] = 32767
    (side,) = measure(write(tmp_path / "a.wav", sound))
    assert [index for index, height in enumerate(side) if height] == [COLUMNS // 2]


@pytest.mark.parametrize("frames", [0, 1, 79, 81])
def test_a_very_short_one_has_all_columns(tmp_path: Path, frames: int) -> None:
    """Shorter than its columns, or empty: it is drawn all the same."""
    (side,) = measure(write(tmp_path / "a.wav", np.full(frames, 8192)))
    assert len(side) == COLUMNS
    assert set(side[:1]) == {63 if frames else 0}


def test_they_are_kept_beside_the_library(tmp_path: Path) -> None:
    """The second look reads what was kept; another content, or a broken file, is measured anew."""
    relative = "2026/11/23/a.wav"
    path = write(tmp_path / relative, np.full(RATE, 8192))
    made = peaks_of(tmp_path, relative, "ab" * 32)
    (kept,) = [each for each in (tmp_path / FOLDER).rglob("*") if each.is_file()]
    write(path, np.zeros(RATE))
    assert peaks_of(tmp_path, relative, "ab" * 32) == made
    assert peaks_of(tmp_path, relative, "cd" * 32) == (bytes(COLUMNS),)
    kept.write_bytes(b"DPK1 half")
    assert peaks_of(tmp_path, relative, "ab" * 32) == (bytes(COLUMNS),)
    forget(tmp_path, relative, "ab" * 32)
    forget(tmp_path, relative, "ab" * 32)
    assert not kept.exists()


def test_a_library_that_cannot_be_written_to(tmp_path: Path) -> None:
    """The waveform is drawn, and not kept."""
    write(tmp_path / "a.wav", np.full(RATE, 8192))
    (tmp_path / FOLDER).write_text("in the way")
    assert peaks_of(tmp_path, "a.wav", "ab" * 32) == (bytes([63] * COLUMNS),)


def test_what_is_no_audio_is_refused(tmp_path: Path) -> None:
    """With a word that says so."""
    (tmp_path / "a.wav").write_text("no audio, but long enough to be looked at")
    with pytest.raises(RecordingError):
        measure(tmp_path / "a.wav")
