"""A recording of a call, or the row that says why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class RecordingState(StrEnum):
    """Whether a recording can be played."""

    KEPT = "kept"
    FAULTY = "faulty"  # taken in, but empty, silent, one-sided or of the wrong length; see `faults`
    MISSING = "missing"  # a connected call without a file; `faults` says why not
    DELETED = "deleted"  # removed by retention; the row stays


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording, or the row that says why there is none. Its id is the attempt's id.

    ``path`` is relative to the library folder; ``duration_s`` the length of the audio;
    ``sha256`` of the file as stored; ``levels`` the RMS level in dBFS of (agent, customer), where
    None means that the side was not recorded separately.
    """

    attempt: str
    state: RecordingState
    taken_in_at: datetime
    path: str = ""
    size: int = 0
    duration_s: float = 0.0
    sha256: str = ""
    channels: int = 1
    levels: tuple[float | None, float | None] = (None, None)
    faults: tuple[str, ...] = ()
    hold: bool = False
    hold_reason: str = ""
    deleted_at: datetime | None = None
