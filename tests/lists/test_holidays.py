"""The calendar's seed says what was announced, and nothing else."""

from __future__ import annotations

from datetime import date

import chinese_calendar as announced

from dialer.lists.holidays import chinese_calendar


def test_a_known_year() -> None:
    """National Day 2025 is off on all eight days, the Sunday before and the Saturday after are worked."""
    days = {entry.day: entry for entry in chinese_calendar(2025)[0]}
    assert [days[date(2025, 10, day)].working for day in range(1, 9)] == [False] * 8
    assert days[date(2025, 10, 1)].name == "国庆节"
    assert days[date(2025, 9, 28)].working
    assert days[date(2025, 10, 11)].name == "国庆节调休上班"
    assert date(2025, 11, 20) not in days


def test_the_seed_agrees_with_the_library_on_every_day() -> None:
    """Seed and weekday together give for each day of a year what the library says."""
    seed = {entry.day: entry.working for entry in chinese_calendar(2026)[0]}
    for ordinal in range(date(2026, 1, 1).toordinal(), date(2027, 1, 1).toordinal()):
        day = date.fromordinal(ordinal)
        assert seed.get(day, day.weekday() < 5) == announced.is_workday(day)


def test_a_year_that_is_not_announced() -> None:
    """For a year without data there are no days and a warning in either language."""
    days, warning = chinese_calendar(2099)
    assert days == []
    assert "2099" in warning
    assert "2099" in chinese_calendar(2099, "en")[1]
    assert chinese_calendar(1999)[0] == []
    assert "1999" in chinese_calendar(1999)[1]


def test_names_in_english() -> None:
    """Names are English on request."""
    names = {entry.name for entry in chinese_calendar(2025, "en")[0]}
    assert {"National Day", "make-up working day for National Day"} <= names
