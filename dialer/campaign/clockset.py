"""Noticing that somebody set the machine's clock, and reading ends of calls from before by the clock as it is now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

CLOCK_SETS = "clock-sets"
"""Flag: when the clock was set lately, and by how much; a restart reads the ends of calls by it."""

NOTICED = timedelta(seconds=0.5)
"""What the two clocks may drift apart from one look to the next: more is a clock that was set."""

ClockStep = tuple[datetime, timedelta]
"""(when by the clock as it was set then, by how much)."""


class ClockWatch:
    """Compares the wall clock with one that nobody can set. ``steady`` gives seconds since any moment."""

    def __init__(self, steady: Callable[[], float]) -> None:
        self._steady = steady
        self._last: tuple[datetime, float] | None = None

    def look(self, now: datetime) -> timedelta | None:
        """By how much the clock was set since the last look; None when it was let be."""
        steady = self._steady()
        last, self._last = self._last, (now, steady)
        if last is None:
            return None
        by = (now - last[0]) - timedelta(seconds=steady - last[1])
        return by if abs(by) > NOTICED else None


def recent(flags: Mapping[str, str], now: datetime, gap: timedelta) -> list[ClockStep]:
    """How the clock was set, oldest first, while any of it still matters for ends of calls within ``gap``."""
    steps = []
    for word in flags.get(CLOCK_SETS, "").split():
        at, _, by_s = word.partition("/")
        steps.append((datetime.fromisoformat(at), timedelta(seconds=float(by_s))))
    return steps if any(now < at + gap + max(-by, timedelta(0)) for at, by in steps) else []


def ends_since(flags: Mapping[str, str], now: datetime, gap: timedelta) -> datetime:
    """Since when ends of calls must be read from the books to keep ``gap``."""
    ahead = sum((max(by, timedelta(0)) for _, by in recent(flags, now, gap)), timedelta(0))
    return now - gap - ahead


def present(written: datetime, steps: list[ClockStep], now: datetime) -> datetime:
    """A time in the books by the present clock; the later one where the clock has shown a time twice."""
    shown, until, shift = written, now, timedelta(0)
    for at, by in reversed(steps):  # between two settings the clock showed the times from one's ``at`` to the next's
        if at <= written <= until:
            break
        shift += by
        shown, until = written + shift, at - by
    return shown
