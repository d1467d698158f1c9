"""Who is called next: promised times that are due, then redials that are due, then the list.

Every visit that waits is in at most one place: in the line of its owner (an agent, or a team that
shares a list), among those whose time has not come, or behind a phone number that is in use. All
of it is heaps with stale entries dropped when they surface, so that a step costs the same with
1,000 visits in the list and with 100,000.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from heapq import heappop, heappush
from typing import NamedTuple

from dialer.campaign.visit import Visit, VisitState

Owner = tuple[str, str]
"""("agent", number) or ("team", name)."""

_EPOCH = datetime.min.replace(tzinfo=UTC)


class Standing(NamedTuple):
    """A place in a line; smaller is sooner. ``stamp`` tells a stale entry from the present one."""

    rank: int
    since: datetime
    order: int
    visit: int
    stamp: int


def owner_of(visit: Visit) -> Owner:
    """Whose line the visit stands in."""
    return ("agent", visit.agent) if visit.agent else ("team", visit.team or "")


def rank(visit: Visit) -> tuple[int, datetime]:
    """(class, time within the class): abandoned first, then promises, redials, and the list."""
    if visit.first:
        return 0, visit.due or _EPOCH
    if visit.promised is not None:
        return 1, visit.promised
    if visit.attempts:
        return 2, visit.due or _EPOCH
    return 3, _EPOCH


class Queue:
    """The waiting visits of one day."""

    def __init__(self) -> None:
        self._visits: dict[int, Visit] = {}
        self._stamp: dict[int, int] = {}
        self._lines: dict[Owner, list[Standing]] = {}
        self._timed: list[tuple[datetime, int, int]] = []
        self._behind: dict[str, list[tuple[int, int]]] = {}

    def put(self, visit: Visit, now: datetime, not_before: datetime | None = None) -> Owner | None:
        """Put a visit where it belongs now, or out of the queue when it does not wait.

        ``not_before`` delays it beyond its own ``due``. Returns the line it now stands in, if any.
        """
        stamp = self._stamp[visit.id] = self._stamp.get(visit.id, 0) + 1
        if visit.state is not VisitState.WAITING:
            self._visits.pop(visit.id, None)
            return None
        self._visits[visit.id] = visit
        when = max((t for t in (visit.due, not_before) if t is not None), default=None)
        if when is not None and when > now:
            heappush(self._timed, (when, visit.id, stamp))
            return None
        owner = owner_of(visit)
        heappush(self._lines.setdefault(owner, []), Standing(*rank(visit), visit.order, visit.id, stamp))
        return owner

    def put_behind(self, visit: Visit, number: str) -> None:
        """Let a visit wait until the call to ``number`` is over."""
        stamp = self._stamp[visit.id] = self._stamp.get(visit.id, 0) + 1
        self._behind.setdefault(number, []).append((visit.id, stamp))

    def release(self, number: str) -> list[Visit]:
        """The visits that waited for ``number``; the caller puts them back."""
        waiting = self._behind.pop(number, ())
        return [self._visits[v] for v, stamp in waiting if self._current(v, stamp)]

    def promote(self, now: datetime) -> set[Owner]:
        """Move visits whose time has come into their lines; the owners who got one."""
        owners: set[Owner] = set()
        while self._timed and self._timed[0][0] <= now:
            _, visit, stamp = heappop(self._timed)
            if self._current(visit, stamp) and (owner := self.put(self._visits[visit], now)):
                owners.add(owner)
        return owners

    def next_time(self) -> datetime | None:
        """When the next visit's time comes."""
        while self._timed and not self._current(self._timed[0][1], self._timed[0][2]):
            heappop(self._timed)
        return self._timed[0][0] if self._timed else None

    def head(self, owners: Iterable[Owner]) -> Visit | None:
        """The visit to be called next out of these lines; it stays in its place."""
        best: Standing | None = None
        for owner in owners:
            line = self._lines.get(owner)
            while line and not self._current(line[0].visit, line[0].stamp):
                heappop(line)
            if line and (best is None or line[0] < best):
                best = line[0]
        return None if best is None else self._visits[best.visit]

    def ahead_of(self, visit: Visit, owners: Iterable[Owner]) -> int:
        """How many visits of these lines are called before this one. Costs a walk of the lines."""
        mine = (*rank(visit), visit.order, visit.id)
        lines = [self._lines.get(owner, ()) for owner in owners]
        return sum(1 for line in lines for p in line if self._current(p.visit, p.stamp) and p[:4] < mine)

    def __iter__(self) -> Iterator[Visit]:
        return iter(list(self._visits.values()))

    def _current(self, visit: int, stamp: int) -> bool:
        return visit in self._visits and self._stamp[visit] == stamp
