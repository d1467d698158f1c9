"""The shape of a recording for the eye: how loud each side was, all along. Computed once, kept beside the library.

Blocking code: the library calls it in a thread.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from dialer.recording import audio

if TYPE_CHECKING:  # see dialer.recording.audio
    import numpy as np
    from numpy.typing import NDArray

log = structlog.get_logger(__name__)

COLUMNS = 1000
"""Steps along the whole recording."""
FOLDER = ".peaks"
"""In the library; what is in it can be deleted at any time and comes back when it is looked at."""

_STEPS_A_SECOND = 100
_FULL = 32768
_MAGIC = b"DPK1"


Peaks = tuple[bytes, ...]
"""By side, in the file's order (the library has the agent first): :data:`COLUMNS` amplitudes from 0 to 255.

They are linear: 255 is full scale.
"""


def peaks_of(root: Path, relative: str, sha256: str) -> Peaks:
    """The peaks of the library's file ``relative`` whose content has this hash.

    Raises RecordingError when it cannot be read as audio, OSError when it cannot be read at all.
    """
    kept = _place(root, relative, sha256)
    known = _read(kept)
    if known is not None:
        return known
    made = measure(root / relative)
    _write(kept, made)
    return made


def forget(root: Path, relative: str, sha256: str) -> None:
    """Remove what was kept of a recording that is deleted. Raises OSError."""
    _place(root, relative, sha256).unlink(missing_ok=True)


def measure(path: Path) -> Peaks:
    """The peaks of an audio file, read in blocks of some seconds. Raises RecordingError, OSError."""
    import numpy as np

    source = audio.examine(path)
    step = max(1, source.rate // _STEPS_A_SECOND)
    found: list[NDArray[np.uint8]] = []
    for block in audio.blocks(source):
        # int16's lowest value has no positive twin; a wider type does.
        loud = np.abs(block.astype(np.int32))
        short = -len(loud) % step
        if short:
            loud = np.vstack([loud, np.zeros((short, loud.shape[1]), dtype=np.int32)])
        highest = loud.reshape(-1, step, loud.shape[1]).max(axis=1)
        found.append((highest * 255 // _FULL).astype(np.uint8))
    steps = np.concatenate(found) if found else np.zeros((1, source.channels), dtype=np.uint8)
    starts = np.arange(COLUMNS) * len(steps) // COLUMNS
    columns = np.maximum.reduceat(steps, starts, axis=0)
    return tuple(columns[:, side].tobytes() for side in range(columns.shape[1]))


def _place(root: Path, relative: str, sha256: str) -> Path:
    """Named by content too, so that a recording that was replaced is measured anew."""
    return root / FOLDER / f"{relative}.{sha256[:16]}"


def _read(path: Path) -> Peaks | None:
    """What was kept; None when there is nothing, or nothing whole."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    sides, rest = divmod(len(data) - len(_MAGIC), COLUMNS)
    if not data.startswith(_MAGIC) or rest or sides not in (1, 2):
        return None
    body = data[len(_MAGIC) :]
    return tuple(body[side * COLUMNS : (side + 1) * COLUMNS] for side in range(sides))


def _write(path: Path, peaks: Peaks) -> None:
    """Keep them; a library that cannot be written to costs time and nothing else."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(_MAGIC + b"".join(peaks))
        part.replace(path)
    except OSError as error:
        log.warning("peaks are not kept", action="recording.peaks", path=str(path), error=str(error))
