"""Which trunk takes one more call, and since when, by the books alone: the rules that are on trial are not asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.trunk import TrunkConfig
from dialer.campaign.rules.breaker import BreakerRule


@dataclass(slots=True)
class Trunks:
    """What the ends of calls say of each trunk. All times are true ones.

    Calls in a row that got through to nobody bound what a breaker may do: with fewer than its lowest threshold it is
    closed, and each one more doubles the longest pause once. Where the order of ends is not known, those came last.
    """

    rule: BreakerRule
    trunks: Sequence[TrunkConfig]
    _failures: dict[str, int] = field(default_factory=dict)
    _paused_until: dict[str, datetime] = field(default_factory=dict)
    _freed: dict[str, datetime] = field(default_factory=dict)
    """When the last call ended on a trunk that took no more just before: all its channels in use, or under trial."""

    def restarted(self) -> None:
        """The dialer was started: its breakers begin closed, whatever failed before."""
        self._failures.clear()
        self._paused_until.clear()

    def follow(self, heard: Sequence[Attempt], ended: Sequence[Attempt], live: Sequence[str], true: datetime) -> None:
        """Calls were heard to ring or to be answered, or ended; each is told once of either.

        ``live`` has the trunk of each call that was up just before.
        """
        over = {attempt.trunk for attempt in (*heard, *ended)}
        for trunk in self.trunks:
            if trunk.name in over and (live.count(trunk.name) >= trunk.channels or self._suspect(trunk.name)):
                self._freed[trunk.name] = true
        silent = [attempt for attempt in ended if not attempt.evidence.got_through]
        told = [a.trunk for a in silent if a.disposition not in (None, Disposition.CANCELLED, Disposition.UNKNOWN)]
        for name in {attempt.trunk for attempt in heard}:
            self._failures[name] = 0
        for name in set(told):
            self._failures[name] = self._failures.get(name, 0) + told.count(name)
            doubled = min(self._failures[name] - self.rule.failures, 16)
            if doubled >= 0:
                pause = min(self.rule.pause * (1 << doubled), max(self.rule.longest, self.rule.pause))
                self._paused_until[name] = true + pause

    def free_since(self, live: Sequence[str], true: datetime) -> datetime | None:
        """Since when a trunk is not paused that is not full either; None when there is none.

        ``live`` has the trunk of each call that is up. One call on a trunk that was paused may be its probe.
        """
        since, ever = [], datetime.min.replace(tzinfo=true.tzinfo)
        for trunk in self.trunks:
            calls, suspect = live.count(trunk.name), self._suspect(trunk.name)
            until = self._paused_until[trunk.name] if suspect else ever
            if calls < trunk.channels and not (suspect and calls) and until <= true:
                since.append(max(until, self._freed.get(trunk.name, ever)))
        return min(since, default=None)

    def _suspect(self, name: str) -> bool:
        return self._failures.get(name, 0) >= self.rule.failures
