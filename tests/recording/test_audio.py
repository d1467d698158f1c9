"""Reading what the PBX wrote, whatever state it is in."""

import io
import struct
import tracemalloc
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile

from dialer.errors import RecordingError
from dialer.recording import audio
from dialer.recording.meter import SILENCE, Facts
from tests.recording.sounds import RATE, hush, raw, talk, tone, wav


def written(path: Path, *, swap: bool = True) -> tuple[Facts, np.ndarray]:
    """Facts, and the samples of the WAV that comes out, by channel."""
    target = io.BytesIO()
    facts = audio.write_wav(audio.examine(path), target, swap=swap)
    target.seek(0)
    with wave.open(target) as made:
        samples = np.frombuffer(made.readframes(made.getnframes()), "<i2").reshape(-1, made.getnchannels())
        assert made.getframerate() == facts.rate
        assert made.getnframes() == facts.frames
    return facts, samples


def test_raw_becomes_stereo_with_the_agent_left(tmp_path: Path) -> None:
    """Customer first in the PBX's file, agent first in ours; every sample survives."""
    customer, agent = tone(1.3, 440, 0.1), tone(1.3, 880, 0.4)
    path = tmp_path / "a.raw"
    path.write_bytes(raw(customer, agent))
    facts, samples = written(path)
    assert np.array_equal(samples[:, 0], agent)
    assert np.array_equal(samples[:, 1], customer)
    assert facts.duration_s == 1.3
    assert facts.levels == (-11.0, -23.0)  # sines of 0.4 and 0.1: 20 log10(a / sqrt 2)
    assert not facts.repaired


def test_an_odd_end_of_a_raw_file_is_left_out(tmp_path: Path) -> None:
    """A writer killed in the middle of a frame costs that frame only."""
    path = tmp_path / "a.raw"
    path.write_bytes(talk(1.0) + b"\1\2\3")
    facts, _ = written(path)
    assert facts.frames == RATE


def test_levels_tell_a_word_from_a_click_and_from_noise(tmp_path: Path) -> None:
    """The loudest fifth of a second finds one word in a minute; a click of a millisecond is no word."""
    word = hush(60)
    word[8000:12000] = tone(0.5, 300, 0.05)
    click = hush(60)
    click[8000:8008] = 1000
    path = tmp_path / "a.raw"
    path.write_bytes(raw(word, click))
    facts, _ = written(path)
    clicked, said = facts.loudest
    assert said > -30
    assert clicked < -50
    assert facts.levels[1] < -45


def test_silence_has_a_level(tmp_path: Path) -> None:
    """Digital silence is the floor, not minus infinity, which JSON could not carry."""
    path = tmp_path / "a.raw"
    path.write_bytes(raw(hush(1), hush(1)))
    facts, _ = written(path)
    assert facts.levels == facts.loudest == (SILENCE, SILENCE)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("declared", [None, 0, 0xFFFFFFFF, 640, 10**6])
def test_a_wav_with_a_wrong_header_is_read_by_its_size(tmp_path: Path, channels: int, declared: int | None) -> None:
    """Asterisk killed: length 0 or stale in the header. The file's size is what counts."""
    samples = tone(1, 440) if channels == 1 else np.column_stack([tone(1, 440), tone(1, 880)])
    path = tmp_path / "a.wav"
    path.write_bytes(wav(samples.tobytes(), channels, data_length=declared))
    facts, back = written(path, swap=False)
    assert np.array_equal(back.reshape(samples.shape), samples)
    assert facts.channels == channels
    assert facts.repaired == (declared is not None)


def test_chunks_behind_the_samples_are_no_samples(tmp_path: Path) -> None:
    """A LIST chunk after the data is not played."""
    samples = tone(1, 440)
    path = tmp_path / "a.wav"
    path.write_bytes(wav(samples.tobytes(), 1, tail=b"LIST" + struct.pack("<I", 4) + b"INFO"))
    facts, _ = written(path)
    assert facts.frames == RATE
    assert not facts.repaired


def test_chunks_before_the_samples_are_skipped(tmp_path: Path) -> None:
    """A chunk between header and data, of odd length and so padded."""
    plain = wav(tone(1, 440).tobytes(), 1)
    path = tmp_path / "a.wav"
    path.write_bytes(plain[:36] + b"note" + struct.pack("<I", 3) + b"abc\0" + plain[36:])
    assert written(path)[0].frames == RATE


@pytest.mark.parametrize(("form", "subtype"), [("WAV", "GSM610"), ("WAV", "ALAW"), ("WAV", "PCM_24")])
def test_coded_audio_is_decoded(tmp_path: Path, form: str, subtype: str) -> None:
    """wav49 and other codings of older Asterisk become plain PCM."""
    path = tmp_path / "a.WAV"
    with soundfile.SoundFile(path, "w", RATE, 1, subtype=subtype, format=form) as file:
        file.write(tone(2, 440))
    facts, _ = written(path)
    assert facts.duration_s == pytest.approx(2, abs=0.05)
    assert facts.levels[0] == pytest.approx(-13.5, abs=1)


@pytest.mark.parametrize("content", [b"not audio at all", b"RIFF\0\0\0\0WAVE", wav(b"", 1)[:30], wav(b"\0" * 600, 5)])
def test_what_is_no_audio_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    """Garbage, a header cut off, more channels than a call has."""
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match=r"a\.wav"):
        audio.examine(path)


@pytest.mark.parametrize("name", ["a.raw", "a.wav"])
def test_an_empty_file_has_no_frames(tmp_path: Path, name: str) -> None:
    """A customer who hangs up within a second leaves 0 bytes."""
    (tmp_path / name).write_bytes(b"")
    facts, _ = written(tmp_path / name)
    assert facts.frames == 0
    assert facts.duration_s == 0


def test_an_hour_needs_no_more_memory_than_a_minute(tmp_path: Path) -> None:
    """Everything goes in blocks."""
    path = tmp_path / "a.raw"
    with path.open("wb") as file:
        minute = talk(60)
        for _ in range(20):
            file.write(minute)
    with (tmp_path / "b.wav").open("wb") as target:
        tracemalloc.start()
        facts = audio.write_wav(audio.examine(path), target, swap=True)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert facts.duration_s == 1200
    assert peak < 16_000_000
