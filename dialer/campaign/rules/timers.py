"""What is due when: a heap of wake-ups. A wake-up only says "look again"; the rules decide."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from heapq import heapify, heappop, heappush
from itertools import count

WATCH_MARGIN = timedelta(seconds=10)
"""How long after its Timeout a call that still rings is looked at."""


class Wake(StrEnum):
    """What to look at."""

    SETTLE = "settle"  # an attempt of whose end the second event is missing
    WATCH = "watch"  # an attempt that should have been answered or over by now
    WRAP_UP = "wrap_up"  # an agent's wrap-up
    DIAL = "dial"  # agents wait for a slot or a trunk
    HOURS = "hours"  # calling opens, closes, or is late
    PHONE = "phone"  # an agent's phone after a call, or one that cannot be called
    SURVEY = "survey"  # ask a PBX which calls it has
    DEFECT = "defect"  # the alarm of a defect, which is over when it has been quiet for a while


class Timers:
    """Wake-ups by time. The same wake-up set twice is kept once, at the earlier time; ``kept`` is the dict to use."""

    def __init__(self, kept: dict[tuple[Wake, str], datetime] | None = None) -> None:
        self._heap: list[tuple[datetime, int, Wake, str]] = []
        self._set = {} if kept is None else kept
        self._order = count()
        """Those of one moment come in the order in which they were set."""

    def at(self, when: datetime, wake: Wake, key: str = "") -> None:
        """Wake at ``when``, unless an earlier wake-up for the same is set."""
        known = self._set.get((wake, key))
        if known is None or when < known:
            self._set[wake, key] = when
            heappush(self._heap, (when, next(self._order), wake, key))

    def due(self, now: datetime, most: int | None = None) -> list[tuple[Wake, str]]:
        """Take out every wake-up whose time has come, or so many of them, in order."""
        ready: list[tuple[Wake, str]] = []
        while self._heap and self._heap[0][0] <= now and len(ready) != most:
            when, _, wake, key = heappop(self._heap)
            if self._set.get((wake, key)) == when:
                del self._set[wake, key]
                ready.append((wake, key))
        return ready

    def drop(self, wake: Wake, key: str) -> None:
        """Forget a wake-up."""
        self._set.pop((wake, key), None)

    def shift(self, by: timedelta) -> None:
        """Move every wake-up: the clock that they were set by has been set itself."""
        self._heap = [(when + by, order, wake, key) for when, order, wake, key in self._heap]
        for name in self._set:
            self._set[name] += by

    def repair(self) -> None:
        """What is set has been put back to what it was."""
        self._heap = [(when, next(self._order), *name) for name, when in self._set.items()]
        heapify(self._heap)

    def next_time(self) -> datetime | None:
        """When the next wake-up is due."""
        while self._heap and self._set.get((self._heap[0][2], self._heap[0][3])) != self._heap[0][0]:
            heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def count(self, now: datetime) -> int:
        """How many wake-ups are due."""
        return sum(when <= now for when in self._set.values())
