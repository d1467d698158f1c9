"""The one place that reads the wall clock; everything else is handed a clock, or the time itself."""

import time
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Protocol

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


YEARS = range(2000, 2100)
"""The years that the day's work knows; what people enter of other years is a slip."""


def in_utc(at: datetime) -> datetime:
    """``at`` in UTC; at the ends of the calendar, which only older records can name, what its clock shows."""
    try:
        return at.astimezone(UTC)
    except OverflowError:
        return at.replace(tzinfo=UTC)


def on_clock(at: datetime, zone: tzinfo) -> datetime:
    """``at`` on the clock of ``zone``; at the ends of the calendar, which only older records can name, as it is."""
    try:
        return at.astimezone(zone)
    except OverflowError:
        return at


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present moment, aware and in UTC."""
        return datetime.now(UTC)

    def steady(self) -> float:
        """Seconds since the machine was started, also while it slept: nobody can set them."""
        return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))

    def boot(self) -> str:
        """Which run of the machine :meth:`steady` counts from; "" when nobody can say."""
        try:
            return BOOT_ID.read_text(encoding="ascii").strip()
        except OSError:
            return ""


class Clock(Protocol):
    """The one clock."""

    def now(self) -> datetime:
        """The time now, aware, UTC."""
