"""Who is called next: promised times that are due, then redials that are due, then the list.

At the end of a line it is the other way round: its last first calls go before redials that are due, since whoever is
called late and never answers needs all the gaps of the rule one after another, and the day would end with waiting. How
many those are is :attr:`dialer.campaign.rules.rule.RedialRule.head_start`. Promised times keep their place.

Every visit that waits is in at most one place: in the line of its owner (an agent, or a team that
shares a list), among those whose time has not come, or behind the call that their phone number has. All
of it is heaps with stale entries dropped when they surface, so that a step costs the same with
1,000 visits in the list and with 100,000.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from heapq import heapify, heappop, heappush
from itertools import count
from typing import NamedTuple

from dialer.campaign.model.visit import Visit, VisitState

Owner = tuple[str, str]
"""("agent", number) or ("team", name)."""

_ABANDONED, _PROMISED, _REDIAL, _LIST = range(4)
_EPOCH = datetime.min.replace(tzinfo=UTC)
_AS_LISTED = (_LIST, _EPOCH)


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
        return _ABANDONED, visit.due or _EPOCH
    if visit.promised is not None:
        return _PROMISED, visit.promised
    if visit.attempts:
        return _REDIAL, visit.due or _EPOCH
    return _AS_LISTED


class Queue:
    """The waiting visits of one day. ``head_start`` is how many last first calls of a line go before redials."""

    def __init__(self, head_start: int) -> None:
        self._head_start = head_start
        self._visits: dict[int, Visit] = {}
        self._stamps = count()
        self._stamp: dict[int, int] = {}
        self._lines: dict[Owner, list[Standing]] = {}
        self._lists: dict[Owner, list[Standing]] = {}
        self._listed: dict[int, Owner] = {}
        self._left: Counter[Owner] = Counter()
        self._timed: list[tuple[datetime, int, int]] = []
        self._behind: dict[str, list[tuple[int, int]]] = {}

    def put(self, visit: Visit, now: datetime, not_before: datetime | None = None) -> Owner | None:
        """Put a visit where it belongs now, or out of the queue when it does not wait.

        ``not_before`` delays it beyond its own ``due``. Returns the line it now stands in, if any.
        """
        stamp = self._leave(visit.id)
        if visit.state is not VisitState.WAITING:
            self._visits.pop(visit.id, None)
            return None
        self._visits[visit.id] = visit
        when = max((t for t in (visit.due, not_before) if t is not None), default=None)
        if when is not None and when > now:
            heappush(self._timed, (when, visit.id, stamp))
            return None
        owner, standing = owner_of(visit), Standing(*rank(visit), visit.order, visit.id, stamp)
        lines = self._lines
        if standing.rank == _LIST:
            lines = self._lists
            self._listed[visit.id] = owner
            self._left[owner] += 1
        heappush(lines.setdefault(owner, []), standing)
        return owner

    def fill(self, visits: Iterable[Visit], now: datetime) -> None:
        """Put every visit of a day that is opened where it belongs: as :meth:`put` for each, but 100,000 at once.

        None of them may be in the queue yet.
        """
        for visit in visits:
            if visit.due is None and visit.state is VisitState.WAITING and rank(visit) == _AS_LISTED:
                owner = owner_of(visit)
                self._visits[visit.id] = visit
                stamp = self._stamp[visit.id] = next(self._stamps)
                self._listed[visit.id] = owner
                self._lists.setdefault(owner, []).append(Standing(*_AS_LISTED, visit.order, visit.id, stamp))
            else:
                self.put(visit, now)
        for owner, line in self._lists.items():
            heapify(line)
            self._left[owner] = len(line)

    def put_behind(self, visit: Visit, attempt: str) -> None:
        """Let a visit wait until this call, to its number or its customer, is over."""
        stamp = self._leave(visit.id)
        self._behind.setdefault(attempt, []).append((visit.id, stamp))

    def release(self, attempt: str) -> list[Visit]:
        """The visits that waited for this call; the caller puts them back."""
        waiting = self._behind.pop(attempt, ())
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
        best = min((place for owner in owners for place in self._heads(owner)), default=None)
        return None if best is None else self._visits[best.visit]

    def first(self, owners: Iterable[Owner], suits: Callable[[Visit], bool]) -> Visit | None:
        """The visit to be called next out of these lines that ``suits``; costs a walk of the lines."""
        best = min(
            (
                self._turned(place, owner)
                for owner in owners
                for place in self._places(owner)
                if suits(self._visits[place.visit])
            ),
            default=None,
        )
        return None if best is None else self._visits[best.visit]

    def ahead_of(self, visit: Visit, owners: Iterable[Owner]) -> int:
        """How many visits of these lines are called before this one, as it looks now. Costs a walk of the lines."""
        mine = self._turned(Standing(*rank(visit), visit.order, visit.id, 0), owner_of(visit))
        places = (self._turned(place, owner) for owner in owners for place in self._places(owner))
        return sum(place < mine for place in places)

    def __iter__(self) -> Iterator[Visit]:
        return iter(list(self._visits.values()))

    def _places(self, owner: Owner) -> Iterator[Standing]:
        """All of a line, in no order."""
        for place in (*self._lines.get(owner, ()), *self._lists.get(owner, ())):
            if self._current(place.visit, place.stamp):
                yield place

    def _heads(self, owner: Owner) -> Iterator[Standing]:
        for lines in (self._lines, self._lists):
            line = lines.get(owner)
            while line and not self._current(line[0].visit, line[0].stamp):
                heappop(line)
            if line:
                yield self._turned(line[0], owner)

    def _turned(self, place: Standing, owner: Owner) -> Standing:
        """The place as it counts: near the end of a line its list goes before its redials."""
        near = place.rank in (_REDIAL, _LIST) and self._left[owner] <= self._head_start
        return place._replace(rank=_REDIAL + _LIST - place.rank) if near else place

    def _leave(self, visit: int) -> int:
        """Take a visit from where it is; its next stamp."""
        owner = self._listed.pop(visit, None)
        if owner is not None:
            self._left[owner] -= 1
        stamp = self._stamp[visit] = next(self._stamps)
        return stamp

    def _current(self, visit: int, stamp: int) -> bool:
        return visit in self._visits and self._stamp[visit] == stamp
