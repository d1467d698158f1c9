"""A trunk at work, and its circuit breakers: attempts are never burnt on a dead one, nor on one that lies."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.setting import setting
from dialer.campaign.model.trunk import TrunkConfig
from dialer.campaign.rules.waits import doubled


class BreakerState(StrEnum):
    """Whether a trunk may be used."""

    CLOSED = "closed"  # in use
    OPEN = "open"  # paused until a time
    PROBING = "probing"  # one call is under way to find out


class Miss(StrEnum):
    """What a call says of its trunk that got through to nobody: no phone rang, nobody answered."""

    FAILED = "failed"  # our own side, by its own word
    REFUSED = "refused"  # what a carrier also says of one customer, and what is told without asking their phone
    UNANSWERED = "unanswered"  # something was played and nobody came, or no ring is ever told


MISSES: dict[Disposition, Miss] = {
    Disposition.OUR_FAULT: Miss.FAILED,
    Disposition.CONGESTION: Miss.FAILED,
    Disposition.INVALID_NUMBER: Miss.FAILED,
    Disposition.UNREACHABLE: Miss.REFUSED,
    Disposition.DECLINED: Miss.REFUSED,
    Disposition.BUSY: Miss.REFUSED,
    Disposition.NO_ANSWER: Miss.UNANSWERED,
}
"""The other dispositions say nothing of a trunk, unless the call got through, which says that it works."""


@dataclass(frozen=True, slots=True)
class BreakerRule:
    """So many misses in a row, to that many different numbers within ``window``, pause the trunk for ``pause``.

    Anything that gets through in between starts the count anew. After the pause one call probes the trunk; each failed
    probe doubles the pause, up to ``longest``.

    ``refusals`` and ``unanswered`` count everything at least as bad. They are so large since honest carriers say the
    same of many. If a share p of first calls gets no further than that, then N calls a day meet N (1 - p) p^n rows of n
    by chance. Phones switched off, engaged or declining before a ring are at most three of ten: with n = 12 a
    department of 4,000 calls meets one in 670 days. Where ring-back music comes without a ring, unanswered calls join
    them, at most half of all: with n = 20 one in 520 days. It then costs a pause and a probe.
    """

    failures: int = field(default=5, metadata=setting(ge=1))
    refusals: int = field(default=12, metadata=setting(ge=2))
    unanswered: int = field(default=20, metadata=setting(ge=2))
    pause: timedelta = field(default=timedelta(seconds=30), metadata=setting(gt=0))
    longest: timedelta = field(default=timedelta(minutes=10), metadata=setting(gt=0))
    window: timedelta = field(default=timedelta(minutes=30), metadata=setting(gt=0))

    def limit(self, miss: Miss) -> int:
        """How many in a row pause a trunk."""
        return {Miss.FAILED: self.failures, Miss.REFUSED: self.refusals, Miss.UNANSWERED: self.unanswered}[miss]


_SUSPICIOUS = 4
"""Of so many numbers the same, and of nobody anything else: no customer is given up on the word of such a trunk."""


@dataclass(slots=True)
class Breaker:
    """The breaker of one trunk for one kind of number. All methods are pure in time: ``now`` is given.

    A number that was missed while others got through has a trouble of its own (a carrier's cap on calls to it, a phone
    that is switched off): until it gets through, the same of it neither counts against the trunk again nor says
    anything as a probe. ``doubted`` are attempts by visit that ended with "no such number", since when the trunk has
    said nothing else to anybody. The dicts are replaced and never changed, so that the fields alone say what it was.
    """

    rule: BreakerRule
    state: BreakerState = BreakerState.CLOSED
    until: datetime | None = None
    probe: str | None = None
    pauses: int = 0
    spoke_at: datetime | None = None
    """When it last said of a number anything but that it does not exist."""
    closed_at: datetime | None = None
    """When a call that got through closed it."""
    doubted: dict[int, Attempt] = field(default_factory=dict)
    _missed: dict[str, tuple[Miss, datetime]] = field(default_factory=dict)
    """The numbers that were missed since anything got through, how, and when the last time."""
    _troubled: dict[str, Miss] = field(default_factory=dict)
    """The numbers that were missed before something else got through."""

    def allows(self, now: datetime) -> bool:
        """Whether a call may be placed at ``now``; while open, one probe when the pause is over."""
        if self.state is BreakerState.CLOSED:
            return True
        return self.state is BreakerState.OPEN and self.until is not None and now >= self.until

    def fails(self, number: str) -> bool:
        """Whether another trunk is better for ``number``: the last call to it over this one failed, or is part of why
        this one is paused.
        """
        failed = Miss.FAILED in (self._troubled.get(number), self._missed.get(number, (None,))[0])
        return failed or (self.state is not BreakerState.CLOSED and self.knows(number))

    def knows(self, number: str) -> bool:
        """Whether the last call to ``number`` over this trunk got through to nobody, so that one more tells little."""
        return number in self._missed or number in self._troubled

    def placed(self, attempt: str) -> None:
        """A call that :meth:`allows` let through is placed."""
        if self.state is BreakerState.OPEN:
            self.state = BreakerState.PROBING
            self.probe = attempt

    def works(self, number: str, now: datetime) -> bool:
        """A call to ``number`` got through to the far end. Returns whether this closed the breaker."""
        was_closed = self.state is BreakerState.CLOSED
        self.closed_at = self.closed_at if was_closed else now
        if self._missed or number in self._troubled:
            missed = {other: miss for other, (miss, _) in self._missed.items()}
            self._troubled = {other: miss for other, miss in (self._troubled | missed).items() if other != number}
            self._missed = {}
        self.state, self.until, self.probe, self.pauses = BreakerState.CLOSED, None, None, 0
        return not was_closed

    def said_before(self, number: str, miss: Miss) -> None:
        """The call to ``number`` before this one ended in the same way, by whatever trunk: it is the number's own."""
        if number not in self._missed:
            self._troubled = {**self._troubled, number: miss}

    def missed(self, attempt: str, number: str, now: datetime, miss: Miss = Miss.FAILED) -> bool:
        """A call to ``number`` got through to nobody. Returns whether this opened the breaker (again)."""
        own = self._troubled.get(number) is miss
        known = own or number in self._missed
        alike = miss is Miss.FAILED or any(miss is each for each, _ in self._missed.values())
        if not own:
            self._missed = {**self._missed, number: (miss, now)}
        tripped = self.state is BreakerState.CLOSED and self._too_many(now)
        if not tripped and (attempt != self.probe or not alike):
            self.undecided(attempt, now)
            return False
        self.pauses += tripped or not known  # a number that was missed before makes it no worse
        pause = doubled(self.rule.pause, self.pauses - 1, self.rule.longest)
        self.state, self.until, self.probe = BreakerState.OPEN, now + pause, None
        return True

    def _too_many(self, now: datetime) -> bool:
        if len(self._missed) < min(self.rule.limit(miss) for miss in Miss):
            return False
        limits = [self.rule.limit(miss) for miss, at in self._missed.values() if now - at <= self.rule.window]
        return any(sum(each <= limit for each in limits) >= limit for limit in set(limits))

    def believed(self, number: str, *, last: bool) -> bool:
        """Whether what it has said of ``number`` may be put down to the customer; ``last``: who is then given up.

        Not while it is paused for saying the same of many; nor, for who is given up, when that may be about to happen.
        """
        closed = self.state is BreakerState.CLOSED
        return closed and not (last and number in self._missed and len(self._missed) >= _SUSPICIOUS)

    def dead(self, now: datetime) -> bool:
        """Whether a pause is news. One that follows another so soon, and whose probe has not failed, is not.

        A carrier that takes one call a second refuses those after it, and the trunk opens and closes all day (measured
        on a virtual day with fifteen agents: 68 times); one alarm says it.
        """
        return self.pauses > 1 or self.closed_at is None or now - self.closed_at > self.rule.window

    def undecided(self, attempt: str, now: datetime) -> None:
        """A call ended in a way that says nothing of the trunk; a probe that did is taken again."""
        if attempt == self.probe:
            self.state, self.probe, self.until = BreakerState.OPEN, None, now

    def shift(self, by: timedelta) -> None:
        """The clock was set: pause and window go on as if nothing had happened."""
        self.until = self.until + by if self.until else None
        self.spoke_at = self.spoke_at + by if self.spoke_at else None
        self.closed_at = self.closed_at + by if self.closed_at else None
        self._missed = {number: (miss, at + by) for number, (miss, at) in self._missed.items()}


@dataclass(slots=True)
class Trunk:
    """A trunk at work: the channels in use, and a breaker for each kind of number.

    A carrier that puts landlines through may know no mobiles, or may not be let into their networks: kinds are told by
    the first digit, which is 0 for landlines and 1 for mobiles.
    """

    config: TrunkConfig
    rule: BreakerRule
    in_use: int = 0
    breakers: dict[str, Breaker] = field(default_factory=dict)

    def to(self, number: str) -> Breaker:
        """The breaker for numbers like this one."""
        kind = number[:1]
        if kind not in self.breakers:
            self.breakers[kind] = Breaker(self.rule)
        return self.breakers[kind]

    @property
    def breaker(self) -> Breaker:
        """The one that is worst off: a trunk is well when it is for all numbers."""
        ill = [each for each in self.breakers.values() if each.state is not BreakerState.CLOSED]
        return next(iter(ill or self.breakers.values()), None) or Breaker(self.rule)

    @property
    def free(self) -> bool:
        """Whether it has a channel for one more call."""
        return self.in_use < self.config.channels

    def takes(self, number: str, now: datetime) -> bool:
        """Whether a call to ``number`` may go out over this trunk at ``now``."""
        return self.free and self.to(number).allows(now)
