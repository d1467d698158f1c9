"""The system clock."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from dialer.clock import SystemClock


def test_now_is_aware_and_utc() -> None:
    """The clock tells the machine's moment, with its offset, which is zero."""
    moment = datetime(2026, 11, 21, 8, 0, 30, tzinfo=UTC)
    with time_machine.travel(moment, tick=False):
        now = SystemClock().now()
    assert now == moment
    assert now.utcoffset() == timedelta(0)


def test_the_steady_clock_runs_whatever_the_wall_clock_does() -> None:
    """Setting the machine's clock back does not touch it."""
    clock = SystemClock()
    before = clock.steady()
    with time_machine.travel(clock.now() - timedelta(hours=1), tick=False):
        assert clock.steady() >= before


def test_the_run_of_the_machine_has_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By which the steady seconds of two processes can be compared; a machine that cannot say has none."""
    assert SystemClock().boot() == SystemClock().boot() != ""
    monkeypatch.setattr("dialer.clock.BOOT_ID", tmp_path / "none")
    assert SystemClock().boot() == ""
