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
    """The settings of the clock that still matter for ends of calls within ``gap``, oldest first."""
    steps = []
    for word in flags.get(CLOCK_SETS, "").split():
        at, _, by_s = word.partition("/")
        step = datetime.fromisoformat(at), timedelta(seconds=float(by_s))
        if now < step[0] + gap + max(-step[1], timedelta(0)):
            steps.append(step)
    return steps


def ends_since(flags: Mapping[str, str], now: datetime, gap: timedelta) -> datetime:
    """Since when ends of calls must be read from the books to keep ``gap``."""
    ahead = sum((max(by, timedelta(0)) for _, by in recent(flags, now, gap)), timedelta(0))
    return now - gap - ahead


def present(ended: datetime, steps: list[ClockStep], now: datetime) -> datetime:
    """An end in the books by the present clock; the later one where the clock has shown a time twice."""
    for at, by in steps:
        if ended <= at - by if by > timedelta(0) else ended > now:
            ended += by
    return ended
