"""A trunk at work, and its circuit breaker: attempts are never burnt on a dead one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.setting import setting
from dialer.campaign.model.trunk import TrunkConfig


class BreakerState(StrEnum):
    """Whether a trunk may be used."""

    CLOSED = "closed"  # in use
    OPEN = "open"  # paused until a time
    PROBING = "probing"  # one call is under way to find out


@dataclass(frozen=True, slots=True)
class BreakerRule:
    """Failures towards that many different numbers (``failures``) within ``window`` pause the trunk for ``pause``.

    Anything that gets through in between starts the count anew. After the pause one call probes the trunk; each failed
    probe doubles the pause, up to ``longest``.
    """

    failures: int = field(default=5, metadata=setting(ge=1))
    pause: timedelta = field(default=timedelta(seconds=30), metadata=setting(gt=0))
    longest: timedelta = field(default=timedelta(minutes=10), metadata=setting(gt=0))
    window: timedelta = field(default=timedelta(minutes=10), metadata=setting(gt=0))


@dataclass(slots=True)
class Breaker:
    """The breaker of one trunk. All methods are pure in time: ``now`` is given.

    A number that failed while others got through has a trouble of its own (a carrier's cap on calls to it, say): until
    it gets through it neither counts against the trunk again nor says anything as a probe.
    """

    rule: BreakerRule
    state: BreakerState = BreakerState.CLOSED
    until: datetime | None = None
    probe: str | None = None
    pauses: int = 0
    spoke_at: datetime | None = None
    """When it last said of a number anything but that it does not exist."""
    _failing: dict[str, datetime] = field(default_factory=dict)
    """The numbers that failed since anything got through, with the time of the last failure."""
    _troubled: set[str] = field(default_factory=set)
    """The numbers that failed before something else got through."""

    def allows(self, now: datetime) -> bool:
        """Whether a call may be placed at ``now``; while open, one probe when the pause is over."""
        if self.state is BreakerState.CLOSED:
            return True
        return self.state is BreakerState.OPEN and self.until is not None and now >= self.until

    def fails(self, number: str) -> bool:
        """Whether the last call to ``number`` over this trunk failed."""
        return number in self._failing or number in self._troubled

    def placed(self, attempt: str) -> None:
        """A call that :meth:`allows` let through is placed."""
        if self.state is BreakerState.OPEN:
            self.state = BreakerState.PROBING
            self.probe = attempt

    def works(self, number: str) -> bool:
        """A call to ``number`` got through to the far end. Returns whether this closed the breaker."""
        was_closed = self.state is BreakerState.CLOSED
        self._troubled.update(self._failing)
        self._troubled.discard(number)
        self._failing.clear()
        self.state, self.until, self.probe, self.pauses = BreakerState.CLOSED, None, None, 0
        return not was_closed

    def failed(self, attempt: str, number: str, now: datetime) -> bool:
        """A call to ``number`` failed on our own side. Returns whether this opened the breaker (again)."""
        known = self.fails(number)
        if number not in self._troubled:
            self._failing[number] = now
        lately = sum(now - at <= self.rule.window for at in self._failing.values())
        tripped = self.state is BreakerState.CLOSED and lately >= self.rule.failures
        if not (tripped or attempt == self.probe):
            return False
        self.pauses += tripped or not known  # a number that had failed before makes it no worse
        pause = min(self.rule.pause * (1 << min(self.pauses - 1, 16)), max(self.rule.longest, self.rule.pause))
        self.state, self.until, self.probe = BreakerState.OPEN, now + pause, None
        return True

    def undecided(self, attempt: str, now: datetime) -> None:
        """A call ended in a way that says nothing of the trunk; a probe that did is taken again."""
        if attempt == self.probe:
            self.state, self.probe, self.until = BreakerState.OPEN, None, now

    def shift(self, by: timedelta) -> None:
        """The clock was set: pause and window go on as if nothing had happened."""
        self.until = self.until + by if self.until else None
        self.spoke_at = self.spoke_at + by if self.spoke_at else None
        self._failing = {number: at + by for number, at in self._failing.items()}


@dataclass(slots=True)
class Trunk:
    """A trunk at work: the channels in use, and its breaker.

    ``doubted`` are attempts by visit that ended with "no such number", since when it has said nothing else to anybody.
    """

    config: TrunkConfig
    breaker: Breaker
    in_use: int = 0
    doubted: dict[int, Attempt] = field(default_factory=dict)

    def takes(self, now: datetime) -> bool:
        """Whether one more call may go out over this trunk at ``now``."""
        return self.in_use < self.config.channels and self.breaker.allows(now)
