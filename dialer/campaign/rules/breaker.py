"""A trunk at work, and its circuit breaker: attempts are never burnt on a dead one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from dialer.campaign.model.setting import setting
from dialer.campaign.model.trunk import TrunkConfig


class BreakerState(StrEnum):
    """Whether a trunk may be used."""

    CLOSED = "closed"  # in use
    OPEN = "open"  # paused until a time
    PROBING = "probing"  # one call is under way to find out


@dataclass(frozen=True, slots=True)
class BreakerRule:
    """After that many ``failures`` of our own side in a row the trunk is paused for ``pause``.

    Then one call probes it; each failed probe doubles the pause, up to ``longest``.
    """

    failures: int = field(default=5, metadata=setting(ge=1))
    pause: timedelta = field(default=timedelta(seconds=30), metadata=setting(gt=0))
    longest: timedelta = field(default=timedelta(minutes=10), metadata=setting(gt=0))


@dataclass(slots=True)
class Breaker:
    """The breaker of one trunk. All methods are pure in time: ``now`` is given."""

    rule: BreakerRule
    state: BreakerState = BreakerState.CLOSED
    failures: int = 0
    until: datetime | None = None
    probe: str | None = None
    pauses: int = 0

    def allows(self, now: datetime) -> bool:
        """Whether a call may be placed at ``now``; while open, one probe when the pause is over."""
        if self.state is BreakerState.CLOSED:
            return True
        return self.state is BreakerState.OPEN and self.until is not None and now >= self.until

    def placed(self, attempt: str) -> None:
        """A call that :meth:`allows` let through is placed."""
        if self.state is BreakerState.OPEN:
            self.state = BreakerState.PROBING
            self.probe = attempt

    def works(self) -> bool:
        """A call got through to the far end. Returns whether this closed the breaker."""
        was_closed = self.state is BreakerState.CLOSED
        self.state, self.failures, self.until, self.probe, self.pauses = BreakerState.CLOSED, 0, None, None, 0
        return not was_closed

    def failed(self, attempt: str, now: datetime) -> bool:
        """A call failed on our own side. Returns whether this opened the breaker (again)."""
        self.failures += 1
        tripped = self.state is BreakerState.CLOSED and self.failures >= self.rule.failures
        if tripped or attempt == self.probe:
            self._open(now)
            return True
        return False

    def undecided(self, attempt: str, now: datetime) -> None:
        """A call ended in a way that says nothing of the trunk; a probe that did is taken again."""
        if attempt == self.probe:
            self.state, self.probe, self.until = BreakerState.OPEN, None, now

    def _open(self, now: datetime) -> None:
        pause = min(self.rule.pause * (1 << min(self.pauses, 16)), max(self.rule.longest, self.rule.pause))
        self.state, self.until, self.probe = BreakerState.OPEN, now + pause, None
        self.pauses += 1


@dataclass(slots=True)
class Trunk:
    """A trunk at work: the channels in use, and its breaker."""

    config: TrunkConfig
    breaker: Breaker
    in_use: int = 0

    def takes(self, now: datetime) -> bool:
        """Whether one more call may go out over this trunk at ``now``."""
        return self.in_use < self.config.channels and self.breaker.allows(now)
