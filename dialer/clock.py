"""The one place that reads the wall clock; everything else is handed a clock, or the time itself."""

import time
from datetime import UTC, datetime


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present moment, aware and in UTC."""
        return datetime.now(UTC)

    def steady(self) -> float:
        """Seconds since the machine was started, also while it slept: nobody can set them."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)
