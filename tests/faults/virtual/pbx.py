"""The simulated PBX behind a link that can do worse than break: stall, or die without a word."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from dialer.campaign.changes import Place
from dialer.campaign.messages import CallEvent, CallProgress, LinkLost, PbxMessage
from tests.virtual.fates import World
from tests.virtual.simulated import Faults, SimulatedPbx

UNNOTICED_S = 15.0
"""The longest that a silent link is taken for a good one: a ping every 10 s, whose answer may take 5."""

_READ_LATE_S = 1.5
"""Within this a PBX that goes on again has read what had been sent to it; the dialer waits its settling time, 2 s."""


class Silence(StrEnum):
    """How a link is silent."""

    STALLED = "stalled"  # nothing passes, nothing is lost: a PBX that was stopped reads on when it goes on
    HALF_OPEN = "half_open"  # what is sent in either direction is lost, and nobody is told


@dataclass(slots=True)
class _Quiet:
    how: Silence
    held: list[PbxMessage] = field(default_factory=list)
    placed: list[Place] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


class FaultyPbx(SimulatedPbx):
    """``down`` are the reasons for which nobody can log in just now; the link comes back when there is none."""

    def __init__(self, world: World, start: datetime, *, seed: int, faults: Faults) -> None:
        super().__init__(world, start, seed=seed, faults=faults)
        self.down: set[str] = set()
        self.late: set[str] = set()
        """Attempts whose Originate was read by the PBX later than it was sent."""
        self.asked_at: list[datetime] = []
        """When Originates reached the PBX, also those of which no call came."""
        self._quiet: _Quiet | None = None
        self._luck = random.Random(f"link-{seed}")

    # -- what the dialer asks --------------------------------------------------------------------

    def advance(self, now: datetime) -> list[PbxMessage]:
        """As ever; while the link is silent only its loss gets through."""
        said = super().advance(now)
        if self._quiet is None:
            return said
        if self._quiet.how is Silence.STALLED and self.linked:
            self._quiet.held += [each for each in said if not isinstance(each, LinkLost)]
        return [each for each in said if isinstance(each, LinkLost)]

    def place(self, order: Place, now: datetime) -> None:
        """Take an Originate; on a silent link it is sent, and nobody can say what becomes of it."""
        if self._quiet is None or not self.linked:
            super().place(order, now)
            self.asked_at.append(now)
        elif self._quiet.how is Silence.STALLED:
            self._quiet.placed.append(order)

    def hang_up(self, attempt: str, now: datetime) -> None:
        """End a call; see :meth:`place`."""
        if self._quiet is None or not self.linked:
            super().hang_up(attempt, now)
        elif self._quiet.how is Silence.STALLED:
            self._quiet.asked.append(attempt)

    def survey(self, now: datetime, *, final: bool = True) -> None:
        """Say which calls there are; nothing is heard of it on a silent link."""
        if self._quiet is None or not self.linked:
            super().survey(now, final=final)

    def restore(self, now: datetime) -> None:
        """The link is back, unless something still keeps it down."""
        if not self.down and self._quiet is None:
            super().restore(now)

    def cut(self, now: datetime) -> None:
        """The link is lost, with everything that was on its way to the dialer."""
        if self._quiet is not None:
            self._quiet.held.clear()
        super().cut(now)

    # -- faults ----------------------------------------------------------------------------------

    def silence(self, how: Silence, now: datetime) -> None:
        """Nothing passes any more; the dialer notices within :data:`UNNOTICED_S`."""
        if self._quiet is None:
            self._quiet = quiet = _Quiet(how)
            noticed = now + timedelta(seconds=self._luck.uniform(5.0, UNNOTICED_S))
            self._at(noticed, lambda at: self.cut(at) if self._quiet is quiet else None)

    def speak(self, now: datetime) -> None:
        """The link passes everything again. What a stopped PBX had not read yet, it reads now."""
        quiet, self._quiet = self._quiet, None
        if quiet is None:
            return
        for order in quiet.placed:
            self.late.add(order.attempt)
            if self.linked:
                self.place(order, now)
            else:
                at = now + timedelta(seconds=self._luck.uniform(0, _READ_LATE_S))
                self._at(at, lambda when, order=order: self._read_late(order, when))  # type: ignore[misc]  # mypy cannot infer a lambda with a default
        for attempt in quiet.asked if self.linked else ():
            super().hang_up(attempt, now)
        self._out = quiet.held + self._out

    def crash(self, now: datetime) -> None:
        """The PBX dies; besides its last second, any part of the journal can be lost, and what it had not read."""
        self._quiet = None
        super().crash(now)
        self._journal = [event for event in self._journal if self._luck.random() < 0.9]

    def repeat_ids(self, now: datetime) -> None:
        """A PBX that was started again gives ids to channels that it gave before; some were calls of ours."""
        old = self._luck.sample(self.records, min(3, len(self.records)))
        names = [record.attempt for record in old if record.attempt not in self._live]
        for name in [*names, f"{now.timestamp():.0f}.{self._luck.randint(0, 99)}"]:
            self._out += [
                CallEvent(name, CallProgress.RINGING, now),
                CallEvent(name, CallProgress.HUNG_UP, now, cause=self._luck.choice([1, 16, 17, 34]), sip=None),
                CallEvent(name, CallProgress.RESPONDED, now, reason=self._luck.choice([0, 3, 5, 8])),
            ]

    def _read_late(self, order: Place, now: datetime) -> None:
        linked, self.linked = self.linked, True  # it came over the old link, whatever became of that
        try:
            super().place(order, now)
        finally:
            self.linked = linked
