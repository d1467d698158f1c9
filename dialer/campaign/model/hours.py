"""Calling hours: per weekday, with breaks, on the department's wall clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from dialer.clock import on_clock

Window = tuple[time, time]
"""From, until on the wall clock of one day; ``time.min`` as "until" means midnight at its end."""

MONDAY = 0


@dataclass(frozen=True, slots=True)
class DayHours:
    """The calling hours of one day, as UTC intervals in order. None at all on a day off."""

    windows: tuple[tuple[datetime, datetime], ...]
    ends: datetime
    """When the day is over: the end of the last window, or midnight on a day off."""
    note: str = ""

    def open(self, now: datetime) -> bool:
        """Whether a call may start at ``now``."""
        return any(start <= now < end for start, end in self.windows)

    def over(self, now: datetime) -> bool:
        """Whether no call can start any more on this day."""
        return now >= self.ends

    @property
    def opens(self) -> datetime | None:
        """When calling starts on this day; None on a day off."""
        return self.windows[0][0] if self.windows else None

    def next_start(self, now: datetime) -> datetime | None:
        """The start of the next window after ``now``, if the day has one more."""
        return next((start for start, _ in self.windows if start > now), None)

    def next_change(self, now: datetime) -> datetime | None:
        """When the hours next open or close after ``now``."""
        edges = [edge for window in self.windows for edge in window if edge > now]
        return min(edges, default=self.ends if self.ends > now else None)


@dataclass(frozen=True, slots=True)
class CallingHours:
    """The week's hours, Monday first, in ``zone``.

    A make-up working day (the calendar says "working" for a day on which the week has no hours)
    takes Monday's hours.
    """

    weekly: tuple[tuple[Window, ...], ...]
    zone: tzinfo

    def day_of(self, now: datetime) -> date:
        """The department's date at ``now``."""
        return on_clock(now, self.zone).date()

    def on(self, day: date, calendar: tuple[bool, str] | None = None) -> DayHours:
        """The hours of ``day``; ``calendar`` is (working, name) where the calendar table has the day."""
        windows = self.weekly[day.weekday()]
        note = ""
        if calendar is not None:
            working, note = calendar
            windows = (windows or self.weekly[MONDAY]) if working else ()
        spans = tuple((self._utc(day, start), self._utc(day, end, last=True)) for start, end in windows)
        ends = spans[-1][1] if spans else self._utc(day, time.min, last=True)
        return DayHours(spans, ends, note)

    def _utc(self, day: date, at: time, *, last: bool = False) -> datetime:
        try:
            if last and at == time.min:
                day += timedelta(days=1)
            return datetime.combine(day, at, self.zone).astimezone(UTC)
        except OverflowError:  # a day at an end of the calendar, which only older records can name
            return datetime.min.replace(tzinfo=UTC) if day.year == 1 else datetime.max.replace(tzinfo=UTC)
