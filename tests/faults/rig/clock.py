"""The dialer with a clock that can be set from outside: ``python -m tests.faults.rig.clock``, as ``dialer run``.

The machine's clock is everybody's, so it is not touched. What the service is given as its one clock is the machine's
plus an offset out of eight shared bytes, which the soak changes while it runs.
"""

from __future__ import annotations

import asyncio
import mmap
import os
import struct
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dialer import app, logs
from dialer.clock import SystemClock
from dialer.settings import load

OFFSET_FILE = "DIALER_FAULTS_CLOCK"
"""Environment variable that names the file with the offset."""
_OFFSET = struct.Struct("=d")
_BLUR_S = 1.0
"""A step that was decided before the clock was set is written down after it."""
_LIVE_S = 60.0
"""When the clock is set, the times of calls that are up are set with it; none is up for longer than this."""


class SteppedClock(SystemClock):
    """The machine's clock and an offset in seconds, which other processes see and set at once."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(_OFFSET.pack(0.0))
        with path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), _OFFSET.size)

    @property
    def offset_s(self) -> float:
        """By how much it is ahead of the machine's."""
        found: float = _OFFSET.unpack_from(self._shared)[0]
        return found

    def step(self, offset_s: float) -> None:
        """Set it to that much ahead of the machine's clock."""
        _OFFSET.pack_into(self._shared, 0, offset_s)

    def now(self) -> datetime:
        """The present moment as this clock has it, aware and in UTC."""
        return datetime.now(UTC) + timedelta(seconds=self.offset_s)


@dataclass(slots=True)
class Hand:
    """Sets the dialer's clock, and translates what the dialer wrote down into the time that it really was."""

    clock: SteppedClock
    _steps: list[tuple[float, float]] = field(default_factory=lambda: [(0.0, 0.0)])  # since when, seconds ahead

    def step(self, offset_s: float) -> None:
        """Let the dialer's clock be ``offset_s`` ahead of the machine's from now on."""
        self._steps.append((time.time(), offset_s))
        self.clock.step(offset_s)

    def earliest_shown(self, since: float) -> float:
        """The earliest that the clock can have shown at any time from ``since`` on (both epoch seconds)."""
        ends = [start for start, _ in self._steps[1:]] + [float("inf")]
        offsets = [offset for (_, offset), end in zip(self._steps, ends, strict=True) if end >= since]
        return since + min(0.0, *offsets)

    def real(self, at: datetime, not_before: float) -> datetime:
        """The machine's time at which the dialer's clock showed ``at``; the first since ``not_before`` (epoch seconds).

        An hour that was shown twice happened twice; what it is about began no earlier than ``not_before``.
        """
        ends = [start for start, _ in self._steps[1:]] + [float("inf")]
        shown = at.timestamp()
        possible = [
            shown - offset
            for (start, offset), end in zip(self._steps, ends, strict=True)
            if start - _LIVE_S <= shown - offset <= end + _BLUR_S
        ]
        return datetime.fromtimestamp(
            min((each for each in possible if each >= not_before - _BLUR_S), default=shown), UTC
        )


def main() -> None:
    """Run the service of ``DIALER_CONFIG`` with that clock."""
    settings = load()
    logs.configure(logs.LogSettings(), secrets=settings.secrets())
    asyncio.run(app.serve(settings, clock=SteppedClock(Path(os.environ[OFFSET_FILE]))))


if __name__ == "__main__":
    main()
