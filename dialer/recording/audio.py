"""Reading what the PBX wrote, and writing what the library keeps: WAV, 16-bit PCM.

Everything goes in blocks of some seconds, so that an hour of talk costs no more memory than a minute.
Blocking code: the ingester calls it in a thread.
"""

from __future__ import annotations

import struct
import wave
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from dialer.errors import RecordingError, RecordingTooLong
from dialer.recording.meter import Facts, Meter, window

if TYPE_CHECKING:  # they are brought in with the first recording: a start does not wait for them
    import numpy as np
    import soundfile
    from numpy.typing import NDArray

    Samples = NDArray[np.int16]
    """Shape (frames, channels)."""

_RAW_RATE, _RAW_CHANNELS = 8000, 2
"""Of headerless ``.raw`` files (16-bit little-endian, interleaved)."""
_WINDOWS_A_BLOCK = 50
_PCM, _EXTENSIBLE = 1, 0xFFFE
_UNKNOWN_LENGTHS = (0, 0xFFFFFFFF)
_RATES = range(4000, 384_001)
"""Frames a second that a PBX records with, with room to spare; anything else is a damaged header."""
_FORMAT_BYTES = 40
"""Of a WAV's format; a damaged header may ask for gigabytes."""
_WAV_BYTES = (1 << 32) - (1 << 16)
"""What a WAV's 32-bit lengths can hold, less its headers."""

HEADERLESS: Mapping[str, tuple[str, int]] = {
    ".gsm": ("GSM610", 8000),
    **dict.fromkeys((".ulaw", ".ul", ".ulw", ".mu", ".pcm"), ("ULAW", 8000)),
    **dict.fromkeys((".alaw", ".al", ".alw"), ("ALAW", 8000)),
    **{f".{name}": ("PCM_16", 8000) for name in ("sln", "slin")},
    **{f".sln{khz}": ("PCM_16", rate) for khz, rate in ((12, 12000), (16, 16000), (24, 24000), (32, 32000),
       (44, 44100), (48, 48000), (96, 96000), (192, 192000))},
}  # fmt: skip
"""Formats whose files are samples alone, by the names that Asterisk gives them: coding and frames a second; mono."""
UNKNOWN_CODINGS = frozenset({".g719", ".g722", ".g723", ".g726", ".g729", ".ilbc", ".siren7", ".siren14"})
"""Asterisk writes them without a header too, and libsndfile does not know them: nothing may guess at them."""


@dataclass(frozen=True, slots=True)
class Source:
    """An audio file that can be read. ``pcm`` is (offset, bytes) of plain 16-bit samples, None when it is coded.

    ``coding`` is how a file without a header is coded, "" when its header says so.
    ``repaired``: the header does not fit the file's size, as when its writer was killed; the size is believed.
    """

    path: Path
    rate: int
    channels: int
    pcm: tuple[int, int] | None
    repaired: bool = False
    coding: str = ""


def examine(path: Path) -> Source:
    """Find out how to read ``path``. Raises RecordingError when nothing can make sense of it, OSError otherwise."""
    size = path.stat().st_size
    ending = path.suffix.lower()
    if ending == ".raw":
        return Source(path, _RAW_RATE, _RAW_CHANNELS, (0, size))
    if ending in HEADERLESS:
        coding, rate = HEADERLESS[ending]
        return Source(path, rate, 1, (0, size) if coding == "PCM_16" else None, coding=coding)
    if ending in UNKNOWN_CODINGS:
        raise RecordingError(
            f"{path.name}: {ending[1:]} cannot be read; let the PBX record raw, sln16, wav, gsm, ulaw or alaw"
        )
    if size == 0:
        return Source(path, _RAW_RATE, 1, (0, 0))
    with path.open("rb") as file:
        plain = _plain_wav(path, file, size)
    if plain is not None:
        return plain
    import soundfile

    try:
        with soundfile.SoundFile(str(path)) as coded:
            rate, channels = int(coded.samplerate), int(coded.channels)
    except soundfile.LibsndfileError as error:
        raise RecordingError(f"{path.name}: cannot be read as audio: {error}") from error
    if channels not in (1, 2):
        raise RecordingError(f"{path.name}: has {channels} channels; one or two can be handled")
    if rate not in _RATES:
        raise RecordingError(f"{path.name}: has {rate} frames a second by its header, which is damaged")
    return Source(path, rate, channels, None)


