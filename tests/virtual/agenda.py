"""What is to happen, by time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heappop, heappush
from itertools import count


@dataclass(order=True, slots=True)
class _Due:
    at: datetime
    seq: int
    run: Callable[[datetime], None] = field(compare=False)


class Agenda:
    """Nothing happens but in :meth:`run`; what is due at one time, in the order in which it was put down."""

    def __init__(self) -> None:
        self._due: list[_Due] = []
        self._count = count()

    def at(self, when: datetime, run: Callable[[datetime], None]) -> None:
        """Put something down, which is told the time that it was put down for."""
        heappush(self._due, _Due(when, next(self._count), run))

    def next_time(self) -> datetime | None:
        """When something next happens."""
        return self._due[0].at if self._due else None

    def run(self, now: datetime) -> None:
        """Let everything up to ``now`` happen."""
        while self._due and self._due[0].at <= now:
            due = heappop(self._due)
            due.run(due.at)
