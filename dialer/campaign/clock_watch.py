"""Noticing that somebody set the machine's clock, and reading ends of calls from before by the clock as it is now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from dialer.campaign.messages import ClockSet

CLOCK_SETS = "clock-sets"
"""Flag: when the clock was set lately, and by how much; a restart reads the ends of calls by it."""

CLOCK_MARK = "clock-mark"
"""Flag: how the wall clock stood to the steady one, so that a setting is noticed while nobody ran too."""

NOTICED_S = 0.5
"""The machine adjusts both clocks alike, so that they never drift apart by this much: it is a clock that was set."""

ClockStep = tuple[datetime, timedelta]
"""(when by the clock as it was set then, by how much)."""


class ClockWatch:
    """Compares the wall clock with one that nobody can set.

    ``steady`` gives the seconds of that one, ``boot`` names the run of the machine in which they can be compared.
    """

    def __init__(self, steady: Callable[[], float], boot: str) -> None:
        self._steady = steady
        self._boot = boot
        self._ahead: float | None = None

    def resume(self, mark: str) -> None:
        """Go on from a mark in the records, unless the machine has been started since."""
        boot, _, ahead = mark.partition("/")
        self._ahead = float(ahead) if ahead and boot and boot == self._boot else None

    def look(self, now: datetime) -> ClockSet | None:
        """What to tell the rules: by how much the clock was set since the last look; by nothing when there was none."""
        ahead = now.timestamp() - self._steady()
        by = 0.0 if self._ahead is None else ahead - self._ahead
        if self._ahead is not None and abs(by) <= NOTICED_S:
            return None
        self._ahead = ahead
        return ClockSet(timedelta(seconds=round(by, 3)), mark=f"{self._boot}/{ahead:.6f}")


def recent(flags: Mapping[str, str], now: datetime, gap: timedelta) -> list[ClockStep]:
    """How the clock was set, oldest first, while any of it still matters for ends of calls within ``gap``."""
    steps = []
    for word in flags.get(CLOCK_SETS, "").split():
        at, _, by_s = word.partition("/")
        steps.append((datetime.fromisoformat(at), timedelta(seconds=float(by_s))))
    return steps if any(now < at + gap + max(-by, timedelta(0)) for at, by in steps) else []


def present(written: datetime, steps: list[ClockStep], now: datetime) -> datetime:
    """A time in the records by the present clock; the later one where the clock has shown a time twice.

    A time that no clock has shown is one that it was set past: what the PBX told later of a call from before that.
    """
    until, shift, told_later = now, timedelta(0), None
    for at, by in reversed(steps):  # between two settings the clock showed the times from one's ``at`` to the next's
        if at <= written <= until:
            return written + shift
        if told_later is None and at - by < written < at:
            told_later = written + shift
        until, shift = at - by, shift + by
    return told_later if told_later is not None and written > until else written + shift