def _plain_wav(path: Path, file: BinaryIO, size: int) -> Source | None:
    """The layout of a WAV of 16-bit PCM, believing the file's size over its header; None when it is not one."""
    head = file.read(12)
    if len(head) < 12 or head[:4] != b"RIFF" or head[8:] != b"WAVE":
        return None
    layout: tuple[int, int] | None = None  # rate, channels
    while len(chunk := file.read(8)) == 8:
        name, length = chunk[:4], int.from_bytes(chunk[4:], "little")
        if name == b"fmt ":
            body = file.read(min(length, _FORMAT_BYTES))
            file.seek(length + length % 2 - len(body), 1)
            if len(body) < 16:
                return None
            form, channels, rate, _, _, bits = struct.unpack("<HHIIHH", body[:16])
            if form == _EXTENSIBLE and len(body) >= 26:
                form = int.from_bytes(body[24:26], "little")
            if form != _PCM or bits != 16 or channels not in (1, 2) or rate not in _RATES:
                return None
            layout = rate, channels
        elif name == b"data":
            if layout is None:
                return None
            offset, rest = file.tell(), size - file.tell()
            whole = _data_length(file, offset, length, rest)
            return Source(path, *layout, (offset, whole), repaired=whole != length)
        else:
            file.seek(length + length % 2, 1)
    return None


def _data_length(file: BinaryIO, offset: int, declared: int, rest: int) -> int:
    """How many bytes of samples there are, given what the header says and what is there."""
    if declared in _UNKNOWN_LENGTHS or declared >= rest:
        return rest
    # Less than there is: right when other chunks follow, stale when samples do.
    position = offset + declared + declared % 2
    while position < offset + rest:
        file.seek(position)
        chunk = file.read(8)
        if len(chunk) < 8 or not chunk[:4].isalnum():
            return rest
        length = int.from_bytes(chunk[4:], "little")
        position += 8 + length + length % 2
    return declared if position <= offset + rest + 1 else rest


def blocks(source: Source) -> Iterator[Samples]:
    """The samples in blocks of a whole number of level windows (the last one may be short)."""
    frames = window(source.rate) * _WINDOWS_A_BLOCK
    if source.pcm is None:
        import soundfile

        try:
            with _coded(source) as file:
                # Not its own iterator, which wants to seek: GSM cannot.
                while len(block := file.read(frames, dtype="int16", always_2d=True)):
                    yield block
        except soundfile.LibsndfileError as error:
            raise RecordingError(f"{source.path.name}: cannot be read to its end: {error}") from error
        return
    import numpy as np

    offset, left = source.pcm
    width = 2 * source.channels
    with source.path.open("rb") as file:
        file.seek(offset)
        while left >= width:
            data = file.read(min(left, frames * width))
            usable = len(data) - len(data) % width
            if usable == 0:
                return
            left -= len(data)
            yield np.frombuffer(data[:usable], dtype="<i2").reshape(-1, source.channels)


def _coded(source: Source) -> soundfile.SoundFile:
    import soundfile

    if not source.coding:
        return soundfile.SoundFile(str(source.path))
    return soundfile.SoundFile(
        str(source.path), samplerate=source.rate, channels=source.channels, format="RAW", subtype=source.coding
    )


def write_wav(source: Source, target: BinaryIO, *, swap: bool, longest_s: float | None = None) -> Facts:
    """Write ``source`` to ``target`` as WAV and measure it on the way; ``swap`` exchanges left and right.

    The same source always gives the same bytes. Raises RecordingError when the source cannot be read, RecordingTooLong
    when it is longer than ``longest_s`` or than a WAV can hold, OSError.
    """
    width = 2 * source.channels
    left = most = min(_WAV_BYTES, _WAV_BYTES if longest_s is None else int(longest_s * source.rate) * width)
    if source.pcm is not None and source.pcm[1] > most:
        raise _too_long(source, most)
    meter = Meter(source.rate, source.channels)
    with wave.open(target, "wb") as wav:
        wav.setnchannels(source.channels)
        wav.setsampwidth(2)
        wav.setframerate(source.rate)
        for block in blocks(source):
            turned = block[:, ::-1] if swap and source.channels == 2 else block
            left -= len(turned) * width
            if left < 0:
                raise _too_long(source, most)
            meter.add(turned)
            wav.writeframesraw(turned.astype("<i2").tobytes())
    return meter.facts(repaired=source.repaired)


def _too_long(source: Source, most: int) -> RecordingTooLong:
    hours = most / (2 * source.channels * source.rate) / 3600
    return RecordingTooLong(f"{source.path.name}: is longer than {hours:.1f} h")
