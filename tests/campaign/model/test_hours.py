"""Calling hours: of the week, the calendar and the department's own clock."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from dialer.campaign.model.hours import CallingHours
from tests.campaign.days import MONDAY, WEEK, ZONE, at

SATURDAY = MONDAY + timedelta(days=5)
HOURS = CallingHours(WEEK, ZONE)


def test_hours_are_of_the_departments_wall_clock() -> None:
    """Issue: "Calling hours per weekday with breaks"; 08:00 in Shanghai is 00:00 UTC."""
    day = HOURS.on(MONDAY)
    assert day.windows[0][0] == datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
    assert [day.open(at(h, m)) for h, m in [(7, 59), (8, 0), (11, 59), (12, 0), (13, 0), (17, 59), (18, 0)]] == [
        *(False, True, True, False, True, True, False)
    ]
    assert (day.opens, day.ends) == (at(8), at(18))
    assert [day.over(at(17, 59)), day.over(at(18))] == [False, True]
    assert [day.next_start(at(h)) for h in (7, 8, 13)] == [at(8), at(13), None]
    assert [day.next_change(at(h)) for h in (7, 8, 12, 17, 18)] == [at(8), at(12), at(13), at(18), None]


def test_a_day_off_has_no_hours_and_lasts_till_midnight() -> None:
    """Whoever is on its list is reported then."""
    day = HOURS.on(SATURDAY)
    midnight = at(0, day=SATURDAY + timedelta(days=1))
    assert (day.windows, day.opens, day.ends) == ((), None, midnight)
    assert (day.next_change(at(9, day=SATURDAY)), day.next_change(midnight)) == (midnight, None)
    assert day.next_start(at(9, day=SATURDAY)) is None


@pytest.mark.parametrize(
    ("day", "calendar", "works"),
    [
        (MONDAY, None, True),
        (MONDAY, (False, "国庆节"), False),
        (SATURDAY, None, False),
        (SATURDAY, (True, "调休"), True),
        (MONDAY, (True, "班"), True),
    ],
)
def test_the_calendar_goes_before_the_week(day: object, calendar: tuple[bool, str] | None, works: bool) -> None:
    """Issue: "days off from an editable calendar seeded with the Chinese one"."""
    hours = HOURS.on(day, calendar)  # type: ignore[arg-type]  # fields by name, or a stand-in
    assert bool(hours.windows) is works
    assert hours.note == (calendar[1] if calendar else "")


def test_a_window_may_last_till_midnight() -> None:
    """``time.min`` as "until"; and the department's date changes on its own midnight."""
    hours = CallingHours((((time(20), time.min),),) * 7, ZONE)
    assert hours.on(MONDAY).ends == at(0, day=MONDAY + timedelta(days=1))
    assert hours.day_of(at(23, 59)) == MONDAY
    assert hours.day_of(at(0, day=MONDAY + timedelta(days=1))) == MONDAY + timedelta(days=1)
