"""The one place that reads the wall clock; everything else is handed a clock, or the time itself."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


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
