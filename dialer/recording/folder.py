"""Files: what lies in the PBX's folders, and moving audio into the library so that a crash loses nothing.

Blocking code: the ingester calls it in a thread.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from dialer import callid
from dialer.errors import RecordingError, RecordingTooLong
from dialer.recording import audio
from dialer.recording.meter import Facts

INCOMING = ".incoming"
"""Where a file is written before it gets its place. Its being there also shows that the library is the real one
and not the empty folder under a disk that is not mounted."""

SET_ASIDE = ".set-aside"
"""In the PBX's folders: files that could not be taken in, for a person to look at."""

_WITH_HEADER = ("wav", "wav16", "wav49", "flac", "ogg", "opus", "mp3")
_ENDINGS = {".raw", *(f".{name}" for name in _WITH_HEADER), *audio.HEADERLESS, *audio.UNKNOWN_CODINGS}
_NAME = re.compile(rf"(?P<attempt>{callid.ATTEMPT})(?P<ending>\.[A-Za-z0-9]{{2,8}})", re.ASCII)
"""A call's name and a format that a PBX records in; what cannot be read is kept as it came."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file in one of the PBX's folders. ``attempt`` is "" when the name is none of ours."""

    path: Path
    attempt: str
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Part:
    """A file that is ready to get its place in the library. ``facts`` is None when it is kept as it came."""

    path: Path
    place: str  # relative to the library
    size: int
    sha256: str
    facts: Facts | None
    problem: str = ""


def scan(folder: Path) -> list[Found]:
    """What lies in ``folder``, by name; folders in it and hidden files are left alone. Raises OSError."""
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") or entry.is_dir(follow_symlinks=False):
                continue
            try:
                stat = entry.stat(follow_symlinks=False)
            except FileNotFoundError:  # renamed by the PBX since
                continue
            name = _NAME.fullmatch(entry.name) if entry.is_file(follow_symlinks=False) else None
            attempt = name["attempt"] if name and name["ending"].lower() in _ENDINGS else ""
            found.append(Found(Path(entry.path), attempt, stat.st_size, stat.st_mtime_ns))
    return sorted(found, key=lambda item: item.path.name)


def unchanged(found: Found) -> bool:
    """Whether the file is still what it was when it was found."""
    try:
        stat = found.path.stat()
    except FileNotFoundError:
        return False
    return (stat.st_size, stat.st_mtime_ns) == (found.size, found.mtime_ns)


def is_library(root: Path) -> bool:
    """Whether this is the library that we have been writing to."""
    return (root / INCOMING).is_dir()


def found_library(root: Path) -> None:
    """Make ``root``, which must exist, a library. Raises OSError."""
    (root / INCOMING).mkdir(exist_ok=True)
    sync_folder(root)


def clear_incoming(root: Path) -> None:
    """Remove what a killed process left half written; its sources are still where they were."""
    for path in (root / INCOMING).glob("*.part"):
        path.unlink(missing_ok=True)


def set_aside(found: Found) -> Path:
    """Move a file that cannot be taken in out of the way, beside the others; nothing is lost. Raises OSError."""
    aside = found.path.parent / SET_ASIDE
    aside.mkdir(exist_ok=True)
    target = aside / found.path.name
    found.path.replace(target)
    sync_folder(aside)
    return target


def are_aside(*folders: Path) -> list[Path]:
    """What was set aside in these folders and is still there. Raises OSError."""
    return sorted(path for each in folders for path in (each / SET_ASIDE).glob("*"))


def prepare(found: Found, day: date, library: Path, longest_s: float | None = None) -> Part:
    """Convert a file into a WAV in the library's incoming folder, durable. Raises OSError, RecordingTooLong.

    A file that nothing can make sense of is copied as it is, so that nothing is lost.
    """
    folder = f"{day:%Y/%m/%d}"
    part = library / INCOMING / f"{found.attempt}.part"
    facts, problem, place = None, "", f"{folder}/{found.attempt}.wav"
    with part.open("wb") as target:
        try:
            # MixMonitor's option D puts what it receives from the recorded channel, the customer's, on the left
            # (measured on Asterisk 22). In the library the agent is always on the left.
            facts = audio.write_wav(audio.examine(found.path), target, swap=True, longest_s=longest_s)
        except RecordingTooLong:
            raise
        except RecordingError as error:
            problem, place = str(error), f"{folder}/{found.attempt}.unreadable{found.path.suffix}"
            target.seek(0)
            target.truncate()
            with found.path.open("rb") as original:
                shutil.copyfileobj(original, target)
        target.flush()
        os.fsync(target.fileno())
    return Part(part, place, part.stat().st_size, sha256(part), facts, problem)


def settle(part: Part, library: Path) -> None:
    """Give a prepared file its place; from here on it is there whatever happens. Raises OSError."""
    target = library / part.place
    missing = [folder for folder in target.parents if folder.is_relative_to(library) and not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)
    os.replace(part.path, target)  # noqa: PTH105 - an atomic rename, said plainly
    sync_folder(target.parent)


def sha256(path: Path) -> str:
    """SHA-256 of a file as hexadecimal digits. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def words_of(error: OSError) -> str:
    """What the system said, and of which file."""
    return f"{error.strerror or error} ({error.filename or 'no file named'})"


def sync_folder(folder: Path) -> None:
    """Make names that were given or taken in ``folder`` last through a power cut. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
