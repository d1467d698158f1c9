"""The system clock."""

from datetime import UTC, datetime, timedelta

import time_machine

from dialer.clock import SystemClock


def test_now_is_aware_and_utc() -> None:
    """The clock tells the machine's moment, with its offset, which is zero."""
    moment = datetime(2026, 11, 21, 8, 0, 30, tzinfo=UTC)
    with time_machine.travel(moment, tick=False):
        now = SystemClock().now()
    assert now == moment
    assert now.utcoffset() == timedelta(0)
