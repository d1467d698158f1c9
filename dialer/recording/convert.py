"""Recordings in another format, made when somebody asks for it and kept for a while beside the library.

What browsers play is played as it is. Anything else that can be read becomes a WAV; smaller ones can be asked for.
Everything goes in blocks of some seconds: an hour of talk costs no more memory than a minute. A file is made once;
parts of it can then be asked for like those of any other. Blocking code: the library calls it in a thread.
"""

from __future__ import annotations

import os
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from time import time

import structlog

from dialer.errors import Conflict, RecordingError
from dialer.recording import audio

log = structlog.get_logger(__name__)

FOLDER = ".converted"
"""In the library; what is in it can be deleted at any time and is made again when it is asked for."""

_KEEP_BYTES = 1 << 30
_STALE_S = 3600.0
_PLAYABLE = {
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
}
_WAV_CODINGS = ("PCM_16", "PCM_U8", "PCM_24", "FLOAT")


class Form(StrEnum):
    """What a recording can be asked for as."""

    ORIGINAL = "original"  # as the library has it, whether it can be played or not
    WAV = "wav"  # 16-bit PCM
    FLAC = "flac"  # the same in about half the size
    OGG = "ogg"  # Vorbis, a tenth of the size
    MP3 = "mp3"


_WRITTEN = {Form.FLAC: ("FLAC", "PCM_16"), Form.OGG: ("OGG", "VORBIS"), Form.MP3: ("MP3", "MPEG_LAYER_III")}


class NotConvertible(Conflict):
    """This recording cannot be had in that format."""

    code = "not-convertible"


@dataclass(frozen=True, slots=True)
class Made:
    """A file to be sent, and what it is. ``tag`` differs whenever the bytes do."""

    path: Path
    mime: str
    size: int
    tag: str


def mime_of(path: Path) -> str:
    """The media type by the name."""
    return _PLAYABLE.get(path.suffix.lower(), "application/octet-stream")


def fitting(path: Path, form: Form | None) -> Form:
    """What to send of the library's file ``path``: as it is when that is what was asked for, or what browsers play."""
    ending = path.suffix.lower()
    if form is Form.ORIGINAL or (ending == f".{form}" and form is not Form.WAV):
        return Form.ORIGINAL
    if ending == ".wav" and form in (None, Form.WAV):
        return Form.ORIGINAL if _plain(path) else Form.WAV
    return form or (Form.ORIGINAL if ending in _PLAYABLE else Form.WAV)


def kept(root: Path, relative: str, sha256: str, form: Form) -> Made | None:
    """What was made of the library's file ``relative`` earlier; None when it is not there."""
    path = _place(root, relative, sha256, form)
    try:
        found = path.stat()
        os.utime(path, ns=(int(time() * 1e9), found.st_mtime_ns))  # used just now
    except OSError:
        return None
    return Made(path, mime_of(path), found.st_size, f"{sha256[:32]}-{form}-{found.st_mtime_ns:x}")


def make(root: Path, relative: str, sha256: str, form: Form) -> Made:
    """Convert the library's file ``relative``, whose content has this hash.

    Raises NotConvertible when it cannot be read or written in that format, RecordingError when it is deleted meanwhile,
    OSError when the disk has a problem.
    """
    import soundfile  # see dialer.recording.audio

    target = _place(root, relative, sha256, form)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
    try:
        _write(root / relative, part, form)
        with part.open("rb+") as file:  # after a power cut an empty one would be taken for what was asked for
            os.fsync(file.fileno())
        part.replace(target)
    except (RecordingError, soundfile.LibsndfileError) as error:
        raise NotConvertible(
            f"The recording {relative} cannot be had as {form}: {error}. "
            "As it came from the PBX it can be had with format=original."
        ) from error
    finally:
        part.unlink(missing_ok=True)
    if not (root / relative).exists():  # retention has looked for copies before this one was there
        target.unlink(missing_ok=True)
        raise RecordingError(f"The recording {relative} was deleted while it was converted.")
    _tidy(root, target)
    made = kept(root, relative, sha256, form)
    if made is None:
        raise RecordingError(f"The recording {relative} was converted and is gone again: is the disk of {root} full?")
    return made


def forget(root: Path, relative: str) -> None:
    """Remove what was made of a recording that is deleted, and of those that it had replaced. Raises OSError."""
    made = re.compile(rf"{re.escape(Path(relative).name)}\.[0-9a-f]{{0,16}}\.({'|'.join(Form)})")
    with suppress(FileNotFoundError):  # nothing was converted on that day
        for path in (root / FOLDER / relative).parent.iterdir():
            if made.fullmatch(path.name):
                path.unlink(missing_ok=True)


def _write(path: Path, target: Path, form: Form) -> None:
    import soundfile

    source = audio.examine(path)
    if form is Form.WAV:
        with target.open("wb") as file:
            audio.write_wav(source, file, swap=False)
        return
    container, coding = _WRITTEN[form]
    if not soundfile.check_format(container, coding):
        raise RecordingError(f"this libsndfile does not write {form}")
    with soundfile.SoundFile(
        str(target), "w", samplerate=source.rate, channels=source.channels, format=container, subtype=coding
    ) as made:
        for block in audio.blocks(source):
            made.write(block)


def _plain(path: Path) -> bool:
    """Whether browsers play this WAV: not what is coded, as in Asterisk's wav49."""
    import soundfile

    try:
        with soundfile.SoundFile(str(path)) as file:
            return str(file.subtype) in _WAV_CODINGS
    except (soundfile.LibsndfileError, OSError):
        return True  # what cannot be read is not made better by converting it


def _place(root: Path, relative: str, sha256: str, form: Form) -> Path:
    """Named by content too, so that a recording that was replaced is converted anew."""
    return root / FOLDER / f"{relative}.{sha256[:16]}.{form}"


def _tidy(root: Path, fresh: Path) -> None:
    """Remove what a killed process left half made, and what was not used for longest, above a gigabyte in all."""
    found = []
    with suppress(OSError):  # somebody else tidies too
        for path in (root / FOLDER).rglob("*.*"):
            stat = path.stat()
            if not path.is_file() or path == fresh:
                continue
            if path.suffix == ".part":
                if time() - stat.st_mtime > _STALE_S:
                    path.unlink(missing_ok=True)
            else:
                found.append((stat.st_atime_ns, stat.st_size, path))
        total = fresh.stat().st_size + sum(size for _, size, _ in found)
        for _, size, path in sorted(found):
            if total <= _KEEP_BYTES:
                break
            path.unlink(missing_ok=True)
            total -= size
            log.info("a converted recording was dropped", action="recording.converted_dropped", path=str(path))
