"""How far the day is and when it will be done: pure sums over the day's visits and calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from dialer.campaign.model.hours import DayHours
from dialer.campaign.model.visit import Result, Visit, VisitState
from dialer.clock import on_clock
from dialer.reports.sums import GIVEN_UP, Tries
from dialer.web.kit.page.charts import Counts

WINDOW = timedelta(minutes=60)
"""Of calling time that the pace is taken from."""
ENOUGH = 10
"""Visits that must have been finished in that time before a forecast is worth anything."""
LATE = timedelta(minutes=2)
"""After which a promise that is not kept needs a person."""

_CLOSED = (VisitState.REACHED, VisitState.UNREACHED, VisitState.INVALID_NUMBER)


@dataclass(frozen=True, slots=True)
class Progress:
    """Counts of visits. ``due`` is what is to be called at all (not withdrawn), ``done`` what needs no more calls.

    ``share`` is how much of the day is done, 0 to 1.
    """

    due: int
    left: int
    done: int
    share: float
    reached: int
    states: Mapping[VisitState, int]
    results: Mapping[Result, int]
    never_called: int
    redials: int

    @property
    def given_up(self) -> int:
        """Customers that nobody could talk to."""
        return sum(self.states.get(state, 0) for state in GIVEN_UP)


def progress(visits: Sequence[Visit]) -> Progress:
    """Count the visits."""
    states = Counter(v.state for v in visits)
    due = len(visits) - states[VisitState.WITHDRAWN]
    left = states[VisitState.WAITING] + states[VisitState.CALLING]
    redials = sum(1 for v in visits if v.state is VisitState.WAITING and v.attempts)
    return Progress(
        due=due,
        left=left,
        done=due - left,
        share=(due - left) / due if due else 0.0,
        reached=states[VisitState.REACHED],
        states=states,
        results=Counter(v.result for v in visits if v.result is not None),
        never_called=states[VisitState.WAITING] - redials,
        redials=redials,
    )


@dataclass(frozen=True, slots=True)
class Forecast:
    """When the day will be done. ``at`` None: not before calling closes, or nobody can say.

    ``pace`` is visits finished per hour of calling time, None as long as too few were finished; ``over`` is how many
    would be left when calling closes.
    """

    left: int
    at: datetime | None = None
    pace: float | None = None
    over: int = 0


def forecast(visits: Sequence[Visit], hours: DayHours, now: datetime) -> Forecast:
    """When nothing will be left to be called, if the pace of the last hour of calling time holds.

    A visit is finished when it is reached, unreached or has an invalid number. The pace is the number of visits that
    were finished within the last :data:`WINDOW` of calling time (breaks do not count, pauses do: they are part of the
    pace), in a day's first hour from the first one that was finished. What is left at that pace is laid into the
    calling hours that are left.
    It is no promise: the last redials of a day keep their gaps however few they are, so the end may come later.
    """
    left = sum(1 for v in visits if v.open)
    if not left:
        return Forecast(0, max((v.ended_at for v in visits if v.ended_at is not None), default=None))
    ends = sorted(v.ended_at for v in visits if v.state in _CLOSED and v.ended_at is not None)
    since = _back(hours, now, WINDOW)
    recent = [end for end in ends if since < end <= now]
    if len(recent) < ENOUGH:
        return Forecast(left)
    first_hour = len(ends) == len(recent)
    spent = _open_time(hours, recent[0] if first_hour else since, now)
    if not spent:
        return Forecast(left)
    each = spent / (len(recent) - first_hour)
    pace = timedelta(hours=1) / each
    at = _ahead(hours, now, each * left)
    remaining = _open_time(hours, now, hours.ends)
    over = 0 if at is not None else max(left - int(remaining / each), 1)
    return Forecast(left, at, pace, over)


def _open(hours: DayHours, since: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
    """When calling is open between two times."""
    spans = ((max(start, since), min(end, until)) for start, end in hours.windows)
    return [(start, end) for start, end in spans if start < end]


def _open_time(hours: DayHours, since: datetime, until: datetime) -> timedelta:
    return sum((end - start for start, end in _open(hours, since, until)), timedelta(0))


def _back(hours: DayHours, now: datetime, length: timedelta) -> datetime:
    """The time since which calling was open for ``length``; the opening when it has not been open so long."""
    opens = hours.opens or now
    for start, end in reversed(_open(hours, opens, now)):
        if end - start >= length:
            return end - length
        length -= end - start
    return opens


def _ahead(hours: DayHours, now: datetime, length: timedelta) -> datetime | None:
    """When calling will have been open for ``length`` more; None when the day is over before."""
    for start, end in _open(hours, now, hours.ends):
        if end - start >= length:
            return start + length
        length -= end - start
    return None


def reach(tries: Iterable[Tries], zone: tzinfo) -> tuple[Counts, Counts]:
    """Calls by their number, and by the hour in ``zone``."""
    by_attempt = Counter[int](), Counter[int]()
    by_hour = Counter[int](), Counter[int]()
    for each in tries:
        for name, (tried, reached) in ((each.seq, by_attempt), (on_clock(each.at, zone).hour, by_hour)):
            tried[name] += each.calls
            reached[name] += each.reached
    return by_attempt, by_hour
