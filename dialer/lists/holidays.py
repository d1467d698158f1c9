"""The Chinese calendar of days off, as the seed of an editable table.

The State Council announces the days off and the make-up working days of a year in the November before;
chinesecalendar carries what has been announced. A year that it does not know yields nothing: never a guess.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from chinese_calendar.constants import Holiday, holidays, workdays

from dialer.language import Language, translator


@dataclass(frozen=True, slots=True)
class SeedDay:
    """One day that is not what its weekday says, or is a holiday: ``working`` or off, and why."""

    day: date
    working: bool
    name: str


@dataclass(frozen=True, slots=True)
class Seed:
    """The days of ``year``, by date. Not ``announced``: there are none, and ``warning`` says what to do."""

    year: int
    days: tuple[SeedDay, ...]
    announced: bool
    warning: str = ""


def chinese_calendar(year: int, language: Language = "zh") -> Seed:
    """Holidays (also those on weekends) as days off, and make-up working weekends as working days."""
    t = translator(language)
    if not _announced(year):
        warning = t(
            "The days off of {year} are not in the calendar data (perhaps not announced yet). "
            "Update chinesecalendar when they are, or enter the days by hand.",
            year=year,
        )
        return Seed(year, (), announced=False, warning=warning)
    days = [SeedDay(day, working=False, name=_name(key, language)) for day, key in holidays.items() if day.year == year]
    days += [
        SeedDay(day, working=True, name=t("make-up working day for {name}", name=_name(key, language)))
        for day, key in workdays.items()
        if day.year == year
    ]
    return Seed(year, tuple(sorted(days, key=lambda entry: entry.day)), announced=True)


def _announced(year: int) -> bool:
    """A year's first days may come with the year before; its National Day only with its own announcement."""
    return any(day.year == year and key == Holiday.national_day.value for day, key in holidays.items())


def _name(key: str, language: Language) -> str:
    return str(Holiday(key).chinese) if language == "zh" else key
