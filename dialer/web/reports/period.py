"""Of which days a report is: read from its address, moved back and forth, put into links."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from dialer.clock import YEARS
from dialer.errors import BadInput
from dialer.web.kit.localtime import any_day

_WEEK = 7
_DAY = timedelta(days=1)
_LONGEST = 366
_FIRST, _LAST = date(YEARS[0], 1, 1), date(YEARS[-1], 12, 31)


@dataclass(frozen=True, slots=True)
class Period:
    """Days, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1

    @property
    def back(self) -> timedelta:
        """How far back lie the days that these are compared with: whole weeks, since Mondays are no Fridays."""
        return timedelta(days=-(-self.days // _WEEK) * _WEEK)

    def moved(self, by: timedelta) -> Period:
        """As many days, earlier or later, within what the department's work knows."""
        by = min(max(by, _FIRST - self.first), _LAST - self.last)
        return Period(self.first + by, self.last + by)

    @property
    def before(self) -> Period:
        """The days that these are compared with."""
        return self.moved(-self.back)

    @property
    def terms(self) -> dict[str, str]:
        """As an address names it."""
        if self.first == self.last:
            return {"day": self.first.isoformat(), "since": "", "until": ""}
        return {"day": "", "since": self.first.isoformat(), "until": self.last.isoformat()}

    def __str__(self) -> str:
        """2026-11-23, or from it to another."""
        one = self.first == self.last
        return f"{self.first:%Y-%m-%d}" if one else f"{self.first:%Y-%m-%d} – {self.last:%Y-%m-%d}"


def period_of(query: Mapping[str, str], today: date, *, week: bool = False) -> Period:
    """What ``since`` and ``until``, or ``day``, ask for; without them today, or (``week``) the week that it is in.

    Raises BadInput, for more than a year, too.
    """
    since, until = query.get("since", "").strip(), query.get("until", "").strip()
    if since or until:
        first, last = sorted((any_day(since or until), any_day(until or since)))
        if (last - first).days >= _LONGEST:
            raise BadInput(f"a report is of at most {_LONGEST} days")
        return Period(first, last)
    day = any_day(query.get("day", "").strip() or today.isoformat())
    return week_of(day) if week else Period(day, day)


def week_of(day: date) -> Period:
    """Monday to Sunday."""
    monday = max(day - timedelta(days=day.weekday()), _FIRST)
    return Period(monday, min(monday + (_WEEK - 1) * _DAY, _LAST))


def month_of(day: date) -> Period:
    """From its first day to its last."""
    first = day.replace(day=1)
    return Period(first, (first + timedelta(days=31)).replace(day=1) - _DAY)


def usual(today: date) -> Mapping[str, Period]:
    """What is asked for most, by its name in :data:`~dialer.web.reports.pages.USUAL`."""
    month = month_of(today)
    return {
        "today": Period(today, today),
        "week": week_of(today),
        "month": month,
        "last-month": month_of(month.first - _DAY),
    }
